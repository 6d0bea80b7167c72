// What designs are compared by and sweeps keep of a point: the figures of a result without its lists by layer, pass and
// operator.

import { recordOf } from '../config/typed.js';
import { STALL_CAUSES, type Flow, type FlowResult } from '../pipeline/index.js';
import type { Machine } from '../machine/machine-types.js';
import { areasOf, seconds, type Bill } from './accounts.js';
import { arraysOf } from './arrays.js';
import { enduranceOf, sensingOf } from './cell-state.js';
import type { Figures, Result } from './result-types.js';
import { joules, sumOf, totals } from './sums.js';
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

/** Of flows, which belong to one machine: points of a sweep share them. */
const STILL = new WeakMap<Flow, { result: FlowResult; still: Still }>();

function stillOf(machine: Machine, flow: FlowResult): Still {
  const known = STILL.get(machine.flow);
  if (known?.result === flow) return known.still;
  const totalS = seconds(flow.makespan);
  const { images } = machine.run.workload;
  const still = {
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
  STILL.set(machine.flow, { result: flow, still });
  return still;
}

/** The headlines of a run that is billed. */
export function headlinesOf(machine: Machine, flow: FlowResult, { totalS, entries }: Bill): Headlines {
  const { network, workload, config } = machine.run;
  const { time, arrays, utilization, storage, stalls } = stillOf(machine, flow);
  const totalJ = sumOf(entries.map(joules));
  const leakageJ = sumOf(entries.filter(({ pass }) => pass === 'leakage').map(joules));
  const areas = areasOf(machine);
  const byComponentMm2 = totals(
    machine.instances,
    ({ component }) => component,
    ({ component, count }) => count.value * areas.get(component)!,
  );
  const totalMm2 = sumOf(Object.values(byComponentMm2));
  const imagesPerS = workload.images / totalS;
  const gops = (2 * network.macs * imagesPerS) / 1e9;
  const averageW = totalJ / totalS;
  return {
    time,
    throughput: { imagesPerS, gops },
    energy: {
      totalJ,
      perImageJ: totalJ / workload.images,
      leakageJ,
      byComponentJ: totals(entries, ({ component }) => component, joules),
    },
    power: { averageW, leakageW: leakageJ / totalS },
    area: { totalMm2, byComponentMm2 },
    efficiency: { gopsPerW: gops / averageW, gopsPerMm2: gops / totalMm2 },
    arrays,
    utilization,
    storage,
    stalls,
    sensing: machine.cells === null ? null : sensingOf(config),
    endurance: machine.cells === null ? null : enduranceOf(machine, flow, totalS),
  };
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
