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

  it('the command fails with status 1 on a wrong figure and with 2 on a figure that no result has', () => {
    const folder = mkdtempSync(join(tmpdir(), 'xbarflow-validate-'));
    const run = (text: string): ReturnType<typeof spawnSync> => {
      writeFileSync(join(folder, 'own.yaml'), text);
      return spawnSync(
        process.execPath,
        [fileURLToPath(new URL('../../dist/cli/xbarflow.js', import.meta.url)), 'validate', 'own.yaml'],
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
