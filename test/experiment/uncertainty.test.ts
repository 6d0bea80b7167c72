// How far headlines move over their assumptions, against closed forms.

import { describe, expect, it } from 'vitest';
import { uncertaintyOf } from '../../src/experiment/uncertainty.js';
import { simulate } from '../../src/simulation/index.js';
import { denseChain, loaded, presetsWith } from '../helpers.js';

const OWN = `extends: isaac
network: net.yaml
chip: { idle: gated }
workload: { images: 2 }
mapping: { replication: { scheme: balanced } }
components:
  adc:
    energy: { convert: { value: 2 pJ, range: [1 pJ, 4 pJ], placeholder: true } }
    area: { value: 0.002 mm2, placeholder: true }
  shiftAdd: { energy: { subtract-offset: { value: 20 fJ, source: test, placeholder: false } } }
  register: { energy: { access: { value: 2 pJ, source: test, placeholder: false } } }
  tileRegister: { energy: { access: { value: 2 pJ, source: test, placeholder: false } } }
device: { write: { pulses: { value: 1, source: test, placeholder: false } } }
`;
const FILES = { 'own.yaml': OWN, 'net.yaml': denseChain(2), 'twice.yaml': 'extends: own.yaml\ninputs: { bits: 8 }\n' };

const uncertain = (names: string[], draws: number, seed = 1) =>
  uncertaintyOf(
    presetsWith(FILES),
    names.map((name) => {
      const run = loaded(name, [], FILES);
      return { run, sets: [], result: simulate(run).result };
    }),
    { draws, seed },
  );

describe('uncertainty', () => {
  it('draws a placeholder evenly by logarithm: energy follows its count, time and area stand still', () => {
    const { designs } = uncertain(['own.yaml'], 200);
    const [design] = designs;
    expect(design!.drawn).toEqual([
      { key: 'components.adc.energy.convert', unit: 'J', value: 2e-12, low: 1e-12, high: 4e-12 },
    ]);
    expect(design!.fixed).toContain('components.adc.area');
    const { result } = simulate(loaded('own.yaml', [], FILES));
    const adc = result.energy.byComponentJ.adc!;
    const rest = result.energy.totalJ - adc;
    const energy = design!.headlines.find(({ key }) => key === 'energy.totalJ')!;
    // 95 % of a log-uniform draw from 1 to 4 pJ lie within 4^0.025 and 4^0.975 pJ.
    expect(energy.value).toBe(result.energy.totalJ);
    expect(Math.abs(energy.low - (rest + adc * (4 ** 0.025 / 2)))).toBeLessThan(0.05 * adc);
    expect(Math.abs(energy.high - (rest + adc * (4 ** 0.975 / 2)))).toBeLessThan(0.1 * adc);
    const time = design!.headlines.find(({ key }) => key === 'time.totalS')!;
    expect([time.low, time.high]).toEqual([time.value, time.value]);
    const swing = design!.tornado.find(({ headline }) => headline === 'energy.totalJ')!;
    expect(swing.low).toBeCloseTo(rest + adc / 2, 18);
    expect(swing.high).toBeCloseTo(rest + adc * 2, 18);
  });

  it('a spread is a factor either way; that of a law follows what the law gives', () => {
    const own = {
      ...FILES,
      'spread.yaml':
        'extends: own.yaml\ncomponents:\n  adc:\n    energy:\n' +
        '      convert: { value: 3 pJ, spread: 3, placeholder: true }\n' +
        '    area: { law: scaled-area, of: 100 um2, at: 32 nm, spread: 2, placeholder: true }\n',
    };
    const drawn = (sets: string[]) => {
      const run = loaded('spread.yaml', sets, own);
      const { designs } = uncertaintyOf(presetsWith(own), [{ run, sets, result: simulate(run).result }], { draws: 1 });
      return designs[0]!.drawn.filter(({ key }) => key.startsWith('components.adc'));
    };
    const [energy, area] = drawn([]);
    expect([energy!.low, energy!.value, energy!.high]).toEqual([3e-12 / 3, 3e-12, 3 * 3e-12]);
    expect(area!.high / area!.low).toBeCloseTo(4, 12);
    expect(drawn(['chip.node=16 nm'])[1]!.high).toBeCloseTo(area!.high / 4, 12);
    expect(() => loaded('spread.yaml', ['components.adc.energy.convert={ value: 3 pJ, spread: 1 }'], own)).toThrow(
      /above 1/,
    );
  });

  it.each(['spread: 1e200', 'range: [1e-300 pJ, 1e300 pJ]'])('what no double holds is not drawn from: %s', (wide) => {
    const sets = [`components.adc.energy.convert={ value: 3 pJ, placeholder: true, ${wide} }`];
    const run = loaded('isaac', ['network=matrix-128', ...sets]);
    expect(() => uncertaintyOf(presetsWith({}), [{ run, sets, result: simulate(run).result }], { draws: 1 })).toThrow(
      /^components\.adc\.energy\.convert: its range from \S+ to \S+ J is too wide to draw from; expected a smaller /,
    );
  });

  it('designs that share an assumption see the same draws: their ratio moves less than either', () => {
    const { designs, ratios } = uncertain(['own.yaml', 'twice.yaml'], 50);
    const spread = ({ low, high, value }: { low: number; high: number; value: number }): number => (high - low) / value;
    const ratio = ratios.find(({ key }) => key === 'energy.totalJ')!;
    const single = designs[1]!.headlines.find(({ key }) => key === 'energy.totalJ')!;
    expect(spread(single)).toBeGreaterThan(0.1);
    expect(spread(ratio)).toBeLessThan(0.25 * spread(single));
  });

  it('the same seed gives the same intervals, another seed others', () => {
    expect(uncertain(['own.yaml'], 20)).toEqual(uncertain(['own.yaml'], 20));
    expect(uncertain(['own.yaml'], 20, 2)).not.toEqual(uncertain(['own.yaml'], 20));
  });
});
