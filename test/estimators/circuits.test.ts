// The circuit presets on architectures: they follow the knobs they name, and keep their own description to themselves.

import { describe, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { listPresets } from '../../src/config/index.js';
import { memoryFigures } from '../../src/estimators/memory.js';
import { loaded, resultOf } from '../helpers.js';

/** A config that lays a circuit on an architecture. */
const on = (architecture: string, circuit: string): [string, Record<string, string>] => {
  const path = `/virtual/${architecture}-${circuit}.yaml`;
  return [
    path,
    { [path]: `extends: [${architecture}, ${circuit}]\nnetwork: mnist-a\nworkload: { mode: inference }\n` },
  ];
};
const config = (architecture: string, circuit: string, sets: string[] = []) => {
  const [path, files] = on(architecture, circuit);
  return loaded(path, sets, files).config;
};

describe('circuit presets', () => {
  it.each(listPresets(diskPresets, 'circuits').filter((name) => name !== 'digital'))(
    'isaac runs with %s, and is still isaac',
    (name) => {
      const [path, files] = on('isaac', name);
      const { architecture, energy, config: own } = resultOf(path, ['workload.images=2'], files);
      expect(architecture).toBe('isaac');
      expect(own.source).toMatch(/Shafiee/);
      expect(energy.totalJ).toBeGreaterThan(0);
    },
  );

  it('converters follow resolution, rate and node; a SAR converter the device as well', () => {
    const energyOf = (circuit: string, sets: string[] = []): number =>
      config('isaac', circuit, sets).components.adc!.energy!.convert!.value;
    expect(energyOf('adc-survey') * 1e12).toBeCloseTo(1.93, 2);
    expect(energyOf('adc-survey', ['sensing.bits=6']) * 1e12).toBeCloseTo(1.065, 2);
    expect(energyOf('adc-survey', ['chip.node=22 nm', 'sensing.rate=500 MSps']) * 1e12).toBeCloseTo(0.846, 2);
    expect(energyOf('adc-saberi', ['sensing.bits=4']) * 1e12).toBeCloseTo(0.79, 9);
    expect(energyOf('adc-flash', ['sensing.bits=3']) * 1e15).toBeCloseTo(7 * 1.63, 9);
    expect(energyOf('adc-sar', ['inputs.density=1'])).toBeGreaterThan(1.5 * energyOf('adc-sar'));
    const low = energyOf('adc-sar', ['crossbar.device=stt-nvsim', 'crossbar.cellBits=1']);
    expect(low).toBeGreaterThan(2 * energyOf('adc-sar', ['crossbar.device=reram-nvsim', 'crossbar.cellBits=1']));
  });

  it('buffers follow their capacity and width, whatever instances the architecture had', () => {
    const KIB = 8 * 1024;
    const { components } = config('isaac', 'buffer-sram', ['buffers.capacity=8 KiB', 'buffers.wordBits=64']);
    const figures = memoryFigures('sram', 8 * KIB, 64);
    expect(
      config('isaac', 'buffer-sram', ['buffers.capacity=8 KiB', 'buffers.wordBits=128', 'chip.node=22 nm']).components
        .buffer!.energy!.read!.value,
    ).toBeCloseTo(memoryFigures('sram', 8 * KIB, 128, 22e-9).readEnergy, 18);
    expect(components.buffer!.energy!.read!.value).toBeCloseTo(figures.readEnergy, 18);
    expect(components.buffer!.area!.value).toBeCloseTo(figures.area / (8 * KIB), 15);
    const [path, files] = on('isaac', 'buffer-sram');
    const result = resultOf(path, ['workload.images=2'], files);
    const bits = result.buffers.reduce((sum, { capacityEntries, entryBits }) => sum + capacityEntries * entryBits, 0);
    const area = result.area.byComponentMm2.buffer!;
    expect(Math.abs(area / ((bits * memoryFigures('sram', 64 * KIB, 256).area) / (64 * KIB)) - 1)).toBeLessThan(1e-9);
    expect(() => config('isaac', 'buffer-sram', ['buffers.capacity=4 MiB'])).toThrow(/from 2 KiB to 1024 KiB/);
  });

  it("buffers of the device's cells write its energy for each bit and the periphery", () => {
    const { components } = config('pipelayer', 'buffer-reram', ['crossbar.device=stt-nvsim', 'crossbar.cellBits=1']);
    expect(components.buffer!.energy!.write!.value).toBeCloseTo((64 * 1 + 7.3) * 1e-12, 18);
    expect(components.buffer!.energy!.write!.placeholder).toBe(true);
  });

  it('digital blocks go to the node of the chip: 22 nm takes (22/32) (0.85/0.9)^2 of the energy at 32 nm', () => {
    const add = (node: string): number =>
      config('isaac', 'blocks-at-node', [`chip.node=${node}`]).components.verticalAdder!.energy!.add!.value;
    expect(add('22 nm') / add('32 nm')).toBeCloseTo((22 / 32) * (0.85 / 0.9) ** 2, 12);
    expect(add('40 nm') * 1e12).toBeCloseTo(0.105, 12);
  });

  it('one law takes the place of another whole; arguments alone merge into it', () => {
    const file = (energy: string): Record<string, string> => ({
      '/virtual/mine.yaml': `extends: [isaac, adc-flash]\ncomponents: { adc: { energy: { convert: ${energy} } } }\n`,
    });
    const energyOf = (energy: string): number =>
      loaded('/virtual/mine.yaml', ['sensing.bits=3'], file(energy)).config.components.adc!.energy!.convert!.value;
    expect(energyOf('{ comparator: 2 fJ }') * 1e15).toBeCloseTo(14, 9);
    expect(energyOf('{ law: adc-survey-energy }') * 1e12).toBeGreaterThan(0.5);
  });
});
