// WebAssembly modules that were compiled when the project was built.

/** Modules that were asked for before, by what they were made of. */
const MODULES = new Map<string, WebAssembly.Module>();

/** Exports of a WebAssembly module (base64) made anew; undefined where the engine has no WebAssembly, or no room. */
export function compiled(module: string): Record<string, unknown> | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  try {
    let made = MODULES.get(module);
    if (made === undefined) {
      made = new WebAssembly.Module(Uint8Array.from(atob(module), (letter) => letter.charCodeAt(0)));
      MODULES.set(module, made);
    }
    return new WebAssembly.Instance(made).exports;
  } catch {
    return undefined;
  }
}
