import { expect, it } from 'vitest';
import { StageBank } from '../../src/pipeline/stage-bank.js';
import { trainingChain } from './flows.js';

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
