// Energy by component of both machines, and the verdicts' sentences.

import { componentWords } from '../../result/component-words.js';
import type { MachineView } from '../model/view.js';
import type { Causes } from '../model/protocol.js';
import { HEADLINES, formatQuantity, printed } from './format.js';

type Views = readonly [MachineView | null, MachineView | null];
type Explain = (machine: 0 | 1, key: string) => void;

/** Energy by component, aligned. */
export function EnergyPanel({ views, explain }: { views: Views; explain: Explain }) {
  const parts = views.map((view) => new Map(view?.energyByComponent ?? []));
  const names = [...new Set(parts.flatMap((one) => [...one.keys()]))].sort(
    (a, b) => Math.max(...parts.map((p) => p.get(b) ?? 0)) - Math.max(...parts.map((p) => p.get(a) ?? 0)),
  );
  if (names.length === 0) return null;
  const most = Math.max(0, ...parts.flatMap((one) => [...one.values()]));
  return (
    <section class="energy" aria-label="Energy by component">
      <h2>Energy by component</h2>
      {names.map((name) => (
        <div class="component" key={name}>
          <span>
            {componentWords(name)}
            {componentWords(name) !== name && <small class="identifier">{name}</small>}
          </span>
          {([0, 1] as const).map((m) => {
            const value = parts[m]?.get(name) ?? 0;
            const which = m === 0 ? 'A' : 'B';
            return (
              <button
                type="button"
                class={`bar-row machine-${which.toLowerCase()}`}
                key={m}
                disabled={value === 0}
                title={`${componentWords(name)} of ${which}: ${formatQuantity(value, 'energy')}. Explain`}
                onClick={() => {
                  explain(m, `energy.byComponentJ.${name}`);
                }}
              >
                <span class="which">{which}</span>
                <span class="track">
                  <span class="bar" style={{ width: `${most === 0 ? 0 : (100 * value) / most}%` }} />
                </span>
                <span class="value">{formatQuantity(value, 'energy')}</span>
              </button>
            );
          })}
        </div>
      ))}
    </section>
  );
}

/** Why B differs from A, what limits each machine, and what to know of its figures. */
export function WhyPanel({ views, causes }: { views: Views; causes: Causes }) {
  const told = HEADLINES.flatMap(({ key, title }) => {
    const cause = causes.headlines[key];
    return cause === undefined || cause.sentence === '' ? [] : [{ key, title, ...cause }];
  });
  return (
    <section class="why" aria-label="Why">
      {causes.differ !== '' && (
        <div class="differences">
          <h2>Why B differs from A</h2>
          <p>{printed(causes.differ)}</p>
          <dl>
            {told.map(({ key, title, sentence, figures }) => (
              <div key={key}>
                <dt>{title.toLowerCase()}</dt>
                <dd>
                  {printed(sentence)} {figures !== '' && <span class="small">{printed(figures)}</span>}
                </dd>
              </div>
            ))}
          </dl>
        </div>
      )}
      {views.map((view, m) =>
        view === null ? null : (
          <div key={m}>
            <h2>
              Why: {m === 0 ? 'A' : 'B'} {view.name}
            </h2>
            <dl>
              <dt>time is set by</dt>
              <dd>{printed(view.timeSetBy)}</dd>
              <dt>energy goes to</dt>
              <dd>{printed(view.energyGoesTo)}</dd>
              <dt>area is</dt>
              <dd>{printed(view.areaIs)}</dd>
            </dl>
            {view.notes.length > 0 && (
              <ul class="small">
                {view.notes.map((note) => (
                  <li key={note}>{printed(note)}</li>
                ))}
              </ul>
            )}
          </div>
        ),
      )}
    </section>
  );
}
