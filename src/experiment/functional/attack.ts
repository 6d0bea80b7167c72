// `xbarflow attack`: pictures attacked on the configured hardware, with the time and energy of each example.

import * as z from 'zod';
import { UserError } from '../../config/index.js';
import type { Computation } from '../../functional/computation.js';
import { NetworkVictim } from '../../functional/attacks/network-victim.js';
import {
  fooled,
  predictions,
  shareOf,
  type AttackRun,
  type Iteration,
  type Passes,
} from '../../functional/attacks/victim.js';
import { streamOf } from '../../functional/streams.js';
import { logitsGraph } from '../../functional/training/logits.js';
import { attackSchema, failure, type LoadedRun } from '../../run-config/index.js';
import type { AttackFigures } from '../../report/html/attack-report.js';
import type { AttackedPicture } from '../../report/html/attack-pictures.js';
import { writeNpz } from '../../tensors/numpy.js';
import { prepareAttack } from './attack-task.js';
import { keyOf, progressForm, readCheckpoint, takeArrays, tensorOf, writeCheckpoint } from './checkpoint.js';
import { computationOf, datasetOf, kindOf, labelsOf, modelOf } from './model.js';
import { base64, distortionOf, normalizationOf, planesOf, pngOf, rawPictures } from './pictures.js';
import { attackCost, costOrReason } from './timing.js';

/** The form of `--format json`. */
export interface AttackResult extends AttackFigures {
  schema: 'xbarflow/attack@1';
  /** Images that the attack sent through the network: forward alone, and forward and back. */
  passes: Passes;
  /** Null where `timing` says why there is none. */
  time: { totalS: number } | null;
  energy: { totalJ: number } | null;
  timing: string | null;
  simulator: { wallS: number };
}

/** What an attack is told beside its config. */
export interface AttackOptions {
  /** Folder of checkpoints; undefined: none. */
  folder: string | undefined;
  resume: boolean;
  /** Hears before pictures pass through the network, too; `state`: that of the last step, null before the first. */
  progress: (done: number, total: number, state: Iteration | null) => void;
}

/** Files of a result by name. */
export type Files = Record<string, string | Uint8Array>;

/** Pictures that are written as PNG. */
const DRAWN = 8;

const finite = z.number();
const historyForm = z.object({
  states: z.array(z.object({ iteration: finite, loss: finite, success: finite })),
  passes: z.object({ forward: finite, gradient: finite }),
  network: progressForm,
});

/** Runs the attack of a config. @throws UserError for what the config, the model or the data leave out */
export async function runAttack(
  run: LoadedRun,
  { folder, resume, progress }: AttackOptions,
): Promise<{ result: AttackResult; files: Files; pictures: AttackedPicture[] }> {
  const started = performance.now();
  const knobs = run.config.attack ?? attackSchema.parse({});
  const fail = failure(run.loaded);
  const trained = await modelOf(run);
  const model = { ...trained, graph: logitsGraph(trained.graph) };
  if (model.parameters === null)
    fail(['model', 'weights'], 'this key is missing: an attack needs a trained network, expected its weights');
  const data = datasetOf(run, 'data', model.graph);
  const kind = kindOf(run, knobs.backend);
  const hardware = computationOf(run, model, kind);
  const normalization = normalizationOf(run);
  const history: Iteration[] = [];
  let watch = (): void => undefined;
  const victimOn = (network: Computation): NetworkVictim =>
    new NetworkVictim(network, normalization, () => {
      watch();
    });
  const judge = victimOn(hardware);
  const source = knobs.gradientFrom === 'hardware' ? judge : victimOn(computationOf(run, model, 'float64'));
  const { count } = data;
  const labels = labelsOf(run, 'data', data, judge.classes);
  const clean = rawPictures(data.batch(0, count).get(judge.input)!.data, judge.shape, normalization);
  const subject = { classes: judge.classes, shape: judge.shape, count, step: data.step };
  const prepared = await prepareAttack(run, knobs, subject);
  const seed = knobs.seed ?? run.config.workload.seed;
  const { run: attack, task } = prepared.start({
    victim: source,
    clean,
    count,
    labels,
    stream: (name) => streamOf(seed, name),
  });
  const key = keyOf(run, model.graph, model.parameters, [data]);
  watch = () => {
    progress(attack.iteration, attack.total, history.at(-1) ?? null);
  };
  const kept = folder !== undefined && resume ? readCheckpoint(folder, key, historyForm) : null;
  if (kept !== null) {
    takeArrays(attack.arrays, kept.arrays);
    history.push(...kept.history.states);
    Object.assign(source.passes, kept.history.passes);
    hardware.resume(kept.history.network);
    attack.iteration = history.length;
  }
  stepAll(attack, history, {
    progress,
    seconds: knobs.checkpoint.seconds,
    save: () => {
      if (folder === undefined) return;
      const said = { states: history, passes: source.passes, network: hardware.progress };
      writeCheckpoint(folder, { key, history: said, arrays: attack.arrays });
    },
  });
  const passes = { ...source.passes };
  history.push(finiteLoss(attack.state()));
  const adversarial = attack.adversarial();
  const logits = judge.logits(adversarial, count);
  const said = predictions(logits, count);
  const wanted = fooled(logits, task);
  const before = predictions(judge.logits(clean, count), count);
  const { cost, reason } = costOrReason(() => attackCost(run, knobs.method, passes, count));
  const result: AttackResult = {
    schema: 'xbarflow/attack@1',
    method: knobs.method,
    backend: kind,
    images: count,
    cleanAccuracy: rightShare(before, labels),
    success: shareOf(wanted),
    robustAccuracy: rightShare(said, labels),
    distortion: distortionOf(clean, adversarial, judge.size, count),
    iterations: history,
    passes,
    perExample: cost && { timeS: cost.timeS / count, energyJ: cost.energyJ / count },
    time: cost && { totalS: cost.timeS },
    energy: cost && { totalJ: cost.energyJ },
    timing: reason,
    simulator: { wallS: (performance.now() - started) / 1000 },
  };
  const attacked = { clean, adversarial, labels, before, after: said, fooled: wanted };
  const shape = [count, ...judge.shape];
  const drawn = drawnPictures(clean, adversarial, { shape: judge.shape, range: prepared.range });
  const { width, height } = planesOf(judge.shape);
  // A row of features is no picture to look at.
  const isPicture = width > 1 && height > 1;
  return {
    result,
    files: { ...filesOf(attacked, shape, history), ...drawnFiles(drawn) },
    pictures: isPicture ? drawn.map((one, i) => pictureOf(one, attacked, i, { width, height })) : [],
  };
}

