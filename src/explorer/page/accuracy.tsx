// The accuracy of both machines where it is known: of an evaluation that was dropped, or of a network that learns
// digits in the page.

import { useEffect, useState } from 'preact/hooks';
import { both } from '../../config/typed.js';
import { designsOf } from '../model/design.js';
import { evaluationOf } from '../model/given.js';
import { faultText } from '../model/faults.js';
import type { Known } from '../model/protocol.js';
import type { State } from '../model/state.js';
import type { Simulated } from './answers.js';
import type { Workers } from './client.js';
import { workOf } from './figure-feed.js';
import { shareText } from './format.js';

/** Accuracies are worked out when the knobs have rested for so long after the page has followed, milliseconds. */
const AFTER_MS = 300;

/** What the strip shows of accuracy. */
export interface Accuracies {
  known: readonly [Known | null, Known | null];
  /** Nobody has asked for it yet. */
  asks: boolean;
  /** It is being worked out. */
  busy: boolean;
}

/**
 * The accuracies of a state, worked out where they were asked for or the numbers are shown; null where none can be
 * known of either machine.
 */
export function useAccuracies(
  state: State,
  views: Simulated['views'],
  { workers, failed, following }: { workers: Workers; failed: (error: unknown) => void; following: boolean },
): Accuracies | null {
  const [found, setFound] = useState<{ work: string; known: readonly [Known, Known] } | null>(null);
  const given = both(state.evaluated, (file): Known | null => {
    const accuracy = file === null ? null : evaluationOf(state.files[file] ?? '', file);
    return accuracy === null ? null : { accuracy, fault: null };
  });
  const learns = views.some((view, m) => view?.learns === true && given[m] === null);
  const wanted = learns && (state.accuracy || state.numbers !== null);
  const work = workOf(state);
  useEffect(() => {
    if (!wanted || following) return;
    const timer = setTimeout(() => {
      workers.late({ kind: 'accuracy', designs: designsOf(state), files: state.files }).then((known) => {
        setFound({ work, known });
      }, failed);
    }, AFTER_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [wanted, work, following, workers, failed]);
  if (!learns && given.every((one) => one === null)) return null;
  return {
    known: both(given, (one, m) => one ?? (wanted ? (found?.known[m] ?? null) : null)),
    asks: learns && !wanted,
    busy: wanted && found?.work !== work,
  };
}

/** The strip's part for them. */
export function AccuracyHeadline({ of: { known, asks, busy }, ask }: { of: Accuracies; ask: () => void }) {
  return (
    <div class="headline" data-metric="accuracy" aria-busy={busy}>
      <h2>
        Accuracy
        <span class="ratio" title="B less A">
          {busy ? 'working…' : pointsText(known)}
        </span>
      </h2>
      {([0, 1] as const).map((m) => {
        const name = m === 0 ? 'A' : 'B';
        const one = known[m];
        if (one?.accuracy == null)
          return (
            <div class="bar-row" key={m}>
              <span class="which">{name}</span>
              <span class="none" title={one == null ? '' : faultText(one.fault)}>
                not known
              </span>
            </div>
          );
        const { share, exact, says } = one.accuracy;
        return (
          <div
            class={`bar-row machine-${name.toLowerCase()}`}
            key={m}
            data-accuracy={share}
            title={`Accuracy of ${name}: ${shareText(share)}, in exact numbers ${shareText(exact)}; ${says}`}
          >
            <span class="which">{name}</span>
            <span class="track">
              <span class="bar" style={{ width: `${100 * share}%` }} />
              <span class="ghost" style={{ left: `${100 * exact}%` }} />
            </span>
            <span class="value">{shareText(share)}</span>
          </div>
        );
      })}
      {asks ? (
        <p class="cause asks">
          <button type="button" class="link" onClick={ask}>
            work it out
          </button>
          : the network learns digits in this page, some seconds
        </p>
      ) : (
        <p class="cause" title={sayingOf(known)}>
          {sayingOf(known)}
        </p>
      )}
    </div>
  );
}

/** B's share less A's, in points. */
function pointsText([a, b]: Accuracies['known']): string {
  if (a?.accuracy == null || b?.accuracy == null) return '';
  const points = Number((100 * (b.accuracy.share - a.accuracy.share)).toFixed(1));
  return `${points > 0 ? '+' : ''}${points} points`;
}

/** What the shares are of, each once. */
const sayingOf = (known: Accuracies['known']): string =>
  [...new Set(known.map((one) => (one === null ? '' : one.fault === null ? one.accuracy.says : faultText(one.fault))))]
    .filter((text) => text !== '')
    .join('; ')
    .concat(known.some((one) => one?.accuracy != null) ? '; the line: exact numbers' : '');
