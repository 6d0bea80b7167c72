// The cycle board: stages in rows, logical cycles (or real time) in columns, images as tokens; play, step, back, scrub.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Board } from '../model/board.js';
import { Playback } from '../model/playback.js';
import { faultText } from '../model/faults.js';
import type { Fault } from '../model/protocol.js';
import type { State } from '../model/state.js';
import { formatQuantity } from './format.js';
import { Now } from './now.js';

/** Pixels of a row, and the least of a column: columns fill a wide page. */
const ROW = 22;
const COLUMN = 44;
/** Pixels of the names at the left. */
const NAMES = 44;
const RULER = 20;
/** Columns that pass in a second of playing. */
const SPEED = 0.8;
/** Steps of the scrubber in a column; on a board without cycles, which is one. */
const FINE = 24;
const FINEST = 600;

interface BoardProps {
  board: Board | null;
  fault: Fault | null;
  /** The machine is not simulated, as the strip says. */
  missing: boolean;
  /** Another board is being recorded. */
  busy: boolean;
  /** Names of the machines. */
  a: string;
  b: string;
  /** Where the board stands. */
  at: State['board'];
  update: (change: (state: State) => State) => void;
}

/** True where the reader asks for little motion. */
const still = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** The board with its controls. */
export function BoardView({ board, fault, missing, busy, a, b, at, update }: BoardProps) {
  const setBoard = (change: Partial<State['board']>): void => {
    update((now) => ({ ...now, board: { ...now.board, ...change } }));
  };
  const lockstep = (board?.cycleStartsS.length ?? 0) > 1;
  return (
    <section class="board" aria-label="Cycle board" aria-busy={busy}>
      <header class="board-head">
        <h2>Cycles</h2>
        <fieldset class="targets">
          <legend>Board of</legend>
          {([0, 1] as const).map((m) => (
            <label key={m}>
              <input
                type="radio"
                name="board-machine"
                checked={at.machine === m}
                onChange={() => {
                  setBoard({ machine: m });
                }}
              />
              {m === 0 ? `A ${a}` : `B ${b}`}
            </label>
          ))}
        </fieldset>
        {lockstep && (
          <fieldset class="targets">
            <legend>Columns</legend>
            {(['cycles', 'time'] as const).map((axis) => (
              <label key={axis}>
                <input
                  type="radio"
                  name="board-axis"
                  checked={at.axis === axis}
                  onChange={() => {
                    setBoard({ axis });
                  }}
                />
                {axis === 'cycles' ? 'equal cycles' : 'real time'}
              </label>
            ))}
          </fieldset>
        )}
        {board !== null && (
          <span class="windows">
            <button
              type="button"
              disabled={at.from === 0}
              onClick={() => {
                setBoard({ from: 0, at: 0 });
              }}
            >
              first {lockstep ? 'cycles' : 'images'}
            </button>
            <button
              type="button"
              disabled={board.batch < 2}
              onClick={() => {
                setBoard({ from: Math.max(0, board.batch - 2), at: lockstep ? board.batch : 0 });
              }}
            >
              batch end
            </button>
          </span>
        )}
      </header>
      {fault !== null && (
        <p class="fault">{missing ? 'No events: this machine is not simulated.' : faultText(fault)}</p>
      )}
      {board === null ? (
        <p class="small board-wait">{fault === null ? 'recording events…' : ''}</p>
      ) : (
        <Player board={board} stands={at} setBoard={setBoard} key={at.machine} />
      )}
    </section>
  );
}

