// Numbers on the chosen hardware: a drawn digit through the layers of a network that learned in this worker, beside
// exact numbers; what converters see, what an array holds, and an attack step by step. Knows no DOM.

import { UserError, type Presets } from '../../config/index.js';
import { NetworkVictim } from '../../functional/attacks/network-victim.js';
import { SignSteps } from '../../functional/attacks/sign-steps.js';
import { predictions, type AttackTask } from '../../functional/attacks/victim.js';
import { backendOf } from '../../functional/backends/index.js';
import { CrossbarProduct } from '../../functional/crossbar/product.js';
import { FoldedNetwork, QuantizedNetwork } from '../../functional/quantized/network.js';
import { integerWidths } from '../../functional/quantized/widths.js';
import type { Computation } from '../../functional/computation.js';
import { Executor, type ForwardOptions, type NamedValues } from '../../functional/execute.js';
import type { Values } from '../../functional/operators/values.js';
import { streamOf } from '../../functional/streams.js';
import { loadRun, type LoadedRun } from '../../run-config/index.js';
import { functionalSchema } from '../../run-config/functional.js';
import type { Graph, Node } from '../../workload/graph/index.js';
import { digitsOf, digitsNetwork, isDigitsGraph, MOST_MACS, trainedOn, type Learned } from './digits.js';
import type { GivenFiles } from './protocol.js';

/** Values of a layer as pictures: channels of height x width (a vector: one row). */
export interface Planes {
  channels: number;
  height: number;
  width: number;
  data: Float32Array;
}

/** What a weight layer's converters saw. */
export interface SeenSums {
  /** Counts of sums by equal bins from `least` to `most`, level units. */
  counts: number[];
  least: number;
  most: number;
  /** What the converters tell apart; null: sums pass as they are. */
  range: { least: number; most: number } | null;
  conversions: number;
  clipped: number;
}

/** A node of the network: what it gives in exact numbers and on the hardware. */
export interface LayerNumbers {
  name: string;
  exact: Planes;
  hardware: Planes;
  /** Root mean square of the difference / that of the exact values. */
  error: number;
  /** Null: no arrays. */
  sums: SeenSums | null;
  /** Cells of its first array, level units. */
  cells: { rows: number; columns: number; levels: Float32Array; most: number } | null;
}

/** The picture of an attack after an iteration. */
export interface AttackFrame {
  iteration: number;
  loss: number;
  said: number;
  picture: Float32Array;
}

/** All that the functional view shows. */
export interface NumbersView {
  network: string;
  /** The design's own network does not take digits, so the project's small one stands in. */
  standsIn: boolean;
  learned: { pictures: number; epochs: number; accuracy: number; tested: number };
  side: number;
  picture: Float32Array;
  label: number;
  said: { exact: number; hardware: number };
  logits: { exact: number[]; hardware: number[] };
  layers: LayerNumbers[];
  attack: { frames: AttackFrame[]; epsilon: number };
}

/** What is looked at. */
export interface NumbersOf {
  base: string;
  sets: readonly string[];
  files: GivenFiles;
  /** Which drawn digit, from 0. */
  picture: number;
}

/** A PGD attack: largest change of a value, its steps. */
const ATTACK = { epsilon: 0.25, step: 0.05, iterations: 8, norm: 'linf', randomStart: false, decay: null } as const;
/** Digits that are drawn to look at. */
export const PICTURES = 20;
const SEED = 7;
const BINS = 48;
/** Pictures that set the ranges of integers. */
const CALIBRATED = 32;

/** The functional core over presets; networks that learned are kept. */
export class NumbersEngine {
  readonly #presets: Presets;
  readonly #learned = new Map<string, Learned>();

  constructor(presets: Presets) {
    this.#presets = presets;
  }

  /** @throws UserError for a wrong config, or a design without crossbars */
  look({ base, sets, picture }: Omit<NumbersOf, 'files'>, presets: Presets): NumbersView {
    const own = loadRun(presets, base, sets);
    const fits = isDigitsGraph(own.network.graph) && own.network.macs <= MOST_MACS;
    const run = fits ? own : loadRun(presets, base, [...sets, `network=${digitsNetwork}`]);
    const learned = this.#learn(run);
    const shown = digitsOf(SEED, PICTURES, learned.graph);
    const inputs = shown.batch(picture, 1);
    const exact = new Executor(learned.graph, learned.parameters, { precision: 'float64' });
    const hardware = onCrossbars(run, learned, this.#presets);
    const right = observed(exact, inputs);
    for (const products of hardware.products.values()) for (const product of products) product.keepHistogram();
    const real = observed(hardware, inputs);
    const layers = learned.graph.nodes.map((node) => layerOf(node, right.get(node.id)!, real.get(node.id)!, hardware));
    const label = shown.labels[picture]!;
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
  if (run.config.digital !== undefined)
    throw new UserError(`${run.label} computes with digital units, expected a machine with crossbars`);
  const functional = run.config.functional ?? functionalSchema.parse({});
  const config = { ...run.config, functional };
  const folded = new FoldedNetwork(graph, parameters);
  const ranges = new Map<number, number>();
  folded.calibrate(digitsOf(SEED + 1, CALIBRATED, graph).batch(0, CALIBRATED), ranges);
  const backend = backendOf({ ...run, config }, presets, 'crossbar');
  return new QuantizedNetwork(folded, {
    widths: integerWidths(config, true),
    ranges,
    backend,
    copies: config.weights.copies,
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
