// `xbarflow train`: a network trained on the configured hardware, with time, energy, writes and lifetime by epoch.

import { UserError } from '../../config/index.js';
import type { Dataset } from '../../functional/data/dataset.js';
import type { Numbers } from '../../functional/operators/values.js';
import { streamOf } from '../../functional/streams.js';
import { DeviceWriter, type DeviceWriterOptions } from '../../functional/training/device-writer.js';
import type { OptimizerOptions } from '../../functional/training/optimizer.js';
import { Trainer, type Batch } from '../../functional/training/trainer.js';
import { checkedRun, failure, trainingSchema, type LoadedRun, type TrainingConfig } from '../../run-config/index.js';
import { hashOf } from '../../result/hash.js';
import { simulateFigures } from '../../simulation/index.js';
import { writeSafetensors } from '../../tensors/index.js';
import { readCheckpoint, tensorOf, writeCheckpoint } from './checkpoint.js';
import { computationOf, datasetOf, initialParameters, labelsOf, modelOf } from './model.js';

/** One epoch. */
export interface Epoch {
  epoch: number;
  loss: number;
  accuracy: number;
  testAccuracy: number | null;
  /** Most pulses of any device so far; of ideal updates one a weight and update. */
  writesPerCell: number;
  timeS: number | null;
  energyJ: number | null;
}

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
  /** Why there is no timing; null where there is. */
  timing: string | null;
  simulator: { wallS: number };
}

/** What training is told beside its config. */
export interface TrainingOptions {
  /** Folder of checkpoints; undefined: none. */
  folder: string | undefined;
  resume: boolean;
  progress: (done: number, total: number, loss: number) => void;
}

interface History {
  iterations: TrainingResult['iterations'];
  epochs: Epoch[];
  /** Losses and right labels of the epoch under way. */
  open: { loss: number; right: number; images: number };
}

/** Samples that are tested at once. */
const TESTED = 256;

/** Trains the network of a config. @throws UserError for what the config, the model or the data leave out */
export async function runTraining(
  run: LoadedRun,
  { folder, resume, progress }: TrainingOptions,
): Promise<{ result: TrainingResult; files: Record<string, string | Uint8Array> }> {
  const started = performance.now();
  const knobs = run.config.training ?? trainingSchema.parse({});
  const { seed } = run.config.workload;
  const model = await modelOf(run);
  const parameters = model.parameters ?? initialParameters(model.graph, seed);
  const data = datasetOf(run, 'data', model.graph);
  const test = run.config.test === undefined ? null : datasetOf(run, 'test', model.graph);
  const kind = knobs.backend ?? 'float32';
  const network = computationOf(run, { ...model, parameters }, kind, data);
  const output = network.graph.tensors[network.graph.outputs[0]!]!;
  const classes = output.shape.reduce((product, size) => product * size, 1);
  const labels = labelsOf(run, 'data', data, classes);
  if (test !== null) labelsOf(run, 'test', test, classes);
  const writer = knobs.update === 'device' ? new DeviceWriter(writerOptions(run, knobs)) : null;
  const trainer = new Trainer(network, { optimizer: optimizerOf(knobs), ...(writer === null ? {} : { writer }) });
  const perEpoch = Math.ceil(data.count / knobs.batch);
  const total = knobs.iterations ?? knobs.epochs * perEpoch;
  const timing = timingOf(run, knobs);
  const key = hashOf({ config: { ...run.config, simulation: undefined }, count: data.count });
  let history: History = { iterations: [], epochs: [], open: { loss: 0, right: 0, images: 0 } };
  const kept = folder !== undefined && resume ? readCheckpoint<History>(folder, key) : null;
  if (kept !== null) {
    history = kept.history;
    for (const name of network.parameters.keys) {
      const from = kept.arrays.get(`weight ${name}`);
      const into = network.parameters.stored(name)!.data;
      if (from?.length !== into.length) throw new UserError('the checkpoint is of another network; expected this one');
      into.set(from);
    }
    network.changed();
    trainer.restore(kept.arrays);
    writer?.restore(kept.arrays);
  }
  const save = (): void => {
    if (folder === undefined) return;
    const weights = network.parameters.keys.map((name): [string, Numbers] => [
      `weight ${name}`,
      network.parameters.stored(name)!.data,
    ]);
    const arrays = new Map<string, Numbers>([...weights, ...trainer.state(), ...(writer?.state() ?? [])]);
    writeCheckpoint(folder, { key, history, arrays });
  };
  for (let i = history.iterations.length; i < total; i++) {
    const epoch = Math.floor(i / perEpoch);
    const batch = batchOf(
      data,
      labels,
      orderOf(data.count, knobs, seed, epoch),
      (i % perEpoch) * knobs.batch,
      knobs.batch,
    );
    const { loss, right } = trainer.step(batch);
    if (!Number.isFinite(loss))
      throw new UserError(
        `training: the loss of iteration ${i} is ${loss}; expected a finite number (a smaller learningRate)`,
      );
    history.iterations.push({ iteration: i, loss });
    history.open.loss += loss * batch.count;
    history.open.right += right;
    history.open.images += batch.count;
    progress(i + 1, total, loss);
    if ((i + 1) % perEpoch !== 0 && i + 1 < total) continue;
    const { open } = history;
    history.epochs.push({
      epoch,
      loss: open.loss / open.images,
      accuracy: open.right / open.images,
      testAccuracy: test === null ? null : accuracyOf(trainer, test),
      writesPerCell: writer === null ? i + 1 : writer.statistics().mostPulses,
      timeS: timing.timeS === null ? null : timing.timeS * (open.images / knobs.batch),
      energyJ: timing.energyJ === null ? null : timing.energyJ * (open.images / knobs.batch),
    });
    history.open = { loss: 0, right: 0, images: 0 };
    if ((epoch + 1) % knobs.checkpoint.every === 0 || i + 1 === total) save();
  }
  const last = history.epochs.at(-1);
  const rated = run.config.device.endurance?.value;
  const spent = history.epochs.reduce<number | null>(
    (sum, { timeS }) => (sum === null || timeS === null ? null : sum + timeS),
    0,
  );
  const result: TrainingResult = {
    schema: 'xbarflow/training@1',
    backend: kind,
    update: knobs.update,
    images: data.count,
    parameters: network.parameters.keys.reduce((sum, name) => sum + network.parameters.stored(name)!.data.length, 0),
    iterations: history.iterations,
    epochs: history.epochs,
    lifetimeS:
      rated === undefined || spent === null || last === undefined || last.writesPerCell === 0
        ? null
        : (rated / last.writesPerCell) * spent,
    timing: timing.reason,
    simulator: { wallS: (performance.now() - started) / 1000 },
  };
  const weights = network.parameters.keys.map((name) => {
    const { data: values, shape } = network.parameters.stored(name)!;
    return tensorOf(name, Float32Array.from(values), shape);
  });
  const columns = ['epoch', 'loss', 'accuracy', 'testAccuracy', 'writesPerCell', 'timeS', 'energyJ'] as const;
  const rows = history.epochs.map((epoch) => columns.map((column) => epoch[column] ?? '').join(','));
  return {
    result,
    files: {
      'model.safetensors': writeSafetensors(weights),
      'training.csv': `${[columns.join(','), ...rows].join('\n')}\n`,
    },
  };
}

