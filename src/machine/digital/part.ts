// Digital units as a part of a machine: one set of processing units that serves every pass of every layer.

import { actionOf, type ComponentName, type Constants, type InstanceScope } from '../../components/index.js';
import { mapped } from '../../kernel/index.js';
import { backpropagates, forwardMatrix, vectorsOf, type LayerPlan, type PassPlan } from '../../mapping/index.js';
import type { FlowResult } from '../../pipeline/index.js';
import type { Config, LoadedRun } from '../../run-config/index.js';
import type { Graph } from '../../workload/graph/index.js';
import type { WeightLayer } from '../../workload/index.js';
import type {
  ChainMeets,
  LayerChains,
  MachineStage,
  Part,
  Shares,
  StageHardware,
  StageId,
  UnitBeat,
  Utilization,
} from '../machine-types.js';
import { ratio, sharesBy, stagesByLayer, sumBy } from '../shares.js';
import { DigitalChains } from './chains.js';
import { tileOnUnits, type DigitalUnits } from './tiling.js';

/** Figures of a layer that are words of its placement. */
const LAYER_FIGURES: ReadonlyMap<string, string> = new Map([
  ['vectors', 'positions'],
  ['copies', 'replication'],
  ['rows', 'rows'],
  ['groups', 'groups'],
]);

/** A layer on the units: all passes take the positions of the forward pass that go at once. */
function plan({ config, workload }: LoadedRun, layer: WeightLayer, units: number): LayerPlan {
  const { serial } = layer;
  const vectors = vectorsOf(layer);
  const { positions, waves } = tileOnUnits(layer.macs / vectors, vectors, serial, units);
  const forward: PassPlan = {
    matrix: forwardMatrix(layer, { biasRow: config.mapping.biasRow, foldsNorms: workload.mode !== 'training' }),
    replication: positions,
    vectors,
    waves,
    serial,
  };
  return {
    layer,
    forward,
    backward: backpropagates(layer, workload.mode) ? forward : null,
    transposed: false,
    // A product of two activations has no weights.
    gradient: workload.mode === 'training' && layer.dynamic === null ? { pass: forward, images: 1 } : null,
  };
}

/** Digital units with the layers that they serve. */
export class DigitalPart implements Part {
  readonly kind = 'digital';
  readonly plans: readonly LayerPlan[];
  readonly cells = null;
  readonly #config: Config;
  readonly #digital: DigitalUnits;
  readonly #constants: Constants;
  readonly #graph: Graph;
  readonly #planOf: ReadonlyMap<number, LayerPlan>;

  constructor(run: LoadedRun, constants: Constants, layers: readonly WeightLayer[], digital: DigitalUnits) {
    this.#config = run.config;
    this.#digital = digital;
    this.#constants = constants;
    this.#graph = run.network.graph;
    this.plans = mapped(layers, (layer) => plan(run, layer, digital.units));
    this.#planOf = new Map(this.plans.map((of) => [of.layer.index, of]));
  }

  chains(met: ChainMeets): LayerChains {
    return new DigitalChains(
      { config: this.#config, constants: this.#constants, graph: this.#graph, ...met },
      this.#planOf,
      this.#digital,
    );
  }

  hardware({ layer }: StageId): StageHardware {
    const { replication } = this.#planOf.get(layer)!.forward;
    return { arrays: 0, borrowed: false, replication, driven: 0, sensed: 0, converters: 0, always: [] };
  }

  /** A digital design has no placements; its layers say the same. */
  keyOf(layer: number, word: string): string | null {
    const figure = LAYER_FIGURES.get(word);
    return figure === undefined ? null : `layers.${this.#planOf.get(layer)!.layer.name}.${figure}`;
  }

  whole(per: InstanceScope): number | null {
    return per === 'unit' ? this.#digital.units : null;
  }

  beat(component: ComponentName): UnitBeat | null {
    if (component !== 'mac') return null;
    const ticks = this.#constants.interval('mac', this.#constants.latency('mac'));
    return { action: actionOf('mac', this.#digital.operation), ticks };
  }

  /** Spatial = operand pairs / (units x busy cycles), temporal = busy time of the units / makespan. */
  utilization(stages: readonly MachineStage[], flow: FlowResult): Utilization {
    const { units, operation, errorCycles } = this.#digital;
    const back = operation === 'l1' ? errorCycles : 1;
    const byLayer = stagesByLayer(stages);
    const rows = mapped(this.plans, ({ layer, forward: { vectors, serial } }) => {
      const tiled = tileOnUnits(layer.macs / vectors, vectors, serial, units);
      let pairs = 0;
      let cycles = 0;
      let temporal = 0;
      for (const [stage, s] of byLayer.get(layer.index)!) {
        const u = stage.chain.units.findIndex(({ component }) => component === 'mac');
        const unit = stage.flow.units[u]!;
        pairs += layer.macs;
        cycles += stage.chain.waves.value * tiled.cycles * (stage.pass === 'F' ? 1 : back);
        temporal += ratio(flow.unitWaves[s]![u]! * BigInt(unit.interval), flow.makespan);
      }
      return { name: layer.name, pairs, cycles, temporal };
    });
    return sharesBy(rows, (list): Shares => {
      const spatial = sumBy(list, (row) => row.pairs) / (sumBy(list, (row) => row.cycles) * units);
      const temporal = sumBy(list, (row) => row.temporal);
      return { spatial, informative: spatial, temporal, effective: spatial * temporal };
    });
  }
}
