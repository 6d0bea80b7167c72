// Units of a pass over arrays: crossbar, sensing, shift&add, vertical adder, with their reads, drives and conversions.

import {
  ceilOver,
  COMPONENTS,
  driverOf,
  less,
  levelsOf,
  plus,
  sensorOf,
  smallest,
  times,
  type Count,
  type Parts,
} from '../../components/index.js';
import type { ArrayPass } from '../../mapping/index.js';
import { driven, use, type ActionUse, type ChainUnit } from '../chain.js';
import { BackwardUnits } from '../backward-units.js';
import type { ChainInputs } from '../chain-units.js';
import { slotsOf } from './slots.js';

/** What crossbar passes share. */
export class ArrayUnits extends BackwardUnits {
  /** Slots of an input value, and the time of one. */
  protected readonly slots: Count;
  protected readonly slot: Count;
  /** Units of passes by their matrix, then by what else they depend on. */
  readonly #units = new Map<ArrayPass['matrix'], Map<string, PassUnits>>();

  constructor(inputs: ChainInputs, slot: Count) {
    super(inputs);
    this.slots = slotsOf(inputs.config);
    this.slot = slot;
  }

  /** Crossbar, sensing, shift&add and vertical adder of a pass that drives rows and senses columns. */
  protected arrays(pass: ArrayPass, server: string, more: readonly ActionUse[] = []): [ChainUnit, ...ChainUnit[]] {
    const [crossbar, ...sense] = this.#unitsOf(pass);
    return [{ ...crossbar, shared: server, actions: [...crossbar.actions, ...more] }, ...sense];
  }

  /** The same without a name of its own: passes that are alike have one. */
  #unitsOf(pass: ArrayPass): PassUnits {
    const { matrix, vectors, replication, reads } = pass;
    let units = this.#units.get(matrix);
    if (units === undefined) this.#units.set(matrix, (units = new Map<string, PassUnits>()));
    const key = `${vectors} ${replication} ${reads.readsPerVector} ${reads.drivesPerVector}`;
    let own = units.get(key);
    if (own === undefined) units.set(key, (own = this.#made(pass)));
    return own;
  }

  #made(pass: ArrayPass): PassUnits {
    const { matrix } = pass;
    const vectors = readsOfVectors(pass);
    const { rows, columns, groups, rowTiles, columnTiles, arraysPerLogical, signs } = matrix;
    const slots = this.slots;
    const drives = drivesOfVectors(pass);
    // Of a group alone in its arrays; of the blocks of an array where groups share it.
    const sensedColumns = this.sensedColumns(matrix, blocksOf(matrix), columnTiles);
    const conversions =
      matrix.groupsPerArray === 1
        ? times({ ...vectors, sensedColumns, groups, arraysPerLogical, rowTiles, slots })
        : times({
            ...vectors,
            sensedColumns: this.sensedColumns(matrix, { groups }, matrix.groupSets),
            arraysPerLogical,
            slots,
          });
    const reads = this.reads({
      perArray: { ...vectors, rowTiles, columnTiles, ...groupsOf(matrix), arraysPerLogical, slots },
      drives: { columnTiles, arraysPerLogical, ...drives },
      lines: { arraysPerLogical, ...drives },
      crossed: { sensedColumns, arraysPerLogical, ...drives },
      settings: { ...vectors, rows, groups, slots, columnTiles, arraysPerLogical },
    });
    return [
      this.crossbar(pass, null, slots, reads),
      this.sensing(conversions),
      this.shiftAdd(conversions, this.offset(times({ ...vectors, columns, groups, rowTiles }), null)),
      ...this.partialSums({ rowTiles }, { ...vectors, columns, groups, signs }),
    ];
  }

  /** Columns of these groups that are sensed in a row of tiles: the matrix's, and a reference column an array. */
  protected sensedColumns({ columns, slices }: ArrayPass['matrix'], groups: Parts, arrays: number): Count {
    const inColumns = this.config.weights.slices === 'columns';
    const physicalColumns = times({ columns, ...(inColumns ? { slicesInColumns: slices } : {}), ...groups });
    return this.config.weights.sign === 'offset'
      ? plus({ physicalColumns, referenceColumns: arrays })
      : physicalColumns;
  }

