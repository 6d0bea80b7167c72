// Files from disk, with the presets that the package ships.

import { readdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Files, Presets } from './load.js';
import { readText, statOf } from './reading.node.js';
import { restoreDocument, type StoredDocument } from './stored.js';

/** The package's root folder, from `src` and from `dist` alike. */
export const packageRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Files of this machine, by path. */
export const diskFiles: Files = {
  read(path) {
    return statOf(path) === undefined ? undefined : readText(path);
  },
  list: (folder) => (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : []),
  resolve: (path, from) => (from === undefined || isAbsolute(path) ? path : join(dirname(from), path)),
};

/**
 * Presets under `configs/` of the package; paths are shown from the present folder where that is shorter. The build
 * keeps them parsed.
 */
export const diskPresets: Presets = {
  files: diskFiles,
  folder: (kind) => shown(kind === 'traces' ? join(packageRoot, kind) : join(packageRoot, 'configs', kind)),
  parsed(path, text) {
    const place = relative(join(packageRoot, 'configs'), resolve(path));
    const stored = place.startsWith('..')
      ? undefined
      : diskFiles.read(join(packageRoot, 'dist/presets', `${place}.json`));
    // Cast: the build wrote it (scripts/store-presets.mjs), and the text in it is compared.
    return stored === undefined ? undefined : restoreDocument(JSON.parse(stored) as StoredDocument, text, path);
  },
};

function shown(path: string): string {
  const near = relative(process.cwd(), resolve(path));
  return near === '' || near.startsWith('..') ? path : near;
}