/** Samples before and after an attack, with their labels and what the network says of them. */
interface Attacked {
  readonly clean: Float64Array;
  readonly adversarial: Float64Array;
  readonly labels: Int32Array;
  readonly before: Int32Array;
  readonly after: Int32Array;
  /** 1: the attack got what it wanted. */
  readonly fooled: ArrayLike<number>;
}

/** A sample, what was added to it, and what came out, as PNG. */
interface Drawn {
  readonly clean: Uint8Array;
  readonly perturbation: Uint8Array;
  readonly adversarial: Uint8Array;
}

/** The samples as arrays of `shape`, and a table of the steps. */
function filesOf(
  { clean, adversarial, labels, after }: Attacked,
  shape: readonly number[],
  steps: readonly Iteration[],
): Files {
  const rows = steps.map((state) => `${state.iteration},${state.loss},${state.success}`);
  return {
    'adversarial.npz': writeNpz([
      tensorOf('clean', clean, shape),
      tensorOf('adversarial', adversarial, shape),
      tensorOf('labels', labels),
      tensorOf('predictions', after),
    ]),
    'attack.csv': `iteration,loss,success\n${rows.join('\n')}\n`,
  };
}

const drawnFiles = (drawn: readonly Drawn[]): Files =>
  Object.fromEntries(
    drawn.flatMap(({ clean, perturbation, adversarial }, i) => [
      [`picture-${i}-clean.png`, clean],
      [`picture-${i}-perturbation.png`, perturbation],
      [`picture-${i}-adversarial.png`, adversarial],
    ]),
  );

/** The i-th picture as a page shows it. */
const pictureOf = (
  { clean, perturbation, adversarial }: Drawn,
  { labels, before, after, fooled: got }: Attacked,
  i: number,
  size: { readonly width: number; readonly height: number },
): AttackedPicture => ({
  ...{ label: labels[i]!, before: before[i]!, after: after[i]!, fooled: got[i] === 1, ...size },
  clean: base64(clean),
  perturbation: base64(perturbation),
  adversarial: base64(adversarial),
});

/** The first pictures, what was added to them, and what came out, as PNG. */
function drawnPictures(
  clean: Float64Array,
  adversarial: Float64Array,
  { shape, range }: { shape: readonly number[]; range: readonly [number, number] },
): Drawn[] {
  const size = shape.reduce((product, length) => product * length, 1);
  return Array.from({ length: Math.min(DRAWN, clean.length / size) }, (_, i) => {
    const [before, after] = [clean, adversarial].map((all) => all.subarray(i * size, (i + 1) * size));
    const added = after!.map((value, j) => value - before![j]!);
    const largest = added.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    return {
      clean: pngOf(before!, shape, range),
      perturbation: pngOf(added, shape, [-largest, largest]),
      adversarial: pngOf(after!, shape, range),
    };
  });
}

/** @throws UserError for a loss that is not finite */
function finiteLoss(state: Iteration): Iteration {
  if (Number.isFinite(state.loss)) return state;
  throw new UserError(`attack: the loss of iteration ${state.iteration} is ${state.loss}; expected a finite number`);
}

/** All steps of an attack, with a checkpoint every few seconds. @throws UserError for a loss that is not finite */
function stepAll(
  attack: AttackRun,
  history: Iteration[],
  {
    progress,
    seconds,
    save,
  }: { readonly progress: AttackOptions['progress']; readonly seconds: number; readonly save: () => void },
): void {
  let written = performance.now();
  while (attack.iteration < attack.total) {
    const state = finiteLoss(attack.step());
    history.push(state);
    progress(attack.iteration, attack.total, state);
    if (performance.now() - written < 1000 * seconds) continue;
    save();
    written = performance.now();
  }
}

const rightShare = (said: Int32Array, labels: Int32Array): number =>
  said.reduce((sum, label, i) => sum + (label === labels[i] ? 1 : 0), 0) / said.length;
