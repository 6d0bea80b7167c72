// Notes beside figures: each on a design that passes its limit, and none where nothing does.

import { describe, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { listPresets } from '../../src/config/index.js';
import { keyOf } from '../../src/experiment/sweep/resolver.js';
import { unusedKnobs } from '../../src/run-config/index.js';
import { simulate } from '../../src/simulation/index.js';
import { denseChain, loaded, resultOf } from '../helpers.js';

const FILES = { 'net.yaml': denseChain(2), 'wide.yaml': denseChain(1, 2048) };
const codes = (preset: string, sets: string[], files = {}): string[] =>
  resultOf(preset, sets, { ...FILES, ...files }).notes.map(({ code }) => code);
const note = (preset: string, sets: string[], code: string, files = {}) =>
  resultOf(preset, sets, { ...FILES, ...files }).notes.find((one) => one.code === code);
const SMALL = ['network=net.yaml', 'workload.images=2'];

describe('notes of a result', () => {
  it('converters of fewer bits than sums take (ISAAC Sec. V: 8 with flipped columns)', () => {
    expect(codes('isaac', SMALL)).not.toContain('converter-bits');
    expect(note('isaac', [...SMALL, 'sensing.bits=5'], 'converter-bits')?.text).toMatch(/5 bits .* take 8/);
  });

  it('ports as wide as a wave', () => {
    const wide = ['network=wide.yaml', 'workload.images=2'];
    expect(note('isaac', wide, 'port-width')?.text).toContain('32,768 bits');
    expect(codes('isaac', [...wide, 'buffers.portBits=256'])).not.toContain('port-width');
  });

  it('lines of low-resistance cells', () => {
    expect(codes('isaac', SMALL)).toContain('line-current');
    expect(codes('isaac', [...SMALL, 'device.resistance.on=100 Mohm', 'device.resistance.off=1 Gohm'])).not.toContain(
      'line-current',
    );
  });

  it('cells whose levels hardly differ', () => {
    const off = ['device.resistance.on=2 kohm', 'device.resistance.off=3 kohm'];
    expect(note('isaac', [...SMALL, ...off], 'on-off-ratio')?.text).toContain('1.5');
  });

  it('lifetime under a day, with the rating that it rests on', () => {
    const training = ['workload.mode=training', 'network=net.yaml', 'workload.batch=2', 'workload.images=4'];
    expect(note('pipelayer', training, 'lifetime')?.text).toMatch(/1 ?Mwrites, assumed/);
    expect(codes('pipelayer', [...training, 'device.endurance=1e30'])).not.toContain('lifetime');
  });

  it('without a row for biases their additions are left out, and in training their gradients', () => {
    const training = ['workload.mode=training', 'network=net.yaml', 'workload.batch=2', 'workload.images=4'];
    // Two layers of 16.
    expect(note('pipelayer', training, 'biases')).toEqual({
      code: 'biases',
      figure: 'networkTotals.biases',
      text:
        'additions, gradients and updates of 32 biases are not counted: without a row in the arrays ' +
        '(mapping.biasRow) a bias is where sums start',
    });
    expect(codes('pipelayer', [...training, 'mapping.biasRow=true'])).not.toContain('biases');
    const inference = [...SMALL, 'workload.mode=inference'];
    expect(note('pipelayer', inference, 'biases')?.text).toMatch(/^additions of 32 biases are not counted/);
    expect(codes('pipelayer', [...inference, 'mapping.biasRow=true'])).not.toContain('biases');
  });

  it('memories that are not built: of tables, of an input under attack', () => {
    const table = {
      'table.yaml':
        'name: table\ninput: { shape: [4] }\nlayers:\n' +
        '  - { name: words, type: embedding, entries: 50, features: 8 }\n  - { name: fc, type: dense, features: 2 }\n',
    };
    const sets = ['network=table.yaml', 'workload.mode=inference', 'workload.images=1'];
    expect(note('isaac', sets, 'memory-not-built', table)?.text).toMatch(/^400 values of embedding tables/);
    // 16 values of the input: their errors and the perturbation.
    expect(note('a3', ['network=net.yaml'], 'memory-not-built')?.text).toMatch(/^32 values of the perturbation/);
    expect(codes('isaac', SMALL)).not.toContain('memory-not-built');
  });

  it('a constant outside its design point says which knob moved and how far; a law beyond its range says so', () => {
    const own = {
      'own.yaml':
        'extends: isaac\ncomponents:\n  adc:\n    energy:\n' +
        '      convert: { value: 1 pJ, at: { crossbar.rows: 128, chip.node: 32 nm } }\n' +
        '    area: { law: adc-survey-area }\n',
    };
    expect(note('own.yaml', SMALL, 'off-point', own)).toBeUndefined();
    expect(note('own.yaml', [...SMALL, 'crossbar.rows=256'], 'off-point', own)).toEqual({
      code: 'off-point',
      figure: 'components.adc.energy.convert',
      text: 'used outside its design point: crossbar.rows is 2 times the 128 that it holds at',
    });
    expect(note('own.yaml', [...SMALL, 'chip.node=22 nm'], 'off-point', own)?.text).toContain('0.6875 times the 32 nm');
    expect(note('own.yaml', [...SMALL, 'sensing.bits=3'], 'law-range', own)?.text).toMatch(/from 4.4 bits on/);
  });

  it('power above what air takes off', () => {
    expect(note('prime', [], 'power-density')?.text).toMatch(/W\/mm2 are above/);
  });
});

describe('knobs of the design point on every architecture with crossbars', () => {
  const crossbars = listPresets(diskPresets, 'architectures').filter(
    (preset) => loaded(preset).config.digital === undefined,
  );
  const KNOBS = { 'sensing.bits': '5', 'crossbar.rows': '64', 'chip.node': '65 nm', 'inputs.density': '0.1' };
  it.each(crossbars)('%s: energy changes, or a note or the list of unread knobs says why not', (preset) => {
    const sets = ['network=lenet-5', 'workload.mode=inference', 'workload.images=2'];
    const base = resultOf(preset, sets);
    for (const [knob, value] of Object.entries(KNOBS)) {
      const run = loaded(preset, [...sets, `${knob}=${value}`]);
      if (keyOf(run, undefined) === keyOf(loaded(preset, sets), undefined)) continue; // the preset's own value
      const { energy, notes } = simulate(run).result;
      const said = [
        ...notes.filter(({ text }) => text.includes(`${knob} is`)).map(({ code }) => code),
        ...unusedKnobs(run, () => true).flatMap(({ key }) => (key === knob ? [key] : [])),
      ];
      if (energy.totalJ === base.energy.totalJ) expect(said, knob).toEqual(expect.arrayContaining([expect.anything()]));
    }
  });
});
