// An SVG in points as a PDF of one page, letters embedded.

import PDFDocument from 'pdfkit';
import svgToPdf from 'svg-to-pdfkit';

/** The day on which every figure is dated, so that equal figures are equal bytes. */
const DATED = new Date(0);

/** @param fonts font files by name: DejaVuSans, DejaVuSans-Bold, DejaVuSerif, DejaVuSerif-Bold */
export function pdfOf(svg: string, fonts: ReadonlyMap<string, Buffer>): Promise<Uint8Array> {
  const [, width, height] = /width="([\d.]+)pt" height="([\d.]+)pt"/.exec(svg) ?? [];
  const size: [number, number] = [Number(width ?? 242), Number(height ?? 242)];
  const family = svg.includes('DejaVu Serif') ? 'DejaVuSerif' : 'DejaVuSans';
  const doc = new PDFDocument({ size, margin: 0, font: '', info: { CreationDate: DATED, ModDate: DATED } });
  for (const [name, data] of fonts) doc.registerFont(name, data);
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', () => {
      resolve(new Uint8Array(Buffer.concat(chunks)));
    });
    doc.on('error', reject);
    svgToPdf(doc, svg.replace(/(width|height)="([\d.]+)pt"/g, '$1="$2"'), 0, 0, {
      width: size[0],
      height: size[1],
      assumePt: true,
      fontCallback: (_family, bold) => (bold ? `${family}-Bold` : family),
      warningCallback: () => undefined,
    });
    doc.end();
  });
}
