// The sticky strip: headlines of both machines as bars, their ratio, what is assumed, and why they differ.

import { useLayoutEffect, useRef } from 'preact/hooks';
import { both } from '../../config/typed.js';
import { faultText } from '../model/faults.js';
import { FIELDS } from '../model/protocol.js';
import { AccuracyHeadline, type Accuracies } from './accuracy.js';
import type { Simulated } from './answers.js';
import { useFigures, type FigureFeed } from './figure-feed.js';
import { HEADLINES, printed, ratioText, shareText } from './format.js';

interface StripProps extends Pick<Simulated, 'views' | 'faults' | 'causes'> {
  /** What the machines are called where they are not simulated. */
  bases: readonly [string, string];
  feed: FigureFeed;
  /** Null where none can be known. */
  accuracies: Accuracies | null;
  askAccuracy: () => void;
  /** What the page is asked for. */
  work: string;
  /** More than the figures is being worked out. */
  busy: boolean;
  explain: (machine: 0 | 1, key: string) => void;
}

/** Headlines nearer to each other than this are passed over for one that differs more. */
const APART = 0.05;

/** The one sentence that a narrow page has room for: why the first headline that differs does. */
function leadOf([a, b]: ReturnType<typeof useFigures>['now'], { headlines }: Simulated['causes']): string {
  if (a === null || b === null) return '';
  const told = HEADLINES.flatMap(({ id, key }) => {
    const sentence = headlines[key]?.sentence ?? '';
    return sentence === '' ? [] : [{ sentence, apart: Math.abs(b[FIELDS[id]] / a[FIELDS[id]] - 1) > APART }];
  });
  return printed((told.find(({ apart }) => apart) ?? told[0])?.sentence ?? '');
}

/** Why machines are not simulated: one line where it is the same. */
function faultLines(faults: Simulated['faults'], bases: readonly [string, string]): string[] {
  const [a, b] = both(faults, (fault) => (fault === null ? null : faultText(fault)));
  if (a !== null && a === b) return [`A and B are not simulated. ${a}`];
  return [a, b].flatMap((text, m) => (text === null ? [] : [`${'AB'[m]!} (${bases[m]!}) is not simulated. ${text}`]));
}

/** The strip. */
export function Strip({
  feed,
  accuracies,
  askAccuracy,
  views,
  faults,
  bases,
  causes,
  work,
  busy,
  explain,
}: StripProps) {
  const figures = useFigures(feed);
  const lead = leadOf(figures.now, causes);
  const box = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    // What stays beside the page begins below the strip, however tall its sentences make it.
    const measure = new ResizeObserver(([entry]) => {
      const height = entry?.borderBoxSize[0]?.blockSize ?? 0;
      document.documentElement.style.setProperty('--strip', `${height}px`);
    });
    if (box.current !== null) measure.observe(box.current);
    return () => {
      measure.disconnect();
    };
  }, []);
  return (
    <section
      ref={box}
      class={`strip${accuracies === null ? '' : ' with-accuracy'}`}
      aria-label="Headlines of both machines"
      aria-busy={busy || figures.work !== work}
      data-shown={figures.step}
      data-worked={figures.workedMs}
      data-hashes={views.map((view) => view?.configHash ?? '').join(' ')}
    >
      {HEADLINES.map(({ id, key, title, words }) => {
        const values = both(figures.now, (point) => point?.[FIELDS[id]] ?? null);
        const old = both(figures.before, (point) => point?.[FIELDS[id]] ?? null);
        const most = Math.max(...[...values, ...old].map((value) => value ?? 0));
        const [a, b] = values;
        // Times and energies of unlike work do not compare.
        const compares = causes.sameWork || id === 'area' || id === 'utilization';
        const ratio = a === null || b === null || a === 0 || !compares ? null : b / a;
        const cause = printed(causes.headlines[key]?.sentence ?? '');
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
              const value = values[m];
              const ghost = old[m];
              const name = m === 0 ? 'A' : 'B';
              if (value === null)
                return (
                  <div class="bar-row" key={m}>
                    <span class="which">{name}</span>
                    <span class="none">not simulated</span>
                  </div>
                );
              const assumed = view?.[id].assumed ?? 0;
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
                    `${title} of ${name}, ${view?.name ?? ''}: ${words(value)}` +
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
            <p class="cause">{cause}</p>
          </div>
        );
      })}
      {accuracies !== null && <AccuracyHeadline of={accuracies} ask={askAccuracy} />}
      {faultLines(faults, bases).map((line) => (
        <p class="differ warning" role="alert" key={line}>
          {line}
        </p>
      ))}
      {causes.differ !== '' && <p class={causes.sameWork ? 'differ' : 'differ warning'}>{printed(causes.differ)}</p>}
      {lead !== '' && <p class="cause lead">{lead}</p>}
      <p class="legend">
        <span class="assumed" /> share that rests on assumptions (*) <span class="ghost" /> before the last change
      </p>
    </section>
  );
}
