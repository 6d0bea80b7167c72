// What reports need of a comparison.

/** A comparison: a row for each metric and design, and the knobs in which designs differ from the baseline. */
export interface ComparisonView {
  baseline: string;
  /** Whether all designs ran the same work, and what they ran. */
  work: { same: boolean; text: string };
  rows: {
    architecture: string;
    metric: string;
    unit: string;
    value: number | null;
    ratio: number | null;
    cause: string;
    /** Placeholder constants that the value rests on. */
    placeholders: number;
    /** Largest share of the figures behind the value that placeholders are behind; null where it is not known. */
    assumedShare: number | null;
  }[];
  /** Each design's verdict. */
  results: { architecture: string; verdict: { timeSetBy: string; idealShare: number } }[];
  /** Knobs in which each design differs from the baseline. */
  knobs: { architecture: string; differences: { key: string; baseline: string; value: string }[] }[];
}

/** Ratios nearer to 1 than this are about equal, and need no cause. */
export const EVEN = 1e-3;

/** Ratios nearer to 1 than this differ by the rounding of sums alone. */
const SAME = 1e-9;

/** What the signs of `ratioSign` say. */
export const RATIO_SIGNS = '= is equal, ≈ is equal within 0.1 %';

/** A ratio as a table has it: `=`, `≈`, else in words. */
export const ratioSign = (ratio: number, words: (ratio: number) => string): string =>
  Math.abs(ratio - 1) < SAME ? '=' : Math.abs(ratio - 1) < EVEN ? '≈' : words(ratio);

/** From this share on a figure is marked. */
const MARKED = 0.01;
/** True where a figure rests on placeholders; where the share is known, on more than a trace of them. */
export const isMarked = ({ value, placeholders, assumedShare }: ComparisonView['rows'][number]): boolean =>
  value !== 0 && (assumedShare === null ? placeholders > 0 : assumedShare >= MARKED);

/** What a comparison is decided by, each with the words for who has the least of it. */
const DECIDED: readonly { metric: string; says: string; ratio: (least: number) => string }[] = [
  { metric: 'time.totalS', says: 'is the fastest', ratio: (least) => `${figure(1 / least)} times as fast as` },
  { metric: 'energy.totalJ', says: 'takes the least energy', ratio: (least) => `${figure(least)}x that of` },
  { metric: 'area.totalMm2', says: 'takes the least area', ratio: (least) => `${figure(least)}x that of` },
];

const figure = (ratio: number): string => String(Number(ratio.toPrecision(3)));

/**
 * What the comparison says, a line for each design that comes first in time, energy or area: by how much against the
 * baseline, marked where it rests on placeholders. Nothing of unlike work, and nothing where all are equal.
 */
export function conclusions({ work, rows, baseline }: ComparisonView): string[] {
  if (!work.same) return [];
  const said = new Map<string, string[]>();
  for (const { metric, says, ratio } of DECIDED) {
    const known = rows.filter((row) => row.metric === metric && row.ratio !== null && row.ratio > 0);
    const least = Math.min(...known.map((row) => row.ratio!));
    const first = known.filter((row) => row.ratio! <= least * (1 + EVEN));
    if (first.length === 0 || first.length === known.length) continue;
    const names = first.map(({ architecture }) => architecture).join(', ');
    const base = known.filter(({ architecture }) => architecture === baseline);
    const mark = [...first, ...base].some(isMarked) ? '*' : '';
    const beside = first.some((row) => base.includes(row)) ? '' : ` (${ratio(least)} ${baseline}${mark})`;
    const plural = first.length > 1 ? says.replace('is the', 'are the').replace('takes', 'take') : says;
    said.set(names, [...(said.get(names) ?? []), `${plural}${beside}`]);
  }
  return [...said].map(([names, words]) => {
    const last = words.length > 1 ? ` and ${words.at(-1)!}` : '';
    return `${names} ${words.slice(0, last === '' ? 1 : -1).join(', ')}${last}`;
  });
}
