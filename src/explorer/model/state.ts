// What the explorer's page shows, as data: two machines, the work, the view. The page's address holds it.

import { both } from '../../config/typed.js';

/** One of the two machines side by side. */
export interface MachineChoice {
  /** A preset of configs/architectures or configs/runs, or the name of a file of `State.files`. */
  base: string;
  /** Knobs that differ from the base, in the order in which they were first set: `[key, value]`. */
  sets: readonly (readonly [key: string, value: string])[];
}

/** Which machine a knob acts on. */
export type Target = 'both' | 'a' | 'b';

/** Tabs of a narrow page. */
export const TABS = ['machine', 'cycles', 'energy', 'why'] as const;
/** A tab of a narrow page. */
export type Tab = (typeof TABS)[number];

/** A point that was pinned, to compare with. */
export interface Pin {
  name: string;
  machines: readonly [MachineChoice, MachineChoice];
  network: string | null;
  mode: string | null;
}

/** Everything that the page shows; equal states show equal pages. */
export interface State {
  machines: readonly [MachineChoice, MachineChoice];
  /** A network preset or the name of a file; null: the one that the config names. */
  network: string | null;
  /** inference, training or attack; null: the one that the config names. */
  mode: string | null;
  target: Target;
  /** The figure whose tree the drawer shows: `a energy.totalJ`; null where it is closed. */
  explained: { machine: 0 | 1; key: string } | null;
  tab: Tab;
  /** The machine that a narrow page shows. */
  shown: 0 | 1;
  board: {
    machine: 0 | 1;
    /** First logical cycle (elastic: image) of the window, from 0. */
    from: number;
    /** Cycles (images) of the window; null: until the first image has passed, and 4 more. */
    cycles: number | null;
    /** Cycle at which the board stands, from 0. */
    at: number;
    axis: 'cycles' | 'time';
  };
  /** The functional view: which machine, which of the drawn digits; null where it is closed. */
  numbers: { machine: 0 | 1; picture: number } | null;
  /** The strip's accuracy was asked for. */
  accuracy: boolean;
  /** Files of evaluations whose accuracy stands at a machine. */
  evaluated: readonly [string | null, string | null];
  /** Files that were pasted or dropped, by name. */
  files: Readonly<Record<string, string>>;
  pins: readonly Pin[];
}

/** The page as it opens without an address: PipeLayer against A3 with one weight copy, attacking LISA-CNN. */
export const DEFAULT_STATE: State = {
  machines: [
    { base: 'pipelayer', sets: [] },
    { base: 'a3-shared', sets: [] },
  ],
  network: 'lisa-cnn',
  mode: 'attack',
  target: 'both',
  explained: null,
  tab: 'machine',
  shown: 0,
  board: { machine: 1, from: 0, cycles: null, at: 8, axis: 'cycles' },
  numbers: null,
  accuracy: false,
  evaluated: [null, null],
  files: {},
  pins: [],
};

/** The value that a machine's sets give a knob; undefined where they leave it to the base. */
export const setOf = ({ sets }: MachineChoice, key: string): string | undefined =>
  sets.find(([name]) => name === key)?.[1];

/** The machine with a knob set, or (null) left to its base again. */
export function withSet(machine: MachineChoice, key: string, value: string | null): MachineChoice {
  const at = machine.sets.findIndex(([name]) => name === key);
  if (value === null) return at < 0 ? machine : { ...machine, sets: machine.sets.filter((_, i) => i !== at) };
  const set = [key, value] as const;
  return { ...machine, sets: at < 0 ? [...machine.sets, set] : machine.sets.map((one, i) => (i === at ? set : one)) };
}

/** The machines that a target names. */
export const targets = (target: Target): readonly (0 | 1)[] =>
  target === 'both' ? [0, 1] : target === 'a' ? [0] : [1];

/**
 * The state with knobs set (or, null, left to the base) on the machines of its target. @param frozen machines that are
 * results, whose figures stand
 */
export function setKnobs(
  state: State,
  values: readonly (readonly [key: string, value: string | null])[],
  frozen: readonly boolean[] = [],
): State {
  const on = targets(state.target).filter((machine) => frozen[machine] !== true);
  const machines = both(state.machines, (machine, i) =>
    on.includes(i) ? values.reduce((all, [key, value]) => withSet(all, key, value), machine) : machine,
  );
  return { ...state, machines };
}

/** Pins that are kept. */
const MOST_PINS = 12;

/** The state with its present point pinned, under the next free name; the same state where it is pinned already. */
export function withPin(state: State): State {
  const { machines, network, mode, pins } = state;
  const point = { machines, network, mode };
  const textOf = (one: typeof point): string => JSON.stringify([one.machines, one.network, one.mode]);
  if (pins.length === MOST_PINS || pins.some((pin) => textOf(pin) === textOf(point))) return state;
  const taken = new Set(pins.map(({ name }) => name));
  let number = 1;
  while (taken.has(`P${number}`)) number++;
  return { ...state, pins: [...pins, { name: `P${number}`, ...point }] };
}

/** The state with another base for a machine; what was set on the old one, and its evaluation, is dropped. */
export function withBase(state: State, machine: 0 | 1, base: string): State {
  return {
    ...state,
    machines: both(state.machines, (old, m) => (m === machine ? { base, sets: [] } : old)),
    evaluated: both(state.evaluated, (old, m) => (m === machine ? null : old)),
  };
}
