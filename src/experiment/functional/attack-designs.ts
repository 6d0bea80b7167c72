// The same attack on several designs: what it does to the network on each, and what its passes cost there.

import { UserError } from '../../config/index.js';
import { attackSchema, type LoadedRun } from '../../run-config/index.js';
import type { DesignPictures } from '../../report/html/attack-pictures.js';
import type { Result } from '../../result/result-types.js';
import { compareResults, type Comparison } from '../compare.js';
import { runAttack, type AttackOptions, type AttackResult, type Files } from './attack.js';
import { attackResult } from './timing.js';
import { finiteJson } from '../../result/finite.js';

/** A design that is attacked. */
export interface AttackTarget {
  name: string;
  run: LoadedRun;
  /** Its own folder of checkpoints; undefined: none. */
  folder: string | undefined;
}

/** The form of `--format json` for several designs. */
export interface AttackedDesigns {
  schema: 'xbarflow/attack-designs@1';
  designs: { architecture: string; attack: AttackResult }[];
  /**
   * The passes of the attacks, run by the timing model, the first design as baseline; null where no two designs have a
   * timing of them.
   */
  comparison: Comparison | null;
}

/**
 * Attacks one design after the other, and compares what the passes of each attack take.
 * @throws UserError for what a config, the model or the data leave out
 */
export async function attackDesigns(
  targets: readonly AttackTarget[],
  {
    resume,
    progress,
  }: Omit<AttackOptions, 'folder' | 'progress'> & {
    progress: (name: string, ...state: Parameters<AttackOptions['progress']>) => void;
  },
): Promise<{ result: AttackedDesigns; files: Files[]; pictures: DesignPictures[] }> {
  const designs: AttackedDesigns['designs'] = [];
  const files: Files[] = [];
  const pictures: DesignPictures[] = [];
  const timed: Result[] = [];
  for (const { name, run, folder } of targets) {
    const attacked = await runAttack(run, {
      folder,
      resume,
      progress: (...state) => {
        progress(name, ...state);
      },
    });
    designs.push({ architecture: name, attack: attacked.result });
    pictures.push({ architecture: name, pictures: attacked.pictures });
    files.push({ ...attacked.files, 'result.json': finiteJson(attacked.result, name) });
    const result = timingOf(run, attacked.result);
    if (result !== null) timed.push({ ...result, architecture: name });
  }
  const comparison = timed.length > 1 ? compareResults(timed) : null;
  return { result: { schema: 'xbarflow/attack-designs@1', designs, comparison }, files, pictures };
}

/** Null where there was nothing to do, or the design has no timing of attacks (its result says why). */
function timingOf(run: LoadedRun, { passes, images }: AttackResult): Result | null {
  const { method } = run.config.attack ?? attackSchema.parse({});
  try {
    return attackResult(run, method, passes, images);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
