// The page: its state, what the workers answer, and its parts.

import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { both } from '../../config/typed.js';
import { designsOf } from '../model/design.js';
import { faultText } from '../model/faults.js';
import type { Answers } from '../model/protocol.js';
import type { RailKnob } from '../model/knobs.js';
import { TABS, withPin, type State, type Tab } from '../model/state.js';
import { unless, useAddress, useBoard, useCatalogue, useExplained, usePageState, useSimulated } from './answers.js';
import { useAccuracies } from './accuracy.js';
import { BoardView } from './board-view.js';
import { Overtaken, type Workers } from './client.js';
import { Curve } from './curve.js';
import { commandsOf, type Opened } from './commands.js';
import { Palette, Paste } from './dialog.js';
import { Drawer } from './drawer.js';
import { dropsOn, takeFiles } from './drop.js';
import { HeatMap } from './heat-map.js';
import { NotBeside, chartsCode } from './late.js';
import { Machines } from './machines.js';
import { memo } from './memo.js';
import { useNotice } from './notice.js';
import { Numbers } from './numbers.js';
import { EnergyPanel, WhyPanel } from './panels.js';
import { Pins } from './pins.js';
import { Rail } from './rail.js';
import { Search } from './search.js';
import { Strip } from './strip.js';
import { TakeHome, download } from './take-home.js';
import { Tour, touredState } from './tour.js';

// What a step of a slider does not change is not drawn again.
const [MachinesPart, BoardPart, EnergyPart, WhyPart] = [
  memo(Machines),
  memo(BoardView),
  memo(EnergyPanel),
  memo(WhyPanel),
];

/** The whole page. */
export function App({ workers }: { workers: Workers }) {
  const [broken, setBroken] = useState<string | null>(null);
  const report = useCallback((error: Error) => {
    setBroken(error instanceof NotBeside ? error.message : `A fault of the program: ${error.message}`);
  }, []);
  const failed = useMemo(() => unless(report), [report]);
  const done = useCallback(() => {
    setBroken(null);
  }, []);
  const { state, update, feed, present } = usePageState(workers, failed);
  const catalogue = useCatalogue(workers, report);
  const { simulated, work, busy } = useSimulated(state, feed, { workers, report, done });
  const { views, knobs, faults, causes } = simulated;
  useAddress(state, busy);
  const accuracies = useAccuracies(state, views, { workers, failed, following: busy });
  const board = useBoard(state, busy, { workers, report });
  const explained = useExplained(state, workers, report);
  const { explained: wanted } = state;
  const explain = useCallback(
    (machine: 0 | 1, key: string) => {
      update((now) => ({ ...now, explained: { machine, key } }));
    },
    [update],
  );
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
  const [notice, setNotice] = useNotice(state, present);
  const take = useCallback(
    (files: readonly File[], machine: 0 | 1) => {
      takeFiles(files, machine, { workers, update, say: setNotice }).catch(failed);
    },
    [workers, update, setNotice, failed],
  );
  useEffect(() => dropsOn(take), [take]);
  const close = (): void => {
    setNotice(null);
    setOpen(null);
  };
  const opens = useCallback(
    (tab: Tab, knobsToo: boolean, board?: { machine: 0 | 1; at: number }) => {
      setSheet(knobsToo);
      update((now) => ({
        ...now,
        tab,
        board: board === undefined ? now.board : { ...now.board, from: 0, cycles: null, ...board },
      }));
    },
    [update],
  );
  const before = useRef<State | null>(null);
  const guide = useCallback(
    (step: number | null) => {
      setTour(step);
      if (step === null) {
        const left = before.current;
        before.current = null;
        // Whoever had other machines has them again.
        if (left !== null) update(() => left);
      } else if (step === 0 && before.current === null) {
        update((now) => {
          const toured = touredState(now);
          if (toured.machines !== now.machines) before.current = now;
          return toured;
        });
      }
    },
    [update],
  );
  const takeHome = ({ document: file, fault }: Answers['document']): void => {
    setNotice(fault === null ? null : faultText(fault));
    if (fault === null) download(file.name, file.type, file.text);
  };
  const commands = commandsOf({ update, open: setOpen, tour: guide, catalogue });
  const designs = designsOf(state);
  const part = { state, update, catalogue, views, knobs, faults };
  return (
    <div class={tour === null ? '' : `touring touring-${tour + 1}`}>
      <header class="top">
        <h1>xbarflow explorer</h1>
        <p class="small">two accelerators on the same work, simulated as you move a knob</p>
        <p class="actions">
          <button
            type="button"
            onClick={() => {
              guide(0);
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
            {state.pins.length === 0 ? 'Pin' : `Pin (${state.pins.length})`}
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
          {broken}
        </p>
      )}
      {notice !== null && open !== 'home' && (
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
        feed={feed}
        views={views}
        faults={faults}
        bases={both(state.machines, ({ base }) => base)}
        causes={causes}
        work={work}
        busy={busy}
        explain={explain}
        accuracies={accuracies}
        askAccuracy={() => {
          update((now) => ({ ...now, accuracy: true }));
        }}
      />
      <div class={`layout${wanted === null ? '' : ' with-drawer'}`}>
        <div
          class={`rail-box${sheet ? ' open' : ''}`}
          onKeyDown={({ key, currentTarget }) => {
            if (key !== 'Escape' || !sheet) return;
            setSheet(false);
            currentTarget.querySelector('button')?.focus();
          }}
        >
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
          </nav>
          {knob !== null && <Curve knob={knob} state={state} views={views} workers={workers} following={busy} />}
          <Pins {...part} workers={workers} />
          <MachinesPart views={views} faults={faults} shown={state.shown} update={update} explain={explain} />
          <BoardPart
            board={board.answer?.board ?? null}
            fault={board.answer?.fault ?? null}
            missing={faults[state.board.machine] !== null}
            busy={board.busy}
            a={views[0]?.name ?? ''}
            b={views[1]?.name ?? ''}
            at={state.board}
            update={update}
          />
          <HeatMap {...part} workers={workers} />
          <Numbers {...part} workers={workers} report={failed} following={busy} />
          <EnergyPart views={views} explain={explain} />
          <WhyPart views={views} causes={causes} />
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
          notice={notice}
          simulated={both(views, (view) => view !== null)}
          close={close}
          document={(what, machine) => {
            workers
              .ask({ kind: 'document', what, design: designs[machine], files: state.files })
              .then(takeHome, failed);
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
      {tour !== null && <Tour step={tour} go={guide} open={opens} />}
    </div>
  );
}
