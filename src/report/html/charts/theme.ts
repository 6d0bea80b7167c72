// Colours and type of the charts. Colours tell apart for colour-blind readers (Okabe and Ito; Wong, Nature Methods 8, 2011).

import type { Config } from 'vega-lite';
import type { ChartSpec } from '../sections.js';

export const BLUE = '#0072B2';
export const ORANGE = '#E69F00';
export const GREEN = '#009E73';
export const PINK = '#CC79A7';
export const SKY = '#56B4E9';
export const VERMILLION = '#D55E00';
export const YELLOW = '#F0E442';
export const GREY = '#999999';

/** Seven colours for things without a colour of their own; what is left over is grey. */
export const PALETTE = [BLUE, ORANGE, GREEN, VERMILLION, SKY, PINK, YELLOW] as const;

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

export const passTitle = (pass: string): string => PASSES[pass]?.title ?? pass;

/** A colour scale over the passes that occur. */
export function passScale(passes: Iterable<string>): { domain: string[]; range: string[] } {
  const present = new Set(passes);
  const known = Object.keys(PASSES).filter((pass) => present.has(pass));
  return { domain: known.map(passTitle), range: known.map((pass) => PASSES[pass]!.color) };
}

/** A colour scale over the first seven names; `other` is grey where names are left. */
export function nameScale(names: readonly string[]): { domain: string[]; range: string[]; shown: (name: string) => string } {
  const own = names.length > PALETTE.length ? names.slice(0, PALETTE.length) : [...names];
  const rest = names.length > own.length;
  return { domain: [...own, ...(rest ? ['other'] : [])], range: [...own.map((_, i) => PALETTE[i]!), ...(rest ? [GREY] : [])], shown: (name) => (own.includes(name) ? name : 'other') };
}

function config(ink: string): Config {
  const text = { labelColor: ink, titleColor: ink, labelFontSize: 11, titleFontSize: 11, labelFont: FONT, titleFont: FONT, titleFontWeight: 'normal' as const };
  return {
    background: 'transparent',
    font: FONT,
    view: { stroke: null },
    // A chart has one description and a table with its numbers; thousands of described marks would drown a screen reader.
    mark: { aria: false },
    axis: { ...text, aria: false, domainColor: ink, tickColor: ink, gridColor: ink, gridOpacity: 0.15, domainOpacity: 0.5, tickOpacity: 0.5, labelLimit: 150 },
    legend: { ...text, aria: false, orient: 'bottom', direction: 'horizontal', title: null, symbolType: 'square', columns: 3, labelLimit: 170 },
    text: { fill: ink, font: FONT, fontSize: 11 },
  };
}

/** A chart for the page: as wide as its place, ink in the page's colour, light or dark. */
export const onPage = (spec: ChartSpec): ChartSpec => ({ ...spec, width: 'container', config: config('currentColor') });

/** A chart for a paper: two columns of text narrow, black ink. */
export const onPaper = (spec: ChartSpec): ChartSpec => ({ ...spec, $schema: 'https://vega.github.io/schema/vega-lite/v6.json', width: 420, config: config('#000000') });
