// The chain of units of each pass, with the ticks of a wave and the actions of a service (model.md sections 4 and 5).

import type { Config } from '../architecture/index.js';
import type { ComponentName, Constants } from '../hardware/index.js';
import type { LayerPlan, PassPlan } from '../mapping/index.js';
import type { WeightLayer } from '../workload/index.js';

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

/** Component that senses the lines. */
export const sensingOf = (config: Config): ComponentName => (config.sensing.kind === 'adc' ? 'adc' : 'integrateFire');

/** Component that drives the lines. */
export const driverOf = (config: Config): ComponentName => (config.driver.kind === 'dac' ? 'dac' : 'spikeDriver');

const words = (values: number, bits: number, wordBits: number): number => Math.ceil((values * bits) / wordBits);

/** Bits that backpropagation needs of a layer when its neurons are not kept: derivative mask and arg-max index (model.md section 4). */
export function maskBits(layer: WeightLayer, valueBits: number): number {
  const derivative = layer.activation === 'relu' ? 1 : layer.activation === 'none' ? 0 : valueBits;
  const indexes = layer.pools.reduce((sum, { kind, window, outShape }) => {
    const places = window.kernel.h * window.kernel.w;
    return sum + (kind === 'max' ? outShape.c * outShape.h * outShape.w * Math.ceil(Math.log2(places)) : 0);
  }, 0);
  return layer.neurons * derivative + indexes;
}

/** Values of a layer's output that are stored: before its pools or after them. */
export const storedNeurons = (layer: WeightLayer, config: Config): number => (config.buffers.pooling === 'before' ? layer.neurons : layer.pooledNeurons);

/** Builds the chains of one config. */
export class ChainBuilder {
  readonly #config: Config;
  readonly #constants: Constants;
  readonly #slots: number;
  /** Ticks between slots: the slower of a read and the conversions of one converter (model.md section 5). */
  readonly slotTicks: number;

  constructor(config: Config, constants: Constants) {
    this.#config = config;
    this.#constants = constants;
    this.#slots = Math.ceil(config.inputs.bits / config.inputs.bitsPerSlot);
    const { rate, columnsPerConverter } = config.sensing;
    const conversion = rate === undefined ? 0 : constants.secondsToTicks(columnsPerConverter / rate);
    this.slotTicks = Math.max(constants.readTicks, conversion);
  }

