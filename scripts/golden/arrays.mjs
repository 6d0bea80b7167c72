// Golden vectors of arrays: currents of cells behind wires (a dense solution of the whole network), update curves of
// devices (the formula of MLP+NeuroSim V3.0).

import { drawing } from './random.mjs';

/** The solution of a dense system, by elimination with the largest pivot of each column. */
function solved(matrix, right) {
  const size = right.length;
  const a = matrix.map((row, i) => [...row, right[i]]);
  for (let k = 0; k < size; k++) {
    const pivot = a.findLastIndex(
      (row, i) => i >= k && a.every((other, o) => o < k || Math.abs(row[k]) >= Math.abs(other[k])),
    );
    [a[k], a[pivot]] = [a[pivot], a[k]];
    for (let i = k + 1; i < size; i++) {
      const factor = a[i][k] / a[k][k];
      if (factor !== 0) for (let j = k; j <= size; j++) a[i][j] -= factor * a[k][j];
    }
  }
  const x = new Array(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    let sum = a[i][size];
    for (let j = i + 1; j < size; j++) sum -= a[i][j] * x[j];
    x[i] = sum / a[i][i];
  }
  return x;
}

/**
 * Currents out of the bitlines. A node of a wordline and one of a bitline at every cell; wordlines are driven before
 * the first column, bitlines grounded behind the last row, with a segment of wire to each neighbour, source and ground.
 */
function currents(resistances, voltages, { wordline, bitline }) {
  const [rows, columns] = [resistances.length, resistances[0].length];
  const node = (line, i, j) => (line * rows + i) * columns + j;
  const size = 2 * rows * columns;
  const g = Array.from({ length: size }, () => new Array(size).fill(0));
  const right = new Array(size).fill(0);
  const join = (a, b, conductance) => {
    g[a][a] += conductance;
    if (b === null) return;
    g[b][b] += conductance;
    g[a][b] -= conductance;
    g[b][a] -= conductance;
  };
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      join(node(0, i, j), node(1, i, j), 1 / resistances[i][j]);
      join(node(0, i, j), j === 0 ? null : node(0, i, j - 1), 1 / wordline);
      if (j === 0) right[node(0, i, j)] += voltages[i] / wordline;
      join(node(1, i, j), i === rows - 1 ? null : node(1, i + 1, j), 1 / bitline);
    }
  const at = solved(g, right);
  return Array.from({ length: columns }, (_, j) => at[node(1, rows - 1, j)] / bitline);
}

function wires(draw, [rows, columns], wordline, bitline) {
  const resistances = Array.from({ length: rows }, () => Array.from({ length: columns }, () => draw(10_000, 500_000)));
  const examples = Array.from({ length: 2 }, () => Array.from({ length: rows }, () => draw(100, 500) / 1000));
  return {
    ...{ R_ohm: resistances, r_word: wordline, r_bit: bitline },
    V_volt: resistances.map((_, i) => examples.map((voltages) => voltages[i])),
    output_current_A: examples.map((voltages) => currents(resistances, voltages, { wordline, bitline })),
  };
}

/** G(p) = B (1 - exp(-p / A)) + Gmin, B = (Gmax - Gmin) / (1 - exp(-Pmax / A)), A = normalised A x Pmax. */
function formula() {
  const rows = ['window,g_min_S,g_max_S,p_max,nl,normalised_a,direction,pulses_applied,p,conductance_S'];
  for (const [window, min, max, most] of [
    ['unit', 0, 1, 100],
    ['ns', 3.077e-9, 38.46e-9, 97],
  ])
    for (const [label, normalised] of [
      [0.01, 126.27],
      [1, 1.2517],
    ])
      for (const [direction, sign] of [
        ['potentiation', 1],
        ['depression', -1],
      ])
        for (let n = 0; n < 8; n++) {
          const pulses = (most * n) / 7;
          const p = direction === 'potentiation' ? pulses : most - pulses;
          const a = sign * normalised * most;
          const b = (max - min) / (1 - Math.exp(-most / a));
          const conductance = b * (1 - Math.exp(-p / a)) + min;
          rows.push(
            [window, min, max, most, sign * label, sign * normalised, direction, pulses, p, conductance].join(),
          );
        }
  return `${rows.join('\n')}\n`;
}

/** The largest distance of a device's curve of normalised A from the straight line, both from 0 to 1. */
function distance(a) {
  const whole = 1 - Math.exp(-1 / a);
  const at = -a * Math.log(a * whole);
  return (1 - Math.exp(-at / a)) / whole - at;
}

/** Normalised A of labels 0.01 to 9.00: a label is 0.099 of the largest distance. */
function labels() {
  const rows = ['nonlinearity,normalised_a'];
  for (let n = 1; n <= 900; n++) {
    let [low, high] = [1e-3, 1e4];
    for (let i = 0; i < 200; i++) {
      const middle = Math.sqrt(low * high);
      if (distance(middle) > (0.099 * n) / 100) low = middle;
      else high = middle;
    }
    rows.push(`${n / 100},${low.toPrecision(6)}`);
  }
  return `${rows.join('\n')}\n`;
}

/** Cases of both. */
export function arrayCases() {
  const draw = drawing(16);
  return {
    'golden/badcrossbar/dense_4x4_rw2_rb8.json': wires(draw, [4, 4], 2, 8),
    'golden/badcrossbar/dense_6x3_rw5_rb5.json': wires(draw, [6, 3], 5, 5),
    'golden/badcrossbar/dense_5x9_rw1_rb1.json': wires(draw, [5, 9], 1, 1),
    'golden/device-update/formula.csv': formula(),
    'golden/device-update/normalised-a.csv': labels(),
  };
}
