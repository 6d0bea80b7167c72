// Time and energy of training and of attacks on a design: the same work, run by the timing model.

import { UserError } from '../../config/index.js';
import type { Passes } from '../../functional/attacks/victim.js';
import { checkedRun, loadRun, type AttackMethod, type LoadedRun } from '../../run-config/index.js';
import { diskPresets } from '../../config/files.node.js';
import type { Figures, Result } from '../../result/result-types.js';
import { simulate, simulateFigures } from '../../simulation/index.js';

/** Seconds and joules of some work. */
export interface Cost {
  timeS: number;
  energyJ: number;
}

/** A cost, or why a design has none. */
export type CostOrReason = { cost: Cost; reason: null } | { cost: null; reason: string };

/** Attacks whose pictures share one perturbation: they are a batch of the timing model. */
const SHARED: ReadonlySet<AttackMethod> = new Set(['rp2', 'universal']);
/**
 * Attacks that only ask: forward passes are their whole work. Others pass forward alone to watch, which costs nothing.
 */
const QUERIES: ReadonlySet<AttackMethod> = new Set(['onepixel']);

/** Batches that are timed, so that the pipeline's fill shows as it does in an epoch. */
const BATCHES = 10;

type Workload = LoadedRun['config']['workload'];

/** What a workload of its own leaves out of the run's. */
const FRESH = { iterations: undefined, images: undefined, trace: undefined };

/** A design at another workload. @throws UserError where it cannot run it */
export function at(run: LoadedRun, workload: Partial<Workload>): LoadedRun {
  const config = { ...run.config, workload: { ...run.config.workload, ...FRESH, ...workload } };
  return checkedRun({ ...run, config });
}

/** Another design on this run's network. @throws UserError where there is none of this name */
export function onDesign(run: LoadedRun, name: string): LoadedRun {
  const other = loadRun(diskPresets, name);
  const { network, networkFile } = run;
  const workload = { ...run.config.workload, ...FRESH, mode: 'attack' as const };
  const config = { ...other.config, network: run.config.network, workload };
  return checkedRun({ ...other, config, network, networkFile });
}

const costOf = ({ time, energy }: Figures): Cost => ({ timeS: time.totalS, energyJ: energy.totalJ });
const times = ({ timeS, energyJ }: Cost, factor: number): Cost => ({
  timeS: timeS * factor,
  energyJ: energyJ * factor,
});

/** The cost that a function works out, or the reason that the design gives against it. */
export function costOrReason(work: () => Cost): CostOrReason {
  try {
    return { cost: work(), reason: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { cost: null, reason: error.message };
  }
}

/** One batch of training, from ten of them. @throws UserError where the design cannot train */
export function trainingCost(run: LoadedRun, batch: number): Cost {
  const figures = simulateFigures(at(run, { mode: 'training', batch, images: BATCHES * batch }));
  return times(costOf(figures), 1 / BATCHES);
}

/** The workload of so many passes of an attack on so many pictures. */
export function attackWorkload(method: AttackMethod, passes: Passes, pictures: number): Partial<Workload> | null {
  if (QUERIES.has(method)) return passes.forward === 0 ? null : { mode: 'inference', images: passes.forward, batch: 1 };
  if (passes.gradient === 0) return null;
  const batch = SHARED.has(method) && passes.gradient % pictures === 0 ? pictures : 1;
  return { mode: 'attack', batch, iterations: passes.gradient / batch };
}

/** The result of an attack's passes; null where there are none. @throws UserError where the design cannot attack */
export function attackResult(run: LoadedRun, method: AttackMethod, passes: Passes, pictures: number): Result | null {
  const workload = attackWorkload(method, passes, pictures);
  return workload === null ? null : simulate(at(run, workload)).result;
}

/** The cost of all passes of an attack. @throws UserError where the design cannot attack */
export function attackCost(run: LoadedRun, method: AttackMethod, passes: Passes, pictures: number): Cost {
  const workload = attackWorkload(method, passes, pictures);
  return workload === null ? { timeS: 0, energyJ: 0 } : costOf(simulateFigures(at(run, workload)));
}
