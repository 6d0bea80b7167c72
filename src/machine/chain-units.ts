// The units of which the chains of crossbar and digital passes are made, with their ticks and actions (model.md
// sections 4 and 5).

import type { Config } from '../run-config/index.js';
import type { ComponentName, Constants } from '../components/index.js';
import type { LayerPlan } from '../mapping/index.js';
import type { Network, WeightLayer } from '../workload/index.js';

/** How often a service performs an action. */
export interface ActionUse {
  component: ComponentName;
  action: string;
  /** Times a service; for driven actions times each one among the bits that the drivers apply. */
  times: number;
  driven: boolean;
}

/** A unit of a chain before servers are numbered; units with the same `shared` key are one server. */
export interface ChainUnit {
  component: ComponentName;
  role: string;
  latency: number;
  interval: number;
  actions: ActionUse[];
  shared: string | null;
}

export interface PassChain {
  waves: number;
  serial: boolean;
  units: ChainUnit[];
  /** What the drivers of a service see: vectors x rows values; null for passes that drive no crossbar. */
  driven: { vectors: number; rows: number; columns: number } | null;
}

const words = (values: number, bits: number, wordBits: number): number => Math.ceil((values * bits) / wordBits);

/**
 * Bits that backpropagation needs of a layer when its neurons are not kept: derivative mask and arg-max index (model.md
 * section 4).
 */
export function maskBits(layer: WeightLayer, valueBits: number): number {
  const derivative = layer.activation === 'relu' ? 1 : layer.activation === 'none' ? 0 : valueBits;
  const indexes = layer.pools.reduce((sum, { kind, window, outShape }) => {
    const places = window.kernel.h * window.kernel.w;
    return sum + (kind === 'max' ? outShape.c * outShape.h * outShape.w * Math.ceil(Math.log2(places)) : 0);
  }, 0);
  return layer.neurons * derivative + indexes;
}

