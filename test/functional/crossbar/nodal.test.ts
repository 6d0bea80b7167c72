// Wires that resist: the whole network against badcrossbar (golden/badcrossbar), and by hand.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sharedUrl } from '../../shared.js';
import { seriesConductances, transferConductances } from '../../../src/functional/crossbar/nodal.js';

const FOLDER = sharedUrl('golden/badcrossbar/');

interface Case {
  readonly R_ohm: number[][];
  readonly V_volt: number[][];
  readonly r_word: number;
  readonly r_bit: number;
  readonly output_current_A: number[][];
}

describe('badcrossbar 1.1.0, or a dense solution of the whole network', () => {
  const files = readdirSync(FOLDER);

  test.each(files)('%s within 1e-10 relative', (file) => {
    const own = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Case;
    const rows = own.R_ohm.length;
    const columns = own.R_ohm[0]!.length;
    const conductances = Float64Array.from(own.R_ohm.flat(), (resistance) => 1 / resistance);
    const transfer = transferConductances({ rows, columns, conductances, wordline: own.r_word, bitline: own.r_bit });
    own.output_current_A.forEach((currents, example) => {
      currents.forEach((expected, j) => {
        let current = 0;
        for (let i = 0; i < rows; i++) current += own.V_volt[i]![example]! * transfer[i * columns + j]!;
        expect(Math.abs(current / expected - 1)).toBeLessThan(1e-10);
      });
    });
  });
});

describe('a single cell', () => {
  const network = { rows: 1, columns: 1, conductances: Float64Array.of(1e-3), wordline: 3, bitline: 5 };

  test('is in series with both wires, in either model', () => {
    const expected = 1 / (1000 + 3 + 5);
    expect(transferConductances(network)[0]).toBeCloseTo(expected, 15);
    expect(seriesConductances(network)[0]).toBeCloseTo(expected, 15);
  });
});

test('a column of two cells by hand: the upper cell shares the lower segment', () => {
  // Wordlines without resistance; bitline segments of 1 ohm; cells of 1 ohm; 1 V on the upper row alone.
  // Lower node n, upper node m: (1 - m) = (m - n); (m - n) = n + n. So m = 3 n, 1 - 3 n = 2 n, n = 0.2.
  const transfer = transferConductances({
    rows: 2,
    columns: 1,
    conductances: Float64Array.of(1, 1),
    wordline: 0,
    bitline: 1,
  });
  expect(transfer[0]).toBeCloseTo(0.2, 8);
  // The lower row alone: (1 - n) = n + m / 1 with the upper node m between n and its grounded cell: m = n / 2.
  expect(transfer[1]).toBeCloseTo(1 / 2.5, 8);
});
