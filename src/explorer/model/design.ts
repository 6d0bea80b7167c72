// Designs of the page's state, and how to make them elsewhere: overrides, command lines, YAML.

import { shellWord } from '../../config/escape.js';
import type { Design } from './protocol.js';
import type { MachineChoice, State } from './state.js';

/** A machine with the work that the page runs on it. */
export function designOf({ base, sets }: MachineChoice, { network, mode }: Pick<State, 'network' | 'mode'>): Design {
  return {
    base,
    sets: [
      ...(network === null ? [] : [`network=${network}`]),
      ...(mode === null ? [] : [`workload.mode=${mode}`]),
      ...sets.map(([key, value]) => `${key}=${value}`),
    ],
  };
}

/** Both machines. */
export const designsOf = (state: State): readonly [Design, Design] => [
  designOf(state.machines[0], state),
  designOf(state.machines[1], state),
];

/** The command that gives the same result on the command line. */
export const commandOf = ({ base, sets }: Design): string =>
  ['xbarflow', 'run', shellWord(base), ...sets.flatMap((set) => ['--set', shellWord(set)])].join(' ');

/** Knobs as they are nested, each value as it is written. */
type Settings = Map<string, string | Settings>;

/** The design as a config file: its base with what was set on it. */
export function yamlOf({ base, sets }: Design): string {
  const tree: Settings = new Map();
  for (const set of sets) {
    const at = set.indexOf('=');
    const path = set.slice(0, at).split('.');
    let place = tree;
    for (const key of path.slice(0, -1)) {
      const inner = place.get(key);
      const next = typeof inner === 'object' ? inner : new Map<string, string | Settings>();
      place.set(key, next);
      place = next;
    }
    place.set(path.at(-1)!, set.slice(at + 1));
  }
  return [`extends: ${plain(base)}`, ...linesOf(tree, '')].join('\n').concat('\n');
}

/** A value stands as `--set` took it: YAML already. */
const linesOf = (tree: Settings, indent: string): string[] =>
  [...tree].flatMap(([key, value]) =>
    value instanceof Map
      ? [`${indent}${plain(key)}:`, ...linesOf(value, `${indent}  `)]
      : [`${indent}${plain(key)}: ${value}`],
  );

/** A word as it is, or quoted where YAML would read something else. */
const plain = (text: string): string => (/^[A-Za-z_][\w./-]*$/.test(text) ? text : JSON.stringify(text));