/** Values of a layer's output that are stored: before its pools or after them. */
export const storedActivations = (layer: WeightLayer, config: Config): number =>
  config.buffers.pooling === 'before' ? layer.neurons : layer.pooledNeurons;

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
    const values = layers.reduce((sum, { isOutput, pooledNeurons }) => sum + (isOutput ? pooledNeurons : 0), 0);
    return {
      waves: 1,
      serial: false,
      driven: null,
      units: [
        this.bufferRead(values, this.words(values), [use('controller', 'issue', 1)]),
        this.activation([use('activation', 'subtract', outputs)]),
        this.bufferWrite(values, this.words(values)),
      ],
    };
  }

  /** X: the perturbation is updated, masked, clipped and written. */
  perturb(elements: number): PassChain {
    const latency = this.constants.latency('optimizer');
    return {
      waves: 1,
      serial: false,
      driven: null,
      units: [
        {
          component: 'optimizer',
          role: 'update',
          latency,
          interval: this.constants.interval('optimizer', latency),
          shared: null,
          actions: [use('optimizer', 'update', elements), use('controller', 'issue', 1)],
        },
        this.bufferWrite(elements, this.words(elements)),
      ],
    };
  }

  /** The end of a forward chain: activation of `results` a vector, pool and store in the config's order. */
  protected forwardOut(plan: LayerPlan, difference: ActionUse[], results: number): ChainUnit[] {
    const { layer, forward } = plan;
    const { vectors, replication, waves } = forward;
    const outputs = layer.type === 'lstm' ? layer.cout : results;
    const keepsMasks = this.config.neurons === 'masks' && this.config.workload.mode !== 'inference';
    const written =
      this.config.buffers.pooling === 'before'
        ? vectors * this.words(outputs)
        : this.words(outputs) * (layer.pooledNeurons / outputs);
    const masks = keepsMasks ? Math.ceil(maskBits(layer, this.config.inputs.bits) / this.config.buffers.wordBits) : 0;
    const store = this.bufferWrite(replication * outputs, written + masks);
    const pool = layer.pools.length > 0 ? [this.pool(layer, vectors * outputs, keepsMasks)] : [];
    return [
      this.activation([
        ...difference,
        ...(layer.activation === 'none' ? [] : [use('activation', 'lookup', vectors * results)]),
        ...this.optional('register', 'access', vectors * (forward.matrix.rows * forward.matrix.groups + outputs)),
        ...this.optional('tileRegister', 'access', vectors * results),
        ...this.route(vectors, outputs),
        ...this.#chipLink(layer),
        use('controller', 'issue', waves),
      ]),
      ...(this.config.pooling.kind === 'buffered' ? [store, ...pool] : [...pool, store]),
      ...this.bus('out', replication * outputs, vectors * outputs),
    ];
  }

  /** Bits of an image's inputs (and going back, errors) of a layer that stands on another chip than their producer. */
  #bitsBetweenChips(layer: WeightLayer): number {
    return this.#crossings.has(layer.index)
      ? layer.inShape.c * layer.inPositions * layer.steps * this.config.inputs.bits
      : 0;
  }

  /** Energy of the links, where they have no rate and so are no unit of the chain. */
  #chipLink(layer: WeightLayer): ActionUse[] {
    const bits = this.#bitsBetweenChips(layer);
    return bits === 0 || this.config.links.chip.rate !== undefined ? [] : [use('chipLink', 'transfer', bits)];
  }

  /** The links as a unit of the chain: each of the `waves` of an image brings its share of the bits. */
  protected chipLinkUnit(layer: WeightLayer, waves: number): ChainUnit[] {
    const { rate, shared } = this.config.links.chip;
    const bits = this.#bitsBetweenChips(layer);
    if (bits === 0 || rate === undefined) return [];
    const latency = this.constants.secondsToTicks(Math.ceil(bits / waves) / rate);
    return [
      {
        component: 'chipLink',
        role: 'from another chip',
        latency,
        interval: latency,
        shared: shared ? 'chipLink' : null,
        actions: [use('chipLink', 'transfer', bits)],
      },
    ];
  }

  protected words(values: number): number {
    return words(values, this.config.inputs.bits, this.config.buffers.wordBits);
  }

  protected portSteps(valuesAtOnce: number): number {
    const { portBits } = this.config.buffers;
    return portBits === undefined ? 1 : Math.ceil((valuesAtOnce * this.config.inputs.bits) / portBits);
  }

  protected bufferRead(valuesAtOnce: number, reads: number, more: ActionUse[] = []): ChainUnit {
    const latency = this.constants.latency('buffer') * this.portSteps(valuesAtOnce);
    return {
      component: 'buffer',
      role: 'read',
      latency,
      interval: this.constants.interval('buffer', latency),
      shared: null,
      actions: [use('buffer', 'read', reads), ...more],
    };
  }

  protected bufferWrite(valuesAtOnce: number, writes: number): ChainUnit {
    const latency = this.constants.writeLatency('buffer') * this.portSteps(valuesAtOnce);
    return {
      component: 'buffer',
      role: 'write',
      latency,
      interval: latency,
      shared: null,
      actions: [use('buffer', 'write', writes)],
    };
  }

  protected bus(role: string, valuesAtOnce: number, values: number): ChainUnit[] {
    const { bus } = this.config.links;
    if (!bus.used) return [];
    const { bits } = this.config.inputs;
    const latency =
      this.constants.latency('bus') * (bus.bits === undefined ? 1 : Math.ceil((valuesAtOnce * bits) / bus.bits));
    return [
      {
        component: 'bus',
        role,
        latency,
        interval: this.constants.interval('bus', latency),
        shared: bus.shared ? 'bus' : null,
        actions: [use('bus', 'transfer', values * bits)],
      },
    ];
  }

  protected route(vectors: number, values: number): ActionUse[] {
    const { router } = this.config.links;
    return router.used
      ? [use('router', 'flit', vectors * words(values, this.config.inputs.bits, router.flitBits))]
      : [];
  }

  /** Actions of a component that a design has only where its config gives its constants. */
  protected optional(component: ComponentName, action: string, times: number): ActionUse[] {
    return this.constants.parameters(component) === undefined ? [] : [use(component, action, times)];
  }

  protected elementwise(values: number): ActionUse[] {
    return values === 0 ? [] : [use('add', 'add', values)];
  }

  protected activation(actions: ActionUse[]): ChainUnit {
    const latency = this.constants.latency('activation');
    return {
      component: 'activation',
      role: 'activate',
      latency,
      interval: this.constants.interval('activation', latency),
      shared: null,
      actions,
    };
  }

  protected pool(layer: WeightLayer, values: number, indexed: boolean): ChainUnit {
    const { kernel } = layer.pools[0]!.window;
    const compare = use('pooling', 'compare', values);
    const actions = indexed ? [compare, use('pooling', 'index', values)] : [compare];
    if (this.config.pooling.kind === 'register') {
      const latency = this.constants.latency('pooling');
      return {
        component: 'pooling',
        role: 'running maximum',
        latency,
        interval: this.constants.interval('pooling', latency),
        shared: null,
        actions,
      };
    }
    // ISAAC Fig. 4b: the window's values are read back one a cycle, then the maximum is written.
    const latency = kernel.h * kernel.w * this.constants.latency('buffer') + this.constants.writeLatency('buffer');
    const pooled = this.words(layer.pooledNeurons);
    return {
      component: 'pooling',
      role: 'read window, write maximum',
      latency,
      interval: latency,
      shared: null,
      actions: [...actions, use('buffer', 'read', this.words(values)), use('buffer', 'write', pooled)],
    };
  }

  /** Reads the error and, for f' and arg-max, the producers' neurons or masks. */
  protected errorRead(
    valuesAtOnce: number,
    reads: number,
    layer: WeightLayer,
    producers: readonly WeightLayer[],
  ): ChainUnit {
    const { inputs, buffers, neurons } = this.config;
    const kept = producers.reduce(
      (sum, p) =>
        sum +
        (neurons === 'kept'
          ? this.words(storedActivations(p, this.config))
          : Math.ceil(maskBits(p, inputs.bits) / buffers.wordBits)),
      0,
    );
    const meeting = Math.max(0, layer.consumers.length - 1) * layer.pooledNeurons;
    return this.bufferRead(valuesAtOnce, reads + kept, this.elementwise(meeting));
  }

  protected errorOut(
    layer: WeightLayer,
    errors: number,
    writes: number,
    valuesAtOnce: number,
    difference: ActionUse[],
    producers: readonly WeightLayer[],
    waves: number,
  ): ChainUnit[] {
    const masked = producers.some(({ activation }) => activation !== 'none');
    const routed = producers.some(({ pools }) => pools.length > 0);
    const pooling = this.constants;
    return [
      this.activation([
        ...difference,
        ...(masked ? [use('activation', 'mask', errors)] : []),
        use('controller', 'issue', waves),
        ...this.#chipLink(layer),
      ]),
      ...(routed
        ? [
            {
              component: 'pooling' as const,
              role: 'route errors',
              latency: pooling.latency('pooling'),
              interval: pooling.interval('pooling', pooling.latency('pooling')),
              shared: null,
              actions: [use('pooling', 'route', errors)],
            },
          ]
        : []),
      this.bufferWrite(valuesAtOnce, writes),
    ];
  }
}

export const use = (component: ComponentName, action: string, times: number): ActionUse => ({
  component,
  action,
  times,
  driven: false,
});

export const driven = (component: ComponentName, action: string, times: number): ActionUse => ({
  component,
  action,
  times,
  driven: true,
});
