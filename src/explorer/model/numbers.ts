// Numbers on the chosen hardware: a drawn digit through the layers of a network that learned in this worker, beside
// exact numbers; what converters see, what an array holds, and an attack step by step. Knows no DOM.

import { UserError, type Presets } from '../../config/index.js';
import { NetworkVictim } from '../../functional/attacks/network-victim.js';
import { SignSteps } from '../../functional/attacks/sign-steps.js';
import { predictions, type AttackTask } from '../../functional/attacks/victim.js';
import { crossbarBackend } from '../../functional/backends/crossbar.js';
import { crossbarOptions } from '../../functional/crossbar/hardware.js';
import { CrossbarProduct } from '../../functional/crossbar/product.js';
import { FoldedNetwork, QuantizedNetwork } from '../../functional/quantized/network.js';
import { integerWidths } from '../../functional/quantized/widths.js';
import type { Computation } from '../../functional/computation.js';
import { Executor, type ForwardOptions, type NamedValues } from '../../functional/execute.js';
import type { Values } from '../../functional/operators/values.js';
import { streamOf } from '../../functional/streams.js';
import { hasCrossbars, loadRun, type LoadedRun } from '../../run-config/index.js';
import { functionalSchema } from '../../run-config/functional.js';
import type { Graph, Node } from '../../workload/graph/index.js';
import { accuracyOf } from './accuracy.js';
import { digitsOf, digitsNetwork, trainedOn, type Learned } from './digits.js';
import { learnsDigits } from './digits-graph.js';
import {
  PICTURES,
  type AttackFrame,
  type LayerNumbers,
  type NumbersView,
  type Planes,
  type SeenSums,
} from './numbers-view.js';
import type { Accuracy, Design } from './protocol.js';

/** A PGD attack: largest change of a value, its steps. */
const ATTACK = { epsilon: 0.25, step: 0.05, iterations: 8, norm: 'linf', randomStart: false, decay: null } as const;
const SEED = 7;
const BINS = 48;
/** Pictures that set the ranges of integers. */
const CALIBRATED = 32;

/** The functional core; the network that learned last is kept. */
export class NumbersEngine {
  readonly #learned = new Map<string, Learned>();

  /**
   * Looks at a drawn digit on a design. @param picture which, from 0 @throws UserError for a wrong config, or a design
   * without crossbars
   */
  look(presets: Presets, { base, sets }: Design, picture: number): NumbersView {
    const own = loadRun(presets, base, sets);
    const at = picture % PICTURES;
    const fits = learnsDigits(own.network);
    const run = fits ? own : loadRun(presets, base, [...sets, `network=${digitsNetwork}`]);
    const learned = this.#learn(run);
    const shown = digitsOf(SEED, PICTURES, learned.graph);
    const inputs = shown.batch(at, 1);
    const exact = new Executor(learned.graph, learned.parameters, { precision: 'float64' });
    const hardware = onCrossbars(run, learned, presets);
    const right = observed(exact, inputs);
    for (const products of hardware.products.values()) for (const product of products) product.keepHistogram();
    const real = observed(hardware, inputs);
    const layers = learned.graph.nodes.map((node) => layerOf(node, right.get(node.id)!, real.get(node.id)!, hardware));
    const label = shown.labels[at]!;
    const clean = inputs.values().next().value!.data;
    const logits = { exact: lastOf(right, learned.graph), hardware: lastOf(real, learned.graph) };
    return {
      network: run.network.name,
      standsIn: !fits,
      learned: learned.how,
      side: shown.side,
      picture: Float32Array.from(clean),
      label,
      said: { exact: saidBy(logits.exact), hardware: saidBy(logits.hardware) },
      logits,
      layers,
      attack: { frames: attacked(hardware, Float64Array.from(clean), label), epsilon: ATTACK.epsilon },
    };
  }

  /**
   * The share of drawn digits that a design's own network gets right on its hardware.
   * @throws UserError for a wrong config
   */
  accuracy(presets: Presets, { base, sets }: Design): Accuracy {
    const run = loadRun(presets, base, sets);
    if (!learnsDigits(run.network))
      throw new UserError(`${run.network.name} has no weights here, and takes no digits that a page can teach it`);
    return accuracyOf(run, presets, this.#learn(run));
  }

  #learn({ network }: LoadedRun): Learned {
    const key = `${network.name} ${network.macs} ${network.graph.nodes.length}`;
    let learned = this.#learned.get(key);
    if (learned === undefined) {
      learned = trainedOn(network.graph);
      this.#learned.clear();
      this.#learned.set(key, learned);
    }
    return learned;
  }
}

