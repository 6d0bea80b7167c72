// The tour: five steps on the page itself, on the machines that it opens with, for who has never heard of PipeLayer or
// A3.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { DEFAULT_STATE, type State, type Tab } from '../model/state.js';

/** Where a step points, what a narrow page opens for it, and what it says. */
interface Step {
  at: string;
  tab: Tab;
  sheet?: true;
  /** The machine whose board it shows, and the cycle, from 0. */
  board?: { machine: 0 | 1; at: number };
  title: string;
  text: string;
}

const STEPS: readonly Step[] = [
  {
    at: '.machines',
    tab: 'machine',
    title: 'Two accelerators',
    text:
      'Both store a neural network’s weights in crossbars: arrays of memory cells that multiply a vector by a ' +
      'matrix where the matrix is kept. A is PipeLayer, which trains; B is our reading of A3, which attacks. ' +
      'A row is a layer.',
  },
  {
    at: '.strip',
    tab: 'why',
    title: 'The same work, four figures',
    text:
      'Both run the same attack on the same network. Bars compare time, energy, area and how well arrays are used; ' +
      'hatching is the share that rests on assumptions, and sentences (on a narrow page one, the others under Why) ' +
      'say why B differs. Click any number for its origin.',
  },
  {
    at: '.rail',
    tab: 'machine',
    sheet: true,
    title: 'Move a knob',
    text:
      'Each step of a slider simulates both machines again, in this page. A tick stands at the default of a knob ' +
      'that was moved.',
  },
  {
    at: '.board',
    tab: 'cycles',
    board: { machine: 0, at: 0 },
    title: 'Cycles',
    text:
      'Images enter one a logical cycle and go forward (F), to the error (E), and back (B). PipeLayer keeps every ' +
      'layer’s output until its error returns; press Play and see them pile up.',
  },
  {
    at: '.now-rows',
    tab: 'cycles',
    board: { machine: 1, at: 8 },
    title: 'One array for both directions',
    text:
      'A3 with one weight copy reads the same arrays by rows forward and by columns backward. While one pass reads, ' +
      'the other waits at the door, and only one-bit masks are kept.',
  },
];

/** Pages of this width or less show a part at a time, below the tour (style.css). */
const NARROW = 760;

/** The state in which the page is toured: where it speaks of other machines or work, those that it opens with. */
export function touredState(state: State): State {
  const { machines, network, mode } = DEFAULT_STATE;
  const same =
    state.machines.every(({ base }, m) => base === machines[m]?.base) &&
    state.network === network &&
    state.mode === mode;
  return { ...(same ? state : { ...state, machines, network, mode }), explained: null, numbers: null };
}

interface TourProps {
  step: number;
  go: (step: number | null) => void;
  /** Opens what a step points at: on a narrow page its part, and a board. */
  open: (tab: Tab, sheet: boolean, board?: { machine: 0 | 1; at: number }) => void;
}

/** One step of the tour. */
export function Tour({ step, go, open }: TourProps) {
  const box = useRef<HTMLElement>(null);
  const { at, tab, sheet = false, board, title, text } = STEPS[step]!;
  useEffect(() => {
    open(tab, sheet, board);
    box.current?.focus();
    document.documentElement.style.setProperty('--tour', `${box.current?.offsetHeight ?? 0}px`);
    // The part stands where it belongs once the page has opened it.
    const frame = requestAnimationFrame(() => {
      const target = document.querySelector(at);
      target?.classList.add('toured');
      const tall = innerWidth <= NARROW || (target?.getBoundingClientRect().height ?? 0) > innerHeight / 2;
      target?.scrollIntoView({ block: tall ? 'start' : 'center' });
    });
    return () => {
      cancelAnimationFrame(frame);
      document.querySelector(at)?.classList.remove('toured');
    };
  }, [at, tab, sheet, board, open]);
  useEffect(
    () => () => {
      open('machine', false);
    },
    [open],
  );
  return (
    <section
      class="tour"
      tabIndex={-1}
      ref={box}
      aria-label={`Tour, step ${step + 1} of ${STEPS.length}`}
      onKeyDown={(event) => {
        if (event.key === 'Escape') go(null);
      }}
    >
      <h2>
        {step + 1}/{STEPS.length} {title}
      </h2>
      <p>{text}</p>
      <p class="actions">
        <button
          type="button"
          disabled={step === 0}
          onClick={() => {
            go(step - 1);
          }}
        >
          Back
        </button>
        <button
          type="button"
          onClick={() => {
            go(step + 1 === STEPS.length ? null : step + 1);
          }}
        >
          {step + 1 === STEPS.length ? 'Done' : 'Next'}
        </button>
        <button
          type="button"
          onClick={() => {
            go(null);
          }}
        >
          Leave the tour
        </button>
      </p>
    </section>
  );
}

/** The step of the tour (null: none), what goes to another, and what opens the part that one speaks of. */
export function useTour(update: (change: (now: State) => State) => void, setSheet: (open: boolean) => void) {
  const [tour, setTour] = useState<number | null>(null);
  const opens = useCallback(
    (tab: Tab, knobsToo: boolean, board?: { machine: 0 | 1; at: number }) => {
      setSheet(knobsToo);
      update((now) => ({
        ...now,
        tab,
        board: board === undefined ? now.board : { ...now.board, from: 0, cycles: null, ...board },
      }));
    },
    [update, setSheet],
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
  return { tour, guide, opens };
}
