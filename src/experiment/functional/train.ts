// `xbarflow train`: a network trained on the configured hardware, with time, energy, writes and lifetime by epoch.

import * as z from 'zod';
import { MemoryBudget } from '../../config/budget.js';
import { UserError } from '../../config/index.js';
import type { Normalization } from '../../functional/attacks/network-victim.js';
import type { Passes } from '../../functional/attacks/victim.js';
import type { Numbers, Values } from '../../functional/operators/values.js';
import type { LoadedRun } from '../../run-config/index.js';
import { checkArchiveNames, writeSafetensors } from '../../tensors/index.js';
import type { Graph, Parameters } from '../../workload/graph/index.js';
import { writeOnnx } from '../../workload/onnx/index.js';
import { adversarialSummary, attackedBatch, type AdversarialSummary } from './adversarial.js';
import type { Files } from './attack.js';
import { accuracyOf, batchOf, orderOf } from './batches.js';
import { progressForm, readCheckpoint, takeArrays, tensorOf, writeCheckpoint } from './checkpoint.js';
import { normalizationOf } from './pictures.js';
import { attackCost, costOrReason, trainingCost, type CostOrReason } from './timing.js';
import { hasRanges, prepareTraining, type TrainingTask } from './training-task.js';

const finite = z.number();
const epochForm = z.object({
  epoch: finite,
  loss: finite,
  accuracy: finite,
  testAccuracy: finite.nullable(),
  /** Most pulses of any device so far; of ideal updates one a weight and update. */
  writesPerCell: finite,
  timeS: finite.nullable(),
  energyJ: finite.nullable(),
});
const passesForm = z.object({ forward: finite, gradient: finite });
const historyForm = z.object({
  iterations: z.array(z.object({ iteration: finite, loss: finite })),
  epochs: z.array(epochForm),
  /** Losses and right labels of the epoch under way. */
  open: z.object({ loss: finite, right: finite, images: finite }),
  /** Passes of the first batch's attack; null: there is none. */
  passes: passesForm.nullable(),
  network: progressForm,
});

/** One epoch. */
export type Epoch = z.output<typeof epochForm>;
type History = z.output<typeof historyForm>;

/** The form of `--format json`. */
export interface TrainingResult {
  schema: 'xbarflow/training@1';
  backend: string;
  update: string;
  images: number;
  parameters: number;
  iterations: { iteration: number; loss: number }[];
  epochs: Epoch[];
  /** Until the busiest cell has had its rated writes, at this rate; null without a rating or timing. */
  lifetimeS: number | null;
  /** What the attack of adversarial training takes; null: there is none. */
  adversarial: AdversarialSummary | null;
  /** Why there is no timing; null where there is. */
  timing: string | null;
  /** What was left out, and why. */
  notes: string[];
  simulator: { wallS: number };
}

/** What training is told beside its config. */
export interface TrainingOptions {
  /** Folder of checkpoints; undefined: none. */
  folder: string | undefined;
  resume: boolean;
  /** `loss`: of the last update; null before the first. */
  progress: (done: number, total: number, loss: number | null) => void;
}

