// The device presets: every number has a source, and the figures that a source itself works out come out again.

import { describe, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { isTree, listPresets, loadConfig, type TreeValue } from '../../src/config/index.js';
import { loaded } from '../helpers.js';

const names = listPresets(diskPresets, 'devices').filter((name) => name !== 'none');
const device = (name: string, sets: string[] = []) =>
  loaded('isaac', [`crossbar.device=${name}`, 'crossbar.cellBits=1', ...sets]).config.device;

/** Constants below a node that say nothing of where they come from. */
function unsourced(node: TreeValue, path: string): string[] {
  if (!isTree(node))
    return /\d/.test(JSON.stringify(node)) && !/name|description|source|note|\.law/.test(path) ? [path] : [];
  if (typeof node.law === 'string' || (Object.hasOwn(node, 'value') && typeof node.source === 'string')) return [];
  return Object.entries(node).flatMap(([key, value]) => unsourced(value, `${path}.${key}`));
}

describe('device presets', () => {
  it.each(names)('%s: a line of description, a source, and a source for every number', (name) => {
    const { tree } = loadConfig(diskPresets, ['devices'], name);
    expect([tree.name, typeof tree.description, typeof tree.source]).toEqual([name, 'string', 'string']);
    expect(unsourced(tree, name)).toEqual([]);
  });

  it('NVSim sample_RRAM: 0.4 V at 1 Mohm is its read power of 0.16 uW', () => {
    const { readVoltage, resistance } = device('reram-nvsim');
    expect(readVoltage!.value ** 2 / resistance!.on!.value).toBeCloseTo(0.16e-6, 12);
  });

  it('MLP+NeuroSim V3.0 STT-MRAM: 2.86 pJ and 1.24 pJ a write, their mean by the law', () => {
    const { write, resistance, writeVoltage } = device('stt-neurosim');
    const joules = (ohms: number): number => (writeVoltage!.value ** 2 / ohms) * 10e-9;
    expect(joules(resistance!.on!.value) * 1e12).toBeCloseTo(2.86, 2);
    expect(joules(resistance!.off!.value) * 1e12).toBeCloseTo(1.24, 2);
    expect(write.energy.value).toBeCloseTo((joules(3500) + joules(8050)) / 2, 20);
  });

  it('multi-level STT-MRAM: a parallel and 15 antiparallel levels, 10.8 uS apart, all of them placeholders', () => {
    const { levels, resistance } = device('stt-multilevel');
    expect(levels!.value).toHaveLength(16);
    expect(levels!.placeholder).toBe(true);
    expect([levels!.value[0]!.mean, levels!.value[15]!.mean]).toEqual([resistance!.on!.value, resistance!.off!.value]);
    levels!.value.slice(1).forEach(({ mean }, k) => {
      expect(1e6 / levels!.value[k]!.mean - 1e6 / mean).toBeCloseTo(10.77, 1);
    });
  });

  it('levels stand in their order', () => {
    const file = {
      '/virtual/two.yaml':
        'extends: isaac\ndevice: { levels: { value: [{ mean: 6 kohm, sigma: 0.1 }, { mean: 5 kohm, sigma: 0.1 ' +
        '}], source: "test" } }\ncrossbar: { cellBits: 1 }\n',
    };
    expect(() => loaded('/virtual/two.yaml', [], file)).toThrow(
      /two\.yaml:2:\d+: device\.levels: level 1 \(5 kohm\) is not above the one before it/,
    );
  });

  it('cell areas are F2 at the node of the chip', () => {
    expect(device('stt-nvsim').cellArea!.value).toBeCloseTo(54 * 32e-6 ** 2, 15);
    expect(device('stt-nvsim', ['chip.node=22 nm']).cellArea!.value).toBeCloseTo(54 * 22e-6 ** 2, 15);
  });
});
