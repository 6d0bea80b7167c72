// RP2 with all its terms, one pixel and universal perturbation on a small network of colours, against a program of
// plain loops (scripts/golden/searches.mjs): every draw of a stream is stored with it.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NetworkVictim } from '../../../src/functional/attacks/network-victim.js';
import { OnePixel } from '../../../src/functional/attacks/one-pixel.js';
import { Rp2 } from '../../../src/functional/attacks/rp2.js';
import { Universal } from '../../../src/functional/attacks/universal.js';
import type { AttackRun, AttackTask } from '../../../src/functional/attacks/victim.js';
import { Executor } from '../../../src/functional/execute.js';
import { loaded } from '../../helpers.js';
import { PLAIN_RP2 } from './rp2-options.js';

type Streams = Readonly<Record<string, readonly number[]>>;
/** [loss, share that is fooled]. */
type State = readonly [loss: number, success: number];

interface Cases {
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly weights: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;
  readonly clean: readonly number[];
  readonly labels: readonly number[];
  readonly mask: readonly number[];
  readonly start: readonly number[];
  readonly rp2: Readonly<
    Record<
      string,
      {
        readonly settings: {
          readonly lambda: number;
          readonly moves?: [number, number, number][];
          readonly printable?: readonly number[];
          readonly weight?: number;
          readonly variation: number;
        };
        readonly away: boolean;
        readonly target: number;
        readonly rows: readonly (readonly [round: number, ...State])[];
        readonly noise: readonly number[];
      }
    >
  >;
  readonly onePixel: Readonly<
    Record<
      string,
      {
        readonly settings: {
          readonly pixels: number;
          readonly population: number;
          readonly count: number;
          readonly targets: readonly number[] | null;
        };
        readonly streams: Streams;
        readonly states: readonly State[];
        readonly adversarial: readonly number[];
      }
    >
  >;
  readonly universal: readonly {
    readonly settings: {
      readonly epsilon: number;
      readonly norm: 'linf' | 'l2';
      readonly count: number;
      readonly delta: number;
    };
    readonly streams: Streams;
    readonly states: readonly State[];
    readonly noise: readonly number[];
  }[];
}

const cases = JSON.parse(
  readFileSync(new URL('../../golden/data/golden/attacks_small/attacks.json', import.meta.url), 'utf8'),
) as Cases;
const [channels, height, width] = cases.shape;
const SHAPE = { channels, height, width };
const COUNT = cases.labels.length;

const NETWORK = `name: small
input: { channels: ${channels}, height: ${height}, width: ${width} }
layers:
  - { name: conv1, type: conv2d, channels: 4, kernel: 3, padding: same }
  - { name: relu1, type: relu }
  - { name: pool1, type: maxpool, kernel: 2 }
  - { name: fc2, type: dense, features: 4 }
`;

/** The attack on all pictures, with the draws of a program that had them first. */
function task(streams: Streams, over: Partial<AttackTask> = {}): AttackTask {
  const { graph } = loaded('a3', ['network=small.yaml'], { 'small.yaml': NETWORK }).network;
  const weights = new Map(
    Object.entries(cases.weights).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
  const parameters = { keys: [...weights.keys()], get: (key: string) => weights.get(key)! };
  return {
    victim: new NetworkVictim(new Executor(graph, parameters, { precision: 'float64' })),
    clean: Float64Array.from(cases.clean),
    count: COUNT,
    labels: Int32Array.from(cases.labels),
    targets: null,
    range: [0, 1],
    start: null,
    stream(name) {
      let at = 0;
      return () => streams[name]![at++]!;
    },
    ...over,
  };
}

/** All states of a run, and what is put on the pictures as close as `right`. */
function follow(run: AttackRun, right: readonly State[]): void {
  const states = right.map((_, round) => (round + 1 < right.length ? run.step() : run.state()));
  states.forEach(({ loss, success }, round) => {
    expect(loss, `round ${round}`).toBeCloseTo(right[round]![0], 9);
    expect(success, `round ${round}`).toBeCloseTo(right[round]![1], 12);
  });
}

function near(found: ArrayLike<number>, right: readonly number[]): void {
  expect(Array.from(found, (value, j) => Math.abs(value - right[j]!)).filter((gap) => !(gap < 1e-9))).toEqual([]);
}

describe('attacks that search, against plain loops', () => {
  it.each(Object.entries(cases.rp2))('RP2: %s', (_, { settings, away, target, rows, noise }) => {
    const { lambda, moves, printable, weight, variation } = settings;
    const all = new Int32Array(COUNT).fill(target);
    const attacked = task(
      {},
      { ...(away ? { labels: all } : { targets: all }), start: Float64Array.from(cases.start) },
    );
    const options = {
      ...{ ...PLAIN_RP2, lambda, totalVariation: variation, iterations: rows.length - 1 },
      ...{ replay: moves ?? null, printable: printable ?? [], nonPrintability: weight ?? 0 },
    };
    const run = new Rp2(attacked, options, SHAPE, Float64Array.from(cases.mask));
    follow(
      run,
      rows.map(([, ...state]) => state),
    );
    near(run.arrays.get('noise')!, noise);
  });

  it.each(Object.entries(cases.onePixel))('one pixel: %s', (_, { settings, streams, states, adversarial }) => {
    const { pixels, population, count, targets } = settings;
    const attacked = task(streams, { targets: targets === null ? null : Int32Array.from(targets) });
    const run = new OnePixel(attacked, { pixels, population, iterations: count }, SHAPE);
    follow(run, states);
    near(run.adversarial(), adversarial);
  });

  it.each(cases.universal)('universal perturbation in $settings.norm', ({ settings, streams, states, noise }) => {
    const { epsilon, norm, delta, count } = settings;
    const options = { epsilon, norm, delta, iterations: count, overshoot: 0.02, steps: 50 };
    const run = new Universal(task(streams), options);
    follow(run, states);
    near(run.arrays.get('noise')!, noise);
  });
});
