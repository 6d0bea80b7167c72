// Speed of bulk encoding (million encodes per second) and of k-means. Prints JSON.

import seedrandom from 'seedrandom';
import { bulkEncoder, encodeArray } from '../../src/numerics/formats/bulk.js';
import { fixedPoint } from '../../src/numerics/formats/fixed-point.js';
import { logTapered } from '../../src/numerics/formats/log-tapered.js';
import { standardFloat } from '../../src/numerics/formats/minifloat.js';
import { kMeansCodebook } from '../../src/numerics/quantizers/index.js';
import { posit } from '../../src/numerics/formats/posit.js';

const random = seedrandom.alea('bench/formats');
const COUNT = 4_000_000;
// Roughly normal values, as weights are.
const values = Float32Array.from({ length: COUNT }, () => random() + random() + random() + random() - 2);

/** Million values a second, the best of several runs. */
function rate(run: () => unknown): number {
  let best = Infinity;
  for (let i = 0; i < 7; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return Math.round(COUNT / best / 100) / 10;
}

const eightBit = [
  posit({ bits: 8, exponentBits: 0 }), posit({ bits: 8, exponentBits: 1 }), posit({ bits: 8, exponentBits: 2 }),
  standardFloat('float8_e4m3fn'), standardFloat('float8_e5m2'), fixedPoint({ bits: 8, fractionBits: 6 }),
  logTapered({ bits: 8, exponentBits: 1, alpha: 5, beta: 5, gamma: 7 }),
];
const codes = new Uint8Array(COUNT);
const results = [
  ...eightBit.map((format) => {
    const start = performance.now();
    const encode = bulkEncoder(format);
    const tableMs = Math.round(performance.now() - start);
    return { format: format.name, method: 'table', tableMs, millionPerSecond: rate(() => encode(values, codes)) };
  }),
  ...[posit({ bits: 16, exponentBits: 1 }), posit({ bits: 16, exponentBits: 2 }), posit({ bits: 32, exponentBits: 2 }), standardFloat('bfloat16'), standardFloat('float16')].map((format) => ({
    format: format.name, method: 'array', millionPerSecond: rate(() => encodeArray(format, values)),
  })),
];
const weights = values.slice(0, 1_000_000);
const kMeans = (['linear', 'best'] as const).map((start) => {
  const begin = performance.now();
  const { levels } = kMeansCodebook(weights, { levels: 16, start });
  return { start, levels: levels.length, values: weights.length, ms: Math.round(performance.now() - begin) };
});
console.log(JSON.stringify({ values: COUNT, results, kMeans }, null, 2));
