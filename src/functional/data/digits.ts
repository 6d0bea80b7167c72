// Pictures of digits that the project draws itself: strokes of a pen, shifted, turned, scaled and blurred by seed, so
// that networks can be trained and tried with nothing downloaded.

import { DIGIT_SIDE } from './digit-side.js';
import { normalOf, streamOf } from '../streams.js';
import type { RawDataset } from './dataset.js';

type Point = readonly [x: number, y: number];
/** Strokes of each digit in a box of 1 x 1, y downwards. */
const STROKES: readonly (readonly (readonly Point[])[])[] = [
  [arc({ x: 0.5, y: 0.5 }, { radiusX: 0.32, radiusY: 0.45 }, 0, 360)],
  [
    [
      [0.3, 0.25],
      [0.52, 0.05],
      [0.52, 0.95],
    ],
  ],
  [[...arc({ x: 0.5, y: 0.3 }, { radiusX: 0.3, radiusY: 0.25 }, 190, 390), [0.2, 0.95], [0.85, 0.95]]],
  [
    [
      ...arc({ x: 0.45, y: 0.28 }, { radiusX: 0.3, radiusY: 0.23 }, 200, 450),
      ...arc({ x: 0.45, y: 0.73 }, { radiusX: 0.34, radiusY: 0.23 }, 270, 520),
    ],
  ],
  [
    [
      [0.65, 0.95],
      [0.65, 0.05],
      [0.15, 0.65],
      [0.9, 0.65],
    ],
  ],
  [[[0.8, 0.06], [0.28, 0.06], [0.25, 0.45], ...arc({ x: 0.48, y: 0.66 }, { radiusX: 0.32, radiusY: 0.28 }, 230, 500)]],
  [[[0.7, 0.06], [0.35, 0.35], ...arc({ x: 0.5, y: 0.68 }, { radiusX: 0.28, radiusY: 0.26 }, 180, 540)]],
  [
    [
      [0.15, 0.06],
      [0.85, 0.06],
      [0.4, 0.95],
    ],
  ],
  [
    arc({ x: 0.5, y: 0.27 }, { radiusX: 0.26, radiusY: 0.21 }, 90, 450),
    arc({ x: 0.5, y: 0.72 }, { radiusX: 0.32, radiusY: 0.24 }, 270, 630),
  ],
  [[...arc({ x: 0.5, y: 0.32 }, { radiusX: 0.28, radiusY: 0.26 }, 0, 360), [0.78, 0.32], [0.68, 0.95]]],
];

/** Points of an ellipse from one angle to another (degrees, clockwise from the right). */
function arc(
  { x, y }: { readonly x: number; readonly y: number },
  { radiusX, radiusY }: { readonly radiusX: number; readonly radiusY: number },
  from: number,
  to: number,
): Point[] {
  const steps = Math.ceil(Math.abs(to - from) / 20);
  return Array.from({ length: steps + 1 }, (_, i): Point => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 180;
    return [x + radiusX * Math.cos(angle), y + radiusY * Math.sin(angle)];
  });
}

/** `count` pictures [1, 28, 28] of bytes with their labels, drawn by seed; classes in random order. */
export function drawDigits(seed: number, count: number): RawDataset {
  const uniform = streamOf(seed, 'digits');
  const normal = normalOf(streamOf(seed, 'digits/normal'));
  const data = new Uint8Array(count * DIGIT_SIDE * DIGIT_SIDE);
  const labels = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    labels[n] = Math.floor(uniform() * 10);
    drawDigit(labels[n]!, { uniform, normal }, data, n * DIGIT_SIDE * DIGIT_SIDE);
  }
  const shape = [1, DIGIT_SIDE, DIGIT_SIDE];
  return { count, inputs: new Map([['', { shape, data }]]), labels, labelsPerSample: 1 };
}

function drawDigit(
  digit: number,
  { uniform, normal }: { readonly uniform: () => number; readonly normal: () => number },
  out: Uint8Array,
  at: number,
): void {
  const turn = 0.16 * normal();
  const slant = 0.18 * normal();
  const [width, height] = [13 + 4 * uniform(), 17 + 4 * uniform()];
  const [shiftX, shiftY] = [14 + 1.2 * normal(), 14 + 1.2 * normal()];
  const pen = 0.9 + 0.9 * uniform();
  const place = ([x, y]: Point): Point => {
    const u = (x - 0.5 + 0.025 * normal()) * width - slant * (y - 0.5) * height;
    const v = (y - 0.5 + 0.025 * normal()) * height;
    return [shiftX + u * Math.cos(turn) - v * Math.sin(turn), shiftY + u * Math.sin(turn) + v * Math.cos(turn)];
  };
  const pieces = STROKES[digit]!.flatMap((stroke) => piecesOf(stroke.map(place)));
  const contrast = 200 + 55 * uniform();
  const reach = pen + 0.7;
  for (let y = 0; y < DIGIT_SIDE; y++)
    for (let x = 0; x < DIGIT_SIDE; x++) {
      const ink = Math.min(1, Math.max(0, reach - nearestOf(pieces, x + 0.5, y + 0.5, reach)));
      const value = contrast * ink + 6 * Math.abs(normal()) * ink;
      out[at + y * DIGIT_SIDE + x] = Math.min(255, Math.round(value));
    }
}

/** A straight piece of a line: where it begins, where it goes, its squared length. */
interface Piece {
  x: number;
  y: number;
  dx: number;
  dy: number;
  squared: number;
}

const piecesOf = (line: readonly Point[]): Piece[] =>
  line.slice(1).map(([x1, y1], i): Piece => {
    const [x, y] = line[i]!;
    const [dx, dy] = [x1 - x, y1 - y];
    return { x, y, dx, dy, squared: dx * dx + dy * dy };
  });

/** Distance of a point from the nearest piece; Infinity where none is within reach. */
function nearestOf(pieces: readonly Piece[], x: number, y: number, reach: number): number {
  let least = reach * reach;
  let [offX, offY] = [Infinity, Infinity];
  for (const piece of pieces) {
    const { dy, squared } = piece;
    const down = y - piece.y;
    if (down < Math.min(0, dy) - reach || down > Math.max(0, dy) + reach) continue;
    const { dx } = piece;
    const right = x - piece.x;
    const t = squared === 0 ? 0 : Math.min(1, Math.max(0, (right * dx + down * dy) / squared));
    const [gapX, gapY] = [right - t * dx, down - t * dy];
    const distance = gapX * gapX + gapY * gapY;
    if (distance >= least) continue;
    least = distance;
    [offX, offY] = [gapX, gapY];
  }
  return Math.hypot(offX, offY);
}
