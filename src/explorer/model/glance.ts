// The headlines of a design without all else: what follows a slider's step at once. What does not change between two
// steps is read, checked and built once, as between the points of a sweep.

import { Origins, applySet, isTree, type Presets, type TreeValue } from '../../config/index.js';
import { PointResolver } from '../../experiment/sweep/resolver.js';
import { KnownRuns, simulateHeadlines, type Headlines } from '../../simulation/index.js';
import type { Design, Point } from './protocol.js';

/** Bases, with the files that stand beside them, whose parts are kept. */
const MOST_BASES = 6;
/** Overrides whose values are kept. */
const MOST_VALUES = 2000;

/** Numbers of flows that are kept, a few MB with their results: a page stays open for long. */
const MOST_FLOW_NUMBERS = 2 ** 16;

/** A knob with its value as a config holds it. */
interface Value {
  key: string;
  value: TreeValue;
}

/** What the strip and a point of a curve show of a result or of its headlines. */
export const pointOf = ({
  time,
  energy,
  area,
  utilization,
}: Pick<Headlines, 'time' | 'energy' | 'area' | 'utilization'>): Point => ({
  timeS: time.totalS,
  energyJ: energy.totalJ,
  areaMm2: area.totalMm2,
  utilization: utilization.effective,
});

/** Headlines of many designs, one after the other. */
export class Glances {
  readonly #known = new KnownRuns(MOST_FLOW_NUMBERS);
  readonly #resolvers = new Map<string, PointResolver>();
  readonly #values = new Map<string, Value>();

  /**
   * The headlines that `simulate` gives of a design. @param kept names the files that `presets` reads beside its own
   * @throws UserError for a wrong config, not in the words in which `loadRun` says it
   */
  point({ base, sets }: Design, presets: Presets, kept: string): Point {
    const values = sets.map((set) => this.#valueOf(set));
    const { run, trace } = this.#resolverOf(base, presets, kept).resolve(values);
    return pointOf(simulateHeadlines(run, { trace, known: this.#known }));
  }

  #resolverOf(base: string, presets: Presets, kept: string): PointResolver {
    const key = JSON.stringify([base, kept]);
    let resolver = this.#resolvers.get(key);
    if (resolver === undefined) {
      resolver = new PointResolver(presets, { file: '', config: base, set: {}, sets: [] }, (name) => ({
        file: `--set ${name}`,
        line: 0,
        column: 0,
      }));
      this.#resolvers.set(key, resolver);
      for (const old of this.#resolvers.keys()) if (this.#resolvers.size > MOST_BASES) this.#resolvers.delete(old);
    }
    return resolver;
  }

  /** A `key=value` as `--set` reads it. */
  #valueOf(set: string): Value {
    let found = this.#values.get(set);
    if (found === undefined) {
      const key = set.slice(0, set.indexOf('='));
      let value: TreeValue = applySet(EMPTY, set).tree;
      for (const part of key.split('.')) if (isTree(value)) value = value[part.trim()] ?? null;
      found = { key, value };
      if (this.#values.size === MOST_VALUES) this.#values.clear();
      this.#values.set(set, found);
    }
    return found;
  }
}

const EMPTY = { tree: {}, origins: new Origins({ file: '', line: 0, column: 0 }), file: '' };
