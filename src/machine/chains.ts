// The chains of crossbar passes: drivers, crossbar, sensing, shift&add, vertical adder (model.md sections 4 and 5).

import type { Config } from '../run-config/index.js';
import type { Constants } from '../components/index.js';
import { InvariantError } from '../kernel/index.js';
import type { LayerPlan, PassPlan } from '../mapping/index.js';
import type { WeightLayer } from '../workload/index.js';
import {
  ChainUnits,
  driven,
  sensingOf,
  use,
  type ActionUse,
  type Chains,
  type ChainUnit,
  type PassChain,
} from './chain-units.js';

/** The chains of a machine of crossbars. */
export class CrossbarChains extends ChainUnits implements Chains {
  readonly #slots: number;
  /** Ticks between slots: the slower of a read and the conversions of one converter (model.md section 5). */
  readonly slotTicks: number;

  constructor(config: Config, constants: Constants, crossings: ReadonlySet<number>) {
    super(config, constants, crossings);
    this.#slots = Math.ceil(config.inputs.bits / config.inputs.bitsPerSlot);
    const { rate, columnsPerConverter } = config.sensing;
    const conversion = rate === undefined ? 0 : constants.secondsToTicks(columnsPerConverter / rate);
    this.slotTicks = Math.max(constants.readTicks, conversion);
  }

