// `xbarflow attack`: pictures attacked on the configured hardware, with the time and energy of each example.

import { encode } from 'fast-png';
import { diskPresets } from '../../config/files.node.js';
import { UserError } from '../../config/index.js';
import { attackOf, NEEDS_TARGET, UNTARGETED } from '../../functional/attacks/methods.js';
import { NetworkVictim, type Normalization } from '../../functional/attacks/network-victim.js';
import { predictions, shareOf, fooled, type AttackTask, type Iteration } from '../../functional/attacks/victim.js';
import { diskBytes } from '../../functional/data/bytes.node.js';
import { streamOf } from '../../functional/streams.js';
import { attackSchema, checkedRun, failure, type AttackConfig, type LoadedRun } from '../../run-config/index.js';
import { hashOf } from '../../result/hash.js';
import { simulateFigures } from '../../simulation/index.js';
import { readTensors } from '../../tensors/index.js';
import { writeNpz } from '../../tensors/numpy.js';
import { readCheckpoint, tensorOf, writeCheckpoint } from './checkpoint.js';
import { computationOf, datasetOf, kindOf, labelsOf, modelOf } from './model.js';

/** The form of `--format json`. */
export interface AttackResult {
  schema: 'xbarflow/attack@1';
  method: string;
  backend: string;
  images: number;
  cleanAccuracy: number;
  success: number;
  robustAccuracy: number;
  /** Means over the pictures: largest change, 2-norm, values that changed. */
  distortion: { linf: number; l2: number; l0: number };
  iterations: Iteration[];
  /** Null where the design has no timing of attacks; `timing` says why. */
  perExample: { timeS: number; energyJ: number } | null;
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
  progress: (done: number, total: number, state: Iteration) => void;
}

/** Seconds between two checkpoints. */
const CHECKPOINT_S = 2;
/** Pictures that are written as PNG. */
const DRAWN = 8;

