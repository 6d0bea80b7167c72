// What `--uncertainty --out` leaves in its folder: the intervals that are printed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ComparedUncertainty, Uncertainty } from '../../src/result/uncertainty-types.js';
import { folderWith, xbarflow, type Ended } from '../experiment/command.js';

const SETS = ['--set', 'network=mnist-0', '--set', 'workload.mode=inference', '--uncertainty', '--quiet'];

describe('--uncertainty --out', () => {
  const folder = folderWith({});
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const json = ({ status, stdout, stderr }: Ended): object => {
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout) as object;
  };

  it('of a run: result.json is what --format json prints', () => {
    const printed = json(xbarflow(['run', 'isaac', ...SETS, '--format', 'json', '--out', join(folder, 'run')]));
    const { files, ...kept } = JSON.parse(text('run/result.json')) as { files: object; uncertainty: Uncertainty };
    expect(files).toBeDefined();
    expect(kept.uncertainty.headlines.length).toBeGreaterThan(0);
    expect(kept).toEqual(printed);
  });

  it('of a comparison: compare.json, its page and those of its designs', () => {
    const flags = ['--baseline', 'puma', '--format', 'json', '--out', join(folder, 'compare')];
    const printed = json(xbarflow(['compare', 'isaac', 'puma', ...SETS, ...flags]));
    const { files, ...kept } = JSON.parse(text('compare/compare.json')) as {
      files: object;
      uncertainty: ComparedUncertainty;
    };
    expect(files).toBeDefined();
    expect(kept).toEqual(printed);
    expect(kept.uncertainty.designs.map(({ architecture }) => architecture)).toEqual(['puma', 'isaac']);
    expect(text('compare/report.html')).toContain('Over its assumptions: 95 % of the draws');
    for (const design of ['isaac', 'puma']) {
      expect(text(`compare/${design}/report.html`)).toContain('over its assumptions (95 %)');
      const { uncertainty } = JSON.parse(text(`compare/${design}/result.json`)) as { uncertainty: Uncertainty };
      expect(uncertainty).toEqual(kept.uncertainty.designs.find(({ architecture }) => architecture === design));
    }
  });
});
