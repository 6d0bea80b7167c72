// Points that were pinned: their headlines beside those of now, and the way back to them.

import { useEffect, useState } from 'preact/hooks';
import { both } from '../../config/typed.js';
import { designOf } from '../model/design.js';
import { FIELDS, type Design, type Point } from '../model/protocol.js';
import type { Pin } from '../model/state.js';
import type { Workers } from './client.js';
import { HEADLINES, ratioText } from './format.js';
import type { PartProps } from './rail.js';

/** What a pinned machine is, in words: its base and what was set on it. */
const wordsOf = ({ base, sets }: Pin['machines'][0]): string =>
  [base, ...sets.map(([key, value]) => `${key.replace(/^.*\./, '')} ${value}`)].join(', ');

/** The pins of the state, each a row a machine. */
export function Pins({ state, update, views, workers }: PartProps & { workers: Workers }) {
  const [points, setPoints] = useState<ReadonlyMap<string, Point | null>>(new Map());
  const designs = state.pins.flatMap((pin) => both(pin.machines, (machine) => designOf(machine, pin)));
  const wanted = designs.filter((design) => !points.has(keyOf(design)));
  const what = JSON.stringify(wanted);
  useEffect(() => {
    if (wanted.length === 0) return;
    workers.aside({ kind: 'points', for: 'pins', designs: wanted, files: state.files }).then(
      (found) => {
        setPoints((now) => new Map([...now, ...wanted.map((design, i) => [keyOf(design), found[i] ?? null] as const)]));
      },
      () => undefined,
    );
  }, [what, workers]);
  if (state.pins.length === 0) return null;
  return (
    <section class="pins" aria-label="Pinned points">
      <h2>
        Pinned points <small>beside now: pinned / now</small>
      </h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of pinned points">
        <table>
          <thead>
            <tr>
              <th scope="col">point</th>
              <th scope="col">machine</th>
              {HEADLINES.map(({ id, title }) => (
                <th scope="col" key={id}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {state.pins.flatMap((pin, p) =>
              both(pin.machines, (machine, m) => {
                const point = points.get(keyOf(designOf(machine, pin)));
                return (
                  <tr key={`${p} ${m}`} class={`machine-${m === 0 ? 'a' : 'b'}`} data-pin={p}>
                    {m === 0 && (
                      <th scope="rowgroup" rowSpan={2}>
                        {pin.name}
                        <small>
                          {pin.network ?? ''} {pin.mode ?? ''}
                        </small>
                        <button
                          type="button"
                          class="link"
                          aria-label={`Go to ${pin.name}`}
                          onClick={() => {
                            const { machines, network, mode } = pin;
                            update((now) => ({ ...now, machines, network, mode }));
                          }}
                        >
                          go to
                        </button>{' '}
                        <button
                          type="button"
                          class="link"
                          aria-label={`Remove ${pin.name}`}
                          onClick={() => {
                            update((now) => ({ ...now, pins: now.pins.filter((_, i) => i !== p) }));
                          }}
                        >
                          remove
                        </button>
                      </th>
                    )}
                    <td>
                      {m === 0 ? 'A' : 'B'} {wordsOf(machine)}
                    </td>
                    {HEADLINES.map(({ id, words }) => {
                      const now = views[m]?.[id].value ?? 0;
                      const value = point?.[FIELDS[id]];
                      return (
                        <td key={id} data-value={value}>
                          {point === undefined ? '…' : value === undefined ? 'does not run' : words(value)}
                          {value !== undefined && now > 0 && <small>{ratioText(value / now)}</small>}
                        </td>
                      );
                    })}
                  </tr>
                );
              }),
            )}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const keyOf = ({ base, sets }: Design): string => JSON.stringify([base, sets]);