/** Trains the network of a config. @throws UserError for what the config, the model or the data leave out */
export async function runTraining(
  run: LoadedRun,
  { folder, resume, progress }: TrainingOptions,
): Promise<{ result: TrainingResult; files: Files }> {
  const started = performance.now();
  checkMemory(run);
  const history: History = {
    iterations: [],
    epochs: [],
    open: { loss: 0, right: 0, images: 0 },
    passes: null,
    network: { images: 0, writes: 0, ranges: [] },
  };
  const heard = (): void => {
    progress(history.iterations.length, task.total, history.iterations.at(-1)?.loss ?? null);
  };
  const task: TrainingTask = await prepareTraining(run, heard);
  const { knobs, attack, attacked, graph, network } = task;
  const save = folder === undefined ? null : keptIn(folder, resume, task, history);
  let cost: CostOrReason | null = null;
  const batchCost = (): CostOrReason => (cost ??= costOfBatch(run, task, history.passes));
  const { seed } = run.config.workload;
  trainOn(task, history, { normalization: normalizationOf(run), seed, heard, save, batchCost });
  const { keys } = network.parameters;
  const get = (name: string): Values => network.parameters.stored(name)!;
  const parameters = { keys, get };
  const onnx = onnxOf(graph, parameters);
  const { passes } = history;
  const result: TrainingResult = {
    schema: 'xbarflow/training@1',
    backend: task.kind,
    update: knobs.update,
    images: task.data.count,
    parameters: keys.reduce((sum, key) => sum + get(key).data.length, 0),
    iterations: history.iterations,
    epochs: history.epochs,
    lifetimeS: lifetimeOf(run, history.epochs),
    adversarial:
      attack === null || passes === null
        ? null
        : adversarialSummary(run, knobs, attack, { passes, pictures: attacked }),
    timing: batchCost().reason,
    notes: onnx.reason === null ? [] : [`no model.onnx: ${onnx.reason}`],
    simulator: { wallS: (performance.now() - started) / 1000 },
  };
  return { result, files: filesOf(history.epochs, parameters, onnx.bytes) };
}

/**
 * Checkpoints of a task in `folder`.
 * @param resume whether the task goes on from the last one: its network, trainer and history are set to it
 * @returns writes one
 */
function keptIn(
  folder: string,
  resume: boolean,
  { key, network, trainer, devices, fixedPoint }: TrainingTask,
  history: History,
): () => void {
  const weights = new Map(
    network.parameters.keys.map((name) => [`weight ${name}`, network.parameters.stored(name)!.data] as const),
  );
  checkArchiveNames(weights.keys());
  const kept = resume ? readCheckpoint(folder, key, historyForm) : null;
  if (kept !== null) {
    Object.assign(history, kept.history);
    takeArrays(weights, kept.arrays);
    network.resume(history.network);
    trainer.restore(kept.arrays);
    devices?.restore(kept.arrays);
    fixedPoint?.resume(history.iterations.length + 1);
  }
  return () => {
    const arrays = new Map<string, Numbers>([...weights, ...trainer.state(), ...(devices?.state() ?? [])]);
    writeCheckpoint(folder, { key, history: { ...history, network: network.progress }, arrays });
  };
}

/** All iterations that a history lacks. @throws UserError for a loss that is not finite */
function trainOn(
  task: TrainingTask,
  history: History,
  {
    normalization,
    seed,
    heard,
    save,
    batchCost,
  }: {
    readonly normalization: Normalization | null;
    readonly seed: number;
    /** Called after every iteration. */
    readonly heard: () => void;
    /** Writes a checkpoint; null: there are none. */
    readonly save: (() => void) | null;
    readonly batchCost: () => CostOrReason;
  },
): void {
  const { knobs, data, labels, attack, victim, network, trainer, perEpoch, total } = task;
  let saved = performance.now();
  let order: { epoch: number; samples: Int32Array } = { epoch: -1, samples: new Int32Array() };
  for (let i = history.iterations.length; i < total; i++) {
    const epoch = Math.floor(i / perEpoch);
    if (order.epoch !== epoch) order = { epoch, samples: orderOf(data.count, knobs.shuffle, seed, epoch) };
    const plain = batchOf(data, labels, order.samples, { from: (i % perEpoch) * knobs.batch, size: knobs.batch });
    if (hasRanges(task.kind) && i > 0 && i % knobs.recalibrate === 0) network.calibrate(plain.inputs);
    const place = { share: knobs.adversarialShare, seed, iteration: i, normalization };
    const batch = attack === null ? plain : attackedBatch(plain, attack, victim, place);
    if (attack !== null) history.passes ??= { ...victim.passes };
    const { loss, right } = trainer.step(batch);
    if (!Number.isFinite(loss))
      throw new UserError(
        `training: the loss of iteration ${i} is ${loss}; expected a finite number (a smaller learningRate)`,
      );
    history.iterations.push({ iteration: i, loss });
    history.open.loss += loss * batch.count;
    history.open.right += right;
    history.open.images += batch.count;
    heard();
    const ends = (i + 1) % perEpoch === 0 || i + 1 === total;
    if (ends) endEpoch(task, history, epoch, batchCost());
    const due = ends
      ? (epoch + 1) % knobs.checkpoint.every === 0 || i + 1 === total
      : performance.now() - saved >= 1000 * knobs.checkpoint.seconds;
    if (!due || save === null) continue;
    save();
    saved = performance.now();
  }
}

