import { describe, expect, it } from 'vitest';
import { load, recordTimeline, simulate, type Machine, type Timeline } from '../../src/index.js';
import { boardOf } from '../../src/explorer/model/board.js';
import { Playback } from '../../src/explorer/model/playback.js';

async function recorded(base: string, ...set: string[]): Promise<{ machine: Machine; timeline: Timeline }> {
  const { machine } = simulate(await load(base, { set }));
  return { machine, timeline: recordTimeline(machine) };
}

const ATTACK = ['network=lisa-cnn', 'workload.mode=attack', 'workload.batch=4', 'workload.iterations=2'];
const TICK_S = 1e-12;

describe('the cycle board', () => {
  it('places PipeLayer: image i is at F_l in cycle i + l - 1, at B_l in i + 2L - l + 1 (HPCA 2017)', async () => {
    const { machine, timeline } = await recorded('pipelayer', ...ATTACK, 'simulation.timeline.cycles=14');
    const board = boardOf(machine, timeline);
    const layers = 4;
    for (const { stage, image, cycle } of board.services.filter(({ image: i }) => i < 4)) {
      const { pass, layer } = machine.stages[stage]!;
      if (pass === 'F') expect([board.stages[stage]!.name, cycle]).toEqual([`F${layer}`, image + layer - 1]);
      if (pass === 'B')
        expect([board.stages[stage]!.name, cycle]).toEqual([`B${layer}`, image + 2 * layers - layer + 1]);
    }
    // The batch drains before the perturbation: of 4 images the last leaves B1 in cycle 3 + 2L, X is the next.
    const update = board.services.find(({ stage }) => board.stages[stage]!.serves === 'batch');
    expect(update?.cycle).toBe(3 + 2 * layers + 1);
  });

  it('keeps d_l of PipeLayer for 2(L-l)+1 cycles, so that as many tiles pile up (HPCA 2017, Sec. 3.3)', async () => {
    const { machine, timeline } = await recorded('pipelayer', 'network=lisa-cnn', 'workload.mode=attack');
    const playback = new Playback(boardOf(machine, timeline));
    const most = playback.board.buffers.map((_, b) =>
      Math.max(...Array.from({ length: playback.columns }, (_, c) => playback.at(playback.timeAt(c + 0.5)).kept[b]!)),
    );
    const kept = playback.board.buffers.flatMap(({ name, kind }, b) => (kind === 'neurons' ? [[name, most[b]]] : []));
    expect(kept).toEqual([
      ['d1', 7],
      ['d2', 5],
      ['d3', 3],
      ['d4', 1],
    ]);
  });

  it('lets one pass at a time read shared arrays, and counts the waves of the other at the door', async () => {
    const { machine, timeline } = await recorded('a3-shared', ...ATTACK, 'workload.batch=12');
    const playback = new Playback(boardOf(machine, timeline));
    const slot = machine.stages.map(({ flow }) => flow.units);
    const shared = slot[0]!.find(({ server }) => slot.at(-2)!.some((unit) => unit.server === server))!.server;
    let waited = 0;
    for (const { stage, server, start, end } of timeline.slices.filter((slice) => slice.server === shared)) {
      const moment = playback.at(((start + end) / 2) * TICK_S);
      const turn = moment.turns.find(({ stages }) => stages.includes(stage))!;
      expect([server, turn.reading]).toEqual([shared, stage]);
      for (const { stage: other, toGo } of turn.waiting) {
        const service = timeline.services.find(
          (one) => one.stage === other && one.start <= (start + end) / 2 && (start + end) / 2 < one.end,
        )!;
        const entered = timeline.slices.filter(
          (slice) =>
            slice.server === shared &&
            slice.stage === other &&
            slice.start >= service.start &&
            slice.start <= (start + end) / 2,
        ).length;
        expect(toGo).toBe(machine.stages[other]!.flow.waves - entered);
        waited++;
      }
    }
    expect(waited).toBeGreaterThan(10);
  });

  it('says of every service of an elastic and of a row pipeline when it runs, without cycles', async () => {
    for (const [base, ...set] of [
      ['isaac', 'network=lenet-5'],
      ['pipelayer', 'network=lenet-5', 'workload.mode=inference', 'pipeline.advance=elastic'],
    ] as const) {
      const { machine, timeline } = await recorded(base, ...set);
      const playback = new Playback(boardOf(machine, timeline));
      expect(playback.board.cycleStartsS).toEqual([]);
      for (const { stage, image, start, end } of timeline.services.filter(({ whole }) => whole)) {
        const running = playback.at(((start + end) / 2) * TICK_S).running.map(({ service }) => service);
        expect(running.some((service) => service.stage === stage && service.image === image)).toBe(true);
      }
    }
  });
});
