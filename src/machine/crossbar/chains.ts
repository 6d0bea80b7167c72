// The chains of crossbar passes: drivers, crossbar, sensing, shift&add, vertical adder (model.md sections 4 and 5).

import type { Config } from '../../run-config/index.js';
import type { ComponentName, Constants } from '../../components/index.js';
import { InvariantError } from '../../kernel/index.js';
import type { ArrayPass, LayerPlan } from '../../mapping/index.js';
import type { WeightLayer } from '../../workload/index.js';
import { ChainUnits, driven, use, type ActionUse, type ChainUnit, type PassChain } from '../chain-units.js';
import type { LayerChains } from '../machine-types.js';

type ArrayPlan = LayerPlan<ArrayPass>;

/** Component that senses the lines. */
export const sensingOf = (config: Config): ComponentName =>
  (({ adc: 'adc', 'integrate-fire': 'integrateFire', 'spin-neuron': 'spinNeuron' }) as const)[config.sensing.kind];

/** Component that drives the lines. */
export const driverOf = (config: Config): ComponentName => (config.driver.kind === 'dac' ? 'dac' : 'spikeDriver');

/** Ticks between slots: the slower of a read and the conversions of one converter (model.md section 5). */
export function slotTicksOf({ sensing }: Config, constants: Constants): number {
  const { rate, columnsPerConverter } = sensing;
  const conversion = rate === undefined ? 0 : constants.secondsToTicks(columnsPerConverter / rate);
  return Math.max(constants.readTicks, conversion);
}

/** The chains of a machine of crossbars. */
export class CrossbarChains extends ChainUnits implements LayerChains {
  readonly #slots: number;
  readonly #plans: ReadonlyMap<number, ArrayPlan>;
  readonly #slotTicks: number;

  constructor(
    config: Config,
    constants: Constants,
    crossings: ReadonlySet<number>,
    plans: ReadonlyMap<number, ArrayPlan>,
    slotTicks: number,
  ) {
    super(config, constants, crossings);
    this.#slots = Math.ceil(config.inputs.bits / config.inputs.bitsPerSlot);
    this.#plans = plans;
    this.#slotTicks = slotTicks;
  }

