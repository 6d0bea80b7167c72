// `--figures`: every figure of a report as files for papers.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import { figureSvg, paperSpec, plainSpec } from './draw.js';
import { STYLES, type FigureStyleName } from './figure-styles.js';
import { pdfOf } from './pdf.node.js';
import { figuresOf, type ReportPage } from './sections.js';

const require = createRequire(import.meta.url);

/** Dots of a PNG for a point of the SVG: 400 an inch. */
const SCALE = 400 / 72;

/** The fonts of figures come with the package, so that PNG and PDF are the same on every machine. */
const fontFiles = (): string[] =>
  ['DejaVuSans', 'DejaVuSans-Bold', 'DejaVuSerif', 'DejaVuSerif-Bold'].map((name) =>
    require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`),
  );

/**
 * Letters that DejaVu does not have: East Asian scripts and emoji. For names with these the machine's own fonts are
 * looked at as well.
 */
const BEYOND_FONTS = /[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\u{1f000}-\u{3ffff}]/u;

/** An SVG in points as PNG on white. */
export function pngOf(svg: string): Uint8Array {
  const [, width] = /width="([\d.]+)pt"/.exec(svg) ?? [];
  const serif = svg.includes('DejaVu Serif');
  return new Resvg(svg, {
    background: '#ffffff',
    fitTo: { mode: 'width', value: Math.round(SCALE * Number(width ?? 242)) },
    font: {
      loadSystemFonts: BEYOND_FONTS.test(svg),
      fontFiles: fontFiles(),
      defaultFontFamily: serif ? 'DejaVu Serif' : 'DejaVu Sans',
    },
  })
    .render()
    .asPng();
}

/**
 * Files by name: `<figure>.svg`, `.pdf` and `.png` of all, `<figure>.vl.json` (the Vega-Lite spec as drawn, patterns as
 * plain colours) of charts.
 */
export async function figureFiles(
  page: ReportPage,
  styleName: FigureStyleName,
): Promise<Record<string, string | Uint8Array>> {
  const style = STYLES[styleName];
  const fonts = new Map(fontFiles().map((path) => [/([^/\\]+)\.ttf$/.exec(path)![1]!, readFileSync(path)]));
  const files: Record<string, string | Uint8Array> = {};
  for (const figure of figuresOf(page)) {
    const svg = await figureSvg(figure, style);
    files[`${figure.id}.svg`] = svg;
    files[`${figure.id}.png`] = pngOf(svg);
    files[`${figure.id}.pdf`] = await pdfOf(svg, fonts);
    if ('spec' in figure) files[`${figure.id}.vl.json`] = plainSpec(paperSpec(figure, style));
  }
  return files;
}
