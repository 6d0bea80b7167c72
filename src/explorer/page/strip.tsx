// The sticky strip: headlines of both machines as bars, their ratio, what is assumed, and why they differ.

import type { Causes } from '../model/protocol.js';
import type { MachineView } from '../model/view.js';
import { HEADLINES, ratioText, shareText } from './format.js';
import { leading } from '../../config/typed.js';

interface StripProps {
  views: readonly [MachineView | null, MachineView | null];
  /** What the bars showed before the last change. */
  ghosts: readonly [MachineView | null, MachineView | null];
  causes: Causes;
  sameWork: boolean;
  busy: boolean;
  /** What the worker needed for the last answer, milliseconds. */
  tookMs: number;
  explain: (machine: 0 | 1, key: string) => void;
}

/** The strip. */
export function Strip({ views, ghosts, causes, sameWork, busy, tookMs, explain }: StripProps) {
  return (
    <section
      class="strip"
      aria-label="Headlines of both machines"
      aria-busy={busy}
      data-worked={tookMs}
      data-hashes={views.map((view) => view?.configHash ?? '').join(' ')}
    >
      {HEADLINES.map(({ id, key, title, words }) => {
        const values = views.map((view) => view?.[id].value ?? null);
        const old = ghosts.map((view) => view?.[id].value ?? null);
        const most = Math.max(...[...values, ...old].map((value) => value ?? 0));
        const [a, b] = leading(2, values);
        const ratio = a === null || b === null || a === 0 ? null : b / a;
        const cause = causes[key] ?? '';
        return (
          <div class="headline" key={id} data-metric={key}>
            <h2>
              {title}
              <span class="ratio" title="B over A">
                {ratio === null ? '' : `B/A ${ratioText(ratio)}`}
              </span>
            </h2>
            {([0, 1] as const).map((m) => {
              const view = views[m];
              const value = values[m] ?? null;
              const ghost = old[m] ?? null;
              const name = m === 0 ? 'A' : 'B';
              if (view === null || value === null)
                return (
                  <div class="bar-row" key={m}>
                    <span class="which">{name}</span>
                    <span class="none">not simulated</span>
                  </div>
                );
              const assumed = view[id].assumed;
              return (
                <button
                  type="button"
                  class={`bar-row machine-${name.toLowerCase()}`}
                  key={m}
                  data-value={value}
                  onClick={() => {
                    explain(m, key);
                  }}
                  title={
                    `${title} of ${name}, ${view.name}: ${words(value)}` +
                    `${assumed > 0 ? `, ${shareText(assumed)} of it assumed` : ''}. Explain`
                  }
                >
                  <span class="which">{name}</span>
                  <span class="track">
                    <span class="bar" style={{ width: `${most === 0 ? 0 : (100 * value) / most}%` }}>
                      <span class="assumed" style={{ width: `${100 * assumed}%` }} />
                    </span>
                    {ghost !== null && ghost !== value && (
                      <span class="ghost" style={{ left: `${most === 0 ? 0 : (100 * ghost) / most}%` }} />
                    )}
                  </span>
                  <span class="value">
                    {words(value)}
                    {assumed >= 0.01 ? '*' : ''}
                  </span>
                </button>
              );
            })}
            <p class="cause" title={cause}>
              {cause}
            </p>
          </div>
        );
      })}
      {!sameWork && <p class="warning">A and B run unlike work: times and energies do not compare.</p>}
      <p class="legend">
        <span class="assumed" /> share that rests on assumptions (*) <span class="ghost" /> before the last change
      </p>
    </section>
  );
}
