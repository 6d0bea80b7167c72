// The curve of a knob: what the headlines become at 40 of its values, filled in by workers that the
// sliders do not use.

import { useEffect, useRef, useState } from 'preact/hooks';
import { curveValues, placeOf } from '../model/curves.js';
import { designOf } from '../model/design.js';
import { setsOf, valueOf, type RailKnob } from '../model/knobs.js';
import { FIELDS, type Point } from '../model/protocol.js';
import { withSet, type State } from '../model/state.js';
import type { MachineView } from '../model/view.js';
import type { Workers } from './client.js';
import { HEADLINES } from './format.js';

const WIDTH = 220;
const HEIGHT = 84;
const MARGIN = 5;
/** Designs that a worker is asked at once: so few that the curve fills in as one looks. */
const TOGETHER = 4;

/** A curve is begun when the page has followed and the knobs rest so long: a drag has the processor for itself. */
const AFTER_MS = 120;
const NONE: Curves = [[], []];

type Curves = readonly [(Point | null)[], (Point | null)[]];

interface CurveProps {
  knob: RailKnob;
  state: State;
  views: readonly [MachineView | null, MachineView | null];
  workers: Workers;
  /** The page still follows the last move. */
  following: boolean;
}

/** The curve of the knob that was moved last. */
export function Curve({ knob, state, views, workers, following }: CurveProps) {
  const [curves, setCurves] = useState<Curves>(NONE);
  const rest = state.machines.map(({ base, sets }) => [base, sets.filter(([key]) => !knob.keys.includes(key))]);
  const what = JSON.stringify([knob.name, rest, state.network, state.mode]);
  const values = curveValues(knob);
  /** The curve that fills in. */
  const begun = useRef('');
  useEffect(() => {
    workers.dropAside('curve');
    setCurves(NONE);
    begun.current = '';
  }, [what, workers]);
  useEffect(() => {
    if (following || begun.current === what) return;
    const filled: [(Point | null)[], (Point | null)[]] = [[], []];
    const ask = (): void => {
      begun.current = what;
      for (const m of [0, 1] as const)
        for (let from = 0; from < values.length; from += TOGETHER) {
          const designs = values.slice(from, from + TOGETHER).map((value) =>
            designOf(
              setsOf(knob, value).reduce((all, [key, own]) => withSet(all, key, own), state.machines[m]),
              state,
            ),
          );
          const points = { kind: 'points', for: 'curve', designs, files: state.files } as const;
          workers.aside(points, from / TOGETHER).then(
            (found) => {
              if (begun.current !== what) return;
              found.forEach((point, i) => (filled[m][from + i] = point));
              setCurves([[...filled[0]], [...filled[1]]]);
            },
            () => undefined,
          );
        }
    };
    const timer = setTimeout(ask, AFTER_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [what, following, workers]);
  const there = curves.flatMap((one) => Object.keys(one)).length;
  return (
    <section class="curve" aria-label={`${knob.name}: curve`} data-points={there}>
      <h2>
        {knob.name}{' '}
        <small>
          {values[0]} to {values.at(-1)} {knob.unit ?? ''} in {values.length} points; heights from 0; dots stand at now
        </small>
      </h2>
      <div class="curves">
        {HEADLINES.map(({ id, title, words }) => {
          const field = FIELDS[id];
          const most = Math.max(...curves.flatMap((one) => one.map((point) => point?.[field] ?? 0)), 0);
          const y = (value: number): number => HEIGHT - MARGIN - (value / most) * (HEIGHT - 2 * MARGIN);
          const x = (value: string): number => MARGIN + placeOf(values, value) * (WIDTH - 2 * MARGIN);
          return (
            <figure key={id}>
              <svg
                viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
                role="img"
                aria-label={`${title} over ${knob.name}, at most ${most === 0 ? '' : words(most)}`}
              >
                <path class="axis" d={`M${MARGIN} ${HEIGHT - MARGIN}H${WIDTH - MARGIN}`} />
                {curves.map((points, m) => (
                  <path
                    key={m}
                    class={m === 0 ? 'line-a' : 'line-b'}
                    d={pathOf(
                      values.map((value, i) => [x(value), points[i]?.[field]] as const),
                      most === 0 ? null : y,
                    )}
                  />
                ))}
                {([0, 1] as const).map((m) => {
                  const value = valueOf(knob, state.machines[m], views[m]);
                  const now = views[m]?.[id].value;
                  // What was typed need not be a number that the curve has a place for.
                  const at = value === null ? Number.NaN : x(value);
                  if (Number.isNaN(at) || now === undefined || most === 0 || now > most) return null;
                  return <circle key={m} class={m === 0 ? 'dot-a' : 'dot-b'} cx={at} cy={y(now)} r={3.5} />;
                })}
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
function pathOf(
  points: readonly (readonly [x: number, value: number | undefined])[],
  y: ((value: number) => number) | null,
) {
  let path = '';
  let pen = 'M';
  for (const [x, value] of points) {
    if (value === undefined || y === null) {
      pen = 'M';
      continue;
    }
    path += `${pen}${x.toFixed(1)} ${y(value).toFixed(1)}`;
    pen = 'L';
  }
  return path;
}
