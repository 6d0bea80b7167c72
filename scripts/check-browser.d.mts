// Types of check-browser.mjs for tests.

/** The files of a bundle for the browser by name (the entry is `xbarflow.js`), and what is wrong with it. */
export function browserBundle(entry?: string): Promise<{ files: Map<string, string>; faults: string[] }>;
