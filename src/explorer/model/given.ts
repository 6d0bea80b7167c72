// Files of the user's: names that are free, and what they are.

/** True for the text of a network: it has layers and no base. */
export const isNetworkText = (text: string): boolean => /^layers\s*:/m.test(text) && !/^extends\s*:/m.test(text);

/** A name for a file, ending as a path that `load` reads from the page's files; one that is free. */
export function given(files: Readonly<Record<string, string>>, name: string): string {
  const plain = name.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '') || 'file';
  const whole = /\.(ya?ml|json)$/i.test(plain) ? plain : `${plain}.yaml`;
  if (!Object.hasOwn(files, whole)) return whole;
  for (let number = 2; ; number++) {
    const next = whole.replace(/(\.[^.]+)$/, `-${number}$1`);
    if (!Object.hasOwn(files, next)) return next;
  }
}