  /** F_l: buffer, crossbar, sensing, shift&add, vertical adder, activation, pool, buffer. */
  forward({ layer, forward }: LayerPlan): PassChain {
    const { matrix, vectors, steps } = forward;
    const rows = matrix.rows * matrix.groups;
    const columns = matrix.columns * matrix.groups;
    const outputs = layer.type === 'lstm' ? layer.cout : columns;
    const keepsMasks = this.#config.neurons === 'masks' && this.#config.workload.mode !== 'inference';
    const pools = layer.pools.length > 0;
    const written = this.#config.buffers.pooling === 'before' ? vectors * this.#words(outputs) : this.#words(outputs) * (layer.pooledNeurons / outputs);
    const masks = keepsMasks ? Math.ceil(maskBits(layer, this.#config.inputs.bits) / this.#config.buffers.wordBits) : 0;
    const store = this.#bufferWrite(forward.copies * outputs, written + masks);
    const pool = pools ? [this.#pool(layer, vectors * outputs, keepsMasks)] : [];
    return {
      waves: steps,
      serial: forward.serial,
      driven: { vectors, rows, columns },
      units: [
        ...this.#bus('in', forward.copies * rows, vectors * rows),
        this.#bufferRead(forward.copies * rows, vectors * this.#words(rows), this.#elementwise(layer.adds)),
        this.#crossbar(forward, `arrays:${layer.name}`, this.#slots, this.#forwardReads(matrix, vectors)),
        this.#sensing(vectors * matrix.sensedColumnsPerRowTile * matrix.rowTiles * this.#slots),
        this.#shiftAdd(vectors * matrix.sensedColumnsPerRowTile * matrix.rowTiles * this.#slots, this.#offset(vectors * columns * matrix.rowTiles, 0)),
        ...this.#verticalAdder(matrix.rowTiles, vectors * columns * (matrix.rowTiles - 1) * matrix.signs),
        this.#activation([
          ...this.#difference(vectors * columns),
          ...(layer.activation === 'none' ? [] : [use('activation', 'lookup', vectors * columns)]),
          ...this.#registers(vectors * (rows + outputs)),
          ...this.#route(vectors, outputs),
          use('controller', 'issue', steps),
        ]),
        ...(this.#config.pooling.kind === 'buffered' ? [store, ...pool] : [...pool, store]),
        ...this.#bus('out', forward.copies * outputs, vectors * outputs),
      ],
    };
  }

  /** B_l on its own arrays: the padded error meets the rotated kernel at every input position (PipeLayer Sec. 4.3). */
  backwardDedicated(plan: LayerPlan, backward: PassPlan, producers: readonly WeightLayer[]): PassChain {
    const { matrix, vectors, steps } = backward;
    const rows = matrix.rows * matrix.groups;
    const columns = matrix.columns * matrix.groups;
    const conversions = vectors * matrix.sensedColumnsPerRowTile * matrix.rowTiles * this.#slots;
    return {
      waves: steps,
      serial: backward.serial,
      driven: { vectors, rows, columns },
      units: [
        this.#errorRead(backward.copies * rows, vectors * this.#words(rows), plan.layer, producers),
        this.#crossbar(backward, `backward:${plan.layer.name}`, this.#slots, this.#forwardReads(matrix, vectors)),
        this.#sensing(conversions),
        this.#shiftAdd(conversions, this.#offset(vectors * columns * matrix.rowTiles, 0)),
        ...this.#verticalAdder(matrix.rowTiles, vectors * columns * (matrix.rowTiles - 1) * matrix.signs),
        ...this.#errorOut(vectors * columns, vectors * this.#words(columns), backward.copies * columns, this.#difference(vectors * columns), producers, steps),
      ],
    };
  }

  /**
   * B_l on the forward arrays: driven on the columns, sensed on the rows, one transposed read for each output position, partial errors
   * scatter-added. Slices in neighbouring columns add up on the same row, so they are driven one after the other.
   */
  backwardShared(plan: LayerPlan, backward: PassPlan, producers: readonly WeightLayer[]): PassChain {
    const { layer } = plan;
    const { matrix, vectors, steps } = backward;
    const inColumns = this.#config.weights.slices === 'columns' ? matrix.slices : 1;
    const slots = this.#slots * inColumns;
    const lines = matrix.columns * matrix.groups;
    const partial = matrix.rows * matrix.groups;
    const conversions = vectors * partial * matrix.columnTiles * matrix.arraysPerLogical * slots;
    const drives = matrix.rowTiles * matrix.arraysPerLogical * inColumns;
    const read = this.#crossbarReads(vectors, matrix.physicalArrays * slots, drives, matrix.rows * matrix.arraysPerLogical * inColumns, vectors * lines * slots * matrix.rowTiles * matrix.arraysPerLogical);
    const scatter = this.#constants.latency('scatterAdder');
    const inputs = layer.inShape.c * layer.inPositions * layer.steps;
    return {
      waves: steps,
      serial: backward.serial,
      driven: { vectors, rows: lines, columns: partial },
      units: [
        this.#errorRead(backward.copies * lines, vectors * this.#words(lines), layer, producers),
        this.#crossbar(backward, `arrays:${layer.name}`, slots, read),
        this.#sensing(conversions),
        this.#shiftAdd(conversions, this.#offset(vectors * partial * matrix.columnTiles, vectors * lines)),
        ...this.#verticalAdder(matrix.columnTiles, vectors * partial * (matrix.columnTiles - 1) * matrix.signs),
        { component: 'scatterAdder', role: 'scatter', latency: scatter, interval: this.#constants.interval('scatterAdder', scatter), shared: null, actions: [use('scatterAdder', 'add', vectors * partial)] },
        ...this.#errorOut(inputs, layer.inPositions * layer.steps * this.#words(layer.inShape.c), backward.copies * layer.inShape.c, this.#difference(vectors * partial), producers, steps),
      ],
    };
  }

  /** G_l: d_{l-1} stands in the arrays, the error streams through, gradients accumulate (PipeLayer Sec. 4.4.1). */
  gradient({ layer, gradient }: LayerPlan & { gradient: NonNullable<LayerPlan['gradient']> }): PassChain {
    const { pass, vectors, steps } = gradient;
    const { matrix } = pass;
    const columns = matrix.columns * matrix.groups;
    const rows = matrix.rows * matrix.groups;
    const conversions = vectors * matrix.sensedColumnsPerRowTile * matrix.rowTiles * this.#slots;
    const accumulate = this.#constants.latency('gradientAdder');
    const written = use('crossbar', 'write', gradient.writtenValues * matrix.slices * gradient.copies);
    const rowWrites = Math.ceil(Math.min(matrix.rows, this.#config.crossbar.rows) / this.#config.crossbar.writeRows);
    const crossbar = this.#crossbar(pass, `gradient:${layer.name}`, this.#slots, [...this.#forwardReads(matrix, vectors), written]);
    // Row by row before the error streams: spread over the waves, so that all of them together wait for the whole write.
    const serial = this.#config.gradient.write === 'serial' ? Math.ceil((rowWrites * this.#constants.writeTicks) / steps) : 0;
    return {
      waves: steps,
      serial: false,
      driven: { vectors, rows, columns },
      units: [
        this.#bufferRead(gradient.copies * rows, vectors * this.#words(rows), [use('controller', 'issue', steps)]),
        { ...crossbar, latency: crossbar.latency + serial, interval: crossbar.interval + serial },
        this.#sensing(conversions),
        this.#shiftAdd(conversions, this.#offset(vectors * columns * matrix.rowTiles, 0)),
        ...this.#verticalAdder(matrix.rowTiles, vectors * columns * (matrix.rowTiles - 1) * matrix.signs),
        {
          component: 'gradientAdder', role: 'accumulate', latency: accumulate, interval: this.#constants.interval('gradientAdder', accumulate), shared: null,
          actions: [use('gradientAdder', 'add', vectors * columns), ...this.#difference(vectors * columns)],
        },
      ],
    };
  }

  /** E: the output's difference to the label becomes the error of the last layer. */
  outputError(output: WeightLayer): PassChain {
    const values = output.pooledNeurons;
    return {
      waves: 1, serial: false, driven: null,
      units: [this.#bufferRead(values, this.#words(values), [use('controller', 'issue', 1)]), this.#activation([use('activation', 'subtract', values)]), this.#bufferWrite(values, this.#words(values))],
    };
  }

  /** U: every array row of the weights is read, less the averaged gradient, and written back; all arrays at once, row after row. */
  update(plans: readonly LayerPlan[]): PassChain {
    const { crossbar } = this.#config;
    const waves = Math.ceil(crossbar.rows / crossbar.writeRows);
    const actions: ActionUse[] = [];
    for (const { layer, forward, backward, transposed } of plans) {
      const matrices = [forward, ...(backward !== null && !transposed ? [backward] : [])];
      actions.push(use('gradientAdder', 'read', layer.weights), use('activation', 'subtract', layer.weights));
      for (const { matrix, copies } of matrices) {
        actions.push(use('crossbar', 'write', matrix.weightCells * copies));
        actions.push(use('crossbar', 'read', this.#readsOf(matrix.rows * matrix.groups * matrix.columnTiles * matrix.arraysPerLogical, matrix.weightCells, matrix.physicalArrays)));
      }
    }
    const accumulate = this.#constants.latency('gradientAdder');
    const { writeTicks } = this.#constants;
    return {
      waves, serial: false, driven: null,
      units: [
        { component: 'gradientAdder', role: 'read gradient', latency: accumulate, interval: this.#constants.interval('gradientAdder', accumulate), shared: null, actions: actions.filter(({ component }) => component === 'gradientAdder') },
        this.#activation([...actions.filter(({ component }) => component === 'activation'), use('controller', 'issue', waves)]),
        { component: 'crossbar', role: 'write weights', latency: writeTicks, interval: writeTicks, shared: null, actions: actions.filter(({ component }) => component === 'crossbar') },
      ],
    };
  }

  /** X: the perturbation is updated, masked, clipped and written. */
  perturb(elements: number): PassChain {
    const latency = this.#constants.latency('optimizer');
    return {
      waves: 1, serial: false, driven: null,
      units: [
        { component: 'optimizer', role: 'update', latency, interval: this.#constants.interval('optimizer', latency), shared: null, actions: [use('optimizer', 'update', elements), use('controller', 'issue', 1)] },
        this.#bufferWrite(elements, this.#words(elements)),
      ],
    };
  }

  #words(values: number): number {
    return words(values, this.#config.inputs.bits, this.#config.buffers.wordBits);
  }

  #portSteps(valuesAtOnce: number): number {
    const { portBits } = this.#config.buffers;
    return portBits === undefined ? 1 : Math.ceil((valuesAtOnce * this.#config.inputs.bits) / portBits);
  }

  #bufferRead(valuesAtOnce: number, reads: number, more: ActionUse[] = []): ChainUnit {
    const latency = this.#constants.latency('buffer') * this.#portSteps(valuesAtOnce);
    return { component: 'buffer', role: 'read', latency, interval: this.#constants.interval('buffer', latency), shared: null, actions: [use('buffer', 'read', reads), ...more] };
  }

  #bufferWrite(valuesAtOnce: number, writes: number): ChainUnit {
    const latency = this.#constants.writeLatency('buffer') * this.#portSteps(valuesAtOnce);
    return { component: 'buffer', role: 'write', latency, interval: latency, shared: null, actions: [use('buffer', 'write', writes)] };
  }

  #bus(role: string, valuesAtOnce: number, values: number): ChainUnit[] {
    const { bus } = this.#config.links;
    if (!bus.used) return [];
    const { bits } = this.#config.inputs;
    const latency = this.#constants.latency('bus') * (bus.bits === undefined ? 1 : Math.ceil((valuesAtOnce * bits) / bus.bits));
    return [{ component: 'bus', role, latency, interval: this.#constants.interval('bus', latency), shared: bus.shared ? 'bus' : null, actions: [use('bus', 'transfer', values * bits)] }];
  }

  #route(vectors: number, values: number): ActionUse[] {
    const { router } = this.#config.links;
    return router.used ? [use('router', 'flit', vectors * words(values, this.#config.inputs.bits, router.flitBits))] : [];
  }

  #registers(values: number): ActionUse[] {
    return this.#constants.parameters('register') === undefined ? [] : [use('register', 'access', values)];
  }

  #elementwise(values: number): ActionUse[] {
    return values === 0 ? [] : [use('add', 'add', values)];
  }

  #crossbar(pass: PassPlan, server: string, slots: number, actions: ActionUse[]): ChainUnit {
    const ticks = slots * this.slotTicks;
    return { component: 'crossbar', role: `${pass.copies}x${pass.matrix.logicalArrays} arrays`, latency: ticks, interval: ticks, shared: server, actions };
  }

  #forwardReads(matrix: PassPlan['matrix'], vectors: number): ActionUse[] {
    const drives = matrix.columnTiles * matrix.arraysPerLogical;
    return this.#crossbarReads(vectors, matrix.physicalArrays * this.#slots, drives, matrix.sensedColumnsPerRowTile / matrix.groups, vectors * matrix.rows * matrix.groups * this.#slots * drives);
  }

  /**
   * Reads and drives of a pass. `drives`: physical lines that a driven one reaches; `crossed`: cells that it crosses; `settings`: lines set,
   * ones and zeros alike.
   */
  #crossbarReads(vectors: number, arraySlots: number, drives: number, crossed: number, settings: number): ActionUse[] {
    const { per } = this.#constants.device.read;
    const read = per === 'array' ? use('crossbar', 'read', vectors * arraySlots) : driven('crossbar', 'read', per === 'cell' ? crossed : drives);
    return [read, this.#config.driver.kind === 'spike' ? driven('spikeDriver', 'spike', drives) : use('dac', 'convert', settings)];
  }

  #readsOf(lines: number, cells: number, arrays: number): number {
    const { per } = this.#constants.device.read;
    return per === 'array' ? arrays : per === 'cell' ? cells : lines;
  }

  #sensing(conversions: number): ChainUnit {
    const component = sensingOf(this.#config);
    const latency = this.#constants.has(component, 'latency') ? this.#constants.latency(component) : this.slotTicks;
    const action = component === 'adc' ? 'convert' : 'integrate';
    const hold = component === 'adc' ? [use('sampleHold', 'hold', conversions)] : [];
    return { component, role: 'sense', latency, interval: latency, shared: null, actions: [use(component, action, conversions), ...hold] };
  }

  #shiftAdd(conversions: number, offset: ActionUse[]): ChainUnit {
    const step = this.#constants.has('shiftAdd', 'latency') ? this.#constants.latency('shiftAdd') : this.slotTicks;
    const steps = this.#config.weights.sign === 'offset' ? 1 + this.#config.weights.offsetSteps : 1;
    return { component: 'shiftAdd', role: 'join slots and slices', latency: steps * step, interval: step, shared: null, actions: [use('shiftAdd', 'shift-add', conversions), ...offset] };
  }

  #offset(results: number, drivenValues: number): ActionUse[] {
    if (this.#config.weights.sign !== 'offset') return [];
    return [use('shiftAdd', 'subtract-offset', results), ...(drivenValues > 0 ? [use('shiftAdd', 'sum-inputs', drivenValues)] : [])];
  }

  #verticalAdder(tiles: number, adds: number): ChainUnit[] {
    const { adderLevels } = this.#config.mapping;
    const levels = adderLevels === 'log2' ? Math.ceil(Math.log2(tiles)) : adderLevels;
    if (levels === 0) return [];
    const level = this.#constants.latency('verticalAdder');
    return [{ component: 'verticalAdder', role: `${levels} levels`, latency: levels * level, interval: level, shared: null, actions: adds === 0 ? [] : [use('verticalAdder', 'add', adds)] }];
  }

  #difference(values: number): ActionUse[] {
    return this.#config.weights.sign === 'differential' ? [use('activation', 'subtract', values)] : [];
  }

  #activation(actions: ActionUse[]): ChainUnit {
    const latency = this.#constants.latency('activation');
    return { component: 'activation', role: 'activate', latency, interval: this.#constants.interval('activation', latency), shared: null, actions };
  }

  #pool(layer: WeightLayer, values: number, indexed: boolean): ChainUnit {
    const { kernel } = layer.pools[0]!.window;
    const compare = use('pooling', 'compare', values);
    const actions = indexed ? [compare, use('pooling', 'index', values)] : [compare];
    if (this.#config.pooling.kind === 'register') {
      const latency = this.#constants.latency('pooling');
      return { component: 'pooling', role: 'running maximum', latency, interval: this.#constants.interval('pooling', latency), shared: null, actions };
    }
    // ISAAC Fig. 4b: the window's values are read back one a cycle, then the maximum is written.
    const latency = kernel.h * kernel.w * this.#constants.latency('buffer') + this.#constants.writeLatency('buffer');
    const pooled = this.#words(layer.pooledNeurons);
    return { component: 'pooling', role: 'read window, write maximum', latency, interval: latency, shared: null, actions: [...actions, use('buffer', 'read', this.#words(values)), use('buffer', 'write', pooled)] };
  }

  /** Reads the error and, for f' and arg-max, the producers' neurons or masks. */
  #errorRead(valuesAtOnce: number, reads: number, layer: WeightLayer, producers: readonly WeightLayer[]): ChainUnit {
    const { inputs, buffers, neurons } = this.#config;
    const kept = producers.reduce((sum, p) => sum + (neurons === 'kept' ? this.#words(storedNeurons(p, this.#config)) : Math.ceil(maskBits(p, inputs.bits) / buffers.wordBits)), 0);
    const meeting = Math.max(0, layer.consumers.length - 1) * layer.pooledNeurons;
    return this.#bufferRead(valuesAtOnce, reads + kept, this.#elementwise(meeting));
  }

  #errorOut(errors: number, writes: number, valuesAtOnce: number, difference: ActionUse[], producers: readonly WeightLayer[], steps: number): ChainUnit[] {
    const masked = producers.some(({ activation }) => activation !== 'none');
    const routed = producers.some(({ pools }) => pools.length > 0);
    const pooling = this.#constants;
    return [
      this.#activation([...difference, ...(masked ? [use('activation', 'mask', errors)] : []), use('controller', 'issue', steps)]),
      ...(routed
        ? [{ component: 'pooling' as const, role: 'route errors', latency: pooling.latency('pooling'), interval: pooling.interval('pooling', pooling.latency('pooling')), shared: null, actions: [use('pooling', 'route', errors)] }]
        : []),
      this.#bufferWrite(valuesAtOnce, writes),
    ];
  }
}

const use = (component: ComponentName, action: string, times: number): ActionUse => ({ component, action, times, driven: false });

const driven = (component: ComponentName, action: string, times: number): ActionUse => ({ component, action, times, driven: true });