/** Runs the attack of a config. @throws UserError for what the config, the model or the data leave out */
export async function runAttack(
  run: LoadedRun,
  { folder, resume, progress }: AttackOptions,
): Promise<{ result: AttackResult; files: Record<string, string | Uint8Array> }> {
  const started = performance.now();
  const knobs = run.config.attack ?? attackSchema.parse({});
  const fail = failure(run.loaded);
  const model = await modelOf(run);
  if (model.parameters === null)
    fail(['model', 'weights'], 'this key is missing: an attack needs a trained network, expected its weights');
  const data = datasetOf(run, 'data', model.graph);
  const kind = kindOf(run, knobs.backend);
  const hardware = computationOf(run, model, kind, data);
  const normalization = normalizationOf(run);
  const judge = new NetworkVictim(hardware, normalization);
  const source =
    knobs.gradientFrom === 'hardware'
      ? judge
      : new NetworkVictim(computationOf(run, model, 'float64', data), normalization);
  const { count } = data;
  const labels = labelsOf(run, 'data', data, judge.classes);
  const clean = rawPictures(data.batch(0, count).get(judge.input)!.data, judge.shape, normalization);
  const [low, high] = rangeOf(knobs, fail);
  const start = knobs.start === undefined ? null : await arrayOf(run, knobs.start, 'start', fail);
  const task: AttackTask = {
    victim: source,
    clean,
    count,
    labels,
    targets: targetsOf(knobs, labels, judge.classes, fail),
    range: [low, high],
    start,
    stream: (name) => streamOf(knobs.seed ?? run.config.workload.seed, name),
  };
  const mask = knobs.mask === undefined ? null : await arrayOf(run, knobs.mask, 'mask', fail);
  const [channels, height, width] = [judge.shape.at(-3) ?? 1, judge.shape.at(-2) ?? 1, judge.shape.at(-1) ?? 1];
  for (const [key, array] of [['mask', mask] as const, ['start', start] as const]) {
    const fits = [judge.size, height * width, count * judge.size];
    if (array !== null && !fits.includes(array.length))
      fail(['attack', key], `has ${array.length} values, a picture has ${judge.size}`);
  }
  const attack = attackOf(task, knobs, { shape: { channels, height, width }, mask });
  const key = hashOf({ config: { ...run.config, simulation: undefined }, labels: [...labels.slice(0, 64)], count });
  const history: Iteration[] = [];
  const kept = folder !== undefined && resume ? readCheckpoint<Iteration[]>(folder, key) : null;
  if (kept !== null) {
    for (const [name, array] of attack.arrays) {
      const from = kept.arrays.get(name);
      if (from?.length !== array.length) throw new UserError('the checkpoint is of another attack; expected this one');
      array.set(from);
    }
    history.push(...kept.history);
    attack.iteration = history.length;
  }
  let written = performance.now();
  while (attack.iteration < attack.total) {
    const state = attack.step();
    if (!Number.isFinite(state.loss))
      throw new UserError(
        `attack: the loss of iteration ${state.iteration} is ${state.loss}; expected a finite number`,
      );
    history.push(state);
    progress(attack.iteration, attack.total, state);
    if (folder === undefined || performance.now() - written < 1000 * CHECKPOINT_S) continue;
    writeCheckpoint(folder, { key, history, arrays: attack.arrays });
    written = performance.now();
  }
  history.push(attack.state());
  const adversarial = attack.adversarial();
  const logits = judge.logits(adversarial, count);
  const said = predictions(logits, count);
  const before = predictions(judge.logits(clean, count), count);
  const timing = timingOf(run, knobs, attack.total, count);
  const result: AttackResult = {
    schema: 'xbarflow/attack@1',
    method: knobs.method,
    backend: kind,
    images: count,
    cleanAccuracy: rightShare(before, labels),
    success: shareOf(fooled(logits, task)),
    robustAccuracy: rightShare(said, labels),
    distortion: distortionOf(clean, adversarial, judge.size, count),
    iterations: history,
    ...timing,
    simulator: { wallS: (performance.now() - started) / 1000 },
  };
  const shape = [count, ...judge.shape];
  const files: Record<string, string | Uint8Array> = {
    'adversarial.npz': writeNpz([
      tensorOf('clean', clean, shape),
      tensorOf('adversarial', adversarial, shape),
      tensorOf('labels', labels),
      tensorOf('predictions', said),
    ]),
    'attack.csv': `iteration,loss,success\n${history.map((h) => `${h.iteration},${h.loss},${h.success}`).join('\n')}\n`,
  };
  for (let i = 0; i < Math.min(DRAWN, count); i++)
    for (const [name, pictures] of [['clean', clean] as const, ['adversarial', adversarial] as const])
      files[`picture-${i}-${name}.png`] = pictureOf(pictures, i, [channels, height, width], [low, high]);
  return { result, files };
}

const rightShare = (said: Int32Array, labels: Int32Array): number =>
  said.reduce((sum, label, i) => sum + (label === labels[i] ? 1 : 0), 0) / said.length;

type Fail = ReturnType<typeof failure>;

function rangeOf({ range }: AttackConfig, fail: Fail): [number, number] {
  const [low, high] = range;
  if (range.length !== 2 || low === undefined || high === undefined || !(low < high))
    return fail(['attack', 'range'], 'expected [lowest, highest] value of a picture, e.g. [0, 1]');
  return [low, high];
}

/** @throws ConfigError for a class that there is not, or a method that knows no target */
function targetsOf(
  { method, targeted, target }: AttackConfig,
  labels: Int32Array,
  classes: number,
  fail: Fail,
): Int32Array | null {
  if (!targeted && !NEEDS_TARGET.has(method)) return null;
  if (UNTARGETED.has(method)) fail(['attack', 'targeted'], `${method} knows no target, expected false`);
  if (target === 'next') return labels.map((label) => (label + 1) % classes);
  if (target >= classes) fail(['attack', 'target'], `found ${target}, the network has the classes 0 to ${classes - 1}`);
  return labels.map(() => target);
}