function Player({
  board,
  stands,
  setBoard,
}: {
  board: Board;
  stands: State['board'];
  setBoard: (change: Partial<State['board']>) => void;
}) {
  const playback = useMemo(() => new Playback(board), [board]);
  const { columns } = playback;
  const clamped = (place: number): number => Math.min(columns - 1e-6, Math.max(0, place));
  const [put, setPlace] = useState(playback.placeAt(stands.at));
  // A board that is shorter than the last one ends before where that stood.
  const place = clamped(put);
  const [playing, setPlaying] = useState(false);
  const lockstep = board.cycleStartsS.length > 1;
  const fine = lockstep ? FINE : FINEST;
  const here = useRef(place);
  here.current = place;

  const go = (to: number): void => {
    setPlace(clamped(to));
    setBoard({ at: playback.stepOf(clamped(to)) });
  };
  // Another window, or an address that names another cycle.
  useEffect(() => {
    if (playback.stepOf(here.current) !== stands.at) setPlace(clamped(playback.placeAt(stands.at)));
  }, [board, stands.at]);
  useEffect(() => {
    if (!playing) return;
    if (still()) {
      const timer = setInterval(() => {
        step(1);
      }, 1000 / SPEED);
      return () => {
        clearInterval(timer);
      };
    }
    let last = performance.now();
    let frame = requestAnimationFrame(function move(now: number): void {
      const next = here.current + ((now - last) / 1000) * SPEED * (lockstep ? 1 : 0.1);
      last = now;
      if (next >= columns) {
        go(columns);
        setPlaying(false);
        return;
      }
      setPlace(next);
      frame = requestAnimationFrame(move);
    });
    return () => {
      cancelAnimationFrame(frame);
      setBoard({ at: playback.stepOf(clamped(here.current)) });
    };
  }, [playing, board]);

  /** One cycle on or back; without cycles, to the next or last service that begins. */
  const step = (by: 1 | -1): void => {
    go(playback.placeAt(playback.stepOf(here.current) + by));
  };

  const timeS = playback.timeAt(place);
  const moment = playback.at(timeS);
  const said = `${lockstep ? `cycle T${moment.cycle + 1}, ` : ''}${formatQuantity(timeS, 'time')}`;
  return (
    <>
      <div class="controls" role="group" aria-label="Player">
        <button
          type="button"
          onClick={() => {
            step(-1);
          }}
          aria-label="One step back"
        >
          ◀
        </button>
        <button
          type="button"
          aria-pressed={playing}
          onClick={() => {
            setPlaying(!playing);
          }}
        >
          {playing ? 'Pause' : 'Play'}
        </button>
        <button
          type="button"
          onClick={() => {
            step(1);
          }}
          aria-label="One step on"
        >
          ▶
        </button>
        <input
          type="range"
          aria-label="Time on the board"
          aria-valuetext={said}
          min={0}
          max={columns * fine - 1}
          step={1}
          value={Math.round(place * fine)}
          onInput={({ currentTarget }) => {
            setPlaying(false);
            go(Number(currentTarget.value) / fine);
          }}
        />
        <output data-time={timeS} data-cycle={moment.cycle} data-waves={wavesText(moment.running)}>
          {said}
          {moment.updating ? ' · update' : ''}
        </output>
      </div>
      <Tokens playback={playback} timeS={timeS} place={place} axis={stands.axis} updating={moment.updating} />
      <Now board={board} moment={moment} />
      <p class="small">
        {board.complete
          ? 'the whole run'
          : lockstep
            ? `cycles T${board.from + 1} to T${board.to} of the run`
            : 'a window'}
        , drawn from the events of the simulation: a token is an image at a stage, its colour the image.
        {board.wavesEndS === null ? '' : ` Waves are followed up to ${formatQuantity(board.wavesEndS, 'time')}.`}
      </p>
    </>
  );
}

/** Waves that have entered each running stage, for tests and readers of the page's source. */
const wavesText = (running: readonly { service: { stage: number }; entered: number | null }[]): string =>
  running.map(({ service, entered }) => `${service.stage}:${entered ?? '?'}`).join(' ');

/** Pixels of an element's width, followed as the page changes; 0 before it is there. */
function useRoom(box: { current: HTMLElement | null }): number {
  const [room, setRoom] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const watch = new ResizeObserver(() => {
      setRoom(element.clientWidth);
    });
    setRoom(element.clientWidth);
    watch.observe(element);
    return () => {
      watch.disconnect();
    };
  }, [box]);
  return room;
}

/** Round times between two, some six of them. */
function timesOf(fromS: number, toS: number): number[] {
  const rough = Math.max(toS - fromS, 1e-15) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(fromS / step);
  return Array.from({ length: Math.floor(toS / step) - first + 1 }, (_, i) => (first + i) * step);
}

