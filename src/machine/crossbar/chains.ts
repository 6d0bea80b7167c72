// The chains of crossbar passes: drivers, crossbar, sensing, shift&add, vertical adder (docs/model.md).

import {
  ceilOver,
  largestOfLayers,
  less,
  ofLayers,
  plus,
  smallest,
  times,
  type Count,
  type LayerPart,
} from '../../components/index.js';
import { InvariantError, mapped } from '../../kernel/index.js';
import type { ArrayPass, LayerPlan } from '../../mapping/index.js';
import { directionsOf, type Node, type VectorWork } from '../../workload/graph/index.js';
import type { WeightLayer } from '../../workload/index.js';
import { forLayer, use, wavesOf, type ActionUse, type ChainUnit, type PassChain } from '../chain.js';
import { NOTHING_JOINED, type JoinedBack } from '../backward-units.js';
import type { ChainInputs } from '../chain-units.js';
import { ArrayUnits, blocksOf, drivesOfVectors, groupsOf, linesOfArray, readsOfVectors } from './array-units.js';
import type { LayerChains } from '../machine-types.js';

type ArrayPlan = LayerPlan<ArrayPass>;

/** A layer's backward pass, the layers that made its inputs, and what is gone back through between them. */
interface ErrorsOfLayer {
  readonly layer: WeightLayer;
  readonly backward: ArrayPass;
  readonly producers: readonly WeightLayer[];
  readonly joined: JoinedBack;
}

/** The chains of a machine of crossbars. */
export class CrossbarChains extends ArrayUnits implements LayerChains {
  readonly #plans: ReadonlyMap<number, ArrayPlan>;

  constructor(inputs: ChainInputs, plans: ReadonlyMap<number, ArrayPlan>, slot: Count) {
    super(inputs, slot);
    this.#plans = plans;
  }

  /** Halves of a GRU's gates z and r that the arrays give apart, the reset behind the product, meet here too. */
  protected override workOf(node: Node): VectorWork {
    const work = super.workOf(node);
    const { operator } = node;
    if (operator.kind !== 'recurrent' || operator.cell !== 'gru' || !operator.linearBeforeReset) return work;
    const { shape } = this.graph.tensors[node.inputs[0]!]!;
    return { ...work, add: (work.add ?? 0) + 2 * operator.hidden * directionsOf(operator) * shape[0]! };
  }

