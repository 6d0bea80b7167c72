// What numbers run on where a config does not say it.

import { describe, expect, it } from 'vitest';
import { crossbarOptions } from '../../src/functional/crossbar/hardware.js';
import { kindOf } from '../../src/experiment/functional/model.js';
import { diskPresets } from '../../src/config/files.node.js';
import { designNumbers } from '../../src/run-config/index.js';
import { loaded } from '../helpers.js';

describe('functional.backend of a design', () => {
  it.each([
    ['isaac', { backend: 'crossbar' }],
    ['pipelayer', { backend: 'crossbar' }],
    ['digital-int8', { backend: 'integer' }],
    ['digital-fp16', { backend: 'minifloat', format: 'float16' }],
    ['digital-posit8', { backend: 'posit', exponentBits: 1 }],
    ['digital-elma8', { backend: 'elma' }],
    ['digital-elma16', { backend: 'elma' }],
    ['lognet', { backend: 'lognet' }],
    ['addernet', { backend: 'addernet' }],
  ])('%s: the numbers of its units, with every default', (design, expected) => {
    expect(designNumbers(loaded(design))).toMatchObject({ ...expected, adcRange: 'full', trials: 1 });
  });

  it('what the config says stands before it', () => {
    const sets = ['functional={ backend: posit, exponentBits: 2 }'];
    expect(designNumbers(loaded('isaac', sets))).toMatchObject({ backend: 'posit', exponentBits: 2 });
    const trials = designNumbers(loaded('digital-posit8', ['functional={ trials: 3, exponentBits: 0 }']));
    expect(trials).toMatchObject({ backend: 'posit', exponentBits: 0, trials: 3 });
  });

  it('a format without a backend is refused at its place, and so is an attack on numbers without errors', () => {
    expect(() => designNumbers(loaded('digital-int8', ['digital.format=bf12']))).toThrow(/digital\.format: found bf12/);
    expect(kindOf(loaded('isaac'), undefined)).toBe('crossbar');
    expect(kindOf(loaded('digital-int8'), undefined)).toBe('integer');
    expect(kindOf(loaded('digital-posit8'), undefined)).toBe('posit');
    expect(() => kindOf(loaded('addernet'), undefined)).toThrow(
      /found addernet, which has no errors of layer "conv1_1"/,
    );
  });

  it('columns are flipped where the design flips them and stores an offset', () => {
    const encoding = (...sets: string[]): string => crossbarOptions(loaded('isaac', sets), diskPresets).encoding;
    expect(encoding()).toBe('flipped');
    expect(encoding('sensing.encoding=plain')).toBe('plain');
    expect(encoding('weights.sign=differential')).toBe('plain');
    expect(() => encoding('weights.copies=shared')).toThrow(/sensing\.encoding: found flipped.*expected plain/);
  });
});

describe('what a config leaves out', () => {
  it('is missing in the file that was named, not in what it extends', () => {
    const files = { './mine.yaml': 'extends: isaac\nnetwork: lenet-5\n' };
    const { file, line } = loaded('./mine.yaml', [], files).loaded.origins.at(['model', 'weights']);
    expect([file, line]).toEqual(['./mine.yaml', 1]);
  });
});