/** Closes the epoch under way. */
function endEpoch(
  { knobs, trainer, test, devices }: TrainingTask,
  history: History,
  epoch: number,
  { cost }: CostOrReason,
): void {
  const { open, iterations } = history;
  const batches = open.images / knobs.batch;
  history.epochs.push({
    epoch,
    loss: open.loss / open.images,
    accuracy: open.right / open.images,
    testAccuracy: test === null ? null : accuracyOf(trainer, test, epoch),
    writesPerCell: devices === null ? iterations.length : devices.statistics().mostPulses,
    timeS: cost && cost.timeS * batches,
    energyJ: cost && cost.energyJ * batches,
  });
  history.open = { loss: 0, right: 0, images: 0 };
}

/** Weights of a trained network by name. */
interface Trained {
  readonly keys: readonly string[];
  readonly get: (name: string) => Values;
}

/** The trained network and a table of its epochs. @param onnx null: ONNX lacks an operator of it */
function filesOf(epochs: readonly Epoch[], parameters: Trained, onnx: Uint8Array | null): Files {
  const columns = ['epoch', 'loss', 'accuracy', 'testAccuracy', 'writesPerCell', 'timeS', 'energyJ'] as const;
  const rows = epochs.map((epoch) => columns.map((column) => epoch[column] ?? '').join(','));
  const tensors = parameters.keys.map((name) => {
    const { data, shape } = parameters.get(name);
    return tensorOf(name, Float32Array.from(data), shape);
  });
  return {
    'model.safetensors': writeSafetensors(tensors),
    ...(onnx !== null && { 'model.onnx': onnx }),
    'training.csv': `${[columns.join(','), ...rows].join('\n')}\n`,
  };
}

/** Bytes of a network in training, unless `--max-memory` says more. */
const TRAINING_BYTES = 2 ** 33;
/** Weights, gradients and two moments of the optimizer, in double precision. */
const BYTES_PER_WEIGHT = 4 * Float64Array.BYTES_PER_ELEMENT;

/** @throws UserError for networks that take more memory than they may */
function checkMemory({ network: { name, weights, biases }, maxMemory }: LoadedRun): void {
  const budget = new MemoryBudget(`${name}: ${weights + biases} weights in training`, maxMemory ?? TRAINING_BYTES);
  budget.take((weights + biases) * BYTES_PER_WEIGHT);
}

/** The network as ONNX, or why there is none: operators that ONNX does not have. */
function onnxOf(
  graph: Graph,
  parameters: Parameters,
): { bytes: Uint8Array; reason: null } | { bytes: null; reason: string } {
  try {
    return { bytes: writeOnnx(graph, parameters), reason: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { bytes: null, reason: error.message };
  }
}

/** A batch on the run's own design, the attack in it included. */
const costOfBatch = (
  run: LoadedRun,
  { knobs: { batch }, attack, attacked }: TrainingTask,
  passes: Passes | null,
): CostOrReason =>
  costOrReason(() => {
    const trained = trainingCost(run, batch);
    if (attack === null || passes === null) return trained;
    const { timeS, energyJ } = attackCost(run, attack.knobs.method, passes, attacked);
    return { timeS: trained.timeS + timeS, energyJ: trained.energyJ + energyJ };
  });

/** Until the busiest cell has had its rated writes; null without a rating or timing. */
function lifetimeOf(run: LoadedRun, epochs: readonly Epoch[]): number | null {
  const rated = run.config.device.endurance?.value;
  const writes = epochs.at(-1)?.writesPerCell ?? 0;
  let spentS = 0;
  for (const { timeS } of epochs) {
    if (timeS === null) return null;
    spentS += timeS;
  }
  return rated === undefined || writes === 0 ? null : (rated / writes) * spentS;
}