  /** F_l: buffer, crossbar, sensing, shift&add, vertical adder, activation, pool, buffer. */
  forward(layerIndex: number): PassChain {
    const plan = this.#plans.get(layerIndex)!;
    const { layer, forward } = plan;
    const { matrix, vectors, waves } = forward;
    const rows = matrix.rows * matrix.groups;
    const columns = matrix.columns * matrix.groups;
    const conversions = vectors * matrix.sensedColumnsPerRowTile * matrix.rowTiles * this.#slots;
    return {
      waves,
      serial: forward.serial,
      driven: { vectors, rows, columns },
      units: [
        ...this.chipLinkUnit(layer, waves),
        ...this.bus('in', forward.replication * rows, vectors * rows),
        this.bufferRead(forward.replication * rows, vectors * this.words(rows), [
          ...this.elementwise(layer.adds),
          ...this.optional('dispatch', 'send', vectors * rows * matrix.columnTiles * matrix.arraysPerLogical),
        ]),
        this.crossbar(forward, `arrays:${layer.name}`, this.#slots, this.forwardReads(matrix, vectors)),
        this.sensing(conversions),
        this.shiftAdd(conversions, this.offset(vectors * columns * matrix.rowTiles, 0)),
        ...this.verticalAdder(matrix.rowTiles, vectors * columns * (matrix.rowTiles - 1) * matrix.signs),
        ...this.forwardOut(plan, this.difference(vectors * columns), columns),
      ],
    };
  }

  /** B_l, on arrays of its own or on the forward arrays read transposed. */
  backward(layerIndex: number, producers: readonly WeightLayer[]): PassChain {
    const plan = this.#plans.get(layerIndex)!;
    const { backward, transposed } = plan;
    if (backward === null) throw new InvariantError(`layer ${plan.layer.name} has no backward pass`);
    return transposed
      ? this.#backwardShared(plan, backward, producers)
      : this.#backwardDedicated(plan, backward, producers);
  }

  /** B_l on its own arrays: the padded error meets the rotated kernel at every input position (PipeLayer Sec. 4.3). */
  #backwardDedicated(plan: ArrayPlan, backward: ArrayPass, producers: readonly WeightLayer[]): PassChain {
    const { matrix, vectors, waves } = backward;
    const rows = matrix.rows * matrix.groups;
    const columns = matrix.columns * matrix.groups;
    const conversions = vectors * matrix.sensedColumnsPerRowTile * matrix.rowTiles * this.#slots;
    return {
      waves,
      serial: backward.serial,
      driven: { vectors, rows, columns },
      units: [
        ...this.chipLinkUnit(plan.layer, waves),
        this.errorRead(backward.replication * rows, vectors * this.words(rows), plan.layer, producers),
        this.crossbar(backward, `backward:${plan.layer.name}`, this.#slots, this.forwardReads(matrix, vectors)),
        this.sensing(conversions),
        this.shiftAdd(conversions, this.offset(vectors * columns * matrix.rowTiles, 0)),
        ...this.verticalAdder(matrix.rowTiles, vectors * columns * (matrix.rowTiles - 1) * matrix.signs),
        ...this.errorOut(
          plan.layer,
          vectors * columns,
          vectors * this.words(columns),
          backward.replication * columns,
          this.difference(vectors * columns),
          producers,
          waves,
        ),
      ],
    };
  }

  /**
   * B_l on the forward arrays: driven on the columns, sensed on the rows, one transposed read for each output position,
   * partial errors
   * scatter-added. Slices in neighbouring columns add up on the same row, so they are driven one after the other.
   */
  #backwardShared(plan: ArrayPlan, backward: ArrayPass, producers: readonly WeightLayer[]): PassChain {
    const { layer } = plan;
    const { matrix, vectors, waves } = backward;
    const inColumns = this.config.weights.slices === 'columns' ? matrix.slices : 1;
    const slots = this.#slots * inColumns;
    const lines = matrix.columns * matrix.groups;
    const partial = matrix.rows * matrix.groups;
    const conversions = vectors * partial * matrix.columnTiles * matrix.arraysPerLogical * slots;
    const drives = matrix.rowTiles * matrix.arraysPerLogical * inColumns;
    const read = this.crossbarReads(
      vectors,
      matrix.physicalArrays * slots,
      drives,
      matrix.rows * matrix.arraysPerLogical * inColumns,
      vectors * lines * slots * matrix.rowTiles * matrix.arraysPerLogical,
    );
    const scatter = this.constants.latency('scatterAdder');
    const inputs = layer.inShape.c * layer.inPositions * layer.steps;
    return {
      waves,
      serial: backward.serial,
      driven: { vectors, rows: lines, columns: partial },
      units: [
        ...this.chipLinkUnit(layer, waves),
        this.errorRead(backward.replication * lines, vectors * this.words(lines), layer, producers),
        this.crossbar(backward, `arrays:${layer.name}`, slots, read),
        this.sensing(conversions),
        this.shiftAdd(conversions, this.offset(vectors * partial * matrix.columnTiles, vectors * lines)),
        ...this.verticalAdder(matrix.columnTiles, vectors * partial * (matrix.columnTiles - 1) * matrix.signs),
        {
          component: 'scatterAdder',
          role: 'scatter',
          latency: scatter,
          interval: this.constants.interval('scatterAdder', scatter),
          shared: null,
          actions: [use('scatterAdder', 'add', vectors * partial)],
        },
        ...this.errorOut(
          layer,
          inputs,
          layer.inPositions * layer.steps * this.words(layer.inShape.c),
          backward.replication * layer.inShape.c,
          this.difference(vectors * partial),
          producers,
          waves,
        ),
      ],
    };
  }

