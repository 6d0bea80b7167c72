// data/datasets: small sets in the formats of MNIST, CIFAR-10 and UCI's digits, drawn here by straight strokes. They
// have the names of the sets whose place they take and none of their pictures.

import { gzipSync } from 'fflate';
import { drawing } from './random.mjs';

/** Corners of each digit's strokes in a box of 20 x 20. */
const STROKES = [
  ['6,1 3,5 3,15 6,19 12,19 15,15 15,5 12,1 6,1'],
  ['6,5 10,1 10,19'],
  ['3,5 6,1 12,1 15,5 14,9 3,19 16,19'],
  ['3,3 7,1 12,1 15,5 13,9 8,9', '13,9 16,14 12,19 6,19 3,17'],
  ['4,1 3,10 16,10', '13,1 13,19'],
  ['15,1 5,1 4,9 11,8 15,12 13,18 8,19 3,17'],
  ['13,1 7,4 3,12 5,18 11,19 15,15 12,11 6,11 3,14'],
  ['2,2 16,2 8,19'],
  ['10,9 5,6 6,2 12,1 14,5 10,9 4,13 5,18 12,19 15,14 10,9'],
  ['14,6 11,10 5,9 4,4 9,1 14,4 14,10 11,19'],
].map((digit) => digit.map((stroke) => stroke.split(' ').map((corner) => corner.split(',').map(Number))));

/** Distance of a point from a line between two corners. */
function distance([px, py], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy)));
  const [gx, gy] = [px - ax - along * dx, py - ay - along * dy];
  return Math.sqrt(gx * gx + gy * gy);
}

/** A digit on `side` x `side` places: shifted, sheared, thick or thin by the draw. */
function picture(digit, side, draw) {
  const scale = side / 28;
  const [left, top] = [draw(3, 6) * scale, draw(3, 5) * scale];
  const [shear, thick] = [draw(-3, 3) / 20, (draw(12, 20) / 10) * scale];
  const at = ([x, y]) => [left + (x + shear * (10 - y)) * scale, top + y * scale];
  const lines = STROKES[digit].flatMap((stroke) => stroke.slice(1).map((end, i) => [at(stroke[i]), at(end)]));
  return Array.from({ length: side * side }, (_, i) => {
    const place = [i % side, Math.floor(i / side)];
    const nearest = Math.min(...lines.map(([from, to]) => distance(place, from, to)));
    return Math.max(0, Math.min(255, Math.round((255 * (thick + 0.5 * scale - nearest)) / scale)));
  });
}

/** `count` digits with their classes, pictures one after the other. */
function digits(seed, count, side = 28) {
  const draw = drawing(seed);
  const labels = Array.from({ length: count }, () => draw(0, 9));
  return { count, labels, images: labels.flatMap((digit) => picture(digit, side, draw)) };
}

/** Digits for tests, and to calibrate or train with. */
export const TEST = digits(101, 100);
export const TRAIN = digits(102, 200);

/** Pictures as a network reads them, pixel / 255. */
export const scaled = ({ images }, from, count) =>
  Float64Array.from(images.slice(784 * from, 784 * (from + count)), (pixel) => pixel / 255);

const big = (value) => [value >> 24, value >> 16, value >> 8, value].map((byte) => byte & 255);
const idx = (shape, bytes) => Uint8Array.from([0, 0, 8, shape.length, ...shape.flatMap(big), ...bytes]);
const packed = (bytes) => gzipSync(bytes, { level: 9, mtime: 0 });
const imagesOf = ({ images, count }) => idx([count, 28, 28], images);
const labelsOf = ({ labels, count }) => idx([count], labels);

/** CIFAR-10's records: a class, then planes of red, green, blue. */
function colours(count) {
  const draw = drawing(104);
  return Uint8Array.from(
    Array.from({ length: count }, (_, i) => {
      const plane = () => Array.from({ length: 1024 }, () => draw(0, 255));
      return [i % 10, ...plane(), ...plane(), ...plane()];
    }).flat(),
  );
}

/** UCI's digits: 64 values of 0 to 16, then the class. */
function table() {
  const { labels, images, count } = digits(103, 30, 8);
  const row = (i) => [...images.slice(64 * i, 64 * i + 64).map((pixel) => Math.round(pixel / 16)), labels[i]].join();
  return `${Array.from({ length: count }, (_, i) => row(i)).join('\n')}\n`;
}

/** Words in the place of Shakespeare's. */
export const TEXT = (() => {
  const draw = drawing(105);
  const words = 'the a king his crown and sword all day night shall come to me my lord no more of this so be it'.split(
    ' ',
  );
  const line = () => Array.from({ length: draw(5, 9) }, () => words[draw(0, words.length - 1)]).join(' ');
  const lines = Array.from({ length: 50 }, () => line().replace(/^./, (first) => first.toUpperCase()));
  return `${lines.join(',\n')}.\n`;
})();

/** Files by path. */
export function pictureFiles() {
  const folder = 'data/datasets';
  return {
    [`${folder}/mnist/t10k-first200-images-idx3-ubyte`]: imagesOf(TEST),
    [`${folder}/mnist/t10k-first200-labels-idx1-ubyte`]: labelsOf(TEST),
    [`${folder}/mnist/t10k-images-idx3-ubyte.gz`]: packed(imagesOf(TEST)),
    [`${folder}/mnist/t10k-labels-idx1-ubyte.gz`]: packed(labelsOf(TEST)),
    [`${folder}/mnist/train5k-images-idx3-ubyte.gz`]: packed(imagesOf(TRAIN)),
    [`${folder}/mnist/train5k-labels-idx1-ubyte.gz`]: packed(labelsOf(TRAIN)),
    [`${folder}/cifar10/train_500_jpeg.bin.gz`]: packed(colours(10)),
    [`${folder}/digits/digits.csv.gz`]: packed(new TextEncoder().encode(table())),
    [`${folder}/tinyshakespeare/input.txt`]: TEXT,
  };
}
