// What assumptions do to headlines, as tables for a terminal: intervals, and which assumption moves them most.

import { visible } from '../../config/escape.js';
import { formatQuantity } from '../../config/index.js';
import { plainNumber } from '../../config/numbers.js';
import { folded, type Style } from '../../explain/style.js';
import type { Interval, RatioInterval, Uncertainty } from '../../result/uncertainty-types.js';
import { table } from './table.js';

/** Assumptions of a headline that are shown, of those that move it by this share at least. */
const MOST_SWINGS = 3;
const LEAST_SHARE = 1e-3;

function written(value: number, unit: string): string {
  if (unit === 's') return formatQuantity(value, 'time');
  if (unit === 'J') return formatQuantity(value, 'energy');
  return `${plainNumber(value)} ${unit}`.trim();
}

const rowOf = ({ title, unit, value, low, high }: Interval): string[] => [
  title,
  written(value, unit),
  low === high ? 'the same' : `${written(low, unit)} to ${written(high, unit)}`,
];

/** Intervals of one design's headlines, and the assumptions behind them. */
export function uncertaintyTable(design: Uncertainty, style: Style): string {
  const { architecture, draws, drawn, fixed, headlines, tornado } = design;
  const head = `${visible(architecture)} over its assumptions: 95 % of ${draws} draws of ${drawn.length} placeholders`;
  const rows = headlines.map((headline) => {
    const swings = tornado
      .filter(({ headline: key, low, high }) => {
        return key === headline.key && Math.abs(high - low) >= LEAST_SHARE * Math.abs(headline.value);
      })
      .slice(0, MOST_SWINGS);
    const most = swings.map(({ key, low, high }) => {
      const [a, b] = [low, high].map((value) => written(value, headline.unit));
      return `${key}: ${a} to ${b}`;
    });
    return [...rowOf(headline), most.join('; ')];
  });
  const stays =
    fixed.length === 0
      ? []
      : [
          style.dim(
            folded(`no range is given for ${fixed.length} placeholders, which stay: ${fixed.join(', ')}`, style.width),
          ),
        ];
  return [style.strong(head), table(['figure', 'value', 'interval', 'moved most by'], rows, style, 4), ...stays].join(
    '\n',
  );
}

/** Ratios to the baseline, with what the assumptions that designs share leave of them. */
export function ratioTable(ratios: readonly RatioInterval[], baseline: string, style: Style): string {
  const rows = ratios.map((ratio) => {
    const { architecture, title, value, low, high } = ratio;
    const [v, l, h] = [value, low, high].map((x) => `${plainNumber(x)}x`);
    return [architecture, title, v!, low === high ? 'the same' : `${l!} to ${h!}`];
  });
  const head = style.strong(`ratios to ${baseline} over the assumptions; both designs see the same draws`);
  return [head, table(['design', 'figure', 'ratio', 'interval'], rows, style, 2)].join('\n');
}
