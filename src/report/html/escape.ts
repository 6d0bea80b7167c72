// Code made harmless in inlined scripts; text is escaped by config/escape.ts.

/** Code of a library for an inline script: no `</script` or `<!--` in it. */
export const scriptCode = (code: string): string =>
  code
    .replace(/<\/(script)/gi, '<\\/$1')
    .replace(/<!--/g, '<\\!--')
    .replace(/^\/\/# sourceMappingURL=.*$/gm, '');
