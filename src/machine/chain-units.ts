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
  type Service,
  valueOf,
  type Value,
} from '../components/index.js';
import type { LayerPlan, PassPlan } from '../mapping/index.js';
import type { Network, WeightLayer } from '../workload/index.js';
import { maskBits, storedActivations } from './stored.js';

/** How often a service performs an action. */
export interface ActionUse {
  readonly component: ComponentName;
  readonly action: ActionName;
  /** Times a service; for driven actions times each one among the bits that the drivers apply. */
  readonly count: Count;
  readonly driven: boolean;
}

/** A unit of a chain before servers are numbered; units with the same `shared` key are one server. */
export interface ChainUnit {
  readonly component: ComponentName;
  readonly role: string;
  /** Ticks from start to result. */
  readonly latency: Count;
  /** Ticks from one start to the next; the latency itself where a unit takes no wave before it is done. */
  readonly interval: Count;
  readonly actions: readonly ActionUse[];
  readonly shared: string | null;
}

/** A unit's times as the engine counts them, in ticks. */
export const ticksOf = ({ latency, interval }: ChainUnit): { latency: number; interval: number } => ({
  latency: latency.value,
  interval: interval.value,
});

/** What the drivers of a service see: vectors x rows values; `lines` is the rows with their factors. */
export interface Driven {
  readonly vectors: number;
  readonly rows: number;
  readonly columns: number;
  readonly lines: Count;
}

export interface PassChain {
  readonly waves: Count;
  readonly serial: boolean;
  readonly units: readonly ChainUnit[];
  /** Null for passes that drive no crossbar. */
  readonly driven: Driven | null;
}

/** All at once. */
export const ONE_WAVE = times({ one: 1 });

/** Waves of a pass: input vectors by those that go at once. */
export const wavesOf = ({ vectors, replication }: PassPlan): Count => ceilOver({ vectors, replication });

/** Buffers, buses, activation, pooling: what all machines share. */
export class ChainUnits {
  protected readonly config: Config;
  protected readonly constants: Constants;
  /** Layers whose inputs come from another chip. */
  readonly #crossings: ReadonlySet<number>;

  constructor(config: Config, constants: Constants, crossings: ReadonlySet<number>) {
    this.config = config;
    this.constants = constants;
    this.#crossings = crossings;
  }

  /** E: the output's difference to the label becomes the error of the layers that it is made of. */
  outputError({ layers, outputs }: Network): PassChain {
    const values = times({
      pooledActivations: layers.reduce((sum, of) => sum + (of.isOutput ? of.pooledNeurons : 0), 0),
    });
    return {
      waves: ONE_WAVE,
      serial: false,
      driven: null,
      units: [
        this.bufferRead(values, this.words(values), [use('controller', 'issue', times({ waves: 1 }))]),
        this.activation([use('activation', 'subtract', times({ networkOutputs: outputs }))]),
        this.bufferWrite(values, this.words(values)),
      ],
    };
  }

  /** X: the perturbation is updated, masked, clipped and written. */
  perturb(elements: number): PassChain {
    const values = times({ elements });
    return {
      waves: ONE_WAVE,
      serial: false,
      driven: null,
      units: [
        this.unit('optimizer', 'update', [
          use('optimizer', 'update', values),
          use('controller', 'issue', times({ waves: 1 })),
        ]),
        this.bufferWrite(values, this.words(values)),
      ],
    };
  }

  /** A unit with the latency and initiation interval of its component. */
  protected unit(component: ComponentName, role: string, actions: readonly ActionUse[]): ChainUnit {
    return this.served(component, role, { latency: this.constants.latency(component) }, actions);
  }

  /** A unit with the times of a service; the initiation interval of its component where the service has none. */
  protected served(
    component: ComponentName,
    role: string,
    { latency, interval = this.constants.interval(component, latency) }: Service,
    actions: readonly ActionUse[],
    shared: string | null = null,
  ): ChainUnit {
    return { component, role, latency, interval, shared, actions };
  }

