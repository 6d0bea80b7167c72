// Colours and type of the charts. Colours tell apart for colour-blind readers (Okabe and Ito; Wong, Nature Methods 8,
// 2011).

import { visible } from '../../../config/escape.js';
import type { Config } from 'vega-lite';
import type { ChartSpec } from '../sections.js';

/** Okabe and Ito's blue. */
export const BLUE = '#0072B2';
/** Okabe and Ito's orange. */
export const ORANGE = '#E69F00';
/** Okabe and Ito's bluish green. */
export const GREEN = '#009E73';
/** Okabe and Ito's reddish purple. */
export const PINK = '#CC79A7';
/** Okabe and Ito's sky blue. */
export const SKY = '#56B4E9';
/** Okabe and Ito's vermillion. */
export const VERMILLION = '#D55E00';
/** Okabe and Ito's yellow. */
export const YELLOW = '#F0E442';
/** For what is no thing of its own. */
export const GREY = '#999999';

/** Seven colours for things without a colour of their own; what is left over is grey. */
export const PALETTE = [BLUE, ORANGE, GREEN, VERMILLION, SKY, PINK, YELLOW] as const;

/** Faces of all charts: the one that the package ships, then what a machine has. */
export const FONT = 'DejaVu Sans, Helvetica, Arial, sans-serif';

/** The passes of a stage, with the name and the colour that every chart and drawing gives them. */
export const PASSES: Record<string, { title: string; color: string }> = {
  F: { title: 'forward', color: BLUE },
  E: { title: 'output error', color: SKY },
  B: { title: 'backward', color: VERMILLION },
  G: { title: 'gradient', color: GREEN },
  U: { title: 'update', color: PINK },
  X: { title: 'perturbation', color: PINK },
  leakage: { title: 'leakage', color: GREY },
};

/** A pass in words; itself where it is not known. */
export const passTitle = (pass: string): string => PASSES[pass]?.title ?? pass;

/** A colour scale over the passes that occur. */
export function passScale(passes: Iterable<string>): { domain: string[]; range: string[] } {
  const present = new Set(passes);
  const known = Object.keys(PASSES).filter((pass) => present.has(pass));
  return { domain: known.map(passTitle), range: known.map((pass) => PASSES[pass]!.color) };
}

/** A colour scale over the first seven names; `other` is grey where names are left. */
export function nameScale(names: readonly string[]): {
  domain: string[];
  range: string[];
  shown: (name: string) => string;
} {
  const own = names.length > PALETTE.length ? names.slice(0, PALETTE.length) : [...names];
  const rest = names.length > own.length;
  return {
    domain: [...own, ...(rest ? ['other'] : [])],
    range: [...own.map((_, i) => PALETTE[i]!), ...(rest ? [GREY] : [])],
    shown: (name) => (own.includes(name) ? name : 'other'),
  };
}

/** A chart's config: ink of text and lines, size of letters in pixels, columns of its legend. */
function config(ink: string, size: number, columns: number): Config {
  const text = {
    labelColor: ink,
    titleColor: ink,
    labelFontSize: size,
    titleFontSize: size,
    labelFont: FONT,
    titleFont: FONT,
    titleFontWeight: 'normal' as const,
  };
  return {
    background: 'transparent',
    font: FONT,
    view: { stroke: null },
    // A chart has one description and a table with its numbers; thousands of described marks would drown a screen
    // reader.
    mark: { aria: false },
    axis: {
      ...text,
      aria: false,
      domainColor: ink,
      tickColor: ink,
      gridColor: ink,
      gridOpacity: 0.15,
      domainOpacity: 0.5,
      tickOpacity: 0.5,
      labelLimit: 170,
    },
    legend: {
      ...text,
      aria: false,
      orient: 'bottom',
      direction: 'horizontal',
      title: null,
      symbolType: 'square',
      columns,
      labelLimit: 280,
    },
    text: { fill: ink, font: FONT, fontSize: size },
  };
}

/**
 * A chart for the page: as wide as its place, ink in the page's colour, light or dark. The page's script sets the
 * legend's columns.
 */
export const onPage = (spec: ChartSpec): ChartSpec => ({
  ...visibleSpec(spec),
  width: 'container',
  config: config('currentColor', 11, 3),
});

/** Pixels between the axes of a figure of one column, and of one over the whole page. */
const COLUMN = 300;
/** Width of a page's charts, pixels. */
export const PAGE_WIDE = 640;
const PAPER_LETTERS = 12;

/** A chart for a paper: at a column's width (88 mm) its letters measure about 8 points. Black ink. */
export function onPaper(spec: ChartSpec): ChartSpec {
  const width = 'width' in spec && typeof spec.width === 'number' ? spec.width : COLUMN;
  const entry = legendEntries(spec).reduce((most, { length }) => Math.max(most, length), 1) * 0.62 * PAPER_LETTERS + 30;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    ...visibleSpec(spec),
    width,
    config: config('#000000', PAPER_LETTERS, Math.max(1, Math.floor((width + 60) / entry))),
  };
}

/** The same chart with names that Vega's expressions, which it makes of them, can hold. */
const visibleSpec = (spec: ChartSpec): ChartSpec =>
  JSON.parse(JSON.stringify(spec), (_, value: unknown) =>
    typeof value === 'string' ? visible(value) : value,
  ) as ChartSpec;

/** The names in a chart's colour legend, from the domains of its colour scales. */
function legendEntries(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    key === 'data' ? [] : key === 'color' ? domainOf(value) : legendEntries(value),
  );
}

function domainOf(color: unknown): string[] {
  const scale = typeof color === 'object' && color !== null && 'scale' in color ? color.scale : null;
  const domain = typeof scale === 'object' && scale !== null && 'domain' in scale ? scale.domain : null;
  return Array.isArray(domain) ? domain.map(String) : [];
}
