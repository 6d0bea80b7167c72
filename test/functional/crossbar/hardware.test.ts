// What the functional product takes from a config: limits of currents, codes, and what does not go together.

import { expect, it } from 'vitest';
import { diskPresets } from '../../../src/config/files.node.js';
import { crossbarOptions } from '../../../src/functional/crossbar/hardware.js';
import type { CrossbarOptions } from '../../../src/functional/crossbar/options.js';
import { loaded } from '../../helpers.js';

const options = (preset: string, sets: string[] = []): CrossbarOptions =>
  crossbarOptions(loaded(preset, sets), diskPresets);

// 0.25 V on 3 kohm: 83.3 uA a cell.
const CELLS = ['crossbar.device=stt-nvsim', 'crossbar.cellBits=1', 'crossbar.columnCurrentLimit=1 mA'];

it('1 mA on cells of 83.3 uA is the current of 12 of them, which a line of 12 does not pass', () => {
  const { currentLimit } = options('isaac', [...CELLS, 'crossbar.rows=12']);
  expect(currentLimit).toBeCloseTo(12, 6);
  expect(currentLimit).toBeGreaterThanOrEqual(12);
  expect(options('isaac').currentLimit).toBe(Infinity);
});

it('cells in series carry what one of them does: no sum is limited', () => {
  expect(options('isaac', [...CELLS, 'crossbar.summation=resistance']).currentLimit).toBe(Infinity);
});

it('converters have a code for 0; spin neurons have as many levels on either side', () => {
  expect(options('isaac').converter.zeroIsLevel).toBe(true);
  expect(options('spindle').converter.zeroIsLevel).toBe(false);
});

it('the smallest step of a slot does not go with slots that are joined before the converters', () => {
  const analog = 'functional.accumulation=analog';
  expect(() => options('isaac', [analog, 'functional.adcRange=granular'])).toThrow(
    /functional\.adcRange: found granular beside functional\.accumulation analog; expected full, calibrated or unit/,
  );
  expect(options('isaac', [analog, 'functional.adcRange=unit']).accumulation).toBe('analog');
});