/** (x - mean) / deviation by channel stands between a picture and the network. */
function normalizationOf({ config }: LoadedRun): Normalization | null {
  const mean = config.data?.mean ?? [];
  const deviation = config.data?.deviation ?? [];
  if (mean.length === 0 && deviation.length === 0) return null;
  return { mean: mean.length === 0 ? [0] : mean, deviation: deviation.length === 0 ? [1] : deviation };
}

/** Pictures in the data's own range, from what the network reads. */
function rawPictures(
  read: ArrayLike<number>,
  shape: readonly number[],
  normalization: Normalization | null,
): Float64Array {
  const out = Float64Array.from(read);
  if (normalization === null) return out;
  const size = shape.reduce((product, length) => product * length, 1);
  const plane = size / (shape[0] ?? 1);
  const { mean, deviation } = normalization;
  return out.map((value, at) => {
    const channel = Math.floor((at % size) / plane);
    return value * deviation[channel % deviation.length]! + mean[channel % mean.length]!;
  });
}

/** The one array of a file. @throws ConfigError where it is not there */
async function arrayOf(run: LoadedRun, written: string, key: 'start' | 'mask', fail: Fail): Promise<Float64Array> {
  const { file, line } = run.loaded.origins.at(['attack', key]);
  const path = diskPresets.files.resolve(written, line > 0 ? file : undefined);
  const tensors = await readTensors(diskBytes.read(path), path);
  const found = tensors.find(({ name }) => name === key) ?? (tensors.length === 1 ? tensors[0] : undefined);
  if (found === undefined)
    return fail(['attack', key], `${path} has ${tensors.length} arrays, expected one, or one named "${key}"`);
  return Float64Array.from(found.data, Number);
}

function distortionOf(
  clean: Float64Array,
  moved: Float64Array,
  size: number,
  count: number,
): AttackResult['distortion'] {
  const sum = { linf: 0, l2: 0, l0: 0 };
  for (let i = 0; i < count; i++) {
    let [largest, square] = [0, 0];
    for (let j = i * size; j < (i + 1) * size; j++) {
      const by = Math.abs(moved[j]! - clean[j]!);
      largest = Math.max(largest, by);
      square += by * by;
      if (by > 0) sum.l0++;
    }
    sum.linf += largest;
    sum.l2 += Math.sqrt(square);
  }
  return { linf: sum.linf / count, l2: sum.l2 / count, l0: sum.l0 / count };
}

/** A picture as PNG: grey, or the first three channels. */
function pictureOf(
  pictures: Float64Array,
  index: number,
  [channels, height, width]: readonly [number, number, number],
  [low, high]: readonly [number, number],
): Uint8Array {
  const shown = channels >= 3 ? 3 : 1;
  const size = channels * height * width;
  const data = new Uint8Array(width * height * shown);
  for (let c = 0; c < shown; c++)
    for (let p = 0; p < width * height; p++) {
      const value = (pictures[index * size + c * width * height + p]! - low) / (high - low);
      data[p * shown + c] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
  return encode({ width, height, data, channels: shown, depth: 8 });
}

/**
 * Time and energy of the same work on the timing model: pictures that share a perturbation (rp2, universal) are its
 * batch, others go one by one.
 */
function timingOf(
  run: LoadedRun,
  { method }: AttackConfig,
  iterations: number,
  count: number,
): Pick<AttackResult, 'perExample' | 'time' | 'energy' | 'timing'> {
  const shared = method === 'rp2' || method === 'universal';
  const [batch, groups] = shared ? [count, 1] : [1, count];
  const workload = { ...run.config.workload, mode: 'attack' as const, batch, iterations, images: undefined };
  try {
    const timed = checkedRun({ ...run, config: { ...run.config, workload } });
    const { time, energy } = simulateFigures(timed);
    const totals = { timeS: time.totalS * groups, energyJ: energy.totalJ * groups };
    return {
      perExample: { timeS: totals.timeS / count, energyJ: totals.energyJ / count },
      time: { totalS: totals.timeS },
      energy: { totalJ: totals.energyJ },
      timing: null,
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { perExample: null, time: null, energy: null, timing: error.message };
  }
}