  /** The end of a forward chain: activation of `results` a vector, pool and store in the config's order. */
  protected forwardOut(plan: LayerPlan, difference: ActionUse[], results: Count): ChainUnit[] {
    const { layer, forward } = plan;
    const { vectors, replication, waves, matrix } = forward;
    const outputs = layer.serial ? times({ outputs: layer.cout }) : results;
    const keepsMasks = this.config.neurons === 'masks' && this.config.workload.mode !== 'inference';
    const words = this.words(outputs);
    const written =
      this.config.buffers.pooling === 'before'
        ? times({ vectors, words })
        : times({ words, pooledPositions: layer.pooledNeurons / outputs.value });
    const { bits } = this.config.inputs;
    const { wordBits } = this.config.buffers;
    const store = this.bufferWrite(
      times({ replication, outputs }),
      keepsMasks ? plus({ words: written, masks: ceilOver({ maskBits: maskBits(layer, bits), wordBits }) }) : written,
    );
    const values = times({ vectors, outputs });
    const pool = layer.pools.length > 0 ? [this.pool(layer, waves, keepsMasks)] : [];
    const read = times({ rows: matrix.rows, groups: matrix.groups });
    const looked = times({ vectors, outputs: results });
    const { activations: activated } = layer;
    const lookups = layer.serial ? plus({ activated, gates: looked }) : times({ activated });
    return [
      this.activation([
        ...difference,
        ...(lookups.value === 0 ? [] : [use('activation', 'lookup', lookups)]),
        ...this.joined('result', { vectors, inputs: read, outputs, looked }),
        ...this.route(vectors, outputs),
        ...this.#chipLink(layer),
        use('controller', 'issue', times({ waves })),
      ]),
      ...(this.config.pooling.kind === 'buffered' ? [store, ...pool] : [...pool, store]),
      ...this.bus('out', times({ replication, outputs }), values),
    ];
  }

  /** Bits of an image's inputs (and going back, errors) of a layer that stands on another chip than their producer. */
  #bitsBetweenChips(layer: WeightLayer): Count | null {
    if (!this.#crossings.has(layer.index)) return null;
    const bits = times({ inputs: inputsOf(layer), inputBits: this.config.inputs.bits });
    return bits.value === 0 ? null : bits;
  }

