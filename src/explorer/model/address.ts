// The page's state in its address: JSON of what differs from the default, as base64url behind the `#`, so that it is
// never sent to a server.

import { DEFAULT_STATE, TABS, type MachineChoice, type Pin, type State } from './state.js';
import { isRecord, keysOf } from '../../config/typed.js';

/** Longest address that is read. */
const LONGEST = 1_000_000;
/** Letters of files that an address takes: a large model or result is not kept in it. */
const MOST_FILES = 200_000;

/** What differs from the default state, as the part of an address behind `#s=`. */
export function addressOf(state: State): string {
  const letters = Object.values(state.files).reduce((sum, { length }) => sum + length, 0);
  const changed = Object.fromEntries(
    keysOf(state)
      .filter((key) => key !== 'files' || letters <= MOST_FILES)
      .filter((key) => JSON.stringify(state[key]) !== JSON.stringify(DEFAULT_STATE[key]))
      .map((key) => [key, state[key]]),
  );
  if (Object.keys(changed).length === 0) return '';
  const bytes = new TextEncoder().encode(JSON.stringify(changed));
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The state that an address holds; null where it holds none or is damaged. */
export function stateOf(address: string): State | null {
  if (address === '' || address.length > LONGEST) return null;
  try {
    const text = atob(address.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    return checkedState(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isWord = (value: unknown): value is string | null => value === null || typeof value === 'string';

const wordOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** A state of which every part has its type; what does not is left at its default. Anyone may write an address. */
export function checkedState(given: unknown): State | null {
  if (!isRecord(given)) return null;
  const { machines, network, mode, target, explained, tab, shown, board, numbers, files, pins } = given;
  const evaluated: unknown[] = Array.isArray(given.evaluated) ? given.evaluated : [];
  const pair = machinesOf(machines);
  return {
    machines: pair ?? DEFAULT_STATE.machines,
    network: network === undefined || !isWord(network) ? DEFAULT_STATE.network : network,
    mode: mode === undefined || !isWord(mode) ? DEFAULT_STATE.mode : mode,
    target: target === 'a' || target === 'b' ? target : 'both',
    explained:
      isRecord(explained) && typeof explained.key === 'string'
        ? { machine: explained.machine === 1 ? 1 : 0, key: explained.key }
        : null,
    tab: TABS.find((one) => one === tab) ?? 'machine',
    shown: shown === 1 ? 1 : 0,
    board: isRecord(board) ? boardOf(board) : DEFAULT_STATE.board,
    numbers: isRecord(numbers) ? numbersOf(numbers) : null,
    accuracy: given.accuracy === true,
    evaluated: [wordOf(evaluated[0]), wordOf(evaluated[1])],
    files: isRecord(files) ? filesOf(files) : {},
    pins: Array.isArray(pins) ? pins.flatMap((pin) => pinOf(pin) ?? []) : [],
  };
}

function machinesOf(given: unknown): [MachineChoice, MachineChoice] | null {
  if (!Array.isArray(given) || given.length !== 2) return null;
  const [a, b] = given.map(machineOf);
  return a === undefined || b === undefined || a === null || b === null ? null : [a, b];
}

function machineOf(given: unknown): MachineChoice | null {
  if (!isRecord(given) || typeof given.base !== 'string' || !Array.isArray(given.sets)) return null;
  const sets = given.sets.flatMap((one: unknown): [string, string][] =>
    Array.isArray(one) && typeof one[0] === 'string' && typeof one[1] === 'string' ? [[one[0], one[1]]] : [],
  );
  return { base: given.base, sets };
}

function boardOf({ machine, from, cycles, at, axis }: Record<string, unknown>): State['board'] {
  return {
    machine: machine === 0 ? 0 : 1,
    from: isCount(from) ? from : 0,
    cycles: isCount(cycles) && cycles > 0 ? cycles : null,
    at: isCount(at) ? at : 0,
    axis: axis === 'time' ? 'time' : 'cycles',
  };
}

const numbersOf = ({ machine, picture }: Record<string, unknown>): State['numbers'] => ({
  machine: machine === 1 ? 1 : 0,
  picture: isCount(picture) ? picture : 0,
});

const filesOf = (given: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).filter(
      (one): one is [string, string] => typeof one[1] === 'string' && one[0] !== '__proto__',
    ),
  );

function pinOf(given: unknown): Pin | null {
  if (!isRecord(given) || typeof given.name !== 'string') return null;
  const machines = machinesOf(given.machines);
  const { network = null, mode = null } = given;
  return machines === null || !isWord(network) || !isWord(mode) ? null : { name: given.name, machines, network, mode };
}