  protected crossbar(pass: ArrayPass, server: string | null, slots: Count, actions: readonly ActionUse[]): ChainUnit {
    const { sliceReads } = this.config.weights;
    const { readsPerVector } = pass.reads;
    const inTurn = {
      ...(sliceReads === 'serial' ? { slicesInTurn: pass.matrix.slices } : {}),
      ...(readsPerVector === 1 ? {} : { readsPerVector }),
    };
    const all = Object.keys(inTurn).length === 0 ? slots : times({ slots, ...inTurn });
    const service = COMPONENTS.crossbar.service({ slots: all, slot: this.slot });
    return this.served('crossbar', `${pass.replication}x${pass.matrix.logicalArrays} arrays`, service, {
      actions,
      shared: server,
    });
  }

  /** Reads and drives of a pass. */
  protected reads({ perArray, drives, lines, crossed, settings }: Reads): ActionUse[] {
    const { per } = this.constants.device.read;
    const { component, action, counts } = driverOf(this.config.driver.kind);
    const read =
      per === 'array'
        ? use('crossbar', 'read', times(perArray))
        : driven('crossbar', 'read', times({ wordline: drives, row: lines, cell: crossed }[per]));
    return [
      read,
      counts === 'ones' ? driven(component, action, times(drives)) : use(component, action, times(settings)),
      ...this.joined('drive', drives),
    ];
  }

  /** Reads of all arrays of a copy once, as the device counts them. */
  protected readsOf(matrix: ArrayPass['matrix']): Count {
    const { rows, groups, rowTiles, columnTiles, arraysPerLogical, weightCells } = matrix;
    const { per } = this.constants.device.read;
    if (per === 'cell') return times({ weightCells });
    return per === 'array'
      ? times({ rowTiles, columnTiles, ...groupsOf(matrix), arraysPerLogical })
      : times({ rows, groups, ...(per === 'row' ? {} : { columnTiles }), arraysPerLogical });
  }

  /** Cells of a matrix that are written in each of `replication` copies, row by row. */
  protected written(
    { rows, groups, columnTiles, arraysPerLogical }: ArrayPass['matrix'],
    cells: Count,
    copies: Parts,
  ): ActionUse[] {
    const lines = times({ rows, groups, columnTiles, arraysPerLogical, ...copies });
    return [use('crossbar', 'write', cells), ...this.joined('write', { cells, rows: lines })];
  }

  protected sensing(conversions: Count): ChainUnit {
    const { component, actions } = sensorOf(this.config.sensing.kind);
    const latency = this.constants.has(component, 'latency') ? this.constants.latency(component) : this.slot;
    const uses = [
      ...actions.map(({ component: of, action }) => use(of, action, conversions)),
      ...this.joined('sense', { conversions }),
    ];
    return this.served(component, 'sense', { latency, interval: latency }, { actions: uses });
  }

  protected shiftAdd(conversions: Count, offset: readonly ActionUse[]): ChainUnit {
    const step = this.constants.has('shiftAdd', 'latency') ? this.constants.latency('shiftAdd') : this.slot;
    const { sign, offsetSteps } = this.config.weights;
    const service = COMPONENTS.shiftAdd.service({ step, offsetSteps: sign === 'offset' ? offsetSteps : null });
    const actions = [use('shiftAdd', 'shift-add', conversions), ...offset];
    return this.served('shiftAdd', 'join slots and slices', service, { actions });
  }

  /** @param drivenValues errors that drive a transposed read; null for reads whose reference column sums its inputs. */
  protected offset(results: Count, drivenValues: Count | null): ActionUse[] {
    if (this.config.weights.sign !== 'offset') return [];
    return [
      use('shiftAdd', 'subtract-offset', results),
      ...(drivenValues === null ? [] : [use('shiftAdd', 'sum-inputs', drivenValues)]),
    ];
  }

