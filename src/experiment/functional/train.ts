// `xbarflow train`: a network trained on the configured hardware, with time, energy, writes and lifetime by epoch.

import * as z from 'zod';
import { MemoryBudget } from '../../config/budget.js';
import { UserError } from '../../config/index.js';
import { NetworkVictim } from '../../functional/attacks/network-victim.js';
import type { Passes } from '../../functional/attacks/victim.js';
import type { Numbers } from '../../functional/operators/values.js';
import { DeviceWriter } from '../../functional/training/device-writer.js';
import { FixedPointWriter } from '../../functional/training/fixed-point-writer.js';
import { initialParameters } from '../../functional/training/initial.js';
import type { OptimizerOptions } from '../../functional/training/optimizer.js';
import { logitsGraph } from '../../functional/training/logits.js';
import { Trainer } from '../../functional/training/trainer.js';
import {
  attackSchema,
  failure,
  functionalTree,
  trainingSchema,
  type LoadedRun,
  type TrainingConfig,
} from '../../run-config/index.js';
import { checkArchiveNames, writeSafetensors } from '../../tensors/index.js';
import type { Graph, Parameters } from '../../workload/graph/index.js';
import { writeOnnx } from '../../workload/onnx/index.js';
import { networkOnDevices, writerOptions } from './devices.js';
import { adversarialSummary, attackedBatch, type AdversarialSummary } from './adversarial.js';
import type { Files } from './attack.js';
import { prepareAttack, type PreparedAttack } from './attack-task.js';
import { accuracyOf, batchOf, orderOf } from './batches.js';
import { keyOf, progressForm, readCheckpoint, takeArrays, tensorOf, writeCheckpoint } from './checkpoint.js';
import { computationOf, datasetOf, labelsOf, modelOf } from './model.js';
import { normalizationOf } from './pictures.js';
import { attackCost, costOrReason, onDesign, trainingCost, type CostOrReason } from './timing.js';

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
  const knobs = run.config.training ?? trainingSchema.parse({});
  const { seed } = run.config.workload;
  checkMemory(run);
  // What is timed at the end is looked at now.
  if (knobs.adversarial) for (const name of knobs.attackOn) onDesign(run, name);
  const model = await modelOf(run);
  const parameters = model.parameters ?? initialParameters(model.graph, seed);
  // A mean square looks at what the network says, a softmax included.
  const graph = knobs.loss === 'mse' ? model.graph : logitsGraph(model.graph);
  const data = datasetOf(run, 'data', model.graph);
  const test = run.config.test === undefined ? null : datasetOf(run, 'test', model.graph);
  const kind = knobs.backend ?? 'float32';
  if (kind === 'crossbar' && functionalTree(run.config).adcRange === 'calibrated')
    failure(run.loaded)(
      ['functional', 'adcRange'],
      'found calibrated, but training writes the arrays anew with each batch; expected full, granular or unit',
    );
  const devices = knobs.update === 'device' ? new DeviceWriter(writerOptions(run, knobs)) : null;
  const network =
    devices === null
      ? computationOf(run, { graph, parameters }, kind)
      : networkOnDevices(run, { graph, parameters }, { kind, knobs, devices });
  const quantized = kind === 'integer' || kind === 'crossbar';
  if (knobs.gradients === 'arrays' && !quantized)
    failure(run.loaded)(
      ['training', 'gradients'],
      `found arrays, but training.backend ${kind} has no integers; expected digital, or integer or crossbar there`,
    );
  const victim = new NetworkVictim(network, normalizationOf(run), () => {
    progress(history.iterations.length, total, history.iterations.at(-1)?.loss ?? null);
  });
  const labels = labelsOf(run, 'data', data, victim.classes);
  if (test !== null) labelsOf(run, 'test', test, victim.classes);
  const writer = knobs.update === 'fixed-point' ? fixedPointWriter(run, knobs) : devices;
  const trainer = new Trainer(network, {
    optimizer: optimizerOf(knobs),
    learningRates: learningRatesOf(run, knobs, model.graph),
    loss: knobs.loss,
    batchNorm: knobs.batchNorm,
    adderRate: knobs.adderRate,
    ...(writer === null ? {} : { writer }),
  });
  const perEpoch = Math.ceil(data.count / knobs.batch);
  const total = knobs.iterations ?? knobs.epochs * perEpoch;
  const attack = await attackOf(run, knobs, victim, data.step);
  const attacked = Math.round(knobs.adversarialShare * Math.min(knobs.batch, data.count));
  const key = keyOf(run, model.graph, parameters, [data, test]);
  let history: History = {
    iterations: [],
    epochs: [],
    open: { loss: 0, right: 0, images: 0 },
    passes: null,
    network: { images: 0, writes: 0, ranges: [] },
  };
  const weights = new Map(
    network.parameters.keys.map((name) => [`weight ${name}`, network.parameters.stored(name)!.data] as const),
  );
  if (folder !== undefined) checkArchiveNames(weights.keys());
  const kept = folder !== undefined && resume ? readCheckpoint(folder, key, historyForm) : null;
  if (kept !== null) {
    ({ history } = kept);
    takeArrays(weights, kept.arrays);
    network.resume(history.network);
    trainer.restore(kept.arrays);
    devices?.restore(kept.arrays);
    if (writer instanceof FixedPointWriter) writer.resume(history.iterations.length + 1);
  }
  let saved = performance.now();
  const save = (): void => {
    if (folder === undefined) return;
    const arrays = new Map<string, Numbers>([...weights, ...trainer.state(), ...(devices?.state() ?? [])]);
    writeCheckpoint(folder, { key, history: { ...history, network: network.progress }, arrays });
    saved = performance.now();
  };
  let cost: CostOrReason | null = null;
  let order: { epoch: number; samples: Int32Array } = { epoch: -1, samples: new Int32Array() };
  for (let i = history.iterations.length; i < total; i++) {
    const epoch = Math.floor(i / perEpoch);
    if (order.epoch !== epoch) order = { epoch, samples: orderOf(data.count, knobs.shuffle, seed, epoch) };
    const plain = batchOf(data, labels, order.samples, { from: (i % perEpoch) * knobs.batch, size: knobs.batch });
    const place = { share: knobs.adversarialShare, seed, iteration: i, normalization: normalizationOf(run) };
    if (quantized && i > 0 && i % knobs.recalibrate === 0) network.calibrate(plain.inputs);
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
    progress(i + 1, total, loss);
    if ((i + 1) % perEpoch !== 0 && i + 1 < total) {
      if (performance.now() - saved >= 1000 * knobs.checkpoint.seconds) save();
      continue;
    }
    cost ??= batchCost(run, knobs, { attack, passes: history.passes, attacked });
    const { open } = history;
    const batches = open.images / knobs.batch;
    history.epochs.push({
      epoch,
      loss: open.loss / open.images,
      accuracy: open.right / open.images,
      testAccuracy: test === null ? null : accuracyOf(trainer, test),
      writesPerCell: devices === null ? i + 1 : devices.statistics().mostPulses,
      timeS: cost.cost && cost.cost.timeS * batches,
      energyJ: cost.cost && cost.cost.energyJ * batches,
    });
    history.open = { loss: 0, right: 0, images: 0 };
    if ((epoch + 1) % knobs.checkpoint.every === 0 || i + 1 === total) save();
  }
  const { reason } = cost ?? batchCost(run, knobs, { attack, passes: history.passes, attacked });
  const result: Omit<TrainingResult, 'notes'> = {
    schema: 'xbarflow/training@1',
    backend: kind,
    update: knobs.update,
    images: data.count,
    parameters: [...weights.values()].reduce((sum, values) => sum + values.length, 0),
    iterations: history.iterations,
    epochs: history.epochs,
    lifetimeS: lifetimeOf(run, history.epochs),
    adversarial:
      attack === null || history.passes === null
        ? null
        : adversarialSummary(run, knobs, attack, { passes: history.passes, pictures: attacked }),
    timing: reason,
    simulator: { wallS: (performance.now() - started) / 1000 },
  };
  const columns = ['epoch', 'loss', 'accuracy', 'testAccuracy', 'writesPerCell', 'timeS', 'energyJ'] as const;
  const rows = history.epochs.map((epoch) => columns.map((column) => epoch[column] ?? '').join(','));
  const tensors = network.parameters.keys.map((name) => {
    const { data: values, shape } = network.parameters.stored(name)!;
    return tensorOf(name, Float32Array.from(values), shape);
  });
  const numbers: Parameters = {
    keys: network.parameters.keys,
    get: (name) => network.parameters.stored(name)!,
  };
  const onnx = onnxOf(model.graph, numbers);
  return {
    result: { ...result, notes: onnx.reason === null ? [] : [`no model.onnx: ${onnx.reason}`] },
    files: {
      'model.safetensors': writeSafetensors(tensors),
      ...(onnx.bytes !== null && { 'model.onnx': onnx.bytes }),
      'training.csv': `${[columns.join(','), ...rows].join('\n')}\n`,
    },
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

/** The attack of adversarial training; null: batches are trained on as they are. */
async function attackOf(
  run: LoadedRun,
  knobs: TrainingConfig,
  victim: NetworkVictim,
  step: number | null,
): Promise<PreparedAttack | null> {
  if (!knobs.adversarial) return null;
  const { classes, shape } = victim;
  return prepareAttack(run, run.config.attack ?? attackSchema.parse({}), { classes, shape, count: knobs.batch, step });
}

/** A batch on the run's own design, the attack in it included. */
function batchCost(
  run: LoadedRun,
  { batch }: TrainingConfig,
  {
    attack,
    passes,
    attacked,
  }: { readonly attack: PreparedAttack | null; readonly passes: Passes | null; readonly attacked: number },
): CostOrReason {
  return costOrReason(() => {
    const trained = trainingCost(run, batch);
    if (attack === null || passes === null) return trained;
    const { timeS, energyJ } = attackCost(run, attack.knobs.method, passes, attacked);
    return { timeS: trained.timeS + timeS, energyJ: trained.energyJ + energyJ };
  });
}

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

/** Weights in the dynamic fixed point of `weights.bits`. */
const fixedPointWriter = ({ config }: LoadedRun, { rounding, device }: TrainingConfig): FixedPointWriter =>
  new FixedPointWriter({
    bits: config.weights.bits,
    rounding,
    headroom: device.headroom,
    seed: config.workload.seed,
  });

function optimizerOf(knobs: TrainingConfig): OptimizerOptions {
  const { learningRate, momentum, weightDecay, beta1, beta2, epsilon } = knobs;
  return knobs.optimizer === 'sgd'
    ? { kind: 'sgd', learningRate, momentum, weightDecay }
    : { kind: 'adam', learningRate, beta1, beta2, epsilon, weightDecay };
}

/** Rates by key of parameter. @throws ConfigError for a layer that has none, or that there is not */
function learningRatesOf(run: LoadedRun, knobs: TrainingConfig, graph: Graph): Map<string, number> {
  const rates = new Map<string, number>();
  for (const [name, rate] of Object.entries(knobs.learningRates)) {
    const keys = graph.nodes.find((node) => node.name === name)?.parameters.values();
    const own = [...(keys ?? [])].map(({ key }) => key);
    if (own.length === 0)
      failure(run.loaded)(
        ['training', 'learningRates', name],
        `no layer of this name has weights; expected ${graph.nodes
          .filter(({ parameters }) => parameters.size > 0)
          .map((node) => node.name)
          .join(', ')}`,
      );
    for (const key of own) rates.set(key, rate);
  }
  return rates;
}
