// Runs for tests: presets from disk, extra files from memory.

import { loadRun, type LoadedRun } from '../src/run-config/index.js';
import { diskFiles, diskPresets } from '../src/config/files.node.js';
import type { Presets } from '../src/config/index.js';
import { simulate, type Machine, type Result } from '../src/simulation/index.js';

/** Presets with files of the test beside those of the package. */
export function presetsWith(files: Record<string, string>): Presets {
  return {
    ...diskPresets,
    files: { ...diskFiles, read: (path) => (Object.hasOwn(files, path) ? files[path] : diskFiles.read(path)) },
  };
}

/** Loads a preset with overrides; `files` are extra YAML files by path. */
export const loaded = (label: string, sets: string[] = [], files: Record<string, string> = {}): LoadedRun =>
  loadRun(presetsWith(files), label, sets);

export const simulated = (
  label: string,
  sets: string[] = [],
  files: Record<string, string> = {},
): { result: Result; machine: Machine } => simulate(loaded(label, sets, files));

export const resultOf = (label: string, sets: string[] = [], files: Record<string, string> = {}): Result =>
  simulated(label, sets, files).result;

/** A chain of L dense layers of one array each. */
export function denseChain(layers: number, width = 16): string {
  const list = Array.from(
    { length: layers },
    (_, i) => `  - { name: fc${i + 1}, type: dense, features: ${width} }\n  - { name: relu${i + 1}, type: relu }`,
  );
  return `name: chain-${layers}\ninput: { features: ${width} }\nlayers:\n${list.join('\n')}\n`;
}

/** All that must not differ between equal runs. */
export const withoutSimulator = (result: Result): Record<string, unknown> => ({ ...result, simulator: null });
