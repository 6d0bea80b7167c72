// WebAssembly modules that were compiled when the project was built.

/** Exports of a WebAssembly module (base64) made anew; undefined where the engine has no WebAssembly, or no room. */
export function compiled(module: string): Record<string, unknown> | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  try {
    const bytes = Uint8Array.from(atob(module), (letter) => letter.charCodeAt(0));
    return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  } catch {
    return undefined;
  }
}
