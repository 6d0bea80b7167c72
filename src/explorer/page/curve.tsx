// The curve of a knob: what the headlines become at each of its values, filled in by workers that the
// sliders do not use.

import { useEffect, useState } from 'preact/hooks';
import { designOf } from '../model/design.js';
import { setsOf, type RailKnob } from '../model/knobs.js';
import type { Point } from '../model/protocol.js';
import { withSet, type State } from '../model/state.js';
import type { Workers } from './client.js';
import { HEADLINES } from './format.js';

const WIDTH = 150;
const HEIGHT = 60;
/** Designs that a worker is asked at once: so few that the curve fills in as one looks. */
const TOGETHER = 4;

const METRICS = { time: 'timeS', energy: 'energyJ', area: 'areaMm2', utilization: 'utilization' } as const;

type Curves = readonly [(Point | null)[], (Point | null)[]];

/** The curve of the knob that was moved last. */
export function Curve({ knob, state, workers }: { knob: RailKnob; state: State; workers: Workers }) {
  const [curves, setCurves] = useState<Curves>([[], []]);
  const rest = state.machines.map(({ base, sets }) => [base, sets.filter(([key]) => !knob.keys.includes(key))]);
  const what = JSON.stringify([knob.name, rest, state.network, state.mode]);
  useEffect(() => {
    const gone = { yes: false };
    workers.dropAside();
    setCurves([[], []]);
    const filled: [(Point | null)[], (Point | null)[]] = [[], []];
    for (const m of [0, 1] as const)
      for (let from = 0; from < knob.values.length; from += TOGETHER) {
        const designs = knob.values.slice(from, from + TOGETHER).map((value) =>
          designOf(
            setsOf(knob, value).reduce((all, [key, own]) => withSet(all, key, own), state.machines[m]),
            state,
          ),
        );
        workers.aside({ kind: 'points', designs, files: state.files }, from / TOGETHER).then(
          (points) => {
            if (gone.yes) return;
            points.forEach((point, i) => (filled[m][from + i] = point));
            setCurves([[...filled[0]], [...filled[1]]]);
          },
          () => undefined,
        );
      }
    return () => {
      gone.yes = true;
    };
  }, [what, workers]);
  return (
    <section class="curve" aria-label={`${knob.name}: curve`}>
      <h2>
        {knob.name}{' '}
        <small>
          {knob.values[0]} to {knob.values.at(-1)}, every value of the slider; bars from 0
        </small>
      </h2>
      <div class="curves">
        {HEADLINES.map(({ id, title, words }) => {
          const field = METRICS[id];
          const most = Math.max(...curves.flatMap((one) => one.map((point) => point?.[field] ?? 0)), 0);
          return (
            <figure key={id}>
              <svg width={WIDTH} height={HEIGHT} role="img" aria-label={`${title} over ${knob.name}`}>
                {curves.map((points, m) => (
                  <path
                    key={m}
                    class={m === 0 ? 'line-a' : 'line-b'}
                    d={pathOf(points, field, most, knob.values.length)}
                  />
                ))}
              </svg>
              <figcaption class="small">
                {title}, at most {most === 0 ? '…' : words(most)}
              </figcaption>
            </figure>
          );
        })}
      </div>
    </section>
  );
}

/** A line through the points that are there; a value that does not fit the design leaves a gap. */
function pathOf(points: readonly (Point | null)[], field: keyof Point, most: number, values: number): string {
  let path = '';
  let pen = 'M';
  for (let i = 0; i < values; i++) {
    const point = points[i];
    if (point == null || most === 0) {
      pen = 'M';
      continue;
    }
    const x = 4 + (i * (WIDTH - 8)) / Math.max(1, values - 1);
    path += `${pen}${x.toFixed(1)} ${(HEIGHT - 4 - (point[field] / most) * (HEIGHT - 8)).toFixed(1)}`;
    pen = 'L';
  }
  return path;
}
