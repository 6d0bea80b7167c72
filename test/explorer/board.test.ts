import seedrandom from 'seedrandom';
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

  it('counts each wave once where a chain passes a shared bus twice', async () => {
    const bus = ['network=lenet-5', 'links.bus.used=true', 'links.bus.shared=true', 'workload.mode=training'];
    const window = ['workload.images=4', 'workload.batch=2', 'simulation.timeline.cycles=1000'];
    for (const preset of ['digital-int8', 'pipelayer']) {
      const { machine, timeline } = await recorded(preset, ...bus, ...window);
      const { waves, services, complete } = boardOf(machine, timeline);
      expect(complete).toBe(true);
      machine.flow.stages.forEach(({ waves: each }, s) => {
        const own = waves.filter(({ stage }) => stage === s);
        expect(own).toHaveLength(each * services.filter(({ stage }) => stage === s).length);
        expect(own.map(({ startS }) => startS)).toEqual(own.map(({ startS }) => startS).sort((a, b) => a - b));
      });
    }
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

  it.each(['pipelayer', 'a3', 'a3-shared'])(
    'shows of %s at 200 moments what its event list says: services, waves, entries, updates',
    async (base) => {
      const { machine, timeline } = await recorded(base, ...ATTACK, 'simulation.timeline.cycles=30');
      const board = boardOf(machine, timeline);
      const playback = new Playback(board);
      const random = seedrandom(`board ${base}`);
      let [waves, updates] = [0, 0];
      for (let moment = 0; moment < 200; moment++) {
        const time = Math.round(playback.timeAt(random() * playback.columns) / TICK_S) + 0.5;
        const now = playback.at(time * TICK_S);
        const running = timeline.services.filter(({ start, end }) => start <= time && time < end);
        expect(now.running.map(({ service: { stage, image } }) => [stage, image])).toEqual(
          running.map(({ stage, image }) => [stage, image]),
        );
        running.forEach(({ stage, start }, i) => {
          const arrays = machine.stages[stage]!.chain.units.findIndex(({ component }) => component === 'crossbar');
          const { server } = machine.stages[stage]!.flow.units[Math.max(0, arrays)]!;
          const entered = timeline.slices.filter(
            (slice) => slice.stage === stage && slice.server === server && slice.start >= start && slice.start <= time,
          ).length;
          expect(now.running[i]!.entered).toBe(entered);
          waves += entered;
        });
        expect(now.kept).toEqual(
          machine.buffers.map(
            ({ positionsPerEntry }, b) =>
              (timeline.levels.findLast((one) => one.buffer === b && one.time <= time)?.readable ?? 0) *
              positionsPerEntry,
          ),
        );
        const updating = running.some(({ stage }) => machine.stages[stage]!.flow.serves === 'batch');
        expect(now.updating).toBe(updating);
        if (updating) updates++;
      }
      expect(waves).toBeGreaterThan(1000);
      expect(updates).toBeGreaterThan(0);
    },
  );

  it.each(['a3', 'a3-shared'])(
    'keeps of %s one-bit masks for 2(L-l)+1 cycles in place of neurons, which go on after one',
    async (base) => {
      const { machine, timeline } = await recorded(base, 'network=lisa-cnn', 'workload.mode=attack');
      const playback = new Playback(boardOf(machine, timeline));
      const moments = Array.from({ length: 20 * playback.columns }, (_, i) =>
        playback.at(playback.timeAt((i + 0.5) / 20)),
      );
      const most = (b: number): number => Math.max(...moments.map(({ kept }) => kept[b]!));
      const piles = playback.board.buffers.map(({ name, kind, entryBits }, b) => ({
        name,
        kind,
        entryBits,
        most: most(b),
      }));
      const neurons = piles.filter(({ kind }) => kind === 'neurons');
      const masks = piles.filter(({ kind }) => kind === 'masks');
      // The last layer's mask is its error's sign, at hand when it is asked for.
      expect(masks.map(({ name, most: tiles }) => [name, tiles])).toEqual([
        ['m1', 7],
        ['m2', 5],
        ['m3', 3],
      ]);
      expect(Math.max(...neurons.map(({ most: tiles }) => tiles))).toBeLessThanOrEqual(2);
      // A sliver is a bit a neuron of 16 bits.
      masks.forEach(({ entryBits }, i) => {
        expect(entryBits * 16).toBe(neurons[i]!.entryBits);
      });
    },
  );

  it('drains the pipe at a batch’s end: nothing enters between its last image and its update', async () => {
    const { machine, timeline } = await recorded('a3', ...ATTACK, 'simulation.timeline.cycles=30');
    const playback = new Playback(boardOf(machine, timeline));
    const { services, stages } = playback.board;
    const batch = services.find(({ stage }) => stages[stage]!.serves === 'batch')!;
    const entering = services.filter(({ stage }) => stage === 0);
    const last = entering.findLast(({ startS }) => startS < batch.startS)!;
    const next = entering.find(({ startS }) => startS >= batch.startS)!;
    expect([last.image, next.image]).toEqual([3, 4]);
    expect(next.startS).toBeGreaterThanOrEqual(batch.endS);
    const counts = [];
    for (let cycle = last.cycle; cycle < batch.cycle; cycle++) {
      const { running } = playback.at(playback.timeAt(cycle - playback.board.from + 1e-3));
      counts.push(running.filter(({ service }) => service.stage === 0).length);
    }
    expect(counts).toEqual([1, ...counts.slice(1).map(() => 0)]);
    expect(counts.length).toBe(2 * 4 + 1);
    const shown = playback.at((batch.startS + batch.endS) / 2);
    expect(shown.updating).toBe(true);
    expect(shown.running.map(({ service }) => stages[service.stage]!.name)).toEqual(['X']);
    expect(playback.at(batch.startS - 1e-12).updating).toBe(false);
    expect(playback.at(batch.endS + 1e-12).updating).toBe(false);
  });

  it('steps through a board without cycles service by service, and names its place in the address', async () => {
    const { machine, timeline } = await recorded('isaac', 'network=lenet-5');
    const playback = new Playback(boardOf(machine, timeline));
    const starts = new Set(playback.board.services.map(({ startS }) => startS)).size;
    const begun = [];
    for (let step = 0; step < starts; step++) {
      const place = playback.placeAt(step);
      expect(playback.stepOf(place)).toBe(step);
      const time = playback.timeAt(place);
      begun.push(new Set(playback.board.services.flatMap(({ startS }) => (startS <= time ? [startS] : []))).size);
    }
    expect(begun).toEqual(Array.from({ length: starts }, (_, i) => i + 1));
    expect(playback.placeAt(starts + 7)).toBe(playback.placeAt(starts - 1));
  });

  it('keeps of a row pipeline whole waves: more than are built, never more than hold its producer up', async () => {
    const { machine, timeline } = await recorded('isaac', 'network=vgg-8');
    const playback = new Playback(boardOf(machine, timeline));
    const { buffers } = playback.board;
    const most = buffers.map(() => 0);
    for (let step = 0; step < 200; step++)
      playback.at(playback.timeAt((step + 0.5) / 200)).kept.forEach((kept, b) => (most[b] = Math.max(most[b]!, kept)));
    expect(most[0]).toBeGreaterThan(buffers[0]!.capacityEntries);
    most.forEach((kept, b) => {
      expect(kept).toBeLessThanOrEqual(buffers[b]!.limitEntries);
    });
  });

  it('says arrays take turns where passes share them, units where layers do', async () => {
    const turnsOf = async (base: string, ...set: string[]): Promise<(string | null)[]> => {
      const { machine, timeline } = await recorded(base, 'network=lenet-5', ...set);
      return [...new Set(boardOf(machine, timeline).stages.map(({ turnsOn }) => turnsOn))];
    };
    expect(await turnsOf('a3-shared', 'workload.mode=attack')).toEqual(['crossbar', null]);
    expect(await turnsOf('pipelayer', 'workload.mode=attack')).toEqual([null]);
    expect(await turnsOf('digital-int8', 'workload.mode=inference')).toEqual(['mac']);
    expect(await turnsOf('isaac')).toEqual([null]);
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
