// What `xbarflow train` trains: network, data, trainer and attack of a config, checked before the first batch.

import { NetworkVictim } from '../../functional/attacks/network-victim.js';
import type { Computation } from '../../functional/computation.js';
import type { Dataset } from '../../functional/data/dataset.js';
import { DeviceWriter } from '../../functional/training/device-writer.js';
import { FixedPointWriter } from '../../functional/training/fixed-point-writer.js';
import { initialParameters } from '../../functional/training/initial.js';
import { logitsGraph } from '../../functional/training/logits.js';
import type { OptimizerOptions } from '../../functional/training/optimizer.js';
import { Trainer } from '../../functional/training/trainer.js';
import {
  attackSchema,
  failure,
  functionalTree,
  trainingSchema,
  type LoadedRun,
  type TrainingConfig,
} from '../../run-config/index.js';
import type { Graph } from '../../workload/graph/index.js';
import { prepareAttack, type PreparedAttack } from './attack-task.js';
import { keyOf } from './checkpoint.js';
import { networkOnDevices, writerOptions } from './devices.js';
import { computationOf, datasetOf, labelsOf, modelOf, type ComputeKind, type FunctionalModel } from './model.js';
import { normalizationOf } from './pictures.js';
import { onDesign } from './timing.js';

/** All that training works with. */
export interface TrainingTask {
  readonly knobs: TrainingConfig;
  readonly kind: ComputeKind;
  /** The graph as the model has it; the network may leave out a softmax at its end. */
  readonly graph: Graph;
  readonly network: Computation;
  /** The network as an attack sees it. */
  readonly victim: NetworkVictim;
  readonly trainer: Trainer;
  /** Weights on devices; null: they are numbers. */
  readonly devices: DeviceWriter | null;
  /** Weights in dynamic fixed point; null: they are not. */
  readonly fixedPoint: FixedPointWriter | null;
  readonly data: Dataset;
  readonly labels: Int32Array;
  readonly test: Dataset | null;
  /** Null: batches are trained on as they are. */
  readonly attack: PreparedAttack | null;
  /** Pictures of a batch that are attacked. */
  readonly attacked: number;
  /** Iterations of an epoch, and of the whole training. */
  readonly perEpoch: number;
  readonly total: number;
  /** Names config, network with its starting numbers, and data. */
  readonly key: string;
}

/**
 * The task of a config.
 * @param watch hears before pictures pass through the network in an attack
 * @throws UserError for what the config, the model or the data leave out
 */
export async function prepareTraining(run: LoadedRun, watch: () => void): Promise<TrainingTask> {
  const knobs = run.config.training ?? trainingSchema.parse({});
  const kind = knobs.backend ?? 'float32';
  // What is timed at the end is looked at now.
  if (knobs.adversarial) for (const name of knobs.attackOn) onDesign(run, name);
  const { graph, parameters: stored } = await modelOf(run);
  const parameters = stored ?? initialParameters(graph, run.config.workload.seed);
  const data = datasetOf(run, 'data', graph);
  const test = run.config.test === undefined ? null : datasetOf(run, 'test', graph);
  checkBackend(run, knobs, kind);
  const devices = knobs.update === 'device' ? new DeviceWriter(writerOptions(run, knobs)) : null;
  const fixedPoint = knobs.update === 'fixed-point' ? fixedPointWriter(run, knobs) : null;
  // A mean square looks at what the network says, a softmax included.
  const trained: FunctionalModel = { graph: knobs.loss === 'mse' ? graph : logitsGraph(graph), parameters };
  const network =
    devices === null ? computationOf(run, trained, kind) : networkOnDevices(run, trained, { kind, knobs, devices });
  const victim = new NetworkVictim(network, normalizationOf(run), watch);
  const labels = labelsOf(run, 'data', data, victim.classes);
  if (test !== null) labelsOf(run, 'test', test, victim.classes);
  const writer = devices ?? fixedPoint;
  const trainer = new Trainer(network, {
    optimizer: optimizerOf(knobs),
    learningRates: learningRatesOf(run, knobs, graph),
    loss: knobs.loss,
    batchNorm: knobs.batchNorm,
    adderRate: knobs.adderRate,
    ...(writer === null ? {} : { writer }),
  });
  const perEpoch = Math.ceil(data.count / knobs.batch);
  return {
    ...{ knobs, kind, graph, network, victim, trainer, devices, fixedPoint, data, labels, test },
    attack: await attackOf(run, knobs, victim, data.step),
    attacked: Math.round(knobs.adversarialShare * Math.min(knobs.batch, data.count)),
    perEpoch,
    total: knobs.iterations ?? knobs.epochs * perEpoch,
    key: keyOf(run, graph, parameters, [data, test]),
  };
}

/** Whether a backend's numbers have ranges, which are taken anew in training. */
export const hasRanges = (kind: ComputeKind): boolean => isQuantized(kind) || kind === 'lognet';

/** Whether a backend has integers, which stand on arrays or in digital units. */
const isQuantized = (kind: ComputeKind): boolean => kind === 'integer' || kind === 'crossbar';

/** @throws ConfigError for knobs that the backend of training has no use for */
function checkBackend(run: LoadedRun, { gradients }: TrainingConfig, kind: ComputeKind): void {
  if (kind === 'crossbar' && functionalTree(run.config).adcRange === 'calibrated')
    failure(run.loaded)(
      ['functional', 'adcRange'],
      'found calibrated, but training writes the arrays anew with each batch; expected full, granular or unit',
    );
  if (gradients === 'arrays' && !isQuantized(kind))
    failure(run.loaded)(
      ['training', 'gradients'],
      `found arrays, but training.backend ${kind} has no integers; expected digital, or integer or crossbar there`,
    );
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