  /** G_l: d_{l-1} stands in the arrays, the error streams through, gradients accumulate (PipeLayer Sec. 4.4.1). */
  gradient(layerIndex: number): PassChain {
    const { layer, gradient } = this.#plans.get(layerIndex)!;
    if (gradient === null) throw new InvariantError(`layer ${layer.name} has no gradient pass`);
    const { pass } = gradient;
    const { matrix, vectors, waves, replication } = pass;
    const columns = matrix.columns * matrix.groups;
    const rows = matrix.rows * matrix.groups;
    const conversions = vectors * matrix.sensedColumnsPerRowTile * matrix.rowTiles * this.#slots;
    const accumulate = this.constants.latency('gradientAdder');
    const written = use('crossbar', 'write', matrix.rows * columns * matrix.slices * replication);
    const rowWrites = Math.ceil(Math.min(matrix.rows, this.config.crossbar.rows) / this.config.crossbar.writeRows);
    const crossbar = this.crossbar(pass, `gradient:${layer.name}`, this.#slots, [
      ...this.forwardReads(matrix, vectors),
      written,
    ]);
    // Row by row before the error streams: spread over the waves, so that all of them together wait for the whole
    // write.
    const serial =
      this.config.gradient.write === 'serial' ? Math.ceil((rowWrites * this.constants.writeTicks) / waves) : 0;
    return {
      waves,
      serial: false,
      driven: { vectors, rows, columns },
      units: [
        this.bufferRead(replication * rows, vectors * this.words(rows), [use('controller', 'issue', waves)]),
        { ...crossbar, latency: crossbar.latency + serial, interval: crossbar.interval + serial },
        this.sensing(conversions),
        this.shiftAdd(conversions, this.offset(vectors * columns * matrix.rowTiles, 0)),
        ...this.verticalAdder(matrix.rowTiles, vectors * columns * (matrix.rowTiles - 1) * matrix.signs),
        {
          component: 'gradientAdder',
          role: 'accumulate',
          latency: accumulate,
          interval: this.constants.interval('gradientAdder', accumulate),
          shared: null,
          actions: [use('gradientAdder', 'add', vectors * columns), ...this.difference(vectors * columns)],
        },
      ],
    };
  }

  /**
   * U: every array row of the weights is read, less the averaged gradient, and written back; all arrays at once, row
   * after row.
   */
  update(): PassChain {
    const { crossbar } = this.config;
    const waves = Math.ceil(crossbar.rows / crossbar.writeRows);
    const actions: ActionUse[] = [];
    for (const { layer, forward, backward, transposed } of this.#plans.values()) {
      const matrices = [forward, ...(backward !== null && !transposed ? [backward] : [])];
      actions.push(use('gradientAdder', 'read', layer.weights), use('activation', 'subtract', layer.weights));
      for (const { matrix, replication } of matrices) {
        actions.push(use('crossbar', 'write', matrix.weightCells * replication));
        actions.push(
          use(
            'crossbar',
            'read',
            this.readsOf(
              matrix.rows * matrix.groups * matrix.columnTiles * matrix.arraysPerLogical,
              matrix.weightCells,
              matrix.physicalArrays,
            ),
          ),
        );
      }
    }
    const accumulate = this.constants.latency('gradientAdder');
    const { writeTicks } = this.constants;
    return {
      waves,
      serial: false,
      driven: null,
      units: [
        {
          component: 'gradientAdder',
          role: 'read gradient',
          latency: accumulate,
          interval: this.constants.interval('gradientAdder', accumulate),
          shared: null,
          actions: actions.filter(({ component }) => component === 'gradientAdder'),
        },
        this.activation([
          ...actions.filter(({ component }) => component === 'activation'),
          use('controller', 'issue', waves),
        ]),
        {
          component: 'crossbar',
          role: 'write weights',
          latency: writeTicks,
          interval: writeTicks,
          shared: null,
          actions: actions.filter(({ component }) => component === 'crossbar'),
        },
      ],
    };
  }

  crossbar(pass: ArrayPass, server: string, slots: number, actions: ActionUse[]): ChainUnit {
    const ticks = slots * this.#slotTicks;
    return {
      component: 'crossbar',
      role: `${pass.replication}x${pass.matrix.logicalArrays} arrays`,
      latency: ticks,
      interval: ticks,
      shared: server,
      actions,
    };
  }

  forwardReads(matrix: ArrayPass['matrix'], vectors: number): ActionUse[] {
    const drives = matrix.columnTiles * matrix.arraysPerLogical;
    return this.crossbarReads(
      vectors,
      matrix.physicalArrays * this.#slots,
      drives,
      matrix.sensedColumnsPerRowTile / matrix.groups,
      vectors * matrix.rows * matrix.groups * this.#slots * drives,
    );
  }

  /**
   * Reads and drives of a pass. `drives`: physical lines that a driven one reaches; `crossed`: cells that it crosses;
   * `settings`: lines set,
   * ones and zeros alike.
   */
  crossbarReads(vectors: number, arraySlots: number, drives: number, crossed: number, settings: number): ActionUse[] {
    const { per } = this.constants.device.read;
    const read =
      per === 'array'
        ? use('crossbar', 'read', vectors * arraySlots)
        : driven('crossbar', 'read', per === 'cell' ? crossed : drives);
    return [
      read,
      this.config.driver.kind === 'spike' ? driven('spikeDriver', 'spike', drives) : use('dac', 'convert', settings),
    ];
  }

  readsOf(lines: number, cells: number, arrays: number): number {
    const { per } = this.constants.device.read;
    return per === 'array' ? arrays : per === 'cell' ? cells : lines;
  }

  sensing(conversions: number): ChainUnit {
    const component = sensingOf(this.config);
    const latency = this.constants.has(component, 'latency') ? this.constants.latency(component) : this.#slotTicks;
    const action = { adc: 'convert', 'integrate-fire': 'integrate', 'spin-neuron': 'fire' }[this.config.sensing.kind];
    const hold = component === 'adc' ? [use('sampleHold', 'hold', conversions)] : [];
    return {
      component,
      role: 'sense',
      latency,
      interval: latency,
      shared: null,
      actions: [use(component, action, conversions), ...hold],
    };
  }

  shiftAdd(conversions: number, offset: ActionUse[]): ChainUnit {
    const step = this.constants.has('shiftAdd', 'latency') ? this.constants.latency('shiftAdd') : this.#slotTicks;
    const steps = this.config.weights.sign === 'offset' ? 1 + this.config.weights.offsetSteps : 1;
    return {
      component: 'shiftAdd',
      role: 'join slots and slices',
      latency: steps * step,
      interval: step,
      shared: null,
      actions: [use('shiftAdd', 'shift-add', conversions), ...offset],
    };
  }

  offset(results: number, drivenValues: number): ActionUse[] {
    if (this.config.weights.sign !== 'offset') return [];
    return [
      use('shiftAdd', 'subtract-offset', results),
      ...(drivenValues > 0 ? [use('shiftAdd', 'sum-inputs', drivenValues)] : []),
    ];
  }

  verticalAdder(tiles: number, adds: number): ChainUnit[] {
    const { adderLevels } = this.config.mapping;
    const levels = adderLevels === 'log2' ? Math.ceil(Math.log2(tiles)) : adderLevels;
    if (levels === 0) return [];
    const level = this.constants.latency('verticalAdder');
    return [
      {
        component: 'verticalAdder',
        role: `${levels} levels`,
        latency: levels * level,
        interval: level,
        shared: null,
        actions: adds === 0 ? [] : [use('verticalAdder', 'add', adds)],
      },
    ];
  }

  difference(values: number): ActionUse[] {
    return this.config.weights.sign === 'differential' ? [use('activation', 'subtract', values)] : [];
  }
}
