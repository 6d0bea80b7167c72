// The units of which the chains of all kinds of machines are made, with their times and actions (docs/model.md).

import type { Config } from '../run-config/index.js';
import {
  actionOf,
  ceilOver,
  COMPONENTS,
  COMPONENT_NAMES,
  declarationOf,
  ofLayers,
  plus,
  times,
  type ActionName,
  type ComponentName,
  type Constants,
  type Count,
  type JoinPlaces,
} from '../components/index.js';
import { biasesInRow, type LayerPlan } from '../mapping/index.js';
import { elementsOf, type Graph } from '../workload/graph/index.js';
import type { WeightLayer } from '../workload/index.js';
import { driven, forLayer, use, type ActionUse, type ChainUnit } from './chain.js';
import { JoinedUnits } from './joined-units.js';
import type { ChainMeets } from './machine-types.js';
import { keptValues, maskBits, storedActivations } from './stored.js';

/** What chains are built from. */
export interface ChainInputs extends ChainMeets {
  readonly config: Config;
  readonly constants: Constants;
  readonly graph: Graph;
}

/** Buffers, buses, activation, pooling: what all machines share. */
export class ChainUnits extends JoinedUnits {
  readonly #crossings: ReadonlyMap<number, number>;
  readonly #firstReader: number;

  constructor({ config, constants, graph, crossings, firstReader }: ChainInputs) {
    super(config, constants, graph);
    this.#crossings = crossings;
    this.#firstReader = firstReader;
  }

  /** The end of a forward chain: activation of `results` a vector, pool and store in the config's order. */
  protected forwardOut(plan: LayerPlan, difference: ActionUse[], results: Count): ChainUnit[] {
    const { layer, forward } = plan;
    const { vectors, replication, waves, matrix } = forward;
    const outputs = layer.serial ? times({ outputs: layer.cout }) : results;
    const keepsMasks = this.config.neurons === 'masks' && this.config.workload.mode !== 'inference';
    const written = this.#storedWords(layer, vectors, outputs);
    const { wordBits } = this.config.buffers;
    const keptForBackward = keepsMasks ? 0 : keptValues(layer, this.config, this.graph);
    const store = this.bufferWrite(
      times({ replication, outputs }),
      keepsMasks
        ? plus({ words: written, masks: ceilOver({ maskBits: maskBits(layer, this.config), wordBits }) })
        : keptForBackward === 0
          ? written
          : plus({ words: written, keptWords: this.words(times({ keptForBackward })) }),
    );
    const values = times({ vectors, outputs });
    const pool = layer.pools.length > 0 ? [this.pool(layer, waves, keepsMasks)] : [];
    const read = times({ rows: matrix.rows, groups: matrix.groups });
    const looked = times({ vectors, outputs: results });
    return [
      this.activation([
        ...difference,
        ...(layer.serial ? [use('activation', 'lookup', looked)] : []),
        ...this.lookups(layer),
        ...this.joined('result', { vectors, inputs: read, outputs, looked }),
        ...this.route(vectors, outputs),
        ...this.chipLink(layer),
        use('controller', 'issue', times({ waves })),
      ]),
      ...this.vector(layer, waves),
      ...(this.config.pooling.kind === 'buffered' ? [store, ...pool] : [...pool, store]),
      ...this.moves(layer, waves),
      ...this.bus('out', times({ replication, outputs }), values),
      ...this.#outputsOut(layer, waves),
    ];
  }

  /** The network's inputs on their way from the memory outside, an image, with the first layer that reads them. */
  protected inputsIn(layer: WeightLayer, waves: number): ChainUnit[] {
    if (layer.index !== this.#firstReader) return [];
    const inputs = this.graph.inputs.reduce((sum, id) => sum + elementsOf(this.graph.tensors[id]!.shape), 0);
    const bits = times({ networkInputs: inputs, inputBits: this.config.inputs.bits });
    return this.outside('inputs', { read: bits }, waves);
  }

  /** The network's outputs on their way out; what training and attacks make of them stays on the chip. */
  #outputsOut(layer: WeightLayer, waves: number): ChainUnit[] {
    if (!layer.isOutput || this.config.workload.mode !== 'inference') return [];
    const bits = times({ pooledActivations: layer.pooledNeurons, inputBits: this.config.inputs.bits });
    return this.outside('outputs', { write: bits }, waves);
  }