function optimizerOf(knobs: TrainingConfig): OptimizerOptions {
  const { learningRate, momentum, weightDecay, beta1, beta2, epsilon } = knobs;
  return knobs.optimizer === 'sgd'
    ? { kind: 'sgd', learningRate, momentum, weightDecay }
    : { kind: 'adam', learningRate, beta1, beta2, epsilon, weightDecay };
}

/** Order of the samples in an epoch: as they stand, or shuffled by a stream of its own. */
function orderOf(count: number, { shuffle }: TrainingConfig, seed: number, epoch: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  if (!shuffle) return order;
  const draw = streamOf(seed, `shuffle ${epoch}`);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function batchOf(data: Dataset, labels: Int32Array, order: Int32Array, from: number, size: number): Batch {
  const chosen = order.subarray(from, Math.min(order.length, from + size));
  const inputs = new Map<string, { shape: number[]; data: Float64Array }>();
  chosen.forEach((sample, i) => {
    for (const [name, { shape, data: values }] of data.batch(sample, 1)) {
      let into = inputs.get(name);
      if (into === undefined) {
        into = { shape: [chosen.length, ...shape.slice(1)], data: new Float64Array(chosen.length * values.length) };
        inputs.set(name, into);
      }
      into.data.set(values, i * values.length);
    }
  });
  return { inputs, count: chosen.length, truth: { labels: Int32Array.from(chosen, (sample) => labels[sample]!) } };
}

function accuracyOf(trainer: Trainer, test: Dataset): number {
  let right = 0;
  for (let from = 0; from < test.count; from += TESTED) {
    const count = Math.min(TESTED, test.count - from);
    right += trainer.test({
      inputs: test.batch(from, count),
      count,
      truth: { labels: test.labelsOf(from, count)! },
    }).right;
  }
  return right / test.count;
}

/** @throws ConfigError where the device does not say how updates move it */
function writerOptions(run: LoadedRun, { device: knobs }: TrainingConfig): DeviceWriterOptions {
  const { device } = run.config;
  const fail = failure(run.loaded);
  const { update, resistance, endurance } = device;
  if (update === undefined)
    return fail(
      ['device', 'update'],
      `${device.name} does not say how updates move it; expected a device with \`update\` (xbarflow list devices)`,
    );
  const [on, off] = [resistance?.on?.value, resistance?.off?.value];
  if (on === undefined || off === undefined)
    return fail(['device', 'resistance'], 'this key is missing, expected on and off for the range of conductances');
  return {
    device: {
      min: 1 / off,
      max: 1 / on,
      pulses: update.states.value,
      potentiation: update.potentiation.value,
      depression: update.depression.value,
      cycleToCycle: update.cycleToCycle.value,
      deviceToDevice: update.deviceToDevice?.value ?? 0,
    },
    scheme: knobs.scheme,
    rounding: knobs.rounding,
    hidden: knobs.hidden,
    verify: knobs.verify,
    endurance: knobs.endurance ? (endurance?.value ?? Infinity) : Infinity,
    headroom: knobs.headroom,
    seed: run.config.workload.seed,
    onDevices: (_, { shape }) => shape.length >= 2,
  };
}

/** Time and energy of one batch on the timing model; `reason` where the design has no timing of training. */
function timingOf(
  run: LoadedRun,
  { batch }: TrainingConfig,
): { timeS: number | null; energyJ: number | null; reason: string | null } {
  const batches = 10;
  const workload = {
    ...run.config.workload,
    mode: 'training' as const,
    batch,
    images: batches * batch,
    iterations: undefined,
  };
  try {
    const { time, energy } = simulateFigures(checkedRun({ ...run, config: { ...run.config, workload } }));
    return { timeS: time.totalS / batches, energyJ: energy.totalJ / batches, reason: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { timeS: null, energyJ: null, reason: error.message };
  }
}
