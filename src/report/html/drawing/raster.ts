// PNG pictures within a drawing.

import { escapeHtml } from '../../../config/escape.js';
import type { Drawing } from '../sections.js';

/** A PNG (base64) at a place, pixels; a pixel of it stays a sharp square. */
export const image = (
  png: string,
  { x, y, width, height }: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): string =>
  `<image x="${x}" y="${y}" width="${width}" height="${height}" style="image-rendering:pixelated" ` +
  `preserveAspectRatio="none" href="data:image/png;base64,${png}"/>`;

/** A drawing of pictures that paper does not cut. */
export const pictureDrawing = (width: number, height: number, label: string, content: string): Drawing => ({
  svg:
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `role="img" aria-label="${escapeHtml(label)}">${content}</svg>`,
  width,
  height,
  cuts: [],
});
