// The machine as the engine sees it: stages that send waves through chains of units, with buffers between them. Ticks
// and indexes only.

/** One unit of a stage's chain. Stages that name the same server share it. */
export interface UnitUse {
  readonly server: number;
  /** Ticks from start to result. */
  readonly latency: number;
  /** Ticks from one start to the next. */
  readonly interval: number;
}

/** What one wave of a row-granular stage needs of a producer. */
export interface WindowNeed {
  readonly producer: number;
  /** For each wave: how many waves of the producer, on the same image, must have finished. */
  readonly waves: Int32Array;
  /** For each wave: the first (0-based) wave of the producer that it, or a later wave of the image, still needs. */
  readonly first: Int32Array;
}

/** A stage as the engine sees it; times in ticks. */
export interface FlowStage {
  readonly name: string;
  /**
   * `image`: serves every image; `batch`: once a batch, when all image stages are done with it (weight or perturbation
   * update); `turn`: once a batch, before the image stages of its turn (weights are written into arrays).
   */
  readonly serves: 'image' | 'batch' | 'turn';
  /** Turn in which the stage has the arrays: stages of one turn serve a whole batch before the next. */
  readonly turn: number;
  /** Waves of one service. */
  readonly waves: number;
  /** A wave enters only when the one before it has left (an LSTM's time steps). */
  readonly serial: boolean;
  readonly units: readonly UnitUse[];
  /** Buffers whose entry for the image must be readable; released when the stage finishes it. */
  readonly inputs: readonly number[];
  /** Buffers in which an entry is reserved at the start and readable at the finish. */
  readonly outputs: readonly number[];
  /** True when the stage reads the image from outside and so waits for its batch to open. */
  readonly source: boolean;
  /** Row granularity only. */
  readonly needs: readonly WindowNeed[];
}

/** A buffer as the engine sees it: who fills it, who empties it, how much it holds. */
export interface FlowBuffer {
  readonly name: string;
  /** Entries (images); Infinity when it never blocks its producer. */
  readonly capacity: number;
}

/** A machine ready to run. Inputs and outputs of the stages say who fills and who empties each buffer. */
export interface Flow {
  readonly stages: readonly FlowStage[];
  readonly buffers: readonly FlowBuffer[];
  readonly servers: readonly { readonly name: string }[];
  readonly images: number;
  readonly batch: number;
  /** The next batch waits until the batch stages are done (training, attack). */
  readonly batchBarrier: boolean;
  /** Turns that stages take within a batch; 1: all stages have their arrays at once. */
  readonly turns: number;
  /** False: an image enters when the one before it has left every stage. */
  readonly pipelined: boolean;
  readonly advance: 'lockstep' | 'elastic';
  /** Lockstep: a cycle lasts as long as its slowest active stage, or always as long as the slowest of all. */
  readonly cycle: 'active' | 'fixed';
  readonly granularity: 'image' | 'row';
}

/** Why a stage waits: for its input, room for its output, a shared unit, the logical cycle, the batch. */
export const STALL_CAUSES = ['input', 'output', 'unit', 'lockstep', 'batch'] as const;
/** Why a stage waits. */
export type StallCause = (typeof STALL_CAUSES)[number];

/** Exact totals of a run, in ticks and counts. */
export interface FlowResult {
  /** Ticks from the first start to the last finish. */
  makespan: bigint;
  /** Tick at which the first image left the last image stage. */
  firstResult: bigint;
  /** Lockstep only. */
  logicalCycles: bigint | null;
  stages: {
    services: bigint;
    busy: bigint;
    stalls: Record<StallCause, bigint>;
    /**
     * Lockstep: cycles whose last stage to finish it was (the first of equals), and their ticks; over all stages these
     * are all cycles and the makespan.
     */
    sets: { cycles: bigint; ticks: bigint } | null;
  }[];
  /** Waves that entered each unit, by stage and position in its chain. */
  unitWaves: bigint[][];
  buffers: {
    peak: number;
    /** Entries x ticks. */
    area: bigint;
    /** Lockstep: cycles from an entry's production to its release, longest. */
    lifetimeCycles: number | null;
  }[];
  events: bigint;
  skippedEvents: bigint;
  /** What was taken instead of single events. */
  fastPath: {
    foldedStages: number;
    foldedUnits: number;
    cycleMemo: boolean;
    jumps: { atImage: number; images: number; periods: number }[];
  };
}
