// What the fuzzer reads again and again, kept: presets, and a result.

import { diskFiles, diskPresets } from '../../src/config/files.node.js';
import type { Loaded, Presets } from '../../src/config/index.js';
import { loadRun } from '../../src/run-config/index.js';
import { simulate } from '../../src/simulation/index.js';

const texts = new Map<string, string | undefined>();
const documents = new Map<string, Loaded | undefined>();

/** Presets from disk, each file read once. */
export const presets: Presets = {
  ...diskPresets,
  files: {
    ...diskFiles,
    read(path) {
      if (!texts.has(path)) texts.set(path, diskFiles.read(path));
      return texts.get(path);
    },
  },
  parsed(path, text) {
    if (!documents.has(path)) documents.set(path, diskPresets.parsed?.(path, text));
    return documents.get(path);
  },
};

/** The same with one more file. */
export const presetsWith = (name: string, text: string): Presets => ({
  ...presets,
  files: { ...presets.files, read: (path) => (path === name ? text : presets.files.read(path)) },
  parsed: (path, content) => (path === name ? undefined : presets.parsed?.(path, content)),
});

/** `result.json` of a small run. */
export const RESULT = JSON.stringify(
  simulate(loadRun(presets, 'isaac', ['network=matrix-128', 'workload.mode=inference', 'workload.images=2'])).result,
);
