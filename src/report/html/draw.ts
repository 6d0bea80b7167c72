// Figures drawn without a browser, for papers: total widths and letters of a style, patterns inside.

import type { LiteSpec } from './charts/lite.js';
import { FONT, onPaper, PADDING } from './charts/theme.js';
import { flatPaints, patternDefs } from '../colors.js';
import type { FigureStyle } from './figure-styles.js';
import { textWidth } from './letter-widths.js';
import type { ChartSpec, Drawing, Figure } from './sections.js';

/** Points of a pixel of a drawing. */
const POINT = 0.75;

/** What Vega asks for the width of a text. */
interface TextItem {
  readonly font?: string;
  readonly fontSize?: number;
  readonly limit?: number;
}

/** Vega guesses four fifths of the size for each letter where no canvas is: margins and legends half too wide. */
function lineWidth({ font = FONT, fontSize = 11, limit = 0 }: TextItem, text: unknown): number {
  const width =
    typeof text === 'string' || typeof text === 'number' ? textWidth(String(text).trim(), fontSize, font) : 0;
  return limit > 0 ? Math.min(width, limit) : width;
}

/** A chart as SVG in points, black on white paper. */
async function chartSvg(spec: LiteSpec, width: number): Promise<string> {
  const [vega, lite] = await Promise.all([import('vega'), import('vega-lite')]);
  // Cast: Vega exports it for those who measure texts themselves; its types leave it out.
  (vega as unknown as { textMetrics: { width: typeof lineWidth } }).textMetrics.width = lineWidth;
  const view = new vega.View(vega.parse(lite.compile(spec).spec), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    const [, , height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
    const tall = Math.ceil(Number(height));
    // Labels beside marks and legends may stand beyond the width: what is wider is made smaller.
    // Cast: Vega's types name the tree of marks by its root's type.
    const { x1, x2 } = (view.scenegraph() as unknown as { root: { bounds: { x1: number; x2: number } } }).root.bounds;
    const origin = view.origin()[0] + PADDING;
    const left = Math.min(0, Math.floor(origin + x1 - PADDING));
    const room = Math.max(width, Math.ceil(origin + x2 + PADDING)) - left;
    return svg.replace(
      /^<svg [^>]*>/,
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}pt" ` +
        `height="${Math.ceil((tall * width) / room)}pt" viewBox="${left} 0 ${room} ${tall}">`,
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
export const paperSpec = (figure: Figure & { spec: ChartSpec }, style: FigureStyle): LiteSpec =>
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
