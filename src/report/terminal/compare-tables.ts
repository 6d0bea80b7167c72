// The table of a comparison, with the causes of its ratios below.

import { plainNumber } from '../../config/numbers.js';
import { folded, type Style } from '../../explain/style.js';
import type { ComparisonView } from '../compare-view.js';
import { metricText } from '../words.js';
import { table } from './table.js';

/** What the shorter names stand for. */
const MEANINGS: Record<string, string> = {
  'throughput.gops': 'throughput: 2 operations a multiply-accumulate of the forward pass',
  'arrays.groups.total': "array groups: copies of layers and gradient sets, as PipeLayer's Table 2 counts them",
  'utilization.informative': 'informative: cells that hold magnitude / cells built',
  'utilization.effective': 'effective: informative x share of the time that arrays are busy',
  'storage.neuronCycles': 'neuron storage: neurons x logical cycles that they are kept',
};

/** Metrics and architectures; then each design's differing knobs and where its ratios come from. */
export function compareTables(comparison: ComparisonView, titles: ReadonlyMap<string, string>, style: Style): string {
  const names = [...new Set(comparison.rows.map(({ architecture }) => architecture))];
  const metrics = [...titles.keys()];
  const cell = (metric: string, architecture: string): string => {
    const row = comparison.rows.find((r) => r.metric === metric && r.architecture === architecture)!;
    if (row.value === null) return '-';
    const mark = row.placeholders > 0 && row.value !== 0 ? '*' : '';
    const value = metricText(metric, row.value, row.unit.replace('neurons x cycles', ''));
    const ratio = row.ratio === null || architecture === comparison.baseline ? '' : ` (${plainNumber(row.ratio)}x)`;
    return `${value}${mark}${ratio}`;
  };
  // Few designs stand beside each other; many below each other, with only the metrics that any of them has.
  const known = metrics.filter((metric) => comparison.rows.some((row) => row.metric === metric && row.value !== null));
  const lines = [
    names.length <= 4
      ? table(
          ['', ...names],
          metrics.map((metric) => [titles.get(metric)!, ...names.map((name) => cell(metric, name))]),
          style,
        )
      : table(
          ['', ...known.map((metric) => titles.get(metric)!)],
          names.map((name) => [name, ...known.map((metric) => cell(metric, name))]),
          style,
        ),
  ];
  if (comparison.rows.some(({ placeholders }) => placeholders > 0))
    lines.push(
      style.dim(folded(`* rests on placeholder constants; ratios are to ${comparison.baseline}`, style.width)),
    );
  const meanings = Object.entries(MEANINGS)
    .filter(([metric]) => comparison.rows.some((row) => row.metric === metric && row.value !== null && row.value !== 0))
    .map(([, meaning]) => meaning);
  lines.push(style.dim(meanings.map((meaning) => folded(meaning, style.width, '  ')).join('\n')));
  for (const { architecture, differences } of comparison.knobs) {
    if (architecture === comparison.baseline) continue;
    const causes = comparison.rows.filter(
      (row) =>
        row.architecture === architecture && row.cause !== '' && row.ratio !== null && Math.abs(row.ratio - 1) >= 1e-3,
    );
    const knobs = differences.map(({ key, baseline, value }) => `${key} ${baseline} -> ${value}`);
    lines.push(
      [
        style.strong(folded(`${architecture} against ${comparison.baseline}`, style.width)),
        folded(`  knobs: ${knobs.length === 0 ? 'none differ' : knobs.join('; ')}`, style.width, '    '),
        ...causes.map((row) =>
          folded(`  ${titles.get(row.metric)!} ${plainNumber(row.ratio!)}x: ${row.cause}`, style.width, '    '),
        ),
      ].join('\n'),
    );
  }
  return lines.join('\n\n');
}
