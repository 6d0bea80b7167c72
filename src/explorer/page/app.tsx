// The page: its state, what the workers answer, and its parts.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Explanation } from '../../index.js';
import { addressOf, checkedState, stateOf } from '../model/address.js';
import { designOf, designsOf } from '../model/design.js';
import type { Answers, Catalogue, Fault, Outcome } from '../model/protocol.js';
import type { RailKnob } from '../model/knobs.js';
import { DEFAULT_STATE, TABS, withPin, type State, type Tab } from '../model/state.js';
import type { KnobsView, MachineView } from '../model/view.js';
import { BoardView } from './board-view.js';
import { Overtaken, type Workers } from './client.js';
import { Curve } from './curve.js';
import { commandsOf, type Opened } from './commands.js';
import { Palette, Paste } from './dialog.js';
import { Drawer } from './drawer.js';
import { dropsOn, takeFiles } from './drop.js';
import { HeatMap } from './heat-map.js';
import { chartsCode } from './late.js';
import { Machines } from './machines.js';
import { Numbers } from './numbers.js';
import { EnergyPanel, WhyPanel } from './panels.js';
import { Pins } from './pins.js';
import { Rail } from './rail.js';
import { Search } from './search.js';
import { Strip } from './strip.js';
import { TakeHome, download } from './take-home.js';
import { Tour } from './tour.js';
import { both } from '../../config/typed.js';

/** A board is recorded when the knobs have rested for so long, milliseconds. */
const BOARD_AFTER_MS = 200;

type Views = readonly [MachineView | null, MachineView | null];