  /** F_l: buffer, crossbar, sensing, shift&add, vertical adder, activation, pool, buffer. */
  forward(layerIndex: number): PassChain {
    const plan = this.#plans.get(layerIndex)!;
    const { layer, forward } = plan;
    const { matrix, vectors, waves, replication } = forward;
    const { groups, columnTiles, arraysPerLogical } = matrix;
    const lines = times({ rows: matrix.rows, groups });
    const results = times({ columns: matrix.columns, groups });
    const atOnce = this.valuesAtOnce(layer, times({ replication, values: lines }), waves);
    return {
      waves: wavesOf(forward),
      serial: forward.serial,
      driven: { vectors, rows: lines.value, columns: results.value, lines, ofArray: linesOfArray(forward) },
      units: [
        ...this.inputsIn(layer, waves),
        ...this.chipLinkUnit(layer, waves),
        ...this.bus('in', atOnce, this.valuesIn(layer, times({ vectors, values: lines }))),
        this.forwardRead(layer, atOnce, times({ vectors, words: this.words(lines) }), [
          ...this.joined('fetch', { vectors, rows: matrix.rows, groups, columnTiles, arraysPerLogical }),
          ...this.secondOperand(layer),
        ]),
        ...(layer.dynamic === null
          ? this.arrays(forward, `arrays:${layer.name}`)
          : this.#operandArrays(layer, forward)),
        ...this.forwardOut(plan, this.difference(forward), results),
      ],
    };
  }

  /** W_l: the rows of all arrays of the layer, one after the other; all its arrays at once. */
  load(layerIndex: number): PassChain {
    const { layer, forward } = this.#plans.get(layerIndex)!;
    const { matrix, replication } = forward;
    const { programmedCells } = matrix;
    const waves = ceilOver({ rowsWritten: this.#rowsWritten(matrix), writeRows: this.config.crossbar.writeRows });
    const { writeTime } = this.constants;
    const bits = times({ weights: this.heldWeights(layer), weightBits: this.config.weights.bits });
    return {
      waves,
      serial: false,
      driven: null,
      units: [
        ...this.outside('weights', { read: bits }, waves.value),
        {
          component: 'crossbar',
          role: 'write weights',
          latency: writeTime,
          interval: writeTime,
          shared: null,
          actions: [
            ...this.written(matrix, times({ programmedCells, replication }), { replication }),
            use('controller', 'issue', times({ waves })),
            ...(this.config.links.chip.used ? [use('chipLink', 'transfer', bits)] : []),
          ],
        },
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

  /** What errors pass on their way to the arrays: links, buffer, what is gone back through before the product. */
  #errorsIn(
    { layer, backward, producers, joined }: ErrorsOfLayer,
    lines: Count,
    fetches: readonly ActionUse[],
  ): ChainUnit[] {
    const { vectors, waves, replication } = backward;
    const valuesAtOnce = times({ replication, values: lines });
    return [
      ...this.chipLinkUnit(layer, waves),
      ...this.bus('in', valuesAtOnce, times({ vectors, values: lines })),
      this.errorRead(layer, producers, joined, {
        valuesAtOnce,
        errors: times({ vectors, words: this.words(lines) }),
        more: fetches,
      }),
      ...joined.units,
      ...this.errorForGradient(layer, joined, valuesAtOnce),
    ];
  }

  /** B_l on its own arrays: the padded error meets the rotated kernel at every input position (PipeLayer Sec. 4.3). */
  #backwardDedicated({ layer }: ArrayPlan, backward: ArrayPass, producers: readonly WeightLayer[]): PassChain {
    const { matrix, vectors, waves, replication } = backward;
    const { groups, columnTiles, arraysPerLogical } = matrix;
    const lines = times({ rows: matrix.rows, groups });
    const results = times({ columns: matrix.columns, groups });
    const difference = this.difference(backward);
    const joined = this.joinedBack(layer, waves);
    const outputs = times({ replication, values: results });
    return {
      waves: wavesOf(backward),
      serial: backward.serial,
      driven: { vectors, rows: lines.value, columns: results.value, lines, ofArray: linesOfArray(backward) },
      units: [
        ...this.#errorsIn(
          { layer, backward, producers, joined },
          lines,
          this.joined('fetch', { vectors, rows: matrix.rows, groups, columnTiles, arraysPerLogical }),
        ),
        ...this.arrays(backward, `backward:${layer.name}`),
        ...this.errorOut(
          layer,
          {
            errors: times({ vectors, columns: matrix.columns, groups }),
            writes: times({ vectors, words: this.words(results) }),
            valuesAtOnce: outputs,
            difference,
            waves,
            result: { vectors, inputs: lines, outputs: results, looked: times({ vectors, outputs: results }) },
            route: this.route(vectors, results),
          },
          producers,
          joined,
        ),
      ],
    };
  }

  /**
   * B_l on the forward arrays: driven on the columns, sensed on the rows, one transposed read for each output position,
   * partial errors scatter-added. Slices in neighbouring columns add up on the same row, so they are driven one after
   * the other.
   */
  #backwardShared({ layer }: ArrayPlan, backward: ArrayPass, producers: readonly WeightLayer[]): PassChain {
    const { matrix, vectors, waves, replication } = backward;
    const { rows, columns, groups, rowTiles, columnTiles, arraysPerLogical, signs } = matrix;
    const read = readsOfVectors(backward);
    const driven = drivesOfVectors(backward);
    const slicesInColumns = this.config.weights.slices === 'columns' ? matrix.slices : 1;
    const slots = slicesInColumns === 1 ? this.slots : times({ slots: this.slots, slicesInColumns });
    const lines = times({ columns, groups });
    const partial = times({ rows, groups });
    const conversions = times({ ...read, rows, groups, columnTiles, arraysPerLogical, slots });
    const scattered = times({ vectors, rows, groups });
    const reads = this.reads({
      perArray: { ...read, rowTiles, columnTiles, ...groupsOf(matrix), arraysPerLogical, slots },
      drives: { rowTiles, arraysPerLogical, slicesInColumns, ...driven },
      lines: { arraysPerLogical, slicesInColumns, ...driven },
      crossed: { rows, ...blocksOf(matrix), arraysPerLogical, slicesInColumns, ...driven },
      settings: { ...read, columns, groups, slots, rowTiles, arraysPerLogical },
    });
    const furtherTiles = less({ columnTiles, one: 1 });
    const joined = this.joinedBack(layer, waves);
    return {
      waves: wavesOf(backward),
      serial: backward.serial,
      driven: { vectors, rows: lines.value, columns: partial.value, lines, ofArray: linesOfArray(backward, true) },
      units: [
        ...this.#errorsIn(
          { layer, backward, producers, joined },
          lines,
          this.joined('fetch', { vectors, columns, groups, rowTiles, arraysPerLogical, slicesInColumns }),
        ),
        this.crossbar(backward, `arrays:${layer.name}`, slots, reads),
        this.sensing(conversions),
        this.shiftAdd(
          conversions,
          this.offset(times({ ...read, rows, groups, columnTiles }), times({ ...read, columns, groups })),
        ),
        ...this.verticalAdder({ columnTiles }, times({ ...read, rows, groups, furtherTiles, signs })),
        this.unit('scatterAdder', 'scatter', [use('scatterAdder', 'add', scattered)]),
        ...this.errorOut(
          layer,
          {
            errors: this.errorsOf(layer),
            writes: this.errorWords(layer),
            valuesAtOnce: times({ replication, inputChannels: layer.inShape.c }),
            difference: this.subtract(scattered),
            waves,
            result: { vectors, inputs: lines, outputs: partial, looked: scattered },
            route: this.route(layer.inPositions * layer.steps, times({ inputChannels: layer.inShape.c })),
          },
          producers,
          joined,
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
    const { rows, columns, groups, columnTiles, arraysPerLogical, weightCells } = matrix;
    const lines = times({ rows, groups });
    const atOnce = times({ replication, values: lines });
    const written = this.written(matrix, times({ weightCells, replication }), { replication });
    const joined = this.#plans.get(layerIndex)!.backward === null ? this.joinedBack(layer, waves) : NOTHING_JOINED;
    const results = times({ columns, groups });
    const [crossbar, ...sense] = this.arrays(pass, `gradient:${layer.name}`, written);
    return {
      waves: wavesOf(pass),
      serial: false,
      driven: { vectors, rows: lines.value, columns: columns * groups, lines, ofArray: linesOfArray(pass) },
      units: [
        // The layer's input goes to the arrays once, its errors vector by vector.
        ...this.bus(
          'in',
          atOnce,
          plus({ errors: times({ vectors, values: lines }), writes: times({ rows, columns, groups }) }),
        ),
        this.gradientRead(atOnce, times({ vectors, words: this.words(lines) }), joined, [
          use('controller', 'issue', times({ waves })),
          ...this.joined('fetch', { vectors, rows, groups, columnTiles, arraysPerLogical }),
        ]),
        ...joined.units,
        this.config.gradient.write === 'serial' ? this.#writtenFirst(crossbar, pass) : crossbar,
        ...sense,
        this.unit('gradientAdder', 'accumulate', [
          use('gradientAdder', 'add', times({ vectors, columns, groups })),
          ...this.difference(pass),
          ...joined.masks,
          ...this.joined('result', {
            vectors,
            inputs: lines,
            outputs: results,
            looked: times({ vectors, outputs: results }),
          }),
        ]),
        ...this.gradientsOut(layer, waves),
      ],
    };
  }

  /** Arrays of a product of two activations: the second operand is written into every copy before vectors are sent. */
  #operandArrays(layer: WeightLayer, pass: ArrayPass): ChainUnit[] {
    const { matrix, replication } = pass;
    const written = this.written(matrix, times({ weightCells: matrix.weightCells, replication }), { replication });
    const [crossbar, ...sense] = this.arrays(pass, `arrays:${layer.name}`, written);
    return [this.#writtenFirst(crossbar, pass), ...sense];
  }

  /**
   * Gradient arrays that are written row by row before the error streams: spread over the waves, so that all of them
   * together wait for the whole write.
   */
  #writtenFirst(crossbar: ChainUnit, { matrix, waves }: ArrayPass): ChainUnit {
    const rowWrites = ceilOver({ rowsWritten: this.#rowsWritten(matrix), writeRows: this.config.crossbar.writeRows });
    const write = times({ rowWrites, writeOfRow: this.constants.writeTime });
    const ticks = plus({ reads: crossbar.latency, share: ceilOver({ write, waves }) });
    return { ...crossbar, latency: ticks, interval: ticks };
  }

  /** Wordlines of the fullest array of a matrix, of all groups that share it. */
  #rowsWritten({ rows, groupsPerArray }: ArrayPass['matrix']): Count {
    return smallest({ rowsOfGroups: times({ rows, groupsPerArray }), arrayRows: this.config.crossbar.rows });
  }

  /**
   * U: every array row that holds weights is read, less the averaged gradient, and written back; all arrays at once,
   * row after row.
   */
  update(): PassChain {
    const deepest: LayerPart[] = [];
    const gradients: ActionUse[] = [];
    const differences: ActionUse[] = [];
    const cells: ActionUse[] = [];
    for (const { layer, forward, backward, transposed } of this.#plans.values()) {
      differences.push(...forLayer(layer, this.constantUpdates(layer)));
      if (layer.weights === 0) continue;
      const weights = this.heldWeights(layer);
      gradients.push(...forLayer(layer, [use('gradientAdder', 'read', weights)]));
      differences.push(...forLayer(layer, [use('activation', 'subtract', weights)]));
      const { name, index } = layer;
      const twice = backward === null || transposed ? [] : [backward];
      const partsOf = (count: (pass: ArrayPass) => Count): LayerPart[] => [
        { name, layer: index, use: 'forward', count: count(forward) },
        ...mapped(twice, (pass): LayerPart => ({ name, layer: index, use: 'backward', count: count(pass) })),
      ];
      const cellsOf = (count: (pass: ArrayPass) => Count): Count => ofLayers(partsOf(count));
      deepest.push(...partsOf(({ matrix }) => this.#rowsWritten(matrix)));
      const written = cellsOf(({ matrix: { weightCells }, replication }) => times({ weightCells, replication }));
      const read = cellsOf(({ matrix }) => this.readsOf(matrix));
      const rows = cellsOf(({ matrix: { rows: of, groups, columnTiles, arraysPerLogical }, replication }) =>
        times({ rows: of, groups, columnTiles, arraysPerLogical, replication }),
      );
      cells.push(
        ...forLayer(layer, [
          use('crossbar', 'write', written),
          ...this.joined('write', { cells: written, rows }),
          use('crossbar', 'read', read),
        ]),
      );
    }
    const { writeTime } = this.constants;
    // Where only constants of norms change, that takes a write.
    const rowsWritten = deepest.length === 0 ? 1 : largestOfLayers(deepest);
    const rowGroups = ceilOver({ rowsWritten, writeRows: this.config.crossbar.writeRows });
    return {
      waves: rowGroups,
      serial: false,
      driven: null,
      units: [
        ...this.gradientsBack([...this.#plans.values()], rowGroups.value),
        this.unit('gradientAdder', 'read gradient', gradients),
        this.activation([...differences, use('controller', 'issue', times({ waves: rowGroups }))]),
        {
          component: 'crossbar',
          role: 'write weights',
          latency: writeTime,
          interval: writeTime,
          shared: null,
          actions: cells,
        },
      ],
    };
  }
}
