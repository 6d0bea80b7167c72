// A parsed document as plain JSON: what the build keeps of the presets, so that a run need not parse their YAML again.

import type { Loaded, Tree } from './document.js';
import { Origins } from './origins.js';

/** The text that was parsed, what it says, and the line and column of each path. */
export interface StoredDocument {
  text: string;
  tree: Tree;
  places: [path: string, line: number, column: number][];
}

/** A document with its text and the place of each key, as plain JSON. */
export function storeDocument(text: string, { tree, origins }: Loaded): StoredDocument {
  return { text, tree, places: [...origins.entries()].map(([path, { line, column }]) => [path, line, column]) };
}

/** The document of a file; undefined where the file is not what was stored. */
export function restoreDocument(stored: StoredDocument, text: string, file: string): Loaded | undefined {
  if (stored.text !== text) return undefined;
  const origins = new Origins({ file, line: 1, column: 1 });
  for (const [path, line, column] of stored.places) origins.set(path.split('/'), { file, line, column });
  return { tree: stored.tree, origins, file };
}
