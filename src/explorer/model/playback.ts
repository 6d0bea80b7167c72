// A moment of the cycle board: what runs, waits and is kept at a time of the window. Read off the events alone.

import type { Board, BoardService, TurnsOn } from './board.js';

/** A stage at work. */
export interface Running {
  service: BoardService;
  /** Waves that have entered the pacing unit, and those to come; null where the events of waves were cut. */
  entered: number | null;
  waves: number;
}

/** Stages that take turns on one set of arrays or units. */
export interface Turn {
  stages: number[];
  on: TurnsOn;
  /** The stage whose wave has them now; -1: none. */
  reading: number;
  /** Stages that work on an image meanwhile, and their waves still to go. */
  waiting: { stage: number; toGo: number }[];
}

/** All that the board shows at a time. */
export interface Moment {
  timeS: number;
  /** Logical cycle, from 0; -1 where there are none. */
  cycle: number;
  running: Running[];
  /** Entries in each buffer. */
  kept: number[];
  turns: Turn[];
  /** An update or perturbation is under way. */
  updating: boolean;
}

/** A step stands in the middle, where its stages are at work. */
const MIDDLE = 0.5;

/** Reads moments off a board; what it needs at hand is sorted once. */
export class Playback {
  readonly board: Board;
  readonly #waves: { starts: Float64Array; ends: Float64Array }[];
  readonly #groups: { stages: number[]; on: TurnsOn }[];
  /** When the content of each buffer changes, ascending. */
  readonly #changes: Float64Array[];
  /** When services begin, each time once, ascending: the steps of a board without cycles. */
  readonly #starts: Float64Array;

  constructor(board: Board) {
    this.board = board;
    const byStage = board.stages.map((): { startS: number; endS: number }[] => []);
    for (const wave of board.waves) byStage[wave.stage]!.push(wave);
    this.#waves = byStage.map((own) => {
      const sorted = own.sort((a, b) => a.startS - b.startS);
      return {
        starts: Float64Array.from(sorted, ({ startS }) => startS),
        ends: Float64Array.from(sorted, ({ endS }) => endS),
      };
    });
    const groups = new Map<string, { stages: number[]; on: TurnsOn }>();
    board.stages.forEach(({ turns, turnsOn }, s) => {
      const stages = [s, ...turns].sort((a, b) => a - b);
      if (turnsOn !== null) groups.set(stages.join(), { stages, on: turnsOn });
    });
    this.#groups = [...groups.values()];
    this.#changes = board.buffers.map(({ levels }) => Float64Array.from(levels, ([when]) => when));
    this.#starts = Float64Array.from(new Set(board.services.map(({ startS }) => startS))).sort();
  }

  /** First and last time of the window, seconds. */
  get span(): { fromS: number; toS: number } {
    const { cycleStartsS, services } = this.board;
    if (cycleStartsS.length > 1) return { fromS: cycleStartsS[0]!, toS: cycleStartsS.at(-1)! };
    return {
      fromS: services.reduce((least, { startS }) => Math.min(least, startS), Infinity),
      toS: services.reduce((most, { endS }) => Math.max(most, endS), 0),
    };
  }

  /** Columns of the board: cycles, or (without them) one. */
  get columns(): number {
    return Math.max(1, this.board.cycleStartsS.length - 1);
  }

  /** The time at a place of the board: columns from its left edge. */
  timeAt(place: number): number {
    const starts = this.board.cycleStartsS;
    if (starts.length < 2) {
      const { fromS, toS } = this.span;
      return fromS + place * (toS - fromS);
    }
    const column = Math.min(starts.length - 2, Math.max(0, Math.floor(place)));
    return starts[column]! + (place - column) * (starts[column + 1]! - starts[column]!);
  }

  /** The place of a time: columns from the board's left edge. */
  placeOf(timeS: number): number {
    const starts = this.board.cycleStartsS;
    if (starts.length < 2) {
      const { fromS, toS } = this.span;
      return toS === fromS ? 0 : (timeS - fromS) / (toS - fromS);
    }
    const column = Math.min(starts.length - 2, Math.max(0, upTo(starts, timeS) - 1));
    return column + (timeS - starts[column]!) / (starts[column + 1]! - starts[column]!);
  }

  /** Where the board stands at a step: within its cycle, or (without cycles) before the next service begins. */
  placeAt(step: number): number {
    const { board } = this;
    if (board.cycleStartsS.length > 1) return step - board.from + MIDDLE;
    const at = Math.min(this.#starts.length - 1, Math.max(0, step));
    const [from, to] = [this.#starts[at] ?? 0, this.#starts[at + 1] ?? this.span.toS];
    return this.placeOf(from + MIDDLE * (to - from));
  }

  /** The step of a place: its cycle, or (without cycles) how many times services have begun before. */
  stepOf(place: number): number {
    const { board } = this;
    if (board.cycleStartsS.length > 1) return board.from + Math.floor(place);
    return Math.max(0, upTo(this.#starts, this.timeAt(place)) - 1);
  }

  /** What happens at a time. */
  at(timeS: number): Moment {
    const { board } = this;
    const running = board.services
      .filter(({ startS, endS }) => startS <= timeS && timeS < endS)
      .map((service): Running => {
        const waves = board.stages[service.stage]!.waves;
        return { service, waves, entered: this.#entered(service, timeS) };
      });
    return {
      timeS,
      cycle: board.cycleStartsS.length < 2 ? -1 : board.from + Math.floor(this.placeOf(timeS)),
      running,
      kept: board.buffers.map(({ levels }, b) => levels[upTo(this.#changes[b]!, timeS) - 1]?.[1] ?? 0),
      turns: this.#groups.map((group) => this.#turn(group, running, timeS)),
      updating: running.some(({ service }) => board.stages[service.stage]!.serves === 'batch'),
    };
  }

  #entered({ stage, startS }: BoardService, timeS: number): number | null {
    const { wavesEndS } = this.board;
    if (wavesEndS !== null && timeS >= wavesEndS) return null;
    const { starts } = this.#waves[stage]!;
    return upTo(starts, timeS) - upTo(starts, startS, false);
  }

  #turn({ stages, on }: Pick<Turn, 'stages' | 'on'>, running: readonly Running[], timeS: number): Turn {
    const reading = stages.find((stage) => {
      const { starts, ends } = this.#waves[stage]!;
      const last = upTo(starts, timeS) - 1;
      return last >= 0 && timeS < ends[last]!;
    });
    return {
      stages,
      on,
      reading: reading ?? -1,
      waiting: running
        .filter(({ service }) => stages.includes(service.stage) && service.stage !== reading)
        .map(({ service, waves, entered }) => ({ stage: service.stage, toGo: waves - (entered ?? 0) }))
        .filter(({ toGo }) => toGo > 0),
    };
  }
}

/** How many of the sorted numbers are at most (or, not `inclusive`, below) a value. */
function upTo(sorted: ArrayLike<number>, value: number, inclusive = true): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value || (inclusive && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
