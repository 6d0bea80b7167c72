// Charts drawn without a browser, for papers.

import { onPaper } from './charts/theme.js';
import type { ChartSpec, Figure } from './sections.js';

/** A chart as SVG, black on white paper. */
export async function chartSvg(spec: ChartSpec): Promise<string> {
  const [vega, lite] = await Promise.all([import('vega'), import('vega-lite')]);
  const view = new vega.View(vega.parse(lite.compile(onPaper(spec)).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** A figure of a page as SVG on its own: no colours of a page in it, which drawing programs do not know. */
export const figureSvg = async (figure: Figure): Promise<string> =>
  'spec' in figure
    ? chartSvg(figure.spec)
    : figure.svg.replaceAll('var(--paper, #fff)', '#ffffff').replaceAll('currentColor', '#000000');
