// Type and ink of the charts; colours stand in report/colors.ts.

import { visible } from '../../../config/escape.js';
import type { Config } from 'vega-lite';
import { lookOf, lookScale } from '../../colors.js';
import type { FigureStyle } from '../figure-styles.js';
import { SCREEN_LETTERS, type ChartSpec } from '../sections.js';
import type { LiteSpec } from './lite.js';

/** Marks that stand for no pass, component or cause: points, fronts, ratios. */
export const INK = '#4d4d4d';
/** Marks behind others. */
export const GREY = '#999999';

/** A legend of lines that differ in their dashes: each entry is a piece of its line, one under the other. */
export const DASH_LEGEND = {
  symbolType: 'stroke',
  symbolStrokeColor: INK,
  symbolStrokeWidth: 1.6,
  symbolSize: 400,
  columns: 1,
} as const;

/** Faces of all charts: the one that the package ships, then what a machine has. */
export const FONT = 'DejaVu Sans, Helvetica, Arial, sans-serif';

/** A pass in words; itself where it is not known. */
export const passTitle = (pass: string): string => lookOf('pass', pass).title;

/** A colour scale over the passes that occur. */
export const passScale = (passes: Iterable<string>): { domain: string[]; range: string[] } => lookScale('pass', passes);

/** Components that a legend names; the rest is `other`. */
const MOST_NAMES = 12;
const OTHER = 'other';

/** A colour scale over the costliest components, in the table's order; `shown` is `other` for the rest. */
export function componentScale(names: readonly string[]): {
  domain: string[];
  range: string[];
  shown: (name: string) => string;
} {
  const own = names.length > MOST_NAMES ? names.slice(0, MOST_NAMES - 1) : [...names];
  const { domain, range } = lookScale('component', own);
  return {
    domain: own.length < names.length ? [...domain, OTHER] : domain,
    range: own.length < names.length ? [...range, GREY] : range,
    shown: (name) => (own.includes(name) ? lookOf('component', name).title : OTHER),
  };
}

/** A chart's config: ink of text and lines, size of letters, columns of its legend, font, room of names. */
function config(
  ink: string,
  size: number,
  columns: number,
  { font = FONT, names = 170 }: { readonly font?: string; readonly names?: number } = {},
): Config {
  const text = {
    labelColor: ink,
    titleColor: ink,
    labelFontSize: size,
    titleFontSize: size,
    labelFont: font,
    titleFont: font,
    titleFontWeight: 'normal' as const,
  };
  return {
    background: 'transparent',
    font,
    view: { stroke: null },
    // A chart has one description and a table with its numbers; thousands of described marks would drown a screen
    // reader.
    mark: { aria: false },
    // Pale fills end in a line.
    bar: { stroke: ink, strokeWidth: 0.4 },
    axis: {
      ...text,
      aria: false,
      domainColor: ink,
      tickColor: ink,
      gridColor: ink,
      gridOpacity: 0.15,
      domainOpacity: 0.5,
      tickOpacity: 0.5,
      labelLimit: names,
    },
    legend: {
      ...text,
      aria: false,
      orient: 'bottom',
      direction: 'horizontal',
      title: null,
      symbolType: 'square',
      symbolStrokeWidth: 0.4,
      symbolStrokeColor: ink,
      columns,
      labelLimit: 280,
    },
    text: { fill: ink, font, fontSize: size },
  };
}

/**
 * A chart for the page: as wide as its place, ink in the page's colour, light or dark. The page's script sets the
 * legend's columns.
 */
export const onPage = (spec: ChartSpec): LiteSpec => ({
  ...revised(visibleSpec(spec), (_, value) => (value === INK ? 'currentColor' : value)),
  width: 'container',
  config: config('currentColor', SCREEN_LETTERS, 3),
  usermeta: { legendEntry: legendEntry(spec, SCREEN_LETTERS) },
});

/** A chart of this width is drawn over the whole page. */
export const PAGE_WIDE = 640;
/** Points around a chart on paper. */
export const PADDING = 2;
/** Points of the letters for which charts have their heights. */
const USUAL_LETTERS = 9;

/** A chart for a paper, in points: as wide in all as a column, or the page where it is wide. Black ink. */
export function onPaper(spec: ChartSpec, { column, page, letters, font }: FigureStyle, wide: boolean): LiteSpec {
  const asks = 'width' in spec && typeof spec.width === 'number';
  const width = wide || asks ? page : column;
  const scale = Math.max(1, letters / USUAL_LETTERS);
  const drawn = enlarged(visibleSpec(spec), scale);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    ...drawn,
    width,
    autosize: { type: 'fit-x', contains: 'padding' },
    padding: PADDING,
    config: config('#000000', letters, Math.max(1, Math.floor((width - 10) / legendEntry(spec, letters))), {
      font,
      names: width / 3,
    }),
  };
}

/** Heights and letters of marks that grow with a style's letters. */
const GROWING = new Set(['height', 'fontSize', 'dx', 'dy']);

const enlarged = (spec: LiteSpec, scale: number): LiteSpec =>
  scale === 1
    ? spec
    : revised(spec, (key, value) => (GROWING.has(key) && typeof value === 'number' ? value * scale : value));

/** The same chart with names that Vega's expressions, which it makes of them, can hold. */
const visibleSpec = (spec: ChartSpec): LiteSpec =>
  revised(spec, (_, value) => (typeof value === 'string' ? visible(value) : value));

/** The chart with other numbers or words. @param value what stands for a value; of the same type */
const revised = (spec: ChartSpec, value: (key: string, value: unknown) => unknown): LiteSpec =>
  // Cast: a spec is plain data, made by `chart`, and each value keeps its type.
  JSON.parse(JSON.stringify(spec), value) as LiteSpec;

/** Width of the longest entry of a chart's legend, in the unit of `letters`. */
const legendEntry = (spec: ChartSpec, letters: number): number =>
  legendEntries(spec).reduce((most, { length }) => Math.max(most, length), 1) * 0.6 * letters + 24;

/** The names in a chart's legend, from the domains of its scales of colour and shape. */
function legendEntries(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    key === 'data' ? [] : ['color', 'shape'].includes(key) ? domainOf(value) : legendEntries(value),
  );
}

function domainOf(color: unknown): string[] {
  const scale = typeof color === 'object' && color !== null && 'scale' in color ? color.scale : null;
  const domain = typeof scale === 'object' && scale !== null && 'domain' in scale ? scale.domain : null;
  return Array.isArray(domain) ? domain.map(String) : [];
}
