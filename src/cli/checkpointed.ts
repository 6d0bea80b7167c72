// What `train` and `attack` share: work that keeps checkpoints in --out, goes on from them with --resume, and ends in a
// report.

import { visible } from '../config/escape.js';
import type { Files } from '../experiment/functional/attack.js';
import { holdFolder } from '../config/work-folder.node.js';
import type { ReportPage } from '../report/html/sections.js';
import type { LoadedRun } from '../run-config/index.js';
import type { FlagsOf } from './flag-types.js';
import type { FIGURE_FLAG, RunFlags } from './flags.js';
import { print, say, sayWritten, writeFiles } from './output.js';
import { finiteJson } from '../result/finite.js';

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

/** Work on a run, the words of its state, the file of its result that `--format csv` prints, and its page. */
interface Work<Done, State> {
  start: (run: LoadedRun, watched: Watched<State>) => Promise<Done>;
  words: (state: State) => string;
  csv: string;
  page: (done: Done) => Promise<ReportPage>;
}

/** Says where `--resume` has nothing to go on from. */
export async function sayFresh(
  flags: Pick<RunFlags, 'quiet'> & { resume: boolean },
  folders: readonly string[],
): Promise<void> {
  if (!flags.resume) return;
  const { hasCheckpoint } = await import('../experiment/functional/checkpoint.js');
  for (const folder of folders)
    if (!hasCheckpoint(folder)) say(flags, `${visible(folder)}: holds no checkpoint, this starts from the beginning`);
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
export async function checkpointed<Done extends { result: object; files: Files }, State>(
  run: LoadedRun,
  flags: RunFlags & FlagsOf<typeof FIGURE_FLAG> & { resume: boolean },
  { start, words, csv, page }: Work<Done, State>,
): Promise<Done['result'] | null> {
  const { progressOf } = await import('./progress.js');
  const shown = progressOf(flags, run.label);
  if (flags.out !== undefined) await sayFresh(flags, [flags.out]);
  const { done, json } = await held(flags.out, async () => {
    const ended = await start(run, {
      folder: flags.out,
      resume: flags.resume,
      progress: (steps, total, state) => {
        shown.say(steps / total, words(state));
      },
    });
    shown.end();
    const text = finiteJson(ended.result, run.label);
    if (flags.out !== undefined) {
      const { reportFiles } = await import('../report/html/files.node.js');
      const report = await reportFiles(await page(ended), flags);
      sayWritten(flags, writeFiles(flags.out, { ...ended.files, 'result.json': text, ...report }));
    }
    return { done: ended, json: text };
  });
  if (flags.format === 'table') return done.result;
  print(flags.format === 'json' ? json : String(done.files[csv]));
  return null;
}
