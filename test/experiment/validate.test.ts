import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { selectNumbers } from '../../src/experiment/validate/select.js';
import { validatePublished } from '../../src/experiment/validate/index.js';
import { presetsWith } from '../helpers.js';

const one = (figure: string, group = 'run: isaac'): string =>
  `groups:\n  - title: T\n    source: S\n    ${group}\n    figures:\n      - ${figure}\n`;
const validated = (text: string): ReturnType<typeof validatePublished> =>
  validatePublished(presetsWith({ 'own.yaml': text }), 'own.yaml');

describe('validation', () => {
  it('every judged figure that the papers print holds, and the distances are there', () => {
    const figures = validatePublished(diskPresets);
    expect(figures.filter(({ verdict }) => verdict === 'wrong')).toEqual([]);
    expect(figures.filter(({ verdict }) => verdict === 'distance').map(({ published }) => published)).toEqual(
      expect.arrayContaining([82.63, 1485, 142.9]),
    );
    expect(figures.filter(({ verdict }) => verdict === 'exact').length).toBeGreaterThanOrEqual(20);
  });

  it('silicon: at least five whole runs, each with its distance and cause; nothing wrong', () => {
    const rows = validatePublished(diskPresets, 'silicon');
    expect(rows.filter(({ verdict }) => verdict === 'wrong')).toEqual([]);
    expect(rows.filter(({ part }) => part === 'end-to-end').length).toBeGreaterThanOrEqual(5);
    for (const { verdict, note } of rows) expect(verdict !== 'distance' || note !== '').toBe(true);
    // 65,536 products each 128 ns and the units behind them.
    expect(rows[0]!.simulated).toBeCloseTo(1024, -1);
    // NeuRRAM: 24 pairs of 65,536 products of a sign each, every 7 x 0.27 + 0.3 + 6 x 0.3 us.
    const neurram = rows.filter(({ group }) => group.startsWith('NeuRRAM'));
    expect(neurram.map(({ key }) => key)).toContain('rollUp.peakGops');
    expect(neurram[0]!.simulated).toBeCloseTo((24 * 2 * 65_536) / 3990, 0);
  });

  it('tools: arrays, converters and layers of NeuroSim and MNSIM, judged or with a cause', () => {
    const rows = validatePublished(diskPresets, 'tools');
    const of = (group: string, name: string): number =>
      rows.find((row) => row.group.startsWith(group) && row.name === name)!.simulated;
    expect(rows.filter(({ verdict }) => verdict === 'wrong')).toEqual([]);
    for (const { verdict, note } of rows) expect(verdict !== 'distance' || note !== '').toBe(true);
    // 4,712 arrays of 128 x 129 cells of 48 F2 at 22 nm; 17 converters each of 29.7 + 18.9 x 5 um2.
    expect(of('NeuroSim V1.4, area', 'arrays')).toBeCloseTo(4712 * 128 * 128 * 48 * 22e-6 ** 2, 2);
    expect(of('NeuroSim V1.4, area', 'converters')).toBeCloseTo(16 * 4712 * 124.2e-6, 2);
    // conv3: 14 x 14 of 16 x 16 positions in 49 waves of 8 bits, each 8 conversions of 8.75 ns, and one behind.
    expect(of('NeuroSim V1.4, time of arrays', 'conv3')).toBeCloseTo((49 * 8 + 1) * 0.07, 6);
    // Arrays, converters, accumulation, periphery, buffers, and the energy of converters are within 30 %.
    const met = rows.filter(({ verdict }) => verdict === 'within').map(({ group, name }) => `${group}: ${name}`);
    expect(met).toEqual(
      expect.arrayContaining([
        'NeuroSim V1.4, area: accumulation',
        'NeuroSim V1.4, area: other periphery and buffers',
        'NeuroSim V1.4, energy of an image: arrays and converters',
        'NeuroSim V1.4, energy of an image: buffers',
      ]),
    );
  });

  it('formulas, roll-ups and whole runs are counted apart', () => {
    const parts = (key: string): unknown => validated(one(`{ name: n, published: 1, key: "${key}" }`))[0]!.part;
    expect(['rollUp.arrays', 'area.totalMm2', 'layers[conv1_1].steps'].map(parts)).toEqual([
      'roll-up',
      'end-to-end',
      'formula',
    ]);
  });

  it('a wrong roll-up is found', () => {
    const ima = '{ name: IMA, published: 24.1, unit: mW, key: rollUp.core.powerW, tolerance: 0.01';
    expect(validated(one(`${ima} }`))[0]!.verdict).toBe('within');
    const [wrong] = validated(one(`${ima}, set: ["components.adc.power=3 mW"] }`));
    expect(wrong).toMatchObject({ verdict: 'wrong', judgement: 'WRONG, expected within 1 %' });
    expect(wrong!.simulated).toBeCloseTo(32.08, 6);
  });

  it('a figure of 0 is met by 0 alone', () => {
    const zero = (key: string): unknown =>
      validated(one(`{ name: zero, published: 0, key: "${key}", tolerance: 0 }`, 'run: spindle'))[0]!.verdict;
    expect([zero('sensing.thresholds[3]'), zero('sensing.thresholds[4]')]).toEqual(['exact', 'wrong']);
  });

  it('no row holds anything but finite numbers, and what gives others is refused at its key', () => {
    const of = (figure: string) => () => validated(one(figure));
    for (const published of ['0', '5e-324']) {
      const [row] = of(`{ name: n, published: ${published}, key: rollUp.arrays, tolerance: 0 }`)();
      expect(row).toMatchObject({ difference: null, verdict: 'wrong', judgement: 'WRONG, expected exact' });
    }
    expect(of('{ name: n, published: 0, key: rollUp.arrays }')()[0]).toMatchObject({
      difference: null,
      verdict: 'distance',
    });
    const zero = 'run: spindle, key: "sensing.thresholds[3]"';
    expect(of(`{ name: n, published: 1, key: rollUp.arrays, over: { ${zero} } }`)).toThrow(
      /figures\.0\.over: the figure is Infinity, expected a finite number$/,
    );
    expect(of(`{ name: n, published: 1, ${zero}, over: { ${zero} } }`)).toThrow(/over: the figure is NaN/);
    expect(of('{ name: n, published: 1, key: rollUp.arrays, tolerance: -1 }')).toThrow(
      /tolerance: found -1, expected a number from 0 to 1000000000$/,
    );
  });

  it('a run that cannot be is refused at the figure that asks for it', () => {
    const figure = '{ name: n, published: 1, key: rollUp.arrays, set: ["crossbar.rowz=1"] }';
    expect(() => validated(one(figure))).toThrow(/^own\.yaml:6:\d+: groups\.0\.figures\.0: .*crossbar\.rowz/);
    expect(() => validated(one('{ name: n, published: 1, key: rollUp.arrays, run: no-such }'))).toThrow(
      /^own\.yaml:6:\d+: groups\.0\.figures\.0: no .* named "no-such"/,
    );
  });

  it('says how far it is', () => {
    const told: [number, string][] = [];
    const figure = '{ name: a, published: 16128, key: rollUp.arrays }';
    validatePublished(presetsWith({ 'own.yaml': one(`${figure}\n      - ${figure}`) }), 'own.yaml', (...said) =>
      told.push(said),
    );
    expect(told).toEqual([
      [0, 'a'],
      [0.5, 'a'],
    ]);
  });

  it('the command fails with status 1 on a wrong figure and with 2 on a figure that no result has', () => {
    const folder = mkdtempSync(join(tmpdir(), 'xbarflow-validate-'));
    const run = (text: string): ReturnType<typeof spawnSync> => {
      writeFileSync(join(folder, 'own.yaml'), text);
      return spawnSync(
        process.execPath,
        [fileURLToPath(new URL('../../dist/cli/xbarflow.cjs', import.meta.url)), 'validate', 'own.yaml'],
        { cwd: folder, encoding: 'utf8' },
      );
    };
    expect(run(one('{ name: arrays, published: 16128, key: rollUp.arrays, tolerance: 0 }')).status).toBe(0);
    const wrong = run(one('{ name: arrays, published: 16129, key: rollUp.arrays, tolerance: 0 }'));
    expect([wrong.status, String(wrong.stdout).includes('WRONG, expected exact')]).toEqual([1, true]);
    const missing = run(one('{ name: arrays, published: 1, key: rollUp.arays, tolerance: 0 }'));
    expect([missing.status, missing.stderr]).toEqual([
      2,
      'own.yaml:6:39: groups.0.figures.0.key: rollUp.arays: the result has no number there\n',
    ]);
  });

  it('paths select by name, key and pattern', () => {
    const root = {
      a: { x: 1, y: 2 },
      list: [
        { name: 'conv1', n: 3 },
        { name: 'fc', n: 4 },
        { component: 'adc', action: 'convert', n: '12345678901234567890' },
      ],
    };
    expect(selectNumbers(root, 'a.x')).toEqual([1]);
    expect(selectNumbers(root, 'a[x|y]')).toEqual([1, 2]);
    expect(selectNumbers(root, 'list[conv*].n')).toEqual([3]);
    expect(selectNumbers(root, 'list[adc.convert].n')).toEqual([12345678901234567890]);
    expect(selectNumbers(root, 'a.constructor')).toEqual([]);
  });
});
