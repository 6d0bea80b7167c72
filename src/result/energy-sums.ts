// Sums of the energy account without its lines. Points of a sweep that share a machine, a flow and constants differ in
// what lines carry alone: the energies of all other lines are worked out once.

import type { ComponentName } from '../components/index.js';
import type { Flow, FlowResult } from '../pipeline/index.js';
import type { Machine } from '../machine/machine-types.js';
import { billOf, seconds, type Bill, type Measured } from './accounts.js';
import { accountLeakage, countedStage, energyOfLine, linesOf, type ByComponent, type Line } from './activity.js';
import { LayerEnergies } from './layer-energy.js';
import { joules, sumOf, totals } from './sums.js';

/** Energies of a run, in joules, over its makespan. */
export interface EnergySums {
  totalS: number;
  totalJ: number;
  leakageJ: number;
  byComponentJ: ByComponent;
}

/** The sums of a bill. */
export const sumsOfBill = ({ totalS, entries }: Bill): EnergySums => ({
  totalS,
  totalJ: sumOf(entries.map(joules)),
  leakageJ: sumOf(entries.filter(({ pass }) => pass === 'leakage').map(joules)),
  byComponentJ: totals(entries, ({ component }) => component, joules),
});

/** Lines of a stage of which the drivers decide how often they happen or what one costs, with their places. */
interface Driven {
  stage: number;
  lines: readonly { line: Line; place: number }[];
}

/** What is known of the account of a flow. */
interface Known {
  /** What it rests on, by identity. */
  grounds: readonly unknown[];
  totalS: number;
  /** Joules of each line; those of driven lines are the last point's. */
  energies: Float64Array;
  /** Lines from here on are leakage. */
  leakedFrom: number;
  /** Components in order of first sight, and the place there of each line's. */
  components: readonly ComponentName[];
  componentOf: Int32Array;
  driven: readonly Driven[];
}

/** By flow, which belongs to one machine. */
const KNOWN = new WeakMap<Flow, Known>();

/** What energies of lines that are not driven follow from, besides the machine. */
const groundsOf = ({ run: { config, laws } }: Machine, flow: FlowResult): unknown[] => [
  flow,
  config.components,
  config.device,
  laws,
];

/** The sums that the bill of a run has, added up in the order of its lines. */
export function energySumsOf(machine: Machine, measured: Measured): EnergySums {
  if (machine.run.config.chip.idle === 'on') return sumsOfBill(billOf(machine, measured));
  const { totalS, energies, leakedFrom, components, componentOf, driven } = accountOf(machine, measured);
  const prices = new LayerEnergies(machine);
  for (const { stage, lines } of driven) {
    const counted = countedStage(machine, measured, stage);
    for (const { line, place } of lines) energies[place] = energyOfLine(line, counted, prices).energyJ;
  }
  const own = new Float64Array(components.length);
  let totalJ = 0;
  let leakageJ = 0;
  for (let i = 0; i < energies.length; i++) {
    const energyJ = energies[i]!;
    totalJ += energyJ;
    if (i >= leakedFrom) leakageJ += energyJ;
    own[componentOf[i]!]! += energyJ;
  }
  const byComponentJ: ByComponent = {};
  for (let c = 0; c < own.length; c++) byComponentJ[components[c]!] = own[c]!;
  return { totalS, totalJ, leakageJ, byComponentJ };
}

function accountOf(machine: Machine, measured: Measured): Known {
  const grounds = groundsOf(machine, measured.flow);
  const before = KNOWN.get(machine.flow);
  if (before?.grounds.every((ground, i) => ground === grounds[i]) === true) return before;
  const totalS = seconds(measured.flow.makespan);
  const prices = new LayerEnergies(machine);
  const energies: number[] = [];
  const owners: ComponentName[] = [];
  const driven: Driven[] = [];
  machine.stages.forEach((stage, s) => {
    const counted = countedStage(machine, measured, s);
    const own: { line: Line; place: number }[] = [];
    for (const line of linesOf(stage)) {
      const { one, energyJ } = energyOfLine(line, counted, prices);
      if (stage.chain.driven !== null && (line.driven !== 0 || one !== null))
        own.push({ line, place: energies.length });
      energies.push(energyJ);
      owners.push(line.component);
    }
    if (own.length > 0) driven.push({ stage: s, lines: own });
  });
  const leakedFrom = energies.length;
  for (const { component, energyJ } of accountLeakage(machine, totalS)) {
    energies.push(energyJ);
    owners.push(component);
  }
  const components = [...new Set(owners)];
  const known = {
    grounds,
    totalS,
    energies: Float64Array.from(energies),
    leakedFrom,
    components,
    componentOf: Int32Array.from(owners, (owner) => components.indexOf(owner)),
    driven,
  };
  KNOWN.set(machine.flow, known);
  return known;
}
