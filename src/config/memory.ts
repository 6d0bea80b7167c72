// Presets and files that stand in memory: what a browser has instead of a disk.

import { parseDocument, type Loaded } from './document.js';
import { Origins } from './origins.js';
import type { Presets } from './load.js';
import { restoreDocument, storeDocument, type StoredDocument } from './stored.js';

/** Presets as the build stores them: parsed documents and texts of other files, by path from the package's root. */
export interface StoredPresets {
  readonly documents: Readonly<Record<string, StoredDocument>>;
  readonly texts: Readonly<Record<string, string>>;
}

/** A path without `.` and `..`, from the folder of `from`. */
function joined(path: string, from: string | undefined): string {
  const parts: string[] = [];
  const folder = from === undefined || path.startsWith('/') ? [] : from.split('/').slice(0, -1);
  for (const part of [...folder, ...path.split('/')]) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}

/** Presets that were stored by the build. Paths are those in the package: `configs/devices/ideal.yaml`. */
export function storedPresets({ documents, texts }: StoredPresets): Presets {
  const textOf = new Map([
    ...Object.entries(documents).map(([path, { text }]) => [path, text] as const),
    ...Object.entries(texts),
  ]);
  return {
    files: {
      read: (path) => textOf.get(path),
      list: (folder) =>
        [...textOf.keys()]
          .filter((path) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/'))
          .map((path) => path.slice(folder.length + 1)),
      resolve: joined,
    },
    folder: (kind) => (kind === 'traces' ? kind : `configs/${kind}`),
    parsed(path, text) {
      const stored = Object.hasOwn(documents, path) ? documents[path] : undefined;
      return stored === undefined ? undefined : restoreDocument(stored, text, path);
    },
  };
}

/** The same presets, each parsed once: for who loads designs again and again from texts. */
export function parsedOnce(presets: Presets): Presets {
  const kept = new Map<string, StoredDocument>();
  return {
    ...presets,
    parsed(path, text): Loaded | undefined {
      if (presets.files.read(path) !== text) return presets.parsed?.(path, text);
      let stored = kept.get(path);
      if (stored === undefined) {
        stored = storeDocument(text, presets.parsed?.(path, text) ?? parseDocument(text, path));
        kept.set(path, stored);
      }
      return restoreDocument(stored, text, path);
    },
  };
}

/**
 * The same presets with files of the user's before them, by path. A file may be text (YAML, CSV) or data; places in
 * data have no lines, so errors name it and the key.
 * @throws ConfigError where data is no mapping or has a key that configs may not have.
 */
export function withFiles(presets: Presets, files: Readonly<Record<string, string | object>>): Presets {
  const own = new Map(
    Object.entries(files).map(([path, content]) => [
      joined(path, undefined),
      { text: typeof content === 'string' ? content : JSON.stringify(content), data: typeof content !== 'string' },
    ]),
  );
  return {
    folder: presets.folder,
    files: {
      read: (path) => own.get(joined(path, undefined))?.text ?? presets.files.read(path),
      list: (folder) => presets.files.list(folder),
      resolve: (path, from) => (own.has(joined(path, from)) ? joined(path, from) : presets.files.resolve(path, from)),
    },
    parsed(path, text) {
      if (own.get(joined(path, undefined))?.data !== true) return presets.parsed?.(path, text);
      const { tree } = parseDocument(text, path);
      return { tree, origins: new Origins({ file: path, line: 0, column: 0 }), file: path };
    },
  };
}