/** The network in the design's arrays. @throws UserError where the design has none */
function onCrossbars(run: LoadedRun, { graph, parameters }: Learned, presets: Presets): QuantizedNetwork {
  if (!hasCrossbars(run.config))
    throw new UserError(`${run.label} computes with digital units, expected a machine with crossbars`);
  const functional = run.config.functional ?? functionalSchema.parse({});
  const own = { ...run, config: { ...run.config, functional } };
  const folded = new FoldedNetwork(graph, parameters);
  const ranges = new Map<number, number>();
  folded.calibrate(digitsOf(SEED + 1, CALIBRATED, graph).batch(0, CALIBRATED), ranges);
  const backend = crossbarBackend(crossbarOptions(own, presets));
  return new QuantizedNetwork(folded, {
    widths: integerWidths(own, true),
    ranges,
    backend,
    copies: own.config.weights.copies,
  });
}

/** Every node's values in one pass. */
function observed(
  network: { forward: (inputs: NamedValues, options: ForwardOptions) => unknown },
  inputs: NamedValues,
): Map<number, Values> {
  const seen = new Map<number, Values>();
  network.forward(inputs, {
    observe: (node, _, outputs) => {
      seen.set(node.id, { shape: outputs[0]!.shape, data: outputs[0]!.data.slice() });
    },
  });
  return seen;
}

function layerOf(node: Node, exact: Values, hardware: Values, { products }: QuantizedNetwork): LayerNumbers {
  const own = (products.get(node) ?? []).filter((product) => product instanceof CrossbarProduct);
  let [square, off] = [0, 0];
  for (let i = 0; i < exact.data.length; i++) {
    square += exact.data[i]! ** 2;
    off += (hardware.data[i]! - exact.data[i]!) ** 2;
  }
  const [first] = own;
  const map = first?.arrayMap(0);
  return {
    name: node.name,
    exact: planesOf(exact),
    hardware: planesOf(hardware),
    error: square === 0 ? 0 : Math.sqrt(off / square),
    sums: first === undefined ? null : sumsOf(first),
    cells:
      first === undefined || map === undefined
        ? null
        : { ...map, levels: Float32Array.from(map.levels), most: 2 ** first.options.layout.cellBits - 1 },
  };
}

/** Values of one image as channels. */
function planesOf({ shape, data }: Values): Planes {
  const [, ...own] = shape;
  const [channels, height, width] = own.length === 3 ? own : [1, 1, data.length];
  return { channels: channels!, height: height!, width: width!, data: Float32Array.from(data) };
}

/** The histogram in few bins, over the sums that occurred and the converters' range. */
function sumsOf({ histogram, statistics }: CrossbarProduct): SeenSums | null {
  if (histogram === null) return null;
  const { least, width, counts, range } = histogram;
  const binOf = (sum: number): number => Math.min(counts.length - 1, Math.max(0, Math.round((sum - least) / width)));
  const first = Math.min(
    counts.findIndex((count) => count > 0),
    range === null ? Infinity : binOf(range.least),
  );
  const last = Math.max(
    counts.findLastIndex((count) => count > 0),
    range === null ? 0 : binOf(range.most),
  );
  const joined = Math.max(1, Math.ceil((last - first + 1) / BINS));
  const bins = new Array<number>(Math.ceil((last - first + 1) / joined)).fill(0);
  for (let at = first; at <= last; at++) bins[Math.floor((at - first) / joined)]! += counts[at]!;
  return {
    counts: bins,
    least: least + (first - 0.5) * width,
    most: least + (first + bins.length * joined - 0.5) * width,
    range,
    conversions: statistics.conversions,
    clipped: statistics.clipped,
  };
}

/** What the network's first output is made of, without a softmax. */
const lastOf = (seen: ReadonlyMap<number, Values>, graph: Graph): number[] => {
  const { maker } = graph.tensors[graph.outputs[0]!]!;
  return Array.from(maker === null ? [] : seen.get(maker.node)!.data);
};

const saidBy = (logits: readonly number[]): number => predictions(Float64Array.from(logits), 1)[0]!;

/** The attack on the hardware, a frame an iteration: the error comes back through the same arrays. */
function attacked(network: Computation, clean: Float64Array, label: number): AttackFrame[] {
  const victim = new NetworkVictim(network);
  const task: AttackTask = {
    victim,
    clean,
    count: 1,
    labels: Int32Array.of(label),
    targets: null,
    range: [0, 1],
    start: null,
    stream: (name) => streamOf(SEED, name),
  };
  const attack = new SignSteps(task, ATTACK);
  const frame = (loss: number): AttackFrame => ({
    iteration: attack.iteration,
    loss,
    said: predictions(victim.logits(attack.adversarial(), 1), 1)[0]!,
    picture: Float32Array.from(attack.adversarial()),
  });
  const frames = [frame(attack.state().loss)];
  while (attack.iteration < attack.total) {
    attack.step();
    frames.push(frame(attack.state().loss));
  }
  return frames;
}