/** What stands behind the `#s=` of the page's address. */
const fromAddress = (): State => stateOf(/^#s=(.*)$/.exec(location.hash)?.[1] ?? '') ?? initialState();

/** What the server put into the page; the default where it put nothing. */
function initialState(): State {
  const embedded: unknown = JSON.parse(document.getElementById('initial')?.textContent ?? 'null');
  return embedded === null ? DEFAULT_STATE : (checkedState(embedded) ?? DEFAULT_STATE);
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
    workers.last({ kind: 'simulate', designs, files: state.files }).then((now) => {
      const next: Views = both(now.outcomes, ({ view }) => view);
      setGhosts(shown.current);
      shown.current = next;
      setViews(next);
      setAnswered({ work, answer: now });
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
      workers.recent({ kind: 'board', design: recorded, from, cycles, files: state.files }).then((recording) => {
        setBoard({ window: window_, answer: recording });
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
  const [open, setOpen] = useState<Opened | null>(null);
  const [tour, setTour] = useState<number | null>(null);
  const [knob, setKnob] = useState<RailKnob | null>(null);
  const [sheet, setSheet] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen('palette');
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  }, []);
  const [notice, setNotice] = useState<string | null>(null);
  const take = useCallback(
    (files: readonly File[], machine: 0 | 1) => {
      takeFiles(files, machine, { workers, update, say: setNotice }).catch(unless(report));
    },
    [workers, update, report],
  );
  useEffect(() => dropsOn(take), [take]);
  const close = (): void => {
    setOpen(null);
  };
  const opens = useCallback(
    (tab: Tab, knobsToo: boolean) => {
      setSheet(knobsToo);
      update((now) => ({ ...now, tab }));
    },
    [update],
  );
  const takeHome = ({ document: file, fault }: Answers['document']): void => {
    if (fault === null) download(file.name, file.type, file.text);
    else setNotice(fault.message);
  };
  const commands = commandsOf({ update, open: setOpen, tour: setTour, catalogue });
  const answer = answered?.answer;
  const faults = both<Outcome | undefined, Fault | null>(
    answer?.outcomes ?? [undefined, undefined],
    (outcome) => outcome?.fault ?? null,
  );
  const knobs = both<Outcome | undefined, KnobsView | null>(answer?.outcomes ?? [undefined, undefined], (outcome) =>
    outcome === undefined ? null : (outcome.view ?? outcome.knobs),
  );
  const part = { state, update, catalogue, views, knobs, faults };
  return (
    <div>
      <header class="top">
        <h1>xbarflow explorer</h1>
        <p class="small">two accelerators on the same work, simulated as you move a knob</p>
        <p class="actions">
          <button
            type="button"
            onClick={() => {
              setTour(0);
            }}
          >
            Tour
          </button>
          <button
            type="button"
            onClick={() => {
              update(withPin);
            }}
          >
            Pin
          </button>
          <button
            type="button"
            onClick={() => {
              setOpen('home');
            }}
          >
            Take it home
          </button>
          <button
            type="button"
            onClick={() => {
              setOpen('palette');
            }}
            aria-keyshortcuts="Control+K"
          >
            Commands
          </button>
        </p>
      </header>
      {broken !== null && (
        <p class="broken" role="alert">
          A fault of the program: {broken}
        </p>
      )}
      {notice !== null && (
        <p class="notice" role="alert">
          {notice}{' '}
          <button
            type="button"
            class="link"
            onClick={() => {
              setNotice(null);
            }}
          >
            close
          </button>
        </p>
      )}
      <Strip
        views={views}
        ghosts={ghosts}
        causes={answer?.causes ?? {}}
        sameWork={answer?.sameWork ?? true}
        busy={answered?.work !== work}
        tookMs={answer?.tookMs ?? 0}
        explain={explain}
      />
      <div class={`layout${wanted === null ? '' : ' with-drawer'}`}>
        <div class={`rail-box${sheet ? ' open' : ''}`}>
          <button
            type="button"
            class="sheet"
            aria-expanded={sheet}
            onClick={() => {
              setSheet(!sheet);
            }}
          >
            Machines and knobs
          </button>
          <Rail
            {...part}
            onKnob={(moved) => {
              if (moved.kind === 'slider') setKnob(moved);
            }}
            paste={(m) => {
              setOpen(m === 0 ? 'paste-a' : 'paste-b');
            }}
          >
            <Search {...part} workers={workers} />
          </Rail>
        </div>
        <main class={`tab-${state.tab}`}>
          <nav class="tabs" aria-label="Parts of the page">
            {TABS.map((tab) => (
              <button
                type="button"
                key={tab}
                aria-pressed={state.tab === tab}
                onClick={() => {
                  update((now) => ({ ...now, tab }));
                }}
              >
                {tab[0]!.toUpperCase() + tab.slice(1)}
              </button>
            ))}
            <button
              type="button"
              onClick={() => {
                update((now) => ({ ...now, shown: now.shown === 0 ? 1 : 0 }));
              }}
            >
              show {state.shown === 0 ? 'B' : 'A'}
            </button>
          </nav>
          {knob !== null && <Curve knob={knob} state={state} views={views} workers={workers} />}
          <Pins {...part} workers={workers} />
          <Machines {...part} explain={explain} />
          <BoardView
            board={board?.answer.board ?? null}
            fault={board?.answer.fault ?? null}
            busy={board?.window !== window_}
            names={[views[0]?.name ?? '', views[1]?.name ?? '']}
            state={state}
            update={update}
          />
          <HeatMap {...part} workers={workers} />
          <Numbers {...part} workers={workers} report={unless(report)} />
          <EnergyPanel views={views} explain={explain} />
          <WhyPanel views={views} causes={answer?.causes ?? {}} />
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
      {open === 'palette' && <Palette commands={commands} close={close} />}
      {open === 'home' && (
        <TakeHome
          designs={designs}
          close={close}
          document={(what, machine) => {
            workers
              .ask({ kind: 'document', what, design: designs[machine], files: state.files })
              .then(takeHome, unless(report));
          }}
          report={(machine) => {
            chartsCode()
              .then((charts) => workers.late({ kind: 'page', designs, machine, charts, files: state.files }))
              .then(takeHome, (error: unknown) => {
                if (!(error instanceof Overtaken)) setNotice(error instanceof Error ? error.message : String(error));
              });
          }}
        />
      )}
      {(open === 'paste-a' || open === 'paste-b') && (
        <Paste
          name={open === 'paste-a' ? 'A' : 'B'}
          close={close}
          take={(file) => {
            take([file], open === 'paste-a' ? 0 : 1);
          }}
        />
      )}
      {tour !== null && <Tour step={tour} go={setTour} open={opens} />}
    </div>
  );
}
