// What designs are compared by and sweeps keep of a point: the figures of a result without its lists by layer, pass and
// operator.

import type { ComponentsConfig, DeviceConfig } from '../components/index.js';
import { recordOf } from '../config/typed.js';
import { STALL_CAUSES, type Flow, type FlowResult } from '../pipeline/index.js';
import type { Machine } from '../machine/machine-types.js';
import { areasOf, seconds } from './accounts.js';
import { arraysOf } from './arrays.js';
import { enduranceOf, sensingOf } from './cell-state.js';
import type { EnergySums } from './energy-sums.js';
import { checkFinite } from './finite.js';
import type { Figures, Result } from './result-types.js';
import { sumOf, totals } from './sums.js';
import { utilizationOf } from './utilization.js';

/** The headlines of a result; numbers as its keys of the same names have them. */
export interface Headlines extends Pick<
  Figures,
  'time' | 'throughput' | 'efficiency' | 'arrays' | 'utilization' | 'storage' | 'stalls' | 'sensing' | 'endurance'
> {
  energy: Pick<Figures['energy'], 'totalJ' | 'perImageJ' | 'leakageJ' | 'byComponentJ'>;
  power: Pick<Figures['power'], 'averageW' | 'leakageW'>;
  area: Pick<Figures['area'], 'totalMm2' | 'byComponentMm2'>;
}

/** What a machine's structure and flow say, whatever its energies and areas are. */
type Still = Pick<Headlines, 'time' | 'arrays' | 'utilization' | 'storage' | 'stalls'>;

/** What follows from constants as well, whatever the inputs are. */
type Built = Pick<Headlines, 'area' | 'endurance'>;

/** What is known of a flow, which belongs to one machine: points of a sweep share it. */
interface Known {
  result: FlowResult;
  still: Still;
  /** The constants that `built` follows from. */
  components: ComponentsConfig;
  device: DeviceConfig;
  built: Built;
  /** All of it was found to be finite. */
  finite: boolean;
}

const KNOWN = new WeakMap<Flow, Known>();

function knownOf(machine: Machine, flow: FlowResult): Known {
  const { components, device } = machine.run.config;
  const before = KNOWN.get(machine.flow);
  const same = before?.result === flow ? before : undefined;
  if (same?.components === components && same.device === device) return same;
  const still = same?.still ?? stillOf(machine, flow);
  const known = { result: flow, still, components, device, built: builtOf(machine, flow), finite: false };
  KNOWN.set(machine.flow, known);
  return known;
}

function stillOf(machine: Machine, flow: FlowResult): Still {
  const totalS = seconds(flow.makespan);
  const { images } = machine.run.workload;
  return {
    time: {
      totalS,
      perImageS: totalS / images,
      logicalCycles: flow.logicalCycles === null ? null : Number(flow.logicalCycles),
      logicalCycleS: flow.logicalCycles === null ? null : totalS / Number(flow.logicalCycles),
      firstResultS: seconds(flow.firstResult),
    },
    arrays: arraysOf(machine),
    utilization: utilizationOf(machine, flow),
    storage: storageOf(machine, flow),
    stalls: recordOf(STALL_CAUSES, (cause) =>
      seconds(flow.stages.reduce((sum, stage) => sum + stage.stalls[cause], 0n)),
    ),
  };
}

function builtOf(machine: Machine, flow: FlowResult): Built {
  const areas = areasOf(machine);
  const byComponentMm2 = totals(
    machine.instances,
    ({ component }) => component,
    ({ component, count }) => count.value * areas.get(component)!,
  );
  return {
    area: { totalMm2: sumOf(Object.values(byComponentMm2)), byComponentMm2 },
    endurance: machine.cells === null ? null : enduranceOf(machine, flow, seconds(flow.makespan)),
  };
}

/** The headlines of a run whose energies are summed up. */
export function headlinesOf(machine: Machine, flow: FlowResult, sums: EnergySums): Headlines {
  const { time, arrays, utilization, storage, stalls } = knownOf(machine, flow).still;
  const { area, endurance } = knownOf(machine, flow).built;
  const { network, workload, config } = machine.run;
  const { totalS, totalJ, leakageJ, byComponentJ } = sums;
  const imagesPerS = workload.images / totalS;
  const gops = (2 * network.macs * imagesPerS) / 1e9;
  const averageW = totalJ / totalS;
  return {
    time,
    throughput: { imagesPerS, gops },
    energy: { totalJ, perImageJ: totalJ / workload.images, leakageJ, byComponentJ },
    power: { averageW, leakageW: leakageJ / totalS },
    area,
    efficiency: { gopsPerW: gops / averageW, gopsPerMm2: gops / area.totalMm2 },
    arrays,
    utilization,
    storage,
    stalls,
    sensing: machine.cells === null ? null : sensingOf(config),
    endurance,
  };
}

/** The same, all of them finite. @throws UserError naming the run and the figure that is not */
export function finiteHeadlinesOf(machine: Machine, flow: FlowResult, sums: EnergySums): Headlines {
  const headlines = headlinesOf(machine, flow, sums);
  const { label } = machine.run;
  const known = knownOf(machine, flow);
  if (known.finite) {
    const { throughput, energy, power, efficiency, sensing } = headlines;
    checkFinite({ throughput, energy, power, efficiency, sensing }, label);
    return headlines;
  }
  checkFinite(headlines, label);
  known.finite = true;
  return headlines;
}

/**
 * What must be stored between the passes: neurons x logical cycles that they live (lockstep), and the bits of all
 * buffers as built.
 */
function storageOf({ buffers }: Machine, flow: FlowResult): Result['storage'] {
  const known = flow.logicalCycles !== null;
  const bits = { neurons: 0, masks: 0, errors: 0 };
  let neuronCycles = 0;
  let maskBitCycles = 0;
  buffers.forEach(({ kind, neurons, entryBits, capacityEntries }, b) => {
    const cycles = flow.buffers[b]!.lifetimeCycles ?? 0;
    bits[kind] += capacityEntries * entryBits;
    neuronCycles += neurons * cycles;
    if (kind === 'masks') maskBitCycles += entryBits * cycles;
  });
  return {
    neuronCycles: known ? neuronCycles : null,
    maskBitCycles: known ? maskBitCycles : null,
    neuronBits: bits.neurons,
    maskBits: bits.masks,
    errorBits: bits.errors,
  };
}
