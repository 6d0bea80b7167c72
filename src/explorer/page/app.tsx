// The page: its state, what the workers answer, and its parts.

import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { both } from '../../config/typed.js';
import type { RailKnob } from '../model/knobs.js';
import { TABS, type State, type Tab } from '../model/state.js';
import { unless, useAddress, useBoard, useCatalogue, useExplained, usePageState, useSimulated } from './answers.js';
import { useAccuracies } from './accuracy.js';
import { BoardView } from './board-view.js';
import { Boxes } from './boxes.js';
import type { Workers } from './client.js';
import { Curve } from './curve.js';
import { commandsOf, type Opened } from './commands.js';
import { Drawer } from './drawer.js';
import { dropsOn, takeFiles } from './drop.js';
import { HeatMap } from './heat-map.js';
import { NotBeside } from './late.js';
import { Machines } from './machines.js';
import { memo } from './memo.js';
import { useNotice } from './notice.js';
import { Numbers } from './numbers.js';
import { EnergyPanel, WhyPanel } from './panels.js';
import { Pins } from './pins.js';
import { Rail } from './rail.js';
import { Search } from './search.js';
import { Strip } from './strip.js';
import { Top } from './top.js';
import { Tour, useTour } from './tour.js';

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
  const [knob, setKnob] = useState<RailKnob | null>(null);
  const [sheet, setSheet] = useState(false);
  useCommandKey(setOpen);
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
  const { tour, guide, opens } = useTour(update, setSheet);
  const commands = commandsOf({ update, open: setOpen, tour: guide, catalogue });
  const part = { state, update, catalogue, views, knobs, faults };
  return (
    <div class={tour === null ? '' : `touring touring-${tour + 1}`}>
      <Top pins={state.pins.length} guide={guide} update={update} open={setOpen} />
      <Messages broken={broken} notice={open === 'home' ? null : notice} say={setNotice} />
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
          <Tabs tab={state.tab} update={update} />
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
      <Boxes
        open={open}
        close={close}
        commands={commands}
        state={state}
        views={views}
        workers={workers}
        notice={notice}
        say={setNotice}
        failed={failed}
        take={take}
      />
      {tour !== null && <Tour step={tour} go={guide} open={opens} />}
    </div>
  );
}

/** The tabs of a narrow page. */
function Tabs({ tab, update }: { tab: Tab; update: (change: (now: State) => State) => void }) {
  return (
    <nav class="tabs" aria-label="Parts of the page">
      {TABS.map((one) => (
        <button
          type="button"
          key={one}
          aria-pressed={tab === one}
          onClick={() => {
            update((now) => ({ ...now, tab: one }));
          }}
        >
          {one[0]!.toUpperCase() + one.slice(1)}
        </button>
      ))}
    </nav>
  );
}

interface MessagesProps {
  /** A fault of the program. */
  broken: string | null;
  notice: string | null;
  say: (notice: string | null) => void;
}

/** What the page has to tell beside its parts. */
function Messages({ broken, notice, say }: MessagesProps) {
  return (
    <>
      {broken !== null && (
        <p class="broken" role="alert">
          {broken}
        </p>
      )}
      {notice !== null && (
        <p class="notice" role="alert">
          {notice}{' '}
          <button
            type="button"
            class="link"
            onClick={() => {
              say(null);
            }}
          >
            close
          </button>
        </p>
      )}
    </>
  );
}

/** Control-K opens the commands. */
function useCommandKey(open: (what: Opened) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      open('palette');
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  }, [open]);
}