interface TokensProps {
  playback: Playback;
  timeS: number;
  place: number;
  axis: 'cycles' | 'time';
  updating: boolean;
}

function Tokens({ playback, timeS, place, axis, updating }: TokensProps) {
  const { board, columns } = playback;
  const lockstep = board.cycleStartsS.length > 1;
  const box = useRef<HTMLDivElement>(null);
  const room = useRoom(box) - NAMES - 16;
  const column = Math.max(COLUMN, room / columns);
  const width = lockstep ? columns * column : Math.max(720, room);
  const { fromS, toS } = playback.span;
  const inTime = axis === 'time' || !lockstep;
  const x = (time: number): number =>
    inTime ? ((time - fromS) / Math.max(toS - fromS, 1e-15)) * width : playback.placeOf(time) * column;
  const height = RULER + board.stages.length * ROW + 4;
  const now = inTime ? x(timeS) : place * column;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const shown = NAMES + now - element.scrollLeft;
    if (shown < NAMES || shown > element.clientWidth - COLUMN) element.scrollLeft = now - element.clientWidth / 2;
  }, [now, room]);
  return (
    <div class="scroll lanes" tabIndex={0} role="group" aria-label="Stages by cycle" ref={box}>
      <svg width={NAMES} height={height} class="tokens names" aria-hidden="true">
        {board.stages.map(({ name }, s) => (
          <text x={NAMES - 6} y={RULER + s * ROW + 15} text-anchor="end" key={name}>
            {name}
          </text>
        ))}
      </svg>
      <svg
        width={width + 8}
        height={height}
        class={`tokens${updating ? ' updating' : ''}`}
        role="img"
        aria-label={`${board.stages.length} stages over ${lockstep ? `${columns} logical cycles` : 'time'}`}
      >
        {board.stages.map(({ name, pass }, s) => (
          <g key={name} class={`lane pass-${pass}`}>
            <title>{name}</title>
            <rect x={0} y={RULER + s * ROW} width={width} height={ROW - 2} />
          </g>
        ))}
        {board.cycleStartsS.slice(0, -1).map((start, c) => (
          <g key={c} class="cycle">
            <line x1={x(start)} x2={x(start)} y1={RULER - 4} y2={height} />
            <text x={x(start) + 3} y={RULER - 6}>
              T{board.from + c + 1}
            </text>
          </g>
        ))}
        {!lockstep &&
          timesOf(fromS, toS).map((time) => (
            <g key={time} class="cycle">
              <line x1={x(time)} x2={x(time)} y1={RULER - 4} y2={height} />
              <text x={x(time) + 3} y={RULER - 6}>
                {formatQuantity(time, 'time')}
              </text>
            </g>
          ))}
        {board.services
          .filter(({ startS }) => startS <= timeS)
          .map(({ stage, image, startS, endS, cycle }) => {
            const running = timeS < endS;
            const until = running ? timeS : endS;
            const left = x(startS);
            const batch = board.stages[stage]!.serves === 'batch';
            return (
              <g
                key={`${stage} ${image}`}
                class={`token hue-${image % 8}${running ? ' running' : ''}${batch ? ' batch' : ''}`}
                data-stage={stage}
                data-image={image}
                data-cycle={cycle}
              >
                <rect
                  x={left + 1}
                  y={RULER + stage * ROW + 1}
                  width={Math.max(2, x(endS) - left - 2)}
                  height={ROW - 4}
                  rx={3}
                  class="whole"
                />
                <rect
                  x={left + 1}
                  y={RULER + stage * ROW + 1}
                  width={Math.max(2, x(until) - left - 2)}
                  height={ROW - 4}
                  rx={3}
                  class="done"
                />
                {x(endS) - left > 14 && (
                  <text x={left + 5} y={RULER + stage * ROW + 15}>
                    {image + 1}
                  </text>
                )}
              </g>
            );
          })}
        <line class="now" x1={now} x2={now} y1={0} y2={height} />
      </svg>
    </div>
  );
}
