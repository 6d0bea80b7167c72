// The table of a comparison, with the causes of its ratios below.

import { plainNumber } from '../../config/numbers.js';
import { folded, type Style } from '../../explain/style.js';
import { EVEN, RATIO_SIGNS, conclusions, isMarked, ratioSign, type ComparisonView } from '../compare-view.js';
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

/** So many designs are columns even where they do not all fit. */
const MOST_BESIDE = 4;

/** What the first screen shows of each design. */
const FIRST = [
  'time.totalS',
  'stages.waves',
  'energy.totalJ',
  'area.totalMm2',
  'efficiency.gopsPerW',
  'efficiency.gopsPerMm2',
  'equalArea.totalS',
  'equalTime.areaMm2',
];

type Titles = ReadonlyMap<string, string>;

/** Rows of one's own above the metrics of a comparison: a head, and a cell for each design in their order. */
export interface OwnRows {
  rows: readonly (readonly string[])[];
  /** The metrics that a first screen shows below them. */
  metrics: readonly string[];
}

/**
 * The work and who comes first, headlines with their ratios, what sets each design's time; in full also all metrics,
 * differing knobs and where each ratio comes from.
 */
export function compareTables(
  comparison: ComparisonView,
  titles: Titles,
  style: Style,
  { full = false, own = { rows: [], metrics: FIRST } }: { readonly full?: boolean; readonly own?: OwnRows } = {},
): string {
  const { work, rows, baseline } = comparison;
  const shown = [...titles.keys()].filter(
    (metric) =>
      (full || own.metrics.includes(metric)) && rows.some((row) => row.metric === metric && row.value !== null),
  );
  const lines = [
    [
      style.strong(folded(work.same ? work.text : `Careful: ${work.text}`, style.width)),
      ...conclusions(comparison).map((line) => folded(line, style.width, '  ')),
    ].join('\n'),
    metricTable(comparison, shown, { titles, style, own: own.rows }),
  ];
  const marked = rows.some((row) => shown.includes(row.metric) && isMarked(row));
  const marks = marked ? '* rests on placeholder constants; ' : '';
  lines.push(style.dim(folded(`${marks}ratios are to ${baseline}, ${RATIO_SIGNS}`, style.width)));
  if (full)
    lines.push(
      style.dim(
        meanings(rows)
          .map((meaning) => folded(meaning, style.width, '  '))
          .join('\n'),
      ),
    );
  lines.push(verdicts(comparison, style));
  if (full) lines.push(...causes(comparison, titles, style));
  else lines.push(style.dim(folded('--full: all metrics, differing knobs, where each ratio comes from', style.width)));
  return lines.join('\n\n');
}

/** `1.97x`, `=` for equal ones. */
const ratioText = (ratio: number): string => ratioSign(ratio, (far) => `${Number(far.toPrecision(3))}x`);

/** A row's head: its unit stands there where it is a quotient or words, not in every cell. */
const headOf = (title: string, unit: string): string =>
  unit.includes('/') || unit.includes(' ') ? `${title}, ${unit.replace(' x ', ' × ')}` : title;

/** Designs beside each other where their columns fit the width, else below each other. */
function metricTable(
  { rows, baseline }: ComparisonView,
  shown: string[],
  { titles, style, own }: { readonly titles: Titles; readonly style: Style; readonly own: OwnRows['rows'] },
): string {
  const names = [...new Set(rows.map(({ architecture }) => architecture))];
  const rowOf = (metric: string, architecture: string): ComparisonView['rows'][number] =>
    rows.find((r) => r.metric === metric && r.architecture === architecture)!;
  const cell = (metric: string, architecture: string): string => {
    const row = rowOf(metric, architecture);
    if (row.value === null) return '-';
    const value = /[/ ]/.test(row.unit) ? plainNumber(row.value) : metricText(metric, row.value, row.unit);
    const ratio = row.ratio === null || architecture === baseline ? '' : ` ${ratioText(row.ratio)}`;
    return `${value}${isMarked(row) ? '*' : ''}${ratio}`;
  };
  const head = (metric: string): string => headOf(titles.get(metric)!, rowOf(metric, names[0]!).unit);
  const beside = [...own, ...shown.map((metric) => [head(metric), ...names.map((name) => cell(metric, name))])];
  const widths = ['', ...names].map((name, i) => Math.max(name.length, ...beside.map((row) => row[i]!.length)) + 3);
  const wide = widths.reduce((sum, width) => sum + width, 1);
  return wide <= style.width || names.length <= MOST_BESIDE
    ? table(['', ...names], beside, style)
    : table(
        ['', ...beside.map(([title]) => title!)],
        names.map((name, i) => [name, ...beside.map((row) => row[i + 1]!)]),
        style,
      );
}

const meanings = (rows: ComparisonView['rows']): string[] =>
  Object.entries(MEANINGS)
    .filter(([metric]) => rows.some((row) => row.metric === metric && row.value !== null && row.value !== 0))
    .map(([, meaning]) => meaning);

/** What sets each design's time; designs with the same words share a line. */
function verdicts({ results }: ComparisonView, style: Style): string {
  const groups = new Map<string, string[]>();
  for (const { architecture, verdict } of results)
    groups.set(verdict.timeSetBy, [...(groups.get(verdict.timeSetBy) ?? []), architecture]);
  return [...groups]
    .map(([text, names]) => folded(`${names.join(', ')}: time is set by ${text}`, style.width, '  '))
    .join('\n');
}

/** Each design's differing knobs and where its ratios come from; equal causes are said once. */
function causes({ rows, knobs: all, baseline }: ComparisonView, titles: Titles, style: Style): string[] {
  return all
    .filter(({ architecture }) => architecture !== baseline)
    .map(({ architecture, differences }) => {
      const knobs = differences.map(({ key, baseline: theirs, value }) => `${key} ${theirs} -> ${value}`);
      const said = new Map<string, string[]>();
      for (const row of rows) {
        const even = row.ratio === null || Math.abs(row.ratio - 1) < EVEN;
        if (row.architecture !== architecture || row.cause === '' || even) continue;
        const title = `${titles.get(row.metric)!} ${plainNumber(row.ratio!)}x`;
        said.set(row.cause, [...(said.get(row.cause) ?? []), title]);
      }
      return [
        style.strong(folded(`${architecture} against ${baseline}`, style.width)),
        folded(`  knobs: ${knobs.length === 0 ? 'none differ' : knobs.join('; ')}`, style.width, '    '),
        ...[...said].map(([cause, of]) => folded(`  ${of.join(', ')}: ${cause}`, style.width, '    ')),
      ].join('\n');
    });
}