  /** The sums of a batch's gradients where they stand outside: each image reads them and writes them back. */
  protected gradientsOut(layer: WeightLayer, waves: number): ChainUnit[] {
    if (this.config.memory.gradients === 'inside') return [];
    const bits = this.#gradientBits(layer);
    return this.outside('gradients', { read: bits, write: bits }, waves);
  }

  /** Bits of the sums of a layer's gradients: as wide as its weights. */
  #gradientBits(layer: WeightLayer): Count {
    return times({ weights: this.heldWeights(layer), weightBits: this.config.weights.bits });
  }

  /** U: the sums of all layers come back, where they stand outside. */
  protected gradientsBack(plans: readonly LayerPlan[], waves: number): ChainUnit[] {
    if (this.config.memory.gradients === 'inside') return [];
    const parts = plans
      .filter(({ layer }) => layer.weights > 0)
      .map(({ layer }) => ({ layer, bits: this.#gradientBits(layer) }));
    const actions = parts.flatMap(({ layer, bits }) => forLayer(layer, [use('outsideMemory', 'read', bits)]));
    const all = ofLayers(
      parts.map(({ layer: { name, index }, bits }) => ({ name, layer: index, use: 'forward', count: bits })),
    );
    return this.#outside('gradients', actions, all, waves);
  }

  /** The memory outside as a unit of a chain: each of the `waves` of a service moves its share; none where unused. */
  protected outside(
    role: string,
    moves: { readonly read?: Count; readonly write?: Count },
    waves: number,
  ): ChainUnit[] {
    const actions = (['read', 'write'] as const).flatMap((action) => {
      const bits = moves[action];
      return bits === undefined ? [] : [use('outsideMemory', action, bits)];
    });
    return this.#outside(role, actions, plus({ ...moves }), waves);
  }

  #outside(role: string, actions: readonly ActionUse[], bits: Count, waves: number): ChainUnit[] {
    const { used, rate } = this.config.memory;
    if (!used) return [];
    const ticks = (seconds: number): number => this.constants.transferTicks(seconds, ['memory', 'rate']);
    const access = this.constants.latency('outsideMemory');
    const service = COMPONENTS.outsideMemory.service({ bits, waves, rate, access, ticks });
    return [this.served('outsideMemory', role, service, { actions, shared: 'outsideMemory' })];
  }

  /** Words of what a stage stores: a position's values at a time where it stores whole positions. */
  #storedWords(layer: WeightLayer, vectors: number, outputs: Count): Count {
    const words = this.words(outputs);
    const stored = storedActivations(layer, this.config);
    if (this.config.buffers.pooling === 'before' && stored === layer.neurons) return times({ vectors, words });
    return stored % outputs.value === 0
      ? times({ words, pooledPositions: stored / outputs.value })
      : this.words(times({ activations: stored }));
  }

  /** Bits of an image's values (and going back, errors) that a layer's stage reads of layers on other chips. */
  #bitsBetweenChips(layer: WeightLayer): Count | null {
    const crossing = this.#crossings.get(layer.index) ?? 0;
    return crossing === 0 ? null : times({ crossing, inputBits: this.config.inputs.bits });
  }

  /** Energy of the links, where they have no rate and so are no unit of the chain. */
  protected chipLink(layer: WeightLayer): ActionUse[] {
    const bits = this.#bitsBetweenChips(layer);
    return bits === null || this.config.links.chip.rate !== undefined ? [] : [use('chipLink', 'transfer', bits)];
  }

  /** The links as a unit of the chain: each of the `waves` of an image brings its share of the bits. */
  protected chipLinkUnit(layer: WeightLayer, waves: number): ChainUnit[] {
    const { rate, shared } = this.config.links.chip;
    const bits = this.#bitsBetweenChips(layer);
    if (bits === null || rate === undefined) return [];
    const ticks = (seconds: number): number => this.constants.transferTicks(seconds, ['links', 'chip', 'rate']);
    const service = COMPONENTS.chipLink.service({ bits, waves, rate, ticks });
    const actions = [use('chipLink', 'transfer', bits)];
    return [this.served('chipLink', 'from another chip', service, { actions, shared: shared ? 'chipLink' : null })];
  }

  /** Reads the vectors of a product and the operands of what its stage adds to it. */
  protected forwardRead(layer: WeightLayer, valuesAtOnce: Count, reads: Count, more: ActionUse[] = []): ChainUnit {
    return this.bufferRead(valuesAtOnce, this.withOperands(layer, reads), [
      ...this.additions(layer),
      ...this.constantReads(layer),
      ...more,
    ]);
  }

  /** Weights of a layer that arrays hold: its biases, too, where they have a row. */
  protected heldWeights(layer: WeightLayer): Count {
    const { weights, biases } = layer;
    const { mapping, workload } = this.config;
    const foldsNorms = workload.mode !== 'training';
    const held = biasesInRow(layer, { biasRow: mapping.biasRow, foldsNorms });
    if (held === 0) return times({ weights });
    return plus({ weights: times({ weights }), ...(biases === 0 ? { foldedBiases: held } : { biases }) });
  }

  /** Values of an image that go from the buffer to a product: vectors and, of two activations, the second operand. */
  protected valuesIn({ dynamic }: WeightLayer, firsts: Count): Count {
    return dynamic === null ? firsts : plus({ firsts, operandValues: dynamic.operandValues });
  }

  /** The same of a wave, which brings its share of the second operand. */
  protected valuesAtOnce({ dynamic }: WeightLayer, values: Count, waves: number): Count {
    if (dynamic === null) return values;
    return plus({ values, share: ceilOver({ operandValues: dynamic.operandValues, waves }) });
  }

  /** Reads of the second operand of a product of two activations, once an image. */
  protected secondOperand({ dynamic }: WeightLayer): ActionUse[] {
    if (dynamic === null) return [];
    return [use('buffer', 'read', this.words(times({ operandValues: dynamic.operandValues })))];
  }

  /** Words, and those of the operands that a stage adds to its product. */
  protected withOperands({ operands }: Pick<WeightLayer, 'operands'>, words: Count): Count {
    return operands === 0 ? words : plus({ words, operandWords: this.words(times({ operands })) });
  }

  protected bus(role: string, valuesAtOnce: Count, values: Count): ChainUnit[] {
    const { bus } = this.config.links;
    if (!bus.used) return [];
    const inputBits = this.config.inputs.bits;
    const transfer = this.constants.latency('bus');
    const bits = times({ values: valuesAtOnce, inputBits });
    const service = COMPONENTS.bus.service({ transfer, bits, busBits: bus.bits });
    const actions = [use('bus', 'transfer', times({ values, inputBits }))];
    return [this.served('bus', role, service, { actions, shared: bus.shared ? 'bus' : null })];
  }

  protected route(vectors: number, values: Count): ActionUse[] {
    const { used, flitBits } = this.config.links.router;
    if (!used) return [];
    const bits = times({ values, inputBits: this.config.inputs.bits });
    return [use('router', 'flit', times({ vectors, flits: ceilOver({ bits, flitBits }) }))];
  }

  /** Actions of the components that join a place of the chain, in designs that give their constants. */
  protected joined<P extends keyof JoinPlaces>(place: P, work: JoinPlaces[P]): ActionUse[] {
    const joining: readonly Joining<P>[] = JOINING[place];
    return joining.flatMap(({ component, action, count }) =>
      this.constants.parameters(component) === undefined
        ? []
        : [(place === 'drive' ? driven : use)(component, action, count(work))],
    );
  }

  protected activation(actions: readonly ActionUse[]): ChainUnit {
    return this.unit('activation', 'activate', actions);
  }
}

/** An action that joins a place of the chain. */
interface Joining<P extends keyof JoinPlaces> {
  component: ComponentName;
  action: ActionName;
  count: (work: JoinPlaces[P]) => Count;
}

/** Actions that join a place of the chain, in the order of their components. */
function joiningAt<P extends keyof JoinPlaces>(place: P): Joining<P>[] {
  return COMPONENT_NAMES.flatMap((component) => {
    const joins: Record<string, (work: JoinPlaces[P]) => Count> = declarationOf(component).joins?.[place] ?? {};
    return Object.entries(joins).map(([action, count]) => ({ component, action: actionOf(component, action), count }));
  });
}

const JOINING: { [P in keyof JoinPlaces]: Joining<P>[] } = {
  fetch: joiningAt('fetch'),
  result: joiningAt('result'),
  drive: joiningAt('drive'),
  sense: joiningAt('sense'),
  write: joiningAt('write'),
  partials: joiningAt('partials'),
};

/** Input values of a layer for an image. */
export const inputsOf = (layer: WeightLayer): Count =>
  times({ inputChannels: layer.inShape.c, inPositions: layer.inPositions, timeSteps: layer.steps });
