// Figures drawn without a browser, for papers: total widths and letters of a style, patterns inside.

import { onPaper } from './charts/theme.js';
import { flatPaints, patternDefs } from '../colors.js';
import type { FigureStyle } from './figure-styles.js';
import type { ChartSpec, Drawing, Figure } from './sections.js';

/** Points of a pixel of a drawing. */
const POINT = 0.75;

/** A chart as SVG in points, black on white paper. */
async function chartSvg(spec: ChartSpec, width: number): Promise<string> {
  const [vega, lite] = await Promise.all([import('vega'), import('vega-lite')]);
  const view = new vega.View(vega.parse(lite.compile(spec).spec), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    const [, , height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
    const tall = Math.ceil(Number(height));
    // Rounding of its parts leaves a chart a point beside its width.
    return svg.replace(
      /^<svg [^>]*>/,
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}pt" ` +
        `height="${tall}pt" viewBox="0 0 ${width} ${tall}">`,
    );
  } finally {
    view.finalize();
  }
}

/** A drawing in the middle of a column or of the page; only what is wider than the page is made smaller. */
function drawingSvg({ svg, width, height }: Drawing, { column, page, letters, font }: FigureStyle): string {
  const scale = POINT * Math.max(1, letters / 9);
  const total = scale * width <= column ? column : page;
  const fits = Math.min(scale, total / width);
  const room = total / fits;
  return svg.replace(/^<svg [^>]*>/, (head) =>
    head
      .replace(/viewBox="[^"]*"/, `viewBox="${round((width - room) / 2)} 0 ${round(room)} ${height}"`)
      .replace(/ width="[^"]*"/, ` width="${total}pt"`)
      .replace(/ height="[^"]*"/, ` height="${round(fits * height)}pt"`)
      .replace(/font-family="[^"]*"/, `font-family="${font}"`),
  );
}

const round = (value: number): number => Math.round(100 * value) / 100;

const isWide = (figure: Figure): boolean => 'spec' in figure && (figure.wide === true || figure.zooms !== undefined);

/** The Vega-Lite spec of a figure as it is drawn for a style. */
export const paperSpec = (figure: Figure & { spec: ChartSpec }, style: FigureStyle): ChartSpec =>
  onPaper(figure.spec, style, isWide(figure));

/** The same with plain colours in place of the page's patterns, for other programs. */
export const plainSpec = (spec: ChartSpec): string => `${flatPaints(JSON.stringify(spec, null, 2))}\n`;

/** A figure as SVG on its own: no links, no colours of a page, which drawing programs do not know. */
export async function figureSvg(figure: Figure, style: FigureStyle): Promise<string> {
  let svg: string;
  if ('spec' in figure) {
    const spec = paperSpec(figure, style);
    svg = await chartSvg(spec, Number('width' in spec ? spec.width : style.column));
  } else svg = drawingSvg(figure.paper ?? figure, style);
  const plain = svg
    .replaceAll('var(--paper, #fff)', '#ffffff')
    .replaceAll('currentColor', '#000000')
    .replace(/<a href="[^"]*">|<\/a>/g, '');
  return plain.replace(/^(<svg [^>]*>)/, `$1<defs>${patternDefs(plain)}</defs>`);
}
