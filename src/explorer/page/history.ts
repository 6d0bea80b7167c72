// The browser's history: an entry for each choice (machine, network, mode, file, pin, cell of the map) and one for each
// drag of a slider; what the page shows of them changes the present entry. Back and forward bring states back, with
// files that an address does not take.

import { isRecord } from '../../config/typed.js';
import { RAIL } from '../model/knobs.js';
import { setOf, type State } from '../model/state.js';

/** Steps of one slider that follow each other within this time are one drag, milliseconds. */
const DRAG_MS = 1000;
/** States that are kept; older entries are read from their addresses. */
const MOST_KEPT = 100;

const STATES = new Map<string, State>();
let entries = 0;
/** Of the present entry. */
let shown: State | null = null;
let last: { slider: string | null; atMs: number } = { slider: null, atMs: 0 };
let held = false;
addEventListener('pointerdown', () => (held = true), true);
addEventListener('pointerup', () => (held = false), true);
addEventListener('pointercancel', () => (held = false), true);

/** Parts of a state whose change is a choice. */
const choicesOf = ({ machines, network, mode, evaluated, files, pins }: State): string =>
  JSON.stringify([machines, network, mode, evaluated, Object.keys(files), pins]);

/** The slider that alone makes one state of the other; null where it is anything else. */
function sliderBetween(before: State, after: State): string | null {
  if (choicesOf({ ...before, machines: after.machines }) !== choicesOf(after)) return null;
  const keys = after.machines.flatMap((machine, m) => {
    const old = before.machines[m]!;
    if (old.base !== machine.base) return ['base'];
    const all = new Set([...old.sets, ...machine.sets].map(([key]) => key));
    return [...all].filter((key) => setOf(old, key) !== setOf(machine, key));
  });
  const moved = RAIL.find(
    ({ kind, keys: own, with: also = [] }) =>
      kind === 'slider' && keys.every((key) => own.includes(key) || also.some(([name]) => name === key)),
  );
  return moved?.name ?? null;
}

/** Writes a state with its address: into a new entry where it is another choice, else into the present one. */
export function write(state: State, address: string): void {
  const url = address === '' ? location.pathname + location.search : `#s=${address}`;
  const anew = shown !== null && choicesOf(shown) !== choicesOf(state);
  const slider = anew && shown !== null ? sliderBetween(shown, state) : null;
  const now = performance.now();
  const drags = slider !== null && slider === last.slider && (held || now - last.atMs < DRAG_MS);
  if (anew) last = { slider, atMs: now };
  const fresh = anew && !drags;
  const entry = (fresh ? null : presentEntry()) ?? `${performance.timeOrigin}/${++entries}`;
  if (fresh) history.pushState({ entry }, '', url);
  else history.replaceState({ entry }, '', url);
  shown = state;
  STATES.delete(entry);
  STATES.set(entry, state);
  for (const old of STATES.keys()) if (STATES.size > MOST_KEPT) STATES.delete(old);
}

/** The state of the entry that the browser went to; null where only its address is known. */
export function arrived(): State | null {
  const entry = presentEntry();
  last = { slider: null, atMs: 0 };
  return entry === null ? null : (STATES.get(entry) ?? null);
}

/** A state that came from the browser: it is what the present entry shows. */
export function arrivedAt(state: State): void {
  shown = state;
}

function presentEntry(): string | null {
  const given: unknown = history.state;
  return isRecord(given) && typeof given.entry === 'string' ? given.entry : null;
}
