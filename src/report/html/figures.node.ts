// `--figures`: every figure of a report as files for papers.

import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import { onPaper } from './charts/theme.js';
import { figureSvg } from './draw.js';
import { figuresOf, type ReportPage } from './sections.js';

const require = createRequire(import.meta.url);

/** Pixels of a PNG for one of the SVG: a column of 88 mm gets about 500 dots an inch. */
const SCALE = 4;

/** The fonts of figures come with the package, so that a PNG is the same on every machine. */
const fonts = (): string[] =>
  ['DejaVuSans', 'DejaVuSans-Bold'].map((name) => require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`));

/**
 * Letters that DejaVu does not have: East Asian scripts and emoji. For names with these the machine's own fonts are
 * looked at as well.
 */
const BEYOND_FONTS = /[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\u{1f000}-\u{3ffff}]/u;

/** An SVG as PNG on white. */
export function pngOf(svg: string): Uint8Array {
  return new Resvg(svg, {
    background: '#ffffff',
    fitTo: { mode: 'zoom', value: SCALE },
    font: { loadSystemFonts: BEYOND_FONTS.test(svg), fontFiles: fonts(), defaultFontFamily: 'DejaVu Sans' },
  })
    .render()
    .asPng();
}

/** Files by name: `<figure>.svg` and `.png` of all, `<figure>.vl.json` (the Vega-Lite spec as drawn) of charts. */
export async function figureFiles(page: ReportPage): Promise<Record<string, string | Uint8Array>> {
  const files: Record<string, string | Uint8Array> = {};
  for (const figure of figuresOf(page)) {
    const svg = await figureSvg(figure);
    files[`${figure.id}.svg`] = svg;
    files[`${figure.id}.png`] = pngOf(svg);
    if ('spec' in figure) files[`${figure.id}.vl.json`] = `${JSON.stringify(onPaper(figure.spec), null, 2)}\n`;
  }
  return files;
}
