// The words of a verdict that terminal and page share: headlines with their marks, what they rest on.

import { formatEngineering, formatQuantity } from '../config/index.js';
import { count, plainNumber } from '../config/numbers.js';
import type { Result } from '../simulation/index.js';
import { area, energy, time } from './words.js';

/** From this share on a figure is marked: it rests on placeholder constants. */
const MARKED = 0.01;
/** From this power density on air does not carry the heat off (W/mm2). */
const AIR_COOLED = 1;

/** One of the four headlines; `text` has its mark. */
export interface Headline {
  label: string;
  /** The figure with its unit and, where it rests on assumptions, `*`. */
  figure: string;
  /** What stands beside it. */
  beside: string;
  text: string;
  assumed: boolean;
  /** Path of the figure in result.json. */
  path: string;
}

/** A share as people read it: `88 %`, `3.1 %`. */
export function shareWords(share: number): string {
  const percent = 100 * share;
  if (percent > 0 && percent < 0.1) return 'under 0.1 %';
  if (percent > 99 && percent < 100) return `${Math.min(99.9, Number(percent.toPrecision(3)))} %`;
  return `${Number(percent.toPrecision(2))} %`;
}

const several = (number: number, thing: string): string => `${count(number)} ${thing}${number === 1 ? '' : 's'}`;

/** Time, energy, area and efficiency, each with a mark where it rests on placeholders. */
export function headlines(result: Result): Headline[] {
  const { time: t, throughput, energy: e, power, area: a, efficiency, arrays, verdict } = result;
  const marks = {
    time: verdict.assumed.time.share >= MARKED,
    energy: verdict.assumed.energy.share >= MARKED,
    area: verdict.assumed.area.share >= MARKED,
  };
  const mark = (assumed: boolean): string => (assumed ? '*' : '');
  const cycles =
    t.logicalCycles === null ? '' : `, ${several(t.logicalCycles, 'logical cycle')} of ${time(t.logicalCycleS ?? 0)}`;
  const density = power.averageW / a.totalMm2;
  const heat = density > AIR_COOLED ? ` (${plainNumber(density)} W/mm2: more than air cools)` : '';
  const built = arrays.physical === 0 ? '' : several(arrays.physical, 'array');
  const one = (
    label: string,
    path: string,
    figure: string,
    { beside, assumed }: { readonly beside: string; readonly assumed: boolean },
  ): Headline => ({
    label,
    path,
    figure: `${figure}${mark(assumed)}`,
    beside,
    text: `${figure}${mark(assumed)}${beside === '' ? '' : `  ${beside}`}`,
    assumed,
  });
  return [
    one('time', 'time.totalS', time(t.totalS), {
      beside: `${time(t.perImageS)} an image${cycles}`,
      assumed: marks.time,
    }),
    one('energy', 'energy.totalJ', energy(e.totalJ), {
      beside: `${energy(e.perImageJ)} an image, ${formatQuantity(power.averageW, 'power')} on average${heat}`,
      assumed: marks.energy,
    }),
    one('area', 'area.totalMm2', area(a.totalMm2), { beside: built, assumed: marks.area }),
    one(
      'efficiency',
      'efficiency.gopsPerW',
      `${plainNumber(efficiency.gopsPerW)} GOPS/W${mark(marks.energy)}, ` +
        `${plainNumber(efficiency.gopsPerMm2)} GOPS/mm2${mark(marks.time || marks.area)}`,
      { beside: `at ${formatEngineering(throughput.gops * 1e9, 'OPS')}`, assumed: false },
    ),
  ];
}

/** How much of each headline rests on assumptions, and the largest of them where there is much of it. */
export function restsText({ verdict, placeholders, constants }: Result): string {
  if (placeholders.length === 0) return `nothing: all ${constants.length} constants have a source`;
  const of = (['time', 'energy', 'area'] as const).map((figure) => {
    const { share, key, keyShare } = verdict.assumed[figure];
    // The area's stands in its own line.
    const most = figure === 'area' || keyShare < MARKED ? '' : ` (most: ${key!})`;
    return `${share === 0 ? 'none' : shareWords(share)} of the ${figure}${most}`;
  });
  return `${placeholders.length} of ${constants.length} constants, behind ${of.join(', ')}`;
}
