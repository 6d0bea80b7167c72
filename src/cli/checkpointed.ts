// What `train` and `attack` share: work that keeps checkpoints in --out and goes on from them with --resume.

import type { Files } from '../experiment/functional/attack.js';
import { holdFolder } from '../config/work-folder.node.js';
import type { LoadedRun } from '../run-config/index.js';
import type { RunFlags } from './flags.js';
import { print, sayWritten, writeFiles } from './output.js';

/** `--resume`. */
export const RESUME_FLAG = {
  resume: { type: 'boolean', default: false, describe: 'Go on from the checkpoint in --out' },
} as const;

/** Where work keeps its checkpoints, and who hears how far it is. */
interface Watched<State> {
  folder: string | undefined;
  resume: boolean;
  progress: (done: number, total: number, state: State) => void;
}

/** Work on a run, the words of its state, and the file of its result that `--format csv` prints. */
interface Work<Result, State> {
  start: (run: LoadedRun, watched: Watched<State>) => Promise<{ result: Result; files: Files }>;
  words: (state: State) => string;
  csv: string;
}

/** Does work while its folder is held against others who would write their checkpoints over its own. */
export async function held<T>(folder: string | undefined, work: () => Promise<T>): Promise<T> {
  const release = folder === undefined ? undefined : holdFolder(folder);
  try {
    return await work();
  } finally {
    release?.();
  }
}

/**
 * Does the work under the eyes of who waits, and writes its files. @returns its result where a table is asked for; null
 * where it has been printed in another form
 */
export async function checkpointed<Result, State>(
  run: LoadedRun,
  flags: RunFlags & { resume: boolean },
  { start, words, csv }: Work<Result, State>,
): Promise<Result | null> {
  const { progressOf } = await import('./progress.js');
  const shown = progressOf(flags, run.label);
  const { result, files, json } = await held(flags.out, async () => {
    const done = await start(run, {
      folder: flags.out,
      resume: flags.resume,
      progress: (at, total, state) => {
        shown.say(at / total, words(state));
      },
    });
    shown.end();
    const text = JSON.stringify(done.result, null, 2);
    if (flags.out !== undefined)
      sayWritten(flags, writeFiles(flags.out, { ...done.files, 'result.json': `${text}\n` }));
    return { ...done, json: text };
  });
  if (flags.format === 'table') return result;
  print(flags.format === 'json' ? json : String(files[csv]));
  return null;
}
