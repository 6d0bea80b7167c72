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
  const { sums, waves } = bank;
  const { stages, buffers, granularity } = bank.flow;
  const services = mapped(stages, (_, s) => sums.total(sums.services(s)));
  // A wave of a row-granular stage is issued and finishes by events of its own; else the whole service finishes by one.
  const eventsOf = (stage: FlowStage): number =>
    granularity === 'row' ? stage.waves * (stage.units.length + 2) : stage.waves * stage.units.length + 1;
  const everyEvent = stages.reduce((sum, stage, s) => sum + services[s]! * BigInt(eventsOf(stage)), 0n);
  const events = BigInt(bank.simulator.events + waves.steps);
  waves.release();
  return {
    makespan: bank.simulator.time,
    firstResult: bank.firstResult ?? 0n,
    logicalCycles: lifetimes === null ? null : sums.total(sums.cycles),
    stages: mapped(stages, (_, s) => ({
      services: services[s]!,
      busy: sums.total(sums.busy(s)),
      stalls: stallsOf((cause) => sums.total(sums.stall(s, cause))),
      sets: lifetimes === null ? null : { cycles: sums.total(sums.sets(s)), ticks: sums.total(sums.sets(s) + 1) },
    })),
    unitWaves: mapped(stages, ({ units }, s) => mapped(units, (_, u) => waves.wavesOf(s, u))),
    buffers: mapped(buffers, (_, b) => ({
      peak: bank.peak(b),
      area: sums.total(sums.area(b)),
      lifetimeCycles: lifetimes?.[b] ?? null,
    })),
    events,
    skippedEvents: everyEvent > events ? everyEvent - events : 0n,
    fastPath: {
      foldedStages: waves.foldedStages,
      foldedUnits: waves.foldedUnits,
      cycleMemo,
      jumps: bank.jumps,
    },
  };
}

/** A run that ends before its last image has come to a stop that is none (a deadlock). */
function checkServed(bank: StageBank): void {
  bank.flow.stages.forEach(({ name, serves }, s) => {
    if (serves === 'image' && bank.finished(s) !== bank.images)
      throw new InvariantError(`the run ended with stage ${name} at image ${bank.finished(s)} of ${bank.images}`);
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
