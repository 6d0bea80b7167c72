import { afterEach, expect, it, vi } from 'vitest';
import { FINISH } from '../../src/pipeline/events.js';
import { StageBank } from '../../src/pipeline/stage-bank.js';
import { trainingChain } from './flows.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Stages at one unit, of which the first two began services of 100 ticks so many ticks ago. */
function bankOf(...lasted: readonly number[]): StageBank {
  const flow = trainingChain({ layers: 1, images: 9, batch: 9, ticks: () => 100 });
  const stages = flow.stages.map((stage) => ({ ...stage, units: stage.units.map((unit) => ({ ...unit, server: 0 })) }));
  const bank = new StageBank({ ...flow, stages }, {});
  for (let ago = Math.max(...lasted); ago > 0; ago--) {
    for (const [stage, ticks] of lasted.entries()) if (ticks === ago) bank.begin(stage);
    bank.simulator.advance(bank.simulator.now + 1);
  }
  return bank;
}

it('how long services have lasted is part of a state, stage by stage, and at a glance as one number', () => {
  const banks = [
    [4, 2],
    [2, 3],
  ].map(([first, second]) => bankOf(first!, second!));
  // Ticks of the first stage once, of the second twice.
  expect(banks.map((bank) => bank.glance())).toEqual([8, 8]);
  expect(banks.map((bank) => bank.times().slice(0, 2))).toEqual([
    [-4, -2],
    [-2, -3],
  ]);
});

/** The times of the state in which the first service of two stages ends. */
function timesAtEnd(): number[] {
  const flow = trainingChain({ layers: 1, images: 9, batch: 9, ticks: () => 1 });
  const unit = (server: number, latency: number, interval: number) => ({ server, latency, interval });
  // Five waves, one each 5 ticks, to the common unit after 10; two waves to it at once. Units of their own behind it.
  const [slow, fast] = [
    { waves: 5, units: [unit(1, 10, 5), unit(0, 5, 4), unit(2, 9, 9)] },
    { waves: 2, units: [unit(0, 5, 4), unit(3, 12, 2)] },
  ];
  const servers = ['common', 'before', 'behind', 'behind the other'].map((name) => ({ name }));
  const stages = [slow, fast].map((own) => ({ ...flow.stages[0]!, ...own }));
  const bank = new StageBank({ ...flow, stages, servers }, {});
  bank.begin(0);
  bank.begin(1);
  bank.waves.catchUp();
  let times: number[] = [];
  bank.simulator.run((code, argument) => {
    if (code !== FINISH) {
      bank.waves.arrive(argument);
      return;
    }
    times = [bank.simulator.now, ...bank.times()];
    bank.simulator.stop();
  });
  return times;
}

it('when units are free and waves come is part of a state', () => {
  // The fast stage is served at 0 and 4, ends at 9 + 12. Waves of the other come at 10, 15 and 20 and go on at 15, 24
  // and 33: the common unit is free at 24, those behind at 42, and the next wave comes at 25.
  const lasted = [21, -21, -21];
  expect(timesAtEnd()).toEqual([...lasted, ...[3, 0, 0, 0], ...[3, 21, 4], ...[0, 0, -1]]);
  vi.stubGlobal('WebAssembly', undefined);
  // Of each unit when the stage could use it and when those behind can be; and an event, at the second unit of all.
  expect(timesAtEnd()).toEqual([...lasted, ...[3, 0, 0, 0], ...[0, 3, 0, 0, 0], ...[0, 21, 0, 0, 0], ...[4, 0, 1]]);
});
