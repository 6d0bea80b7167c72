// Crossbar arrays as a part of a machine: layers mapped onto arrays, their instances, how well the cells are used.

import { BESIDE_ARRAYS, driverOf, sensorOf, type Constants } from '../../components/index.js';
import { mapped } from '../../kernel/index.js';
import { ReplicationError, planLayers, type ArrayPass, type LayerPlan } from '../../mapping/index.js';
import type { FlowResult } from '../../pipeline/index.js';
import { failure, type Config, type LoadedRun } from '../../run-config/index.js';
import type { Graph } from '../../workload/graph/index.js';
import type { WeightLayer } from '../../workload/index.js';
import type {
  ArrayLines,
  ArrayPlacement,
  CellArrays,
  ChainMeets,
  LayerChains,
  MachineStage,
  Part,
  Pass,
  Shares,
  StageHardware,
  StageId,
  Turns,
  Utilization,
} from '../machine-types.js';
import { ratio, sharesBy, stagesByLayer, sumBy } from '../shares.js';
import { CrossbarChains } from './chains.js';
import { linesOf, mappingKnobs } from './layout.js';
import { slotOf, slotsOf } from './slots.js';

/** The plan of each layer's arrays. @throws ConfigError where the config's arrays cannot hold them. */
function plan(run: LoadedRun, layers: readonly WeightLayer[], turns: Turns | null): LayerPlan<ArrayPass>[] {
  const { crossbar, weights, chip } = run.config;
  const fail = failure(run.loaded);
  if (weights.sign === 'offset' && weights.referenceColumn === 'inside' && crossbar.columns < 2)
    fail(['crossbar', 'columns'], 'a reference column inside leaves no column for weights, expected at least 2');
  try {
    const plans = planLayers(layers, {
      ...mappingKnobs(run),
      ...(turns === null ? {} : { copiesOf: turns.copiesOf }),
    });
    if (turns !== null || chip.arrays === undefined) return plans;
    const taken = placementsOf(plans).reduce((sum, { arrays }) => sum + arrays, 0);
    if (taken > chip.arrays)
      fail(
        ['chip', 'arrays'],
        `found ${chip.arrays}, but the mapping takes ${taken} physical arrays; expected as many, fewer copies ` +
          '(mapping.replication), or layers that take turns (mapping.overflow: reload)',
      );
    return plans;
  } catch (error) {
    if (error instanceof ReplicationError) return fail(['mapping', 'replication', 'arrays'], error.message);
    throw error;
  }
}

function placementsOf(plans: readonly LayerPlan<ArrayPass>[]): ArrayPlacement[] {
  const placements: ArrayPlacement[] = [];
  const place = (layer: WeightLayer, use: ArrayPlacement['use'], pass: ArrayPass, images: number): void => {
    placements.push({ layer, use, pass, images, arrays: physicalOf(pass, images) });
  };
  for (const { layer, forward, backward, transposed, gradient } of plans) {
    place(layer, 'forward', forward, 1);
    if (backward !== null && !transposed) place(layer, 'backward', backward, 1);
    if (gradient !== null) place(layer, 'gradient', gradient.pass, gradient.images);
  }
  return placements;
}

/** Physical arrays of a pass, all copies and images. */
const physicalOf = ({ matrix, replication }: ArrayPass, images: number): number =>
  matrix.physicalArrays * replication * images;

/** Crossbar arrays with the layers that they hold. */
export class CrossbarPart implements Part {
  readonly kind = 'crossbar';
  readonly plans: readonly LayerPlan<ArrayPass>[];
  readonly cells: CellArrays;
  readonly #config: Config;
  readonly #constants: Constants;
  readonly #graph: Graph;
  readonly #planOf: ReadonlyMap<number, LayerPlan<ArrayPass>>;
  readonly #transposedLines: ArrayLines;
  /** Arrays that layers take turns on; null where each has its own. */
  readonly #arrays: number | null;

