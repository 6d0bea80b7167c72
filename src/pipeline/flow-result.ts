// The exact totals of a run, read from its stages when it has ended.

import { InvariantError, mapped } from '../kernel/index.js';
import type { FlowResult, FlowStage, StallCause } from './flow.js';
import { CAUSE } from './flow-sums.js';
import type { StageBank } from './stage-bank.js';

/**
 * The result of a run that has ended. `cycleMemo`: logical cycles were taken as equal ones went before; `lifetimes`: of
 * each buffer's entries, logical
 * cycles, null where there are none.
 * @throws InvariantError when a run that was to serve every image has not.
 */
export function resultOf(bank: StageBank, cycleMemo: boolean, lifetimes: readonly number[] | null): FlowResult {
  if (bank.whole) checkServed(bank);
  bank.settle();
  const { sums, stops } = bank;
  const { stages, buffers, granularity } = bank.flow;
  const services = mapped(stages, (_, s) => sums.total(sums.services(s)));
  // A wave of a row-granular stage is issued and finishes by events of its own; else the whole service finishes by one.
  const eventsOf = ({ waves, units }: FlowStage): number =>
    granularity === 'row' ? waves * (units.length + 2) : waves * units.length + 1;
  const everyEvent = stages.reduce((sum, stage, s) => sum + services[s]! * BigInt(eventsOf(stage)), 0n);
  const events = BigInt(bank.simulator.events);
  return {
    makespan: bank.time,
    firstResult: bank.firstResult ?? 0n,
    logicalCycles: lifetimes === null ? null : sums.total(sums.cycles),
    stages: mapped(stages, (_, s) => ({
      services: services[s]!,
      busy: sums.total(sums.busy(s)),
      stalls: stallsOf((cause) => sums.total(sums.stall(s, cause))),
      sets: lifetimes === null ? null : { cycles: sums.total(sums.sets(s)), ticks: sums.total(sums.sets(s) + 1) },
    })),
    unitWaves: mapped(stages, ({ units }, s) =>
      mapped(units, (_, u) => sums.total(sums.waves(stops.countedAt[bank.firstUnit[s]! + u]!))),
    ),
    buffers: mapped(buffers, (_, b) => ({
      peak: bank.buffers.peak[b]!,
      area: sums.total(sums.area(b)),
      lifetimeCycles: lifetimes?.[b] ?? null,
    })),
    events,
    skippedEvents: everyEvent > events ? everyEvent - events : 0n,
    fastPath: {
      foldedStages: bank.folded.reduce((sum, folded) => sum + folded, 0),
      foldedUnits: stops.countedAt.reduce((sum, at, k) => sum + (at === k ? 0 : 1), 0),
      cycleMemo,
      jumps: bank.jumps,
    },
  };
}

/** A run that ends before its last image has come to a stop that is none (a deadlock). */
function checkServed({ flow, finished }: StageBank): void {
  flow.stages.forEach(({ name, serves }, s) => {
    if (serves === 'image' && finished[s] !== flow.images)
      throw new InvariantError(`the run ended with stage ${name} at image ${finished[s]!} of ${flow.images}`);
  });
}

function stallsOf(total: (cause: number) => bigint): Record<StallCause, bigint> {
  return {
    input: total(CAUSE.input),
    output: total(CAUSE.output),
    unit: total(CAUSE.unit),
    lockstep: total(CAUSE.lockstep),
    batch: total(CAUSE.batch),
  };
}
