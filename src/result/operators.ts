// What each operator of the network takes: which unit does it, its time, energy and writes.

import type { ActionName, ComponentName } from '../components/index.js';
import type { FlowResult } from '../pipeline/index.js';
import type { ActionUse } from '../machine/chain.js';
import type { Machine } from '../machine/machine-types.js';
import { countsOf, isOutputSoftmax, placeOf, type Graph, type Node } from '../workload/graph/index.js';
import { networkAccount } from './accounts.js';
import { sumExact, type EnergyEntry, type EnergyPass } from './activity.js';
import type { Result } from './result-types.js';

type Operator = Result['operators'][number];

/** An action of an operator in a pass, over the whole run. */
interface Share {
  component: ComponentName;
  action: ActionName;
  pass: EnergyPass;
  count: number;
  energyJ: number;
}

/** What was done, by operator. */
export type Shares = ReadonlyMap<string, Share[]>;

/**
 * By operator, what was done for it, last what belongs to none (output error, the control of updates); leakage is no
 * operator's.
 */
export function sharesOf(machine: Machine, entries: readonly EnergyEntry[], flow: FlowResult): Shares {
  const services = new Map(machine.stages.map((stage, s) => [stage, flow.stages[s]!.services]));
  const names = machine.run.network.graph.nodes.map(({ name }) => name);
  const network = networkAccount(names);
  const shares = new Map<string, Share[]>([...names, network].map((name) => [name, []]));
  for (const { component, action, pass, layer, counted } of entries) {
    if (counted === null) continue;
    const { stage, uses, ones } = counted;
    const starts = services.get(stage)!;
    const ownerOf = (use: ActionUse): string => use.operator ?? productOf(machine, layer) ?? network;
    const timesOf = (use: ActionUse, before: bigint | number): bigint | number =>
      sumExact(before, use.count.value, use.driven ? ones.total : starts);
    const add = (name: string, total: bigint | number): void => {
      const count = Number(total);
      const energyJ = count * (counted.one?.energyJ ?? machine.constants.energy(component, action));
      const list = shares.get(name)!;
      // Parts of a layer that does not fit a chip do the same operator.
      const same = list.find((of) => of.component === component && of.action === action && of.pass === pass);
      if (same === undefined) list.push({ component, action, pass, count, energyJ });
      else {
        same.count += count;
        same.energyJ += energyJ;
      }
    };
    if (uses.length === 1) add(ownerOf(uses[0]!), timesOf(uses[0]!, 0));
    else {
      const own = new Map<string, bigint | number>();
      for (const use of uses) own.set(ownerOf(use), timesOf(use, own.get(ownerOf(use)) ?? 0));
      for (const [name, total] of own) add(name, total);
    }
  }
  return shares;
}

/** Name of the operator that a weight layer is made of; none of what belongs to the network. */
const productOf = ({ plans }: Machine, layer: number): string | undefined => plans[layer - 1]?.layer.node.name;

/** The operators of a result, in the graph's order. */
export function operatorsOf(machine: Machine, shares: Shares, flow: FlowResult): Operator[] {
  const { graph, layers } = machine.run.network;
  const homes = new Map(layers.flatMap(({ name, node, nodes }) => [node, ...nodes].map((one) => [one.name, name])));
  const times = busyTimes(machine, flow);
  return graph.nodes.map((node): Operator => {
    const { macs, elements, windowPlaces, parameters, biases } = countsOf(graph, node);
    const own = shares.get(node.name)!;
    const place = placeOf(graph, node);
    const written = (component: ComponentName): number =>
      own.reduce((sum, of) => sum + (of.component === component && of.action === 'write' ? of.count : 0), 0);
    return {
      name: node.name,
      type: node.type,
      kind: node.operator.kind,
      place,
      on: unitOf(machine, graph, node, own),
      layer: homes.get(node.name) ?? null,
      macs,
      elements,
      windowPlaces,
      parameters,
      biases,
      timeS: times.get(node.name) ?? 0,
      energyJ: own.reduce((sum, { energyJ }) => sum + energyJ, 0),
      cellWrites: written('crossbar'),
      wordWrites: written('buffer'),
      actions: own.map(({ component, action, pass, count }) => ({ component, action, pass, count })),
    };
  });
}

/** The component that does an operator, or why none does. */
function unitOf({ run }: Machine, graph: Graph, node: Node, own: readonly Share[]): Operator['on'] {
  const forward = own.filter(({ pass }) => pass === 'F').map(({ component }) => component);
  for (const component of ['crossbar', 'mac', 'vector', 'activation', 'pooling', 'add', 'buffer'] as const)
    if (forward.includes(component)) return component;
  if (isOutputSoftmax(graph, node) && run.config.vector.outputSoftmax === 'host') return 'host';
  return placeOf(graph, node) === 'folded' ? 'folded' : 'addresses';
}

/**
 * Seconds in which the units that do an operator are busy with it: of a product arrays or MAC units; of others their
 * share of the operations of a unit. Adders work while the buffer is read.
 */
function busyTimes(machine: Machine, flow: FlowResult): Map<string, number> {
  const times = new Map<string, number>();
  machine.stages.forEach((stage, s) => {
    stage.chain.units.forEach((unit, u) => {
      const busyS = Number(flow.unitWaves[s]![u]! * BigInt(stage.flow.units[u]!.interval)) * 1e-12;
      const moves = unit.component === 'buffer' && unit.role === 'move';
      const product = unit.component === 'crossbar' || unit.component === 'mac';
      const name = productOf(machine, stage.layer);
      if (product && name !== undefined) add(times, name, busyS);
      if (product || (unit.component === 'buffer' && !moves)) return;
      const uses = unit.actions.filter(({ component, operator }) => component === unit.component && operator !== null);
      const all = unit.actions.reduce((sum, use) => sum + (use.component === unit.component ? use.count.value : 0), 0);
      for (const { operator, count } of uses) add(times, operator!, (busyS * count.value) / all);
    });
  });
  return times;
}

const add = (times: Map<string, number>, name: string, seconds: number): Map<string, number> =>
  times.set(name, (times.get(name) ?? 0) + seconds);