  constructor(run: LoadedRun, constants: Constants, layers: readonly WeightLayer[], turns: Turns | null) {
    this.#config = run.config;
    this.#constants = constants;
    this.#graph = run.network.graph;
    this.plans = plan(run, layers, turns);
    this.#arrays = turns !== null && turns.count > 1 ? turns.arrays : null;
    this.#planOf = new Map(this.plans.map((of) => [of.layer.index, of]));
    this.#transposedLines = linesOf(run.config, true);
    this.cells = {
      placements: placementsOf(this.plans),
      slot: slotOf(run.config, constants),
      slots: slotsOf(run.config),
      lines: linesOf(run.config, false),
    };
  }

  chains(met: ChainMeets): LayerChains {
    return new CrossbarChains(
      { config: this.#config, constants: this.#constants, graph: this.#graph, ...met },
      this.#planOf,
      this.cells.slot,
    );
  }

  hardware(stage: StageId): StageHardware {
    const { forward, backward, transposed, gradient } = this.#planOf.get(stage.layer)!;
    const borrowed = stage.pass === 'B' && transposed;
    const passes: Partial<Record<Pass, ArrayPass | null | undefined>> = {
      F: forward,
      W: forward,
      B: backward,
      G: gradient?.pass,
    };
    const pass = passes[stage.pass]!;
    return {
      arrays: physicalOf(pass, stage.pass === 'G' ? gradient!.images : 1),
      borrowed,
      replication: pass.replication,
      ...(borrowed ? this.#transposedLines : this.cells.lines),
      always: [
        driverOf(this.#config.driver.kind).component,
        sensorOf(this.#config.sensing.kind).component,
        ...BESIDE_ARRAYS.filter((component) => this.#constants.parameters(component) !== undefined),
      ],
    };
  }

  keyOf(layer: number, word: string, use: ArrayPlacement['use']): string {
    const plan = this.#planOf.get(layer)!;
    const place = use === 'backward' && plan.transposed ? 'forward' : use;
    return word === 'physical'
      ? `arrays.byLayer.${plan.layer.name}.${place}.physical`
      : `placements.${plan.layer.name}.${place}.${word}`;
  }

  /** Arrays work slot by slot. */
  beat(): null {
    return null;
  }

  whole(): null {
    return null;
  }

  /** Utilization of the arrays that hold weights (docs/model.md section 3). */
  utilization(stages: readonly MachineStage[], flow: FlowResult): Utilization {
    const busyOf = (stage: MachineStage, s: number): bigint => {
      const u = stage.chain.units.findIndex(({ component }) => component === 'crossbar');
      return flow.unitWaves[s]![u]! * BigInt(stage.flow.units[u]!.interval);
    };
    const byLayer = stagesByLayer(stages);
    const rows = mapped(this.plans, ({ layer, forward, backward, transposed }) => {
      let cells = 0;
      let weightCells = 0;
      let informativeCells = 0;
      let physical = 0;
      let busyArrays = 0;
      for (const [stage, s] of byLayer.get(layer.index)!) {
        if (stage.pass !== 'F' && stage.pass !== 'B') continue;
        const { matrix, replication } = stage.pass === 'F' ? forward : backward!;
        if (stage.pass === 'F' || !transposed) {
          cells += matrix.cells * replication;
          weightCells += matrix.weightCells * replication;
          informativeCells += matrix.informativeCells * replication;
          physical += matrix.physicalArrays * replication;
        }
        busyArrays += ratio(busyOf(stage, s), flow.makespan) * matrix.physicalArrays * replication;
      }
      return { name: layer.name, cells, weightCells, informativeCells, physical, busyArrays };
    });
    return sharesBy(rows, (list): Shares => {
      const cells = sumBy(list, (row) => row.cells);
      const informative = sumBy(list, (row) => row.informativeCells) / cells;
      const all = list === rows && this.#arrays !== null;
      const temporal = sumBy(list, (row) => row.busyArrays) / (all ? this.#arrays : sumBy(list, (row) => row.physical));
      const spatial = sumBy(list, (row) => row.weightCells) / cells;
      return { spatial, informative, temporal, effective: informative * temporal };
    });
  }
}
