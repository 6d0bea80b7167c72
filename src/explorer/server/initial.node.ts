// What the page opens with where a config is named: its state and the files of the user's that it reads.

import type { Presets } from '../../config/index.js';
import { scriptJson } from '../../config/escape.js';
import { diskPresets, packageRoot } from '../../config/files.node.js';
import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { bookOf, checkParts, explain, isResult, ofFile } from '../../explain/index.js';
import { readJson, readText } from '../../config/reading.node.js';
import { loadRun } from '../../run-config/index.js';
import { InvariantError } from '../../kernel/index.js';
import { DEFAULT_STATE, type State } from '../model/state.js';

/** The disk, and the texts that were read from outside the package, by path as it was asked for. */
function recording(): { presets: Presets; read: Map<string, string> } {
  const read = new Map<string, string>();
  const { files } = diskPresets;
  const presets: Presets = {
    ...diskPresets,
    files: {
      ...files,
      read(path) {
        const text = files.read(path);
        const own =
          !resolve(path).startsWith(`${packageRoot}/configs/`) && !resolve(path).startsWith(`${packageRoot}/traces/`);
        if (text !== undefined && own) read.set(path, text);
        return text;
      },
    },
  };
  return { presets, read };
}

/** The file of a result: itself, or in the folder that `--out` wrote; null for anything else. */
function resultFile(label: string): string | null {
  if (!existsSync(label)) return null;
  const file = statSync(label).isDirectory() ? join(label, 'result.json') : label;
  return existsSync(file) && /\.json$/i.test(file) && isResult(readJson(file)) ? file : null;
}

/** Machine A is the result, and B runs its work. @throws UserError for a result of another version */
function stateOfResult(file: string): State {
  const given: unknown = readJson(file);
  if (!isResult(given)) throw new InvariantError(`${file} was a result`);
  checkParts(given, file);
  // What the page draws is looked at here, where there is somebody to tell.
  ofFile(file, () => {
    const book = bookOf(given);
    for (const key of ['time.totalS', 'energy.totalJ', 'area.totalMm2']) explain(book, key);
  });
  const name = basename(file);
  const [, b] = DEFAULT_STATE.machines;
  return {
    ...DEFAULT_STATE,
    machines: [{ base: name, sets: [] }, b],
    network: given.config.network,
    mode: given.mode,
    files: { [name]: readText(file) },
  };
}

/**
 * The state for a config or a result: machine A is the config, B stays, and both run the config's work.
 * @throws UserError for a config that is wrong.
 */
export function stateFor(label: string): State {
  const result = resultFile(label);
  if (result !== null) return stateOfResult(result);
  const { presets, read } = recording();
  const { network, loaded, workload } = loadRun(presets, label);
  const named = loaded.tree.network;
  const [, b] = DEFAULT_STATE.machines;
  return {
    ...DEFAULT_STATE,
    machines: [{ base: label, sets: [] }, b],
    network: typeof named === 'string' ? named : network.name,
    mode: workload.mode,
    files: Object.fromEntries(read),
  };
}

/** The page with a state in it. */
export const pageWith = (html: string, state: State | null): string =>
  html.replace(
    '<script type="application/json" id="initial">null</script>',
    () => `<script type="application/json" id="initial">${scriptJson(state)}</script>`,
  );
