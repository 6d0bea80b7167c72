// Speed of the functional kernels and of whole evaluations: `npm run bench:functional`. Of kernels: time of the
// processor, best of several rounds, since other work on the machine only ever adds to it.

import { float32Backend, float64Backend } from '../../src/functional/backends/float.js';
import { integerBackend } from '../../src/functional/backends/integer.js';
import type { Product } from '../../src/functional/backend.js';
import {
  idealConverter,
  idealOptions,
  IDEAL_CELLS,
  type CrossbarOptions,
} from '../../src/functional/crossbar/options.js';
import { CrossbarProduct } from '../../src/functional/crossbar/product.js';
import { kernels } from '../../src/functional/wasm/kernels.js';
import { evaluationFigures } from './networks.js';

const SIZE = 128;
const VECTORS = 256;
const ROUNDS = 12;

/** Multiply-accumulates of the network a second. */
function rate(product: Product, inputs: Int32Array | Float32Array): number {
  const out = new Float64Array(VECTORS * SIZE);
  const warm = performance.now();
  while (performance.now() - warm < 600) product.forward(inputs, VECTORS, out);
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    for (let i = 0; i < 4; i++) product.forward(inputs, VECTORS, out);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 4e6);
  }
  return (VECTORS * SIZE * SIZE) / best;
}

const values = Int32Array.from({ length: SIZE * SIZE }, (_, i) => ((i * 7919) % 255) - 127);
const inputs = Int32Array.from({ length: VECTORS * SIZE }, (_, i) => (i * 104729) % 256);
const matrix = { name: 'm', rows: SIZE, columns: SIZE, values };

const hardware = (sign: 'differential' | 'offset', more: Partial<CrossbarOptions> = {}): CrossbarOptions => ({
  ...idealOptions({
    rows: SIZE,
    columns: SIZE,
    cellBits: 2,
    weightBits: 8,
    sign,
    slices: 'arrays',
    referenceColumn: 'extra',
    biasRow: false,
    foldsNorms: false,
    groups: 'separate',
  }),
  converter: idealConverter(8),
  ...more,
});

const read = { deviation: 0.02, relativeTo: 'range' } as const;
const perCell = { deviation: 0.02, relativeTo: 'conductance' } as const;
const programming = {
  deviation: 0.02,
  relativeTo: 'range',
  distribution: 'normal',
  levels: null,
  verify: null,
} as const;
const full = { ...idealConverter(8), range: 'full' } as const;

const crossbars: readonly (readonly [string, CrossbarOptions])[] = [
  ['crossbar, offset, a code a unit', hardware('offset')],
  ['crossbar, offset, full range', hardware('offset', { converter: full })],
  ['crossbar, differential, a code a unit', hardware('differential')],
  ['crossbar, differential, full range', hardware('differential', { converter: full })],
  ['... read noise (share of the range), offset', hardware('offset', { cells: { ...IDEAL_CELLS, read } })],
  ['... read noise (share of the range), differential', hardware('differential', { cells: { ...IDEAL_CELLS, read } })],
  [
    '... read noise (share of the cell), differential',
    hardware('differential', { cells: { ...IDEAL_CELLS, read: perCell } }),
  ],
  ['... programmed cells, differential', hardware('differential', { cells: { ...IDEAL_CELLS, programming } })],
  ['... programmed cells and read noise', hardware('differential', { cells: { ...IDEAL_CELLS, programming, read } })],
];

process.stdout.write(`kernels: ${kernels().kind}; ${SIZE} x ${SIZE}, 8-bit weights on 2-bit cells, 8-bit inputs\n`);
const say = (name: string, macs: number): void => {
  process.stdout.write(`${name.padEnd(52)} ${(macs / 1e9).toFixed(3)} billion multiply-accumulates/s\n`);
};
for (const [name, options] of crossbars)
  say(name, rate(new CrossbarProduct(matrix, options, { inputs: { bits: 8, signed: false } }), inputs));
say('integer', rate(integerBackend.prepare(matrix, { inputs: { bits: 8, signed: false } }), inputs));
say('float32', rate(float32Backend.prepare(matrix), Float32Array.from(inputs)));
say('float64', rate(float64Backend.prepare(matrix), Float32Array.from(inputs)));

// Whole evaluations: `--share 0.1` for a tenth of the images.
const share = process.argv.indexOf('--share');
for (const figure of evaluationFigures(share < 0 ? 1 : Number(process.argv[share + 1]))) {
  const { what, images, wallS, processorS, peakRssBytes, accuracy } = figure;
  process.stdout.write(
    `${what.padEnd(46)} ${String(images).padStart(6)} images: ${wallS.toFixed(1)} s, ${processorS.toFixed(1)} s of ` +
      `processors, ${Math.round(peakRssBytes / 2 ** 20)} MiB, ${(100 * accuracy).toFixed(2)} % right\n`,
  );
}
