import { describe, expect, it } from 'vitest';
import { sourcesSection } from '../../src/report/html/sources.js';
import { resultOf } from '../helpers.js';

const training = resultOf('pipelayer', ['network=vgg-8', 'workload.images=8', 'workload.batch=4']);
const shared = resultOf('a3-shared', ['network=vgg-8', 'workload.mode=inference', 'workload.images=8']);

/** Rows of the assumptions by their key, each cell by its column. */
const rowsOf = (results: Parameters<typeof sourcesSection>[0]): Map<string, Record<string, string>> => {
  const { columns, rows } = sourcesSection(results).tables.find(({ id }) => id === 'assumptions')!;
  return new Map(
    rows.map((row) => [row[0]!.text, Object.fromEntries(row.map(({ text }, i) => [columns[i]!.key, text]))]),
  );
};

describe('the table of assumptions', () => {
  it.each([
    ['a run', [training]],
    ['a comparison', [training, shared]],
  ])('of %s says of each what it is taken from', (_, results) => {
    const rows = rowsOf(results);
    expect(rows.size).toBeGreaterThan(0);
    for (const [key, row] of rows) expect(row['note'], key).not.toBe('');
    expect(rows.get('components.integrateFire.area')!['note']).toContain('TIMELY Table II');
  });

  it('says how much rests on each: integrate-and-fire, by its share of the area; the weightiest stands first', () => {
    const { byComponentMm2, totalMm2 } = training.area;
    const share = Number(((100 * byComponentMm2.integrateFire!) / totalMm2).toPrecision(2));
    const rows = rowsOf([training]);
    expect([...rows.keys()][0]).toBe('components.integrateFire.area');
    expect(rows.get('components.integrateFire.area')!['behind']).toBe(`${share} % of the area`);
    // Wear is none of the three.
    expect(rows.get('device.endurance')!['behind']).toBe('none of the three');
  });

  it('sums to what the verdict says of each figure', () => {
    const sums = { time: 0, energy: 0, area: 0 };
    for (const { behind } of rowsOf([training]).values())
      for (const [, share, figure] of behind!.matchAll(/([\d.]+) % of the (\w+)/g))
        if (figure === 'time' || figure === 'energy' || figure === 'area') sums[figure] += Number(share) / 100;
    const { assumed } = training.verdict;
    for (const figure of ['time', 'energy', 'area'] as const)
      expect(Math.abs(sums[figure] - assumed[figure].share), figure).toBeLessThan(0.01);
  });

  it('gives a rated endurance in writes', () => {
    expect(rowsOf([training]).get('device.endurance')!['value']).toBe('1,000,000 writes');
  });
});