  /**
   * The adders of row tiles: those of cores and tiles, where the design has them, add what stands below each other
   * there; cores and tiles are squares of arrays. @param results of a row tile.
   */
  protected partialSums({ rowTiles }: { readonly rowTiles: number }, results: Parts): ChainUnit[] {
    const has = (component: 'coreAdder' | 'tileAdder'): boolean => this.constants.parameters(component) !== undefined;
    const { arraysPerCore = 1, arraysPerTile } = this.config.chip;
    const whole = times({ rowTiles });
    const below = (arrays: number | undefined): number =>
      arrays === undefined ? rowTiles : Math.max(1, Math.floor(Math.sqrt(arrays)));
    const afterCores = has('coreAdder') ? ceilOver({ rowTiles, rowsOfCore: below(arraysPerCore) }) : whole;
    const afterTiles = has('tileAdder')
      ? smallest({ afterCores, ofTiles: ceilOver({ rowTiles, rowsOfTile: below(arraysPerTile) }) })
      : afterCores;
    const inCore = times({ ...results, added: less({ rowTiles, afterCores }) });
    const inTile = times({ ...results, added: less({ afterCores, afterTiles }) });
    const further =
      afterTiles === whole
        ? { furtherTiles: less({ rowTiles, one: 1 }) }
        : { furtherTiles: less({ afterTiles, one: 1 }) };
    const joined = this.joined('partials', { inCore, inTile }).filter(({ count }) => count.value > 0);
    return this.verticalAdder({ rowTiles }, times({ ...results, ...further }), joined);
  }

  protected verticalAdder(tiles: Parts, adds: Count, joined: readonly ActionUse[] = []): ChainUnit[] {
    const { adderLevels } = this.config.mapping;
    const levels = adderLevels === 'log2' ? levelsOf(tiles) : times({ levels: adderLevels });
    const actions = adds.value === 0 ? joined : [use('verticalAdder', 'add', adds), ...joined];
    // No levels take no time (mapping.adderLevels: 0), but what they add is added.
    if (levels.value === 0 && actions.length === 0) return [];
    const level = this.constants.latency('verticalAdder');
    const service = COMPONENTS.verticalAdder.service({ levels, level });
    return [this.served('verticalAdder', `${levels.value} levels`, service, { actions })];
  }

  /** Results of positive and negative arrays are subtracted. */
  protected difference({ vectors, matrix: { columns, groups } }: ArrayPass): ActionUse[] {
    return this.subtract(times({ vectors, columns, groups }));
  }

  protected subtract(values: Count): ActionUse[] {
    return this.config.weights.sign === 'differential' ? [use('activation', 'subtract', values)] : [];
  }
}

/** Vectors of an image, and the reads that each takes where it takes several. */
export const readsOfVectors = ({ vectors, reads: { readsPerVector } }: ArrayPass): Parts => ({
  vectors,
  ...(readsPerVector === 1 ? {} : { readsPerVector }),
});

/** Times that a vector's values drive their lines, where they do several times. */
export const drivesOfVectors = ({ reads: { drivesPerVector } }: ArrayPass): Parts =>
  drivesPerVector === 1 ? {} : { drivesPerVector };

/** Groups with arrays of their own: each, or sets that share them. */
export const groupsOf = ({ groups, groupsPerArray, groupSets }: ArrayPass['matrix']): Parts =>
  groupsPerArray === 1 ? { groups } : { groupSets };

/** Groups in an array; nothing where each stands alone. */
export const blocksOf = ({ groupsPerArray }: ArrayPass['matrix']): Parts =>
  groupsPerArray === 1 ? {} : { groupsPerArray };

/** Crossbar, then what senses it. */
type PassUnits = readonly [ChainUnit, ...ChainUnit[]];

/** What the reads of a pass are counted by. */
interface Reads {
  /** Reads of arrays. */
  perArray: Parts;
  /** Physical lines that a driven one reaches. */
  drives: Parts;
  /** The same, where those of arrays beside each other are one. */
  lines: Parts;
  /** Cells that a driven line crosses. */
  crossed: Parts;
  /** Lines that are set, ones and zeros alike. */
  settings: Parts;
}

/**
 * Lines that a slot drives in an array of a pass, mean over its arrays: of a tile, of all groups that share it.
 * @param transposed the columns are driven, slice by slice where slices stand beside each other
 */
export function linesOfArray({ matrix, reads }: ArrayPass, transposed = false): number {
  const { rows, columns, rowTiles, columnTiles, groupsPerArray } = matrix;
  const { readsPerVector, drivesPerVector } = reads;
  const lines = transposed ? columns / columnTiles : rows / rowTiles;
  return (lines * groupsPerArray * drivesPerVector) / readsPerVector;
}
