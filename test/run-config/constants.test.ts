import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import { clockedTimes, unusedConstants } from '../../src/run-config/index.js';
import { simulate, type Result } from '../../src/simulation/index.js';
import { loaded } from '../helpers.js';
import { transformer } from '../machine/networks.js';

const FILES = {
  'small.yaml': `name: small
input: { channels: 2, height: 8, width: 8 }
layers:
  - { name: conv1, type: conv2d, channels: 6, kernel: 3, padding: same }
  - { name: relu1, type: relu }
  - { name: pool1, type: maxpool, kernel: 2 }
  - { name: fc2, type: dense, features: 5 }
`,
  'block.yaml': transformer({ steps: 4, width: 8, heads: 2, inner: 8 }),
};
const SMALL = ['network=small.yaml', 'mapping.replication={ scheme: balanced }'];
const ATTACK = [...SMALL, 'workload.mode=attack', 'workload.batch=2', 'workload.iterations=2'];
const TRAINING = [...SMALL, 'workload.mode=training', 'workload.images=4', 'workload.batch=2'];
const INFERENCE = [...SMALL, 'workload.mode=inference', 'workload.images=3'];
const BLOCK = ['network=block.yaml', 'workload.mode=inference', 'workload.images=3'];

/** Figures of a result, as text: all but what repeats the config. */
function figures({ result }: ReturnType<typeof simulate>): string {
  const aside = { config: 0, configHash: 0, constants: 0, placeholders: 0, places: 0, simulator: 0, verdict: 0 };
  return JSON.stringify({ ...result, ...aside });
}

/** A constant with another value, as an override; a time that ends on another edge of the clock. */
function other({ key, value }: Result['constants'][number], clock: number | undefined): string {
  const text = (): string => {
    if (typeof value !== 'number')
      return 'cycles' in value
        ? `${value.cycles + 3} cycles`
        : `${value.seconds * 1.7 + (clock === undefined ? 3e-9 : 1 / clock)} s`;
    if (/rea$/.test(key)) return `${value * 1.7 + 1e-6} mm2`;
    if (key.includes('.energy')) return `${value * 1.7 + 1e-15} J`;
    return /leakage$|power$/.test(key) ? `${value * 1.7 + 1e-9} W` : String(value * 2 + 1);
  };
  return `${key}.value=${text()}`;
}

/** Constants of a run that change none of its figures. */
function idle(preset: string, sets: readonly string[]): string[] {
  const first = simulate(loaded(preset, [...sets], FILES));
  const before = figures(first);
  const { clock } = first.machine.run.config.chip;
  return first.result.constants.flatMap((constant) => {
    const changed = (override: string): boolean => {
      try {
        return figures(simulate(loaded(preset, [...sets, override], FILES))) !== before;
      } catch (error) {
        if (error instanceof UserError) return true;
        throw error;
      }
    };
    return changed(other(constant, clock)) ? [] : [constant.key];
  });
}

/** Presets that have the parts of another are tried with WHOLE=1. */
const ALIKE = /^a3(-single|-buffer)?$|^digital-(fp16|elma|posit)|^lognet$|^pipelayer-published$|^icelia$/;
const PRESETS = readdirSync('configs/architectures')
  .map((file) => file.replace('.yaml', ''))
  .filter((preset) => process.env.WHOLE === '1' || !ALIKE.test(preset));
const OTHERS: readonly [preset: string, sets: readonly string[]][] = [
  ['pipelayer', ATTACK],
  ['isaac', BLOCK],
  ['vgg-8-neurosim', BLOCK],
  ['pipelayer', [...BLOCK, 'dynamic.on=crossbar']],
  ['digital-int8', TRAINING],
];
const RUNS = [
  ...PRESETS.map((preset) => [preset, preset.startsWith('a3') ? ATTACK : INFERENCE] as const),
  ['pipelayer', TRAINING] as const,
  ...OTHERS,
];

describe('every constant that a run takes changes its figures', () => {
  it.each(RUNS)('%s (%#)', (preset, sets) => {
    expect(idle(preset, sets)).toEqual([]);
  });
});

describe('a constant that a run does not take is named', () => {
  const said = (preset: string, sets: readonly string[]): string[] => {
    const run = loaded(preset, [...sets], FILES);
    const { result } = simulate(run);
    const taken = {
      constants: new Set(result.constants.map(({ key }) => key)),
      components: new Set<string>(result.instances.map(({ component }) => component)),
    };
    const own = (file: string): boolean => file.startsWith('--set');
    return [...unusedConstants(run, taken, own), ...clockedTimes(run, own)].map(
      ({ key, reason }) => `${key}: ${reason}`,
    );
  };

  it.each([
    [
      'pipelayer',
      'components.adc={ latency: 5 ns, energy: { convert: 1 pJ } }',
      ['components.adc.energy.convert: this machine has no adc', 'components.adc.latency: this machine has no adc'],
    ],
    [
      'pipelayer',
      'components.activation.energy.mask=3 pJ',
      ['components.activation.energy.mask: this run has no mask of its activation'],
    ],
    ['isaac', 'components.spikeDriver.area=5 um2', ['components.spikeDriver.area: this machine has no spikeDriver']],
    ['isaac', 'components.adc.area=5 um2', []],
    [
      'vgg-8-neurosim',
      'components.activation.latency=1.7 ns',
      ['components.activation.latency: 1.7 ns end on an edge of chip.clock, after 8.75 ns'],
    ],
    ['vgg-8-neurosim', 'components.activation.latency=3 cycles', []],
    ['pipelayer', 'components.activation.latency=1.7 ns', []],
  ] as const)('%s --set %s', (preset, set, expected) => {
    expect(said(preset, [...INFERENCE, set])).toEqual(expected);
  });
});
