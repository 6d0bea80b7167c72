// Energy and power: actions x energy of one, leakage x time, by component, pass and layer.

import { keysOf } from '../../config/typed.js';
import type { Result } from '../result-types.js';
import { actionEnergy, countedBy } from './cell-actions.js';
import { difference, product, quotient, sum, type Derivation } from './derivation.js';
import { derivationOf } from './factors.js';
import type { Define } from './figure.js';
import type { Leaf } from './leaves.js';
import type { Sources } from './sources.js';

type Action = Result['actions'][number];

/** An action of the account with the keys of its figures. */
interface Entry extends Action {
  key: string;
  /** Leakage: the key of the instances' count. */
  instances: string | null;
}

/** Figures of `energy`, `power` and `actions`. */
export function describeEnergy(sources: Sources, leaves: readonly Leaf[], define: Define): void {
  const { result } = sources;
  const entries = entriesOf(result, leaves);
  const total = (name: string, of: readonly Entry[], says: string): Derivation =>
    sum(name, 'J', grouped(sources, of), says);
  define('energy.totalJ', 'J', 'actions x energy of one, leakage x time, and what idles where chip.idle is on', () =>
    sum(
      'energy.totalJ',
      'J',
      sources.figures(Object.keys(result.energy.byComponentJ).map((name) => `energy.byComponentJ.${name}`)),
      'all components',
    ),
  );
  define('energy.perImageJ', 'J', 'energy over images', () =>
    quotient('energy.perImageJ', 'J', { over: sources.figure('energy.totalJ'), under: sources.figure('images') }),
  );
  define('energy.leakageJ', 'J', 'leakage of all instances over the run', () =>
    total(
      'energy.leakageJ',
      entries.filter(({ pass }) => pass === 'leakage'),
      'instances x leakage of one x time',
    ),
  );
  define('power.averageW', 'W', 'energy over time', () =>
    quotient('power.averageW', 'W', { over: sources.figure('energy.totalJ'), under: sources.figure('time.totalS') }),
  );
  define('power.leakageW', 'W', 'leakage of all instances', () =>
    quotient('power.leakageW', 'W', { over: sources.figure('energy.leakageJ'), under: sources.figure('time.totalS') }),
  );
  for (const name of keysOf(result.energy.byComponentJ)) {
    const key = `energy.byComponentJ.${name}`;
    define(key, 'J', `energy of ${name}`, () =>
      total(
        key,
        entries.filter(({ component }) => component === name),
        'its actions x energy of one, and leakage x time',
      ),
    );
    define(`power.byComponentW.${name}`, 'W', `power of ${name}, on average`, () =>
      quotient(`power.byComponentW.${name}`, 'W', { over: sources.figure(key), under: sources.figure('time.totalS') }),
    );
  }
  for (const name of Object.keys(result.energy.byPassJ)) {
    const key = `energy.byPassJ.${name}`;
    define(key, 'J', `energy of pass ${name}`, () =>
      total(
        key,
        entries.filter(({ pass }) => pass === name),
        'actions x energy of one',
      ),
    );
  }
  for (const { name } of result.energy.byLayerJ) {
    const key = `energy.byLayerJ.${name}`;
    define(key, 'J', `energy of ${name}`, () =>
      total(
        key,
        entries.filter(({ layer }) => layer === name),
        'actions x energy of one, and leakage x time',
      ),
    );
    define(`power.byLayerW.${name}`, 'W', `power of ${name}, on average`, () =>
      quotient(`power.byLayerW.${name}`, 'W', { over: sources.figure(key), under: sources.figure('time.totalS') }),
    );
  }
  for (const { component } of result.poweredOn) {
    const key = `poweredOn.${component}.activityJ`;
    const own = entries.filter((entry) => entry.component === component && entry.pass !== 'idle');
    define(key, 'J', `what ${component} did, and its leakage`, () => total(key, own, 'actions x energy of one'));
  }
  for (const entry of entries) (entry.pass === 'idle' ? describeIdle : describeEntry)(sources, entry, define);
}

/** What stays on without working. */
function describeIdle(sources: Sources, { key, component }: Entry, define: Define): void {
  const own = `poweredOn.${component}`;
  define(`${key}.count`, '', `${component} as built`, () =>
    sum(`${key}.count`, '', [sources.figure(`${own}.instances`)]),
  );
  define(`${key}.energyJ`, 'J', `${component} that is on and idles`, () =>
    difference(`${key}.energyJ`, 'J', {
      from: sources.figure(`${own}.energyJ`),
      less: sources.figure(`${own}.activityJ`),
    }),
  );
}

function describeEntry(sources: Sources, entry: Entry, define: Define): void {
  const { key, component, action, pass, layer, instances } = entry;
  const what =
    instances === null ? `${component}.${action} in ${pass} of ${layer}` : `leakage of ${component} of ${layer}`;
  define(`${key}.count`, '', what, () => (instances === null ? counted(sources, entry) : sources.figure(instances)));
  define(`${key}.energyJ`, 'J', what, () =>
    product(
      `${key}.energyJ`,
      'J',
      [sources.figure(`${key}.count`), ...each(sources, entry)],
      instances === null ? 'count x energy of one' : 'instances x leakage of one x time',
    ),
  );
}

/** What the chain counted, as the result carries it. */
const counted = (sources: Sources, { key, component, action, layer, factors }: Entry): Derivation =>
  product(
    `${key}.count`,
    '',
    (factors ?? []).map((factor) => derivationOf(sources, factor, layer)),
    countedBy(sources, component, action),
  );

/** Joules of one, or watts of one and the time. */
const each = (sources: Sources, { component, action, instances, one }: Entry): Derivation[] =>
  instances === null
    ? [one === null ? actionEnergy(sources, component, action) : sources.constant(one.key, one)]
    : [sources.constant(`components.${component}.leakage`), sources.figure('time.totalS')];

/** One product for each component and action among the entries. */
function grouped(sources: Sources, entries: readonly Entry[]): Derivation[] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const name = `${entry.component}.${entry.action}`;
    groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  return [...groups].map(([name, group]) => {
    const [first] = group;
    if (first!.pass === 'idle') return sources.figure(`${first!.key}.energyJ`);
    if (group.some(({ one }) => one !== null))
      return sum(name, 'J', sources.figures(group.map(({ key }) => `${key}.energyJ`)), 'layers of their own energies');
    const counts = sources.figures(group.map(({ key, instances }) => instances ?? `${key}.count`));
    const says = first!.instances === null ? countedBy(sources, first!.component, first!.action) : 'instances';
    return product(
      name,
      'J',
      [counts.length === 1 ? counts[0]! : sum('count', '', counts, says), ...each(sources, first!)],
      first!.instances === null ? 'count x energy of one' : 'instances x leakage of one x time',
    );
  });
}

/** The account's lines with their keys, which stand in the result's order. */
function entriesOf({ actions, instances }: Result, leaves: readonly Leaf[]): Entry[] {
  const keys = (start: string, end: string): string[] =>
    leaves.filter(({ key }) => key.startsWith(start) && key.endsWith(end)).map(({ key }) => key);
  const counts = keys('actions.', '.count');
  const built = keys('instances.', '.count');
  const first = actions.length - instances.length;
  return actions.map((action, i) => ({
    ...action,
    key: counts[i]!.slice(0, -'.count'.length),
    instances: i < first ? null : built[i - first]!,
  }));
}
