// The page's state, what it asks of the workers as the state changes, and what they answered last.

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { both } from '../../config/typed.js';
import type { Explanation } from '../../index.js';
import { addressOf, checkedState, stateOf } from '../model/address.js';
import { designOf, designsOf } from '../model/design.js';
import type { Answers, Catalogue, Fault, Outcome, Point } from '../model/protocol.js';
import { DEFAULT_STATE, type State } from '../model/state.js';
import type { KnobsView, MachineView } from '../model/view.js';
import { Overtaken, type Workers } from './client.js';
import { FigureFeed, workOf } from './figure-feed.js';
import { arrived, arrivedAt, write } from './history.js';

/** A board is recorded when the knobs have rested for so long after the page has followed, milliseconds. */
const BOARD_AFTER_MS = 200;
/** The address is written when a drag has rested for so long: browsers stop pages that write it at every step. */
const ADDRESS_AFTER_MS = 250;

/** A change of the page's state. */
type Update = (change: (now: State) => State) => void;

/** A question that was overtaken is no fault; anything else is the program's and told. */
export const unless = (report: (error: Error) => void) => (error: unknown) => {
  if (!(error instanceof Overtaken)) report(error instanceof Error ? error : new Error(String(error)));
};

/** What stands behind the `#s=` of the page's address. */
const fromAddress = (): State => stateOf(/^#s=(.*)$/.exec(location.hash)?.[1] ?? '') ?? initialState();

/** What the server put into the page; the default where it put nothing. */
function initialState(): State {
  const embedded: unknown = JSON.parse(document.getElementById('initial')?.textContent ?? 'null');
  return embedded === null ? DEFAULT_STATE : (checkedState(embedded) ?? DEFAULT_STATE);
}

/** The state of the page; its figures are asked for before anything of a change is drawn. */
export function usePageState(workers: Workers, failed: (error: unknown) => void) {
  const feed = useMemo(() => new FigureFeed(workers, failed), [workers, failed]);
  const [state, setState] = useState(fromAddress);
  const latest = useRef(state);
  const update = useCallback<Update>(
    (change) => {
      latest.current = change(latest.current);
      feed.ask(latest.current);
      setState(latest.current);
    },
    [feed],
  );
  useLayoutEffect(() => {
    feed.ask(latest.current);
    // Back and forward: a change of the address alone is a link that was followed, or written by hand.
    const follow = (): void => {
      const kept = arrived();
      const next = kept ?? fromAddress();
      if (kept === latest.current || (kept === null && addressOf(next) === addressOf(latest.current))) return;
      arrivedAt(next);
      update(() => next);
    };
    addEventListener('popstate', follow);
    addEventListener('hashchange', follow);
    return () => {
      removeEventListener('popstate', follow);
      removeEventListener('hashchange', follow);
    };
  }, [feed, update]);
  const present = useCallback(() => latest.current, []);
  return { state, update, feed, present };
}

/** Keeps the address at the state; at once where nothing is being worked out. */
export function useAddress(state: State, busy: boolean): void {
  const address = useMemo(() => addressOf(state), [state]);
  useLayoutEffect(() => {
    if (!busy) {
      write(state, address);
      return;
    }
    const timer = setTimeout(() => {
      write(state, address);
    }, ADDRESS_AFTER_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [address, state, busy]);
}

/** What the page shows of both machines as they were last simulated. */
export interface Simulated {
  views: readonly [MachineView | null, MachineView | null];
  /** What their knobs show; null before the first answer. */
  knobs: readonly [KnobsView | null, KnobsView | null];
  faults: readonly [Fault | null, Fault | null];
  causes: Answers['simulate']['causes'];
}

const NOTHING: Simulated = {
  views: [null, null],
  knobs: [null, null],
  faults: [null, null],
  causes: { sameWork: true, differ: '', headlines: {} },
};

const pointOf = ({ view }: Outcome): Point | null =>
  view === null
    ? null
    : {
        timeS: view.time.value,
        energyJ: view.energy.value,
        areaMm2: view.area.value,
        utilization: view.utilization.value,
      };

/** Simulates both machines whenever their work changes, after its figures. */
export function useSimulated(
  state: State,
  feed: FigureFeed,
  { workers, report, done }: { workers: Workers; report: (error: Error) => void; done: () => void },
): { simulated: Simulated; work: string; busy: boolean } {
  const [answered, setAnswered] = useState({ work: '', simulated: NOTHING });
  const work = workOf(state);
  useEffect(() => {
    const gone = { yes: false };
    const ask = async (): Promise<void> => {
      await feed.answered;
      if (gone.yes) return;
      const { outcomes, causes } = await workers.last({
        kind: 'simulate',
        designs: designsOf(state),
        files: state.files,
      });
      feed.complete(work, both(outcomes, pointOf));
      const simulated = {
        views: both(outcomes, ({ view }) => view),
        knobs: both(outcomes, (outcome) => outcome.view ?? outcome.knobs),
        faults: both(outcomes, ({ fault }) => fault),
        causes,
      };
      setAnswered({ work, simulated });
      done();
    };
    ask().catch(unless(report));
    return () => {
      gone.yes = true;
    };
    // `work` says all that the designs and files hold.
  }, [workers, feed, work, report, done]);
  return { simulated: answered.simulated, work, busy: answered.work !== work };
}

/** The board of the machine that the state names, recorded when the page has followed and the knobs rest. */
export function useBoard(
  state: State,
  following: boolean,
  { workers, report }: { workers: Workers; report: (error: Error) => void },
) {
  const [board, setBoard] = useState<{ window: string; answer: Answers['board'] } | null>(null);
  const { machine, from, cycles } = state.board;
  const recorded = designOf(state.machines[machine], state);
  const window_ = JSON.stringify([recorded, from, cycles, state.files]);
  const asked = useRef('');
  useEffect(() => {
    if (following || asked.current === window_) return;
    const timer = setTimeout(() => {
      asked.current = window_;
      workers.recent({ kind: 'board', design: recorded, from, cycles, files: state.files }).then((recording) => {
        setBoard({ window: window_, answer: recording });
      }, unless(report));
    }, BOARD_AFTER_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [workers, window_, following, report]);
  return { answer: board?.answer ?? null, busy: board?.window !== window_ };
}

/** How the figure that the state names came about. */
export function useExplained(state: State, workers: Workers, report: (error: Error) => void) {
  const [explained, setExplained] = useState<{ explanation: Explanation | null; fault: Fault | null } | null>(null);
  const { explained: wanted } = state;
  useEffect(() => {
    setExplained(null);
    if (wanted === null) return;
    const design = designOf(state.machines[wanted.machine], state);
    workers.ask({ kind: 'explain', design, key: wanted.key, files: state.files }).then(setExplained, unless(report));
  }, [workers, workOf(state), wanted?.machine, wanted?.key, report]);
  return explained;
}

/** What can be chosen; null before the first answer. */
export function useCatalogue(workers: Workers, report: (error: Error) => void): Catalogue | null {
  const [catalogue, setCatalogue] = useState<Catalogue | null>(null);
  useEffect(() => {
    workers.ask({ kind: 'catalogue' }).then(setCatalogue, unless(report));
  }, [workers, report]);
  return catalogue;
}
