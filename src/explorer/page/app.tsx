// The page: its state, what the workers answer, and its parts.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Explanation } from '../../index.js';
import { addressOf, checkedState, stateOf } from '../model/address.js';
import { designOf, designsOf } from '../model/design.js';
import type { Answers, Catalogue, Fault } from '../model/protocol.js';
import { DEFAULT_STATE, type State } from '../model/state.js';
import type { MachineView } from '../model/view.js';
import { BoardView } from './board-view.js';
import { Overtaken, type Workers } from './client.js';
import { Drawer } from './drawer.js';
import { Machines } from './machines.js';
import { Rail } from './rail.js';
import { Strip } from './strip.js';

/** A board is recorded when the knobs have rested for so long, milliseconds. */
const BOARD_AFTER_MS = 200;

type Views = readonly [MachineView | null, MachineView | null];

/** What stands behind the `#s=` of the page's address. */
const fromAddress = (): State => stateOf(/^#s=(.*)$/.exec(location.hash)?.[1] ?? '') ?? initialState();

/** What the server put into the page; the default where it put nothing. */
function initialState(): State {
  const given: unknown = JSON.parse(document.getElementById('initial')?.textContent ?? 'null');
  return given === null ? DEFAULT_STATE : (checkedState(given) ?? DEFAULT_STATE);
}

/** A question that was overtaken is no fault; anything else is the program's and shown. */
const unless = (report: (error: Error) => void) => (error: unknown) => {
  if (!(error instanceof Overtaken)) report(error instanceof Error ? error : new Error(String(error)));
};

/** The whole page. */
export function App({ workers }: { workers: Workers }) {
  const [state, setState] = useState(fromAddress);
  const [catalogue, setCatalogue] = useState<Catalogue | null>(null);
  const [answered, setAnswered] = useState<{ work: string; answer: Answers['simulate'] } | null>(null);
  const [ghosts, setGhosts] = useState<Views>([null, null]);
  const [views, setViews] = useState<Views>([null, null]);
  const [broken, setBroken] = useState<string | null>(null);
  const [explained, setExplained] = useState<{ explanation: Explanation | null; fault: Fault | null } | null>(null);
  const shown = useRef<Views>([null, null]);
  const designs = designsOf(state);
  const work = JSON.stringify([designs, state.files]);
  const report = useCallback((error: Error) => {
    setBroken(error.message);
  }, []);

  useEffect(() => {
    workers.ask({ kind: 'catalogue' }).then(setCatalogue, unless(report));
  }, [workers, report]);

  useEffect(() => {
    workers.last({ kind: 'simulate', designs, files: state.files }).then((given) => {
      // A machine that cannot be simulated keeps its last view, greyed, beside the message.
      const next = given.outcomes.map(({ view }) => view) as unknown as Views;
      setGhosts(shown.current);
      shown.current = next;
      setViews(next);
      setAnswered({ work, answer: given });
      setBroken(null);
    }, unless(report));
    // `work` says all that the designs and files hold.
  }, [workers, work, report]);

  const address = addressOf(state);
  useEffect(() => {
    const hash = address === '' ? location.pathname + location.search : `#s=${address}`;
    history.replaceState(null, '', hash);
  }, [address]);

  useEffect(() => {
    const follow = (): void => {
      setState(fromAddress());
    };
    addEventListener('hashchange', follow);
    return () => {
      removeEventListener('hashchange', follow);
    };
  }, []);

  const [board, setBoard] = useState<{ window: string; answer: Answers['board'] } | null>(null);
  const recorded = designOf(state.machines[state.board.machine], state);
  const window_ = JSON.stringify([recorded, state.board.from, state.board.cycles, state.files]);
  useEffect(() => {
    const timer = setTimeout(() => {
      const { from, cycles } = state.board;
      workers.recent({ kind: 'board', design: recorded, from, cycles, files: state.files }).then((given) => {
        setBoard({ window: window_, answer: given });
      }, unless(report));
    }, BOARD_AFTER_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [workers, window_, report]);

  const { explained: wanted } = state;
  useEffect(() => {
    setExplained(null);
    if (wanted === null) return;
    const design = designOf(state.machines[wanted.machine], state);
    workers.ask({ kind: 'explain', design, key: wanted.key, files: state.files }).then(setExplained, unless(report));
  }, [workers, work, wanted?.machine, wanted?.key, report]);

  const update = useCallback((change: (now: State) => State) => {
    setState(change);
  }, []);
  const explain = useCallback((machine: 0 | 1, key: string) => {
    setState((now) => ({ ...now, explained: { machine, key } }));
  }, []);
  const answer = answered?.answer;
  const faults = (answer?.outcomes.map(({ fault }) => fault) ?? [null, null]) as [Fault | null, Fault | null];
  const part = { state, update, catalogue, views, faults };
  return (
    <>
      <header class="top">
        <h1>xbarflow explorer</h1>
        <p class="small">two accelerators on the same work, simulated as you move a knob</p>
      </header>
      {broken !== null && (
        <p class="broken" role="alert">
          A fault of the program: {broken}
        </p>
      )}
      <Strip
        views={views}
        ghosts={ghosts}
        causes={answer?.causes ?? {}}
        sameWork={answer?.sameWork ?? true}
        busy={answered?.work !== work}
        explain={explain}
      />
      <div class={`layout${wanted === null ? '' : ' with-drawer'}`}>
        <Rail {...part} onKnob={() => undefined} paste={() => undefined} />
        <main>
          <Machines {...part} explain={explain} />
          <BoardView
            board={board?.answer.board ?? null}
            fault={board?.answer.fault ?? null}
            busy={board?.window !== window_}
            names={[views[0]?.name ?? '', views[1]?.name ?? '']}
            state={state}
            update={update}
          />
        </main>
        {wanted !== null && (
          <Drawer
            machine={`${wanted.machine === 0 ? 'A' : 'B'} ${views[wanted.machine]?.name ?? ''}`}
            wanted={wanted.key}
            explanation={explained?.explanation ?? null}
            fault={explained?.fault ?? null}
            close={() => {
              update((now) => ({ ...now, explained: null }));
            }}
            explain={(key) => {
              explain(wanted.machine, key);
            }}
          />
        )}
      </div>
    </>
  );
}