  /** Energy of the links, where they have no rate and so are no unit of the chain. */
  #chipLink(layer: WeightLayer): ActionUse[] {
    const bits = this.#bitsBetweenChips(layer);
    return bits === null || this.config.links.chip.rate !== undefined ? [] : [use('chipLink', 'transfer', bits)];
  }

  /** The links as a unit of the chain: each of the `waves` of an image brings its share of the bits. */
  protected chipLinkUnit(layer: WeightLayer, waves: number): ChainUnit[] {
    const { rate, shared } = this.config.links.chip;
    const bits = this.#bitsBetweenChips(layer);
    if (bits === null || rate === undefined) return [];
    const ticks = (seconds: number): number => this.constants.secondsToTicks(seconds, ['links', 'chip', 'rate']);
    const service = COMPONENTS.chipLink.service({ bits, waves, rate, ticks });
    const actions = [use('chipLink', 'transfer', bits)];
    return [this.served('chipLink', 'from another chip', service, actions, shared ? 'chipLink' : null)];
  }

  /** Words of the buffer that so many values take. */
  protected words(values: Count): Count {
    const bits = times({ values, inputBits: this.config.inputs.bits });
    return ceilOver({ bits, wordBits: this.config.buffers.wordBits });
  }

  /** Time of the accesses that the port takes for the values of a wave. */
  #portTime(access: Count, valuesAtOnce: Count): Service {
    const bits = times({ values: valuesAtOnce, inputBits: this.config.inputs.bits });
    return COMPONENTS.buffer.service({ access, bits, portBits: this.config.buffers.portBits });
  }

  protected bufferRead(valuesAtOnce: Count, reads: Count, more: ActionUse[] = []): ChainUnit {
    const service = this.#portTime(this.constants.latency('buffer'), valuesAtOnce);
    return this.served('buffer', 'read', service, [use('buffer', 'read', reads), ...more]);
  }

  /** Reads the vectors of a product and the operands of what its stage adds to it. */
  protected forwardRead(layer: WeightLayer, valuesAtOnce: Count, reads: Count, more: ActionUse[] = []): ChainUnit {
    return this.bufferRead(valuesAtOnce, this.#withOperands(layer, reads), [...this.elementwise(layer.adds), ...more]);
  }

  /** Words, and those of the operands that a stage adds to its product. */
  #withOperands({ operands }: WeightLayer, words: Count): Count {
    return operands === 0 ? words : plus({ words, operandWords: this.words(times({ operands })) });
  }

  protected bufferWrite(valuesAtOnce: Count, writes: Count): ChainUnit {
    const { latency } = this.#portTime(this.constants.writeLatency('buffer'), valuesAtOnce);
    return this.served('buffer', 'write', { latency, interval: latency }, [use('buffer', 'write', writes)]);
  }

  protected bus(role: string, valuesAtOnce: Count, values: Count): ChainUnit[] {
    const { bus } = this.config.links;
    if (!bus.used) return [];
    const inputBits = this.config.inputs.bits;
    const transfer = this.constants.latency('bus');
    const bits = times({ values: valuesAtOnce, inputBits });
    const service = COMPONENTS.bus.service({ transfer, bits, busBits: bus.bits });
    const actions = [use('bus', 'transfer', times({ values, inputBits }))];
    return [this.served('bus', role, service, actions, bus.shared ? 'bus' : null)];
  }

  protected route(vectors: number, values: Count): ActionUse[] {
    const { used, flitBits } = this.config.links.router;
    if (!used) return [];
    const bits = times({ values, inputBits: this.config.inputs.bits });
    return [use('router', 'flit', times({ vectors, flits: ceilOver({ bits, flitBits }) }))];
  }

  /** Actions of the components that join a place of the chain, in designs that give their constants. */
  protected joined<P extends keyof JoinPlaces>(place: P, work: JoinPlaces[P]): ActionUse[] {
    return COMPONENT_NAMES.flatMap((component) => {
      const joins = declarationOf(component).joins?.[place];
      if (joins === undefined || this.constants.parameters(component) === undefined) return [];
      return Object.entries(joins).map(([action, count]) => use(component, actionOf(component, action), count(work)));
    });
  }

  protected elementwise(adds: Value): ActionUse[] {
    return valueOf(adds) === 0 ? [] : [use('add', 'add', times({ adds }))];
  }

  protected activation(actions: readonly ActionUse[]): ChainUnit {
    return this.unit('activation', 'activate', actions);
  }

  /**
   * The pools of a stage. A register that keeps the running maximum, and a unit that reads windows back, take every place
   * of every window: overlapping ones several times.
   */
  protected pool(layer: WeightLayer, waves: number, indexed: boolean): ChainUnit {
    const { pools } = layer;
    const places = times({ poolPlaces: pools.reduce((sum, pool) => sum + pool.places, 0) });
    const compare = use('pooling', 'compare', places);
    const actions = indexed ? [compare, use('pooling', 'index', places)] : [compare];
    if (this.config.pooling.kind === 'register') return this.unit('pooling', 'running maximum', actions);
    // ISAAC Fig. 4b: the window's values are read back one a cycle, then the maximum is written. An average is a running
    // sum: a wave adds what it brings.
    const windowPlaces = pools.reduce((sum, { kind, window: { kernel }, outShape, places: all }) => {
      const window = kernel.h * kernel.w;
      return sum + (kind === 'avg' ? Math.min(window, Math.ceil(all / outShape.c / waves)) : window);
    }, 0);
    const service = COMPONENTS.pooling.service({
      windowPlaces,
      pools: pools.length,
      access: this.constants.latency('buffer'),
      write: this.constants.writeLatency('buffer'),
    });
    const pooled = pools.map(({ outShape: { c, h, w } }) => this.words(times({ pooledActivations: c * h * w })));
    const written = pooled.map((count) => ({ name: layer.name, layer: layer.index, use: 'forward' as const, count }));
    return this.served('pooling', 'read window, write maximum', service, [
      ...actions,
      use('buffer', 'read', this.words(places)),
      use('buffer', 'write', written.length === 1 ? pooled[0]! : ofLayers(written)),
    ]);
  }

  /** Reads the error and, for f' and arg-max, the producers' activations or masks. */
  protected errorRead(
    valuesAtOnce: Count,
    errors: Count,
    layer: WeightLayer,
    producers: readonly WeightLayer[],
  ): ChainUnit {
    const { inputs, buffers, neurons } = this.config;
    const keptOf = (producer: WeightLayer): Count =>
      neurons === 'kept'
        ? this.words(times({ activations: storedActivations(producer, this.config) }))
        : ceilOver({ maskBits: maskBits(producer, inputs.bits), wordBits: buffers.wordBits });
    const kept = ofLayers(
      producers.map((producer) => ({
        name: producer.name,
        layer: producer.index,
        use: 'forward',
        count: keptOf(producer),
      })),
    );
    const reads = producers.length === 0 ? errors : plus({ errors, kept });
    return this.bufferRead(valuesAtOnce, reads, this.elementwise(layer.meeting));
  }

  protected errorOut(layer: WeightLayer, out: ErrorOut, producers: readonly WeightLayer[]): ChainUnit[] {
    const masked = producers.some(({ activation }) => activation !== 'none');
    const routed = producers.some(({ pools }) => pools.length > 0);
    return [
      this.activation([
        ...out.difference,
        ...(masked ? [use('activation', 'mask', out.errors)] : []),
        use('controller', 'issue', times({ waves: out.waves })),
        ...this.#chipLink(layer),
      ]),
      ...(routed ? [this.unit('pooling', 'route errors', [use('pooling', 'route', out.errors)])] : []),
      this.bufferWrite(out.valuesAtOnce, this.#withOperands(layer, out.writes)),
    ];
  }

  /** Errors of an image that reach the layer's inputs. */
  protected errorsOf(layer: WeightLayer): Count {
    return inputsOf(layer);
  }

  /** Words of these errors, a position at a time. */
  protected errorWords(layer: WeightLayer): Count {
    return times({
      inPositions: layer.inPositions,
      timeSteps: layer.steps,
      words: this.words(times({ inputChannels: layer.inShape.c })),
    });
  }
}

/** Input values of a layer for an image. */
const inputsOf = (layer: WeightLayer): Count =>
  times({ inputChannels: layer.inShape.c, inPositions: layer.inPositions, timeSteps: layer.steps });

/** What a backward chain ends with. */
export interface ErrorOut {
  /** Errors of an image. */
  readonly errors: Count;
  /** Words that are written. */
  readonly writes: Count;
  readonly valuesAtOnce: Count;
  readonly difference: readonly ActionUse[];
  readonly waves: number;
}

/** Actions of a service. */
export const use = <C extends ComponentName>(
  component: C,
  action: ActionName<C> & ActionName,
  count: Count,
): ActionUse => ({
  component,
  action,
  count,
  driven: false,
});

/** Actions of each one among the bits that the drivers of a service apply. */
export const driven = <C extends ComponentName>(
  component: C,
  action: ActionName<C> & ActionName,
  count: Count,
): ActionUse => ({
  component,
  action,
  count,
  driven: true,
});
