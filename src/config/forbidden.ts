// Keys that no config may have.

/** Names of JavaScript's own that no key of a config may have. */
export const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
