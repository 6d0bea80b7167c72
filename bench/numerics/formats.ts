// Speed of number formats and of k-means. Printed as JSON when run by itself.

import { fileURLToPath } from 'node:url';
import seedrandom from 'seedrandom';
import { bulkEncoder, encodeArray } from '../../src/numerics/formats/bulk.js';
import { fixedPoint } from '../../src/numerics/formats/fixed-point.js';
import { logTapered } from '../../src/numerics/formats/log-tapered.js';
import { standardFloat } from '../../src/numerics/formats/minifloat.js';
import { posit } from '../../src/numerics/formats/posit.js';
import { kMeansCodebook } from '../../src/numerics/quantizers/index.js';

const COUNT = 4_000_000;
const WEIGHTS = 1_000_000;
const LEVELS = 16;

export interface FormatFigure {
  format: string;
  /** `table`: 8 bits and fewer, from a table of 256 KiB. `array`: the format's way for arrays. */
  method: 'table' | 'array';
  /** Milliseconds to make the table, once a format. */
  tableMs: number | null;
  /** float32 values encoded a microsecond of processor time. */
  millionPerS: number;
}

export interface KMeansFigure {
  start: string;
  values: number;
  levels: number;
  weighted: boolean;
  ms: number;
}

/** Milliseconds of processor time, the best of five runs (other work on the machine only ever slows a run). */
function best(run: () => unknown): number {
  let least = Infinity;
  for (let i = 0; i < 5; i++) {
    const begin = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(begin);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

const EIGHT_BITS = [
  posit({ bits: 8, exponentBits: 0 }),
  posit({ bits: 8, exponentBits: 1 }),
  posit({ bits: 8, exponentBits: 2 }),
  standardFloat('float8_e4m3fn'),
  standardFloat('float8_e5m2'),
  fixedPoint({ bits: 8, fractionBits: 6 }),
  logTapered({ bits: 8, exponentBits: 1, alpha: 5, beta: 5, gamma: 7 }),
];
const WIDER = [
  posit({ bits: 16, exponentBits: 1 }),
  posit({ bits: 16, exponentBits: 2 }),
  posit({ bits: 32, exponentBits: 2 }),
  standardFloat('bfloat16'),
  standardFloat('float16'),
];

export function numericsFigures(): { formats: FormatFigure[]; kMeans: KMeansFigure[] } {
  const random = seedrandom.alea('bench/formats');
  // Roughly normal values, as weights are.
  const values = Float32Array.from({ length: COUNT }, () => random() + random() + random() + random() - 2);
  const codes = new Uint8Array(COUNT);
  const rate = (run: () => unknown): number => Number((COUNT / best(run) / 1000).toFixed(1));
  const weights = values.subarray(0, WEIGHTS);
  const importance = Float64Array.from(weights, () => random());
  return {
    formats: [
      ...EIGHT_BITS.map((format): FormatFigure => {
        const encode = bulkEncoder(format);
        return {
          format: format.name,
          method: 'table',
          tableMs: Math.round(best(() => bulkEncoder(format))),
          millionPerS: rate(() => encode(values, codes)),
        };
      }),
      ...WIDER.map((format): FormatFigure => ({
        format: format.name,
        method: 'array',
        tableMs: null,
        millionPerS: rate(() => encodeArray(format, values)),
      })),
    ],
    kMeans: (
      [
        ['linear', false],
        ['best', false],
        ['linear', true],
      ] as const
    ).map(([start, weighted]): KMeansFigure => ({
      start,
      values: WEIGHTS,
      levels: LEVELS,
      weighted,
      ms: Math.round(
        best(() => kMeansCodebook(weights, { levels: LEVELS, start, ...(weighted ? { importance } : {}) })),
      ),
    })),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(numericsFigures(), null, 2));
