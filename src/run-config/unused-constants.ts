// Constants of components that a config writes and its run does not take, or that its clock makes longer.

import { formatQuantity, isTree, type Tree } from '../config/index.js';
import { COMPONENT_NAMES } from '../components/index.js';
import type { LoadedRun } from './load.js';
import type { UnusedKnob } from './unused.js';

/** What a run took of its components. */
export interface Taken {
  /** Keys of the constants that it looked up. */
  constants: ReadonlySet<string>;
  /** Components that its machine has. */
  components: ReadonlySet<string>;
}

/** Share of a time by which the clock may move it before a note says so. */
const MOVED = 0.01;

/** Constants below `components` that `own` files (or the command line) wrote: presets serve several designs. */
function* written(loaded: LoadedRun['loaded'], own: (file: string) => boolean): Generator<string[]> {
  function* below(tree: Tree, path: string[]): Generator<string[]> {
    for (const [key, value] of Object.entries(tree)) {
      const at = [...path, key];
      if (isTree(value) && !Object.hasOwn(value, 'value') && !Object.hasOwn(value, 'law')) yield* below(value, at);
      else if (key !== 'per' && own(loaded.origins.at(at).file)) yield at;
    }
  }
  if (isTree(loaded.tree.components)) yield* below(loaded.tree.components, ['components']);
}

/** Those of them that the run never takes, with what it lacks. */
export function unusedConstants({ loaded }: LoadedRun, taken: Taken, own: (file: string) => boolean): UnusedKnob[] {
  const reasonOf = ([, component = '', kind, action]: readonly string[]): string => {
    if (!taken.components.has(component)) return `this machine has no ${component}`;
    return kind === 'energy' && action !== undefined
      ? `this run has no ${action} of its ${component}`
      : `nothing in this run takes it of its ${component}`;
  };
  return [...written(loaded, own)]
    .filter((path) => !taken.constants.has(path.join('.')))
    .map((path) => ({ key: path.join('.'), origin: loaded.origins.at(path), reason: reasonOf(path) }));
}

/** Those of their times that end between two edges of the clock: how long they take on it. */
export function clockedTimes({ config, loaded }: LoadedRun, own: (file: string) => boolean): UnusedKnob[] {
  const { clock } = config.chip;
  if (clock === undefined) return [];
  const keys = new Set([...written(loaded, own)].map((path) => path.join('.')));
  return COMPONENT_NAMES.flatMap((component) =>
    (['latency', 'writeLatency', 'interval'] as const).flatMap((key): UnusedKnob[] => {
      const path = ['components', component, key];
      const time = config.components[component]?.[key]?.value;
      if (time === undefined || 'cycles' in time || !keys.has(path.join('.'))) return [];
      const edges = Math.ceil(time.seconds * clock - MOVED);
      if (edges - time.seconds * clock <= MOVED * edges) return [];
      const [own, on] = [time.seconds, edges / clock].map((seconds) => formatQuantity(seconds, 'time'));
      const reason = `${own} end on an edge of chip.clock, after ${on}`;
      return [{ key: path.join('.'), origin: loaded.origins.at(path), reason }];
    }),
  );
}
