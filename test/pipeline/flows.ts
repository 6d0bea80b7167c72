// Flows for tests: a chain of L layers in training form, as PipeLayer schedules it, with free service times.

import { STALL_CAUSES, type Flow, type FlowResult, type FlowStage, type StallCause } from '../../src/pipeline/index.js';

export interface ChainSpec {
  layers: number;
  images: number;
  batch: number;
  /** Ticks of each stage's single unit, by stage order F1..FL, E, BL..B2, GL..G1, U. */
  ticks: (stage: number) => number;
  waves?: (stage: number) => number;
  pipelined?: boolean;
  advance?: 'lockstep' | 'elastic';
  cycle?: 'active' | 'fixed';
  capacity?: (lifetime: number) => number;
}

/** PipeLayer training of a chain: buffers d1..dL (index 0..L-1) and e1..eL (index L..2L-1). */
export function trainingChain(spec: ChainSpec): Flow {
  const { layers: L, images, batch, ticks, waves = () => 1, capacity = () => Infinity } = spec;
  const d = (l: number): number[] => (l >= 1 ? [l - 1] : []);
  const e = (l: number): number[] => [L + l - 1];
  const shapes: { name: string; inputs: number[]; outputs: number[]; batch?: boolean }[] = [];
  for (let l = 1; l <= L; l++) shapes.push({ name: `F${l}`, inputs: d(l - 1), outputs: d(l) });
  shapes.push({ name: 'E', inputs: d(L), outputs: e(L) });
  for (let l = L; l >= 2; l--) shapes.push({ name: `B${l}`, inputs: [...d(l - 1), ...e(l)], outputs: e(l - 1) });
  for (let l = L; l >= 1; l--) shapes.push({ name: `G${l}`, inputs: [...d(l - 1), ...e(l)], outputs: [] });
  shapes.push({ name: 'U', inputs: [], outputs: [], batch: true });
  const stages: FlowStage[] = shapes.map(({ name, inputs, outputs, batch: batchStage }, s) => ({
    name,
    serves: batchStage === true ? 'batch' : 'image',
    turn: 0,
    waves: waves(s),
    serial: false,
    units: [{ server: s, latency: ticks(s), interval: ticks(s) }],
    inputs,
    outputs,
    source: name === 'F1',
    needs: [],
  }));
  return {
    stages,
    buffers: Array.from({ length: 2 * L }, (_, b) => ({
      name: b < L ? `d${b + 1}` : `e${b - L + 1}`,
      capacity: capacity(b < L ? 2 * (L - b - 1) + 1 : 1),
    })),
    servers: stages.map(({ name }) => ({ name })),
    images,
    batch,
    batchBarrier: true,
    turns: 1,
    pipelined: spec.pipelined ?? true,
    advance: spec.advance ?? 'lockstep',
    cycle: spec.cycle ?? 'active',
    granularity: 'image',
  };
}

/**
 * The result of a run that is longer than `longer` by the same that `longer` is longer than `shorter`, `times - 1`
 * times over: every time and count grows alike.
 */
export function afterPeriods(shorter: FlowResult, longer: FlowResult, times: bigint): FlowResult {
  const on = (a: bigint, b: bigint): bigint => a + (b - a) * times;
  return {
    ...longer,
    makespan: on(shorter.makespan, longer.makespan),
    events: on(shorter.events, longer.events),
    logicalCycles:
      shorter.logicalCycles === null || longer.logicalCycles === null
        ? null
        : on(shorter.logicalCycles, longer.logicalCycles),
    stages: longer.stages.map((stage, s) => {
      const before = shorter.stages[s]!;
      return {
        services: on(before.services, stage.services),
        busy: on(before.busy, stage.busy),
        stalls: Object.fromEntries(
          STALL_CAUSES.map((cause) => [cause, on(before.stalls[cause], stage.stalls[cause])]),
        ) as Record<StallCause, bigint>,
        sets:
          before.sets === null || stage.sets === null
            ? null
            : { cycles: on(before.sets.cycles, stage.sets.cycles), ticks: on(before.sets.ticks, stage.sets.ticks) },
      };
    }),
    unitWaves: longer.unitWaves.map((waves, s) => waves.map((count, u) => on(shorter.unitWaves[s]![u]!, count))),
    buffers: longer.buffers.map((buffer, b) => ({ ...buffer, area: on(shorter.buffers[b]!.area, buffer.area) })),
  };
}