  /** F_l: buffer, crossbar, sensing, shift&add, vertical adder, activation, pool, buffer. */
  forward(plan: LayerPlan): PassChain {
    const { layer, forward } = plan;
    const { matrix, vectors, steps } = forward;
    const rows = matrix.rows * matrix.groups;
    const columns = matrix.columns * matrix.groups;
    const conversions = vectors * matrix.sensedColumnsPerRowTile * matrix.rowTiles * this.#slots;
    return {
      waves: steps,
      serial: forward.serial,
      driven: { vectors, rows, columns },
      units: [
        ...this.chipLinkUnit(layer, steps),
        ...this.bus('in', forward.copies * rows, vectors * rows),
        this.bufferRead(forward.copies * rows, vectors * this.words(rows), [
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
  backward(plan: LayerPlan, producers: readonly WeightLayer[]): PassChain {
    const { backward, transposed } = plan;
    if (backward === null) throw new InvariantError(`layer ${plan.layer.name} has no backward pass`);
    return transposed
      ? this.#backwardShared(plan, backward, producers)
      : this.#backwardDedicated(plan, backward, producers);
  }

  /** B_l on its own arrays: the padded error meets the rotated kernel at every input position (PipeLayer Sec. 4.3). */
  #backwardDedicated(plan: LayerPlan, backward: PassPlan, producers: readonly WeightLayer[]): PassChain {
    const { matrix, vectors, steps } = backward;
    const rows = matrix.rows * matrix.groups;
    const columns = matrix.columns * matrix.groups;
    const conversions = vectors * matrix.sensedColumnsPerRowTile * matrix.rowTiles * this.#slots;
    return {
      waves: steps,
      serial: backward.serial,
      driven: { vectors, rows, columns },
      units: [
        ...this.chipLinkUnit(plan.layer, steps),
        this.errorRead(backward.copies * rows, vectors * this.words(rows), plan.layer, producers),
        this.crossbar(backward, `backward:${plan.layer.name}`, this.#slots, this.forwardReads(matrix, vectors)),
        this.sensing(conversions),
        this.shiftAdd(conversions, this.offset(vectors * columns * matrix.rowTiles, 0)),
        ...this.verticalAdder(matrix.rowTiles, vectors * columns * (matrix.rowTiles - 1) * matrix.signs),
        ...this.errorOut(
          plan.layer,
          vectors * columns,
          vectors * this.words(columns),
          backward.copies * columns,
          this.difference(vectors * columns),
          producers,
          steps,
        ),
      ],
    };
  }

  /**
   * B_l on the forward arrays: driven on the columns, sensed on the rows, one transposed read for each output position,
   * partial errors
   * scatter-added. Slices in neighbouring columns add up on the same row, so they are driven one after the other.
   */
  #backwardShared(plan: LayerPlan, backward: PassPlan, producers: readonly WeightLayer[]): PassChain {
    const { layer } = plan;
    const { matrix, vectors, steps } = backward;
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
      waves: steps,
      serial: backward.serial,
      driven: { vectors, rows: lines, columns: partial },
      units: [
        ...this.chipLinkUnit(layer, steps),
        this.errorRead(backward.copies * lines, vectors * this.words(lines), layer, producers),
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
          backward.copies * layer.inShape.c,
          this.difference(vectors * partial),
          producers,
          steps,
        ),
      ],
    };
  }

  /** G_l: d_{l-1} stands in the arrays, the error streams through, gradients accumulate (PipeLayer Sec. 4.4.1). */
  gradient({ layer, gradient }: LayerPlan): PassChain {
    if (gradient === null) throw new InvariantError(`layer ${layer.name} has no gradient pass`);
    const { pass, vectors, steps } = gradient;
    const { matrix } = pass;
    const columns = matrix.columns * matrix.groups;
    const rows = matrix.rows * matrix.groups;
    const conversions = vectors * matrix.sensedColumnsPerRowTile * matrix.rowTiles * this.#slots;
    const accumulate = this.constants.latency('gradientAdder');
    const written = use('crossbar', 'write', gradient.writtenValues * matrix.slices * gradient.copies);
    const rowWrites = Math.ceil(Math.min(matrix.rows, this.config.crossbar.rows) / this.config.crossbar.writeRows);
    const crossbar = this.crossbar(pass, `gradient:${layer.name}`, this.#slots, [
      ...this.forwardReads(matrix, vectors),
      written,
    ]);
    // Row by row before the error streams: spread over the waves, so that all of them together wait for the whole
    // write.
    const serial =
      this.config.gradient.write === 'serial' ? Math.ceil((rowWrites * this.constants.writeTicks) / steps) : 0;
    return {
      waves: steps,
      serial: false,
      driven: { vectors, rows, columns },
      units: [
        this.bufferRead(gradient.copies * rows, vectors * this.words(rows), [use('controller', 'issue', steps)]),
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
  update(plans: readonly LayerPlan[]): PassChain {
    const { crossbar } = this.config;
    const waves = Math.ceil(crossbar.rows / crossbar.writeRows);
    const actions: ActionUse[] = [];
    for (const { layer, forward, backward, transposed } of plans) {
      const matrices = [forward, ...(backward !== null && !transposed ? [backward] : [])];
      actions.push(use('gradientAdder', 'read', layer.weights), use('activation', 'subtract', layer.weights));
      for (const { matrix, copies } of matrices) {
        actions.push(use('crossbar', 'write', matrix.weightCells * copies));
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

  protected crossbar(pass: PassPlan, server: string, slots: number, actions: ActionUse[]): ChainUnit {
    const ticks = slots * this.slotTicks;
    return {
      component: 'crossbar',
      role: `${pass.copies}x${pass.matrix.logicalArrays} arrays`,
      latency: ticks,
      interval: ticks,
      shared: server,
      actions,
    };
  }

  protected forwardReads(matrix: PassPlan['matrix'], vectors: number): ActionUse[] {
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
  protected crossbarReads(
    vectors: number,
    arraySlots: number,
    drives: number,
    crossed: number,
    settings: number,
  ): ActionUse[] {
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

  protected readsOf(lines: number, cells: number, arrays: number): number {
    const { per } = this.constants.device.read;
    return per === 'array' ? arrays : per === 'cell' ? cells : lines;
  }

  protected sensing(conversions: number): ChainUnit {
    const component = sensingOf(this.config);
    const latency = this.constants.has(component, 'latency') ? this.constants.latency(component) : this.slotTicks;
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

  protected shiftAdd(conversions: number, offset: ActionUse[]): ChainUnit {
    const step = this.constants.has('shiftAdd', 'latency') ? this.constants.latency('shiftAdd') : this.slotTicks;
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

  protected offset(results: number, drivenValues: number): ActionUse[] {
    if (this.config.weights.sign !== 'offset') return [];
    return [
      use('shiftAdd', 'subtract-offset', results),
      ...(drivenValues > 0 ? [use('shiftAdd', 'sum-inputs', drivenValues)] : []),
    ];
  }

  protected verticalAdder(tiles: number, adds: number): ChainUnit[] {
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

  protected difference(values: number): ActionUse[] {
    return this.config.weights.sign === 'differential' ? [use('activation', 'subtract', values)] : [];
  }
}
