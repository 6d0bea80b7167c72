// Trained networks on integers, by the rules of dynamic fixed point: LeNet-5 (also on bit-serial, bit-sliced crossbars)
// and two LSTMs.

import { lenet, Lstm } from './nets.mjs';
import { npzBytes } from './npz.mjs';
import { scaled, TEST, TEXT, TRAIN } from './pictures.mjs';

/** Fraction bits: bits - 1 - ceil(log2 of the largest magnitude). */
const fraction = (largest, bits) => bits - 1 - Math.ceil(Math.log2(largest));
const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The nearest whole number, ties to even. */
function even(value) {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}
const cut = (value, bits) => Math.max(-(2 ** (bits - 1)), Math.min(2 ** (bits - 1) - 1, value));
const integer = (value, length, bits) => cut(even(value * 2 ** length), bits);
/** A sum shifted right with half added; shifted left where `by` is negative. */
const shifted = (sum, by) => Math.floor(sum * 2 ** -by + 0.5);

const PRODUCTS = ['conv1', 'conv2', 'fc1', 'fc2', 'fc3'];

/** LeNet-5 in integers of some bits. */
class IntegerNet {
  /** @param ranges largest magnitude of the input and behind each layer */
  constructor(weights, ranges, bits) {
    this.bits = bits;
    this.lengths = new Map(Object.entries(ranges).map(([name, most]) => [name, fraction(most, bits)]));
    this.own = new Map(
      [...weights].map(([name, { shape, data }]) => {
        const length = fraction(largest(data), bits);
        return [name, { shape, length, integers: data.map((value) => integer(value, length, bits)) }];
      }),
    );
  }

  /** Sums of a layer: `vectors` of input integers, each times the matrix by `product`, the bias shifted and added. */
  sums(name, vectors, inputLength, product) {
    const { integers, shape, length } = this.own.get(`${name}.weight`);
    const bias = this.own.get(`${name}.bias`);
    const width = integers.length / shape[0];
    const start = bias.integers.map((value) => shifted(value, bias.length - length - inputLength));
    return vectors.map((x) => product(x, integers, width).map((sum, o) => sum + start[o]));
  }

  /** All integers of one picture; the layers' accumulators and results by name. */
  run(picture, product = matrixProduct) {
    const { bits, lengths } = this;
    let x = picture.map((value) => integer(value, lengths.get('input'), bits));
    let length = lengths.get('input');
    let [channels, side] = [1, 28];
    const kept = new Map([['input', x]]);
    for (const name of PRODUCTS) {
      const conv = name.startsWith('conv');
      const pad = name === 'conv1' ? 2 : 0;
      const out = conv ? side + 2 * pad - 4 : 1;
      const vectors = conv ? windows(x, { channels, side, pad }) : [x];
      const rows = this.sums(name, vectors, length, product);
      const by = length + this.own.get(`${name}.weight`).length - lengths.get(name);
      channels = rows[0].length;
      // Places one after the other become maps, a channel each.
      const sums = Array.from(
        { length: channels * rows.length },
        (_, i) => rows[i % rows.length][Math.floor(i / rows.length)],
      );
      const results = sums.map((sum) => cut(shifted(sum, by), bits)).map((y) => (name === 'fc3' ? y : Math.max(0, y)));
      kept.set(`${name}_acc`, sums).set(name, results);
      [x, length, side] = [results, lengths.get(name), out];
      if (!conv) continue;
      x = pooled(x, channels, side);
      side /= 2;
      kept.set(`${name}_pool`, x);
    }
    return kept;
  }
}

/** The 5 x 5 windows of maps, in the order channel, row, column. */
function windows(x, { channels, side, pad }) {
  const out = side + 2 * pad - 4;
  return Array.from({ length: out * out }, (_, place) =>
    Array.from({ length: channels * 25 }, (__, k) => {
      const [row, column] = [Math.floor(place / out) + (Math.floor(k / 5) % 5) - pad, (place % out) + (k % 5) - pad];
      const inside = row >= 0 && row < side && column >= 0 && column < side;
      return inside ? x[(Math.floor(k / 25) * side + row) * side + column] : 0;
    }),
  );
}

const pooled = (x, channels, side) =>
  Array.from({ length: (channels * side * side) / 4 }, (_, at) => {
    const half = side / 2;
    const corner = (Math.floor(at / half / half) * side + 2 * (Math.floor(at / half) % half)) * side + 2 * (at % half);
    return Math.max(x[corner], x[corner + 1], x[corner + side], x[corner + side + 1]);
  });

/** Sums of one vector with every output's weights. */
function matrixProduct(x, weights, width) {
  return Array.from({ length: weights.length / width }, (_, o) => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += x[k] * weights[o * width + k];
    return sum;
  });
}

/**
 * The same on arrays of 128 rows: positive and negative magnitudes in columns of their own, in slices of 2 bits, inputs
 * bit by bit; every column's sum is cut to what a converter of `adc` bits tells apart.
 */
const crossbarProduct = (adc) => {
  const most = 2 ** adc - 1;
  return (x, weights, width) =>
    Array.from({ length: weights.length / width }, (_, o) => {
      let total = 0;
      for (let from = 0; from < width; from += 128)
        for (let bit = 0; bit < 7; bit++) {
          const driven = [];
          for (let k = from; k < Math.min(width, from + 128); k++)
            if ((x[k] >> bit) & 1) driven.push(weights[o * width + k]);
          for (let slice = 0; slice < 4; slice++) {
            let [up, down] = [0, 0];
            for (const w of driven) {
              const digit = (Math.abs(w) >> (2 * slice)) & 3;
              if (w > 0) up += digit;
              else down += digit;
            }
            total += (Math.min(up, most) - Math.min(down, most)) * 2 ** (bit + 2 * slice);
          }
        }
      return total;
    });
};

/** Largest magnitudes over pictures, measured behind ReLU. */
function rangesOf(weights, pictures, count) {
  const net = lenet(weights);
  const ranges = { input: 0, conv1: 0, conv2: 0, fc1: 0, fc2: 0, fc3: 0 };
  const places = { input: 0, conv1: 2, conv2: 5, fc1: 8, fc2: 10, fc3: 11 };
  for (let n = 0; n < count; n++) {
    const values = net.all(scaled(pictures, n, 1));
    for (const [name, at] of Object.entries(places)) ranges[name] = Math.max(ranges[name], largest(values[at]));
  }
  return ranges;
}

function lenetCases(weights) {
  const ranges = rangesOf(weights, TRAIN, TRAIN.count);
  const folder = 'data/golden';
  const rows = [8, 7, 6, 5, 4, 3].map((bits) => {
    const net = new IntegerNet(weights, ranges, bits);
    const lengths = (kind) => Object.fromEntries(PRODUCTS.map((name) => [name, net.own.get(`${name}.${kind}`).length]));
    const activations = Object.fromEntries(net.lengths);
    return {
      bits,
      frac_len_weight: lengths('weight'),
      frac_len_bias: lengths('bias'),
      frac_len_activation: activations,
    };
  });
  const files = { [`${folder}/quantization/lenet5_dynamic_fixed_point.json`]: { dynamic_fixed_point: rows } };
  for (const bits of [8, 4]) {
    const net = new IntegerNet(weights, ranges, bits);
    const runs = Array.from({ length: TEST.count }, (_, n) => net.run([...scaled(TEST, n, 1)]));
    const first = runs.slice(0, 8);
    const kept = ['conv2_pool', 'fc1_acc', 'fc1', 'fc2_acc', 'fc2', 'fc3_acc', 'fc3'];
    files[`${folder}/quantization/lenet5_dfp${bits}_integer.npz`] = npzBytes({
      ...Object.fromEntries(
        [...net.own].map(([name, { shape, integers }]) => [`${name}_int`, [shape, integers, '|i1']]),
      ),
      logits_int_200: [[TEST.count, 10], runs.flatMap((run) => run.get('fc3')), '|i1'],
      ...Object.fromEntries(
        kept.map((name) => {
          const all = first.flatMap((run) => run.get(name));
          return [`act8_${name}`, [[8, all.length / 8], all, name.endsWith('_acc') ? '<i4' : '|i1']];
        }),
      ),
    });
  }
  const net = lenet(weights);
  const logits = Array.from({ length: TEST.count }, (_, n) => [...net.logits(scaled(TEST, n, 1))]).flat();
  files[`${folder}/lenet5_mnist/logits.npz`] = npzBytes({ logits_f64_200: [[TEST.count, 10], logits] });
  // What the converter sweep calibrates on: the pictures that it reads.
  const onTest = new IntegerNet(weights, rangesOf(weights, TEST, TEST.count), 8);
  const images = 6;
  const sweep = [7, 5, 4].map((adc) => {
    const product = crossbarProduct(adc);
    const all = Array.from({ length: images }, (_, n) => onTest.run([...scaled(TEST, n, 1)], product).get('fc3'));
    return [`logits_int_R128_C2_A${adc}`, [[images, 10], all.flat(), '|i1']];
  });
  const length = ['fraction_bits', [[1], [onTest.lengths.get('fc3')], '|i1']];
  files[`${folder}/crossbar/lenet5_adc_sweep_logits200.npz`] = npzBytes(Object.fromEntries([...sweep, length]));
  return files;
}

const ORDER = { ih: 'lstm.weight_ih_l0', hh: 'lstm.weight_hh_l0', bih: 'lstm.bias_ih_l0', bhh: 'lstm.bias_hh_l0' };
const NAMES = { ...ORDER, fc: 'fc.weight', fcb: 'fc.bias' };

/** An LSTM's weights as they are, or on grids of `bits` bits each. */
const lstmWeights = (weights, bits = null) =>
  Object.fromEntries(
    Object.entries(NAMES).map(([key, name]) => {
      const { data } = weights.get(name);
      const length = bits === null ? 0 : fraction(largest(data), bits);
      return [key, bits === null ? data : data.map((value) => integer(value, length, bits) * 2 ** -length)];
    }),
  );

/** An LSTM with its signals on grids; bits of sums, table values, cell and address may differ from the others'. */
class IntegerLstm {
  constructor(weights, sizes, samples) {
    const most = { x: 0, sum: 0, sigmoid: 0, tanh: 0, cell: 0, hidden: 0, logits: 0, address: 0 };
    const watch = (signal, value) => {
      most[signal] = Math.max(most[signal], Math.abs(value));
      return value;
    };
    const net = new Lstm(lstmWeights(weights), sizes, watch);
    for (const { rows, all } of samples) {
      rows.forEach((x) => x.forEach((value) => watch('x', value)));
      const states = net.run(rows);
      for (const state of all ? states : states.slice(-1)) net.logits(state).forEach((value) => watch('logits', value));
    }
    Object.assign(this, { weights, sizes, most });
  }

  /** Logits of a sequence, behind every step or the last. */
  logits({ rows, all }, bits, { sumBits = bits, valueBits = bits, cellBits = bits, tableBits = cellBits } = {}) {
    const { most } = this;
    const grid = (length, own) => (value) => integer(value, length, own) * 2 ** -length;
    const of = (signal, own) => grid(fraction(most[signal], own), own);
    const cell = fraction(most.cell, cellBits);
    const address = tableBits >= cellBits ? (value) => value : grid(cell - (cellBits - tableBits), tableBits);
    const grids = {
      ...{ sum: of('sum', sumBits), sigmoid: of('sigmoid', valueBits), tanh: of('tanh', valueBits) },
      ...{ cell: grid(cell, cellBits), hidden: of('hidden', bits), address },
    };
    const net = new Lstm(lstmWeights(this.weights, bits), this.sizes, (signal, value) => grids[signal](value));
    const x = of('x', bits);
    const states = net.run(rows.map((row) => row.map(x)));
    return (all ? states : states.slice(-1)).flatMap((state) => [...net.logits(state)].map(of('logits', bits)));
  }
}

const integersOf = (weights, bits) =>
  Object.fromEntries(
    Object.values(NAMES).map((name) => {
      const { shape, data } = weights.get(name);
      const length = fraction(largest(data), bits);
      return [`${name}_int`, [shape, data.map((value) => integer(value, length, bits)), '|i1']];
    }),
  );

const lengthsOf = (weights) =>
  [8, 7, 6, 5, 4].map((bits) => {
    const length = (name) => fraction(largest(weights.get(name).data), bits);
    return { bits, frac_len_weights: Object.fromEntries(Object.values(NAMES).map((name) => [name, length(name)])) };
  });

function lstmCases(rowWeights, charWeights, vocabulary) {
  const folder = 'data/golden';
  const rowsOf = (pictures, n) => {
    const picture = scaled(pictures, n, 1);
    return { rows: Array.from({ length: 28 }, (_, row) => picture.subarray(28 * row, 28 * row + 28)), all: false };
  };
  const some = (pictures, count) => Array.from({ length: count }, (_, n) => rowsOf(pictures, n));
  const rows = new IntegerLstm(rowWeights, { inputs: 28, hidden: 64 }, some(TRAIN, TRAIN.count));
  const float = new Lstm(lstmWeights(rowWeights), { inputs: 28, hidden: 64 });
  const right = some(TEST, 20).flatMap((one) => [...float.logits(float.run(one.rows).at(-1))]);
  const sums = [
    { bits: 7 },
    { bits: 7, cells: { cellBits: 12 } },
    { bits: 7, cells: { cellBits: 12, tableBits: 6 } },
    { bits: 6, cells: { sumBits: 9, valueBits: 8, cellBits: 10 } },
  ].map(({ bits, cells }) => {
    const data = some(TEST, 20).flatMap((one) => rows.logits(one, bits, cells));
    const plain = data.reduce((sum, value) => sum + value, 0);
    return { bits, cells: cells ?? {}, sums: [plain, data.reduce((sum, value, i) => sum + i * value, 0)] };
  });

  const ids = [...TEXT].map((char) => vocabulary.indexOf(char));
  const oneHot = (chosen) => ({
    rows: chosen.map((id) => Float64Array.from({ length: 65 }, (_, i) => (i === id ? 1 : 0))),
    all: true,
  });
  const chars = new IntegerLstm(charWeights, { inputs: 65, hidden: 128 }, [oneHot(ids.slice(0, 1000))]);
  const later = ids.slice(1000, 1201);
  return {
    [`${folder}/rowlstm_mnist/logits.npz`]: npzBytes({ logits_f64_200: [[20, 10], right] }),
    [`${folder}/quantization/rowlstm_mnist_dfp8.npz`]: npzBytes({
      logits_200: [[20, 10], some(TEST, 20).flatMap((one) => rows.logits(one, 8))],
      ...integersOf(rowWeights, 8),
    }),
    [`${folder}/quantization/rowlstm_mnist_widths.json`]: sums,
    [`${folder}/charlm_shakespeare/logits.npz`]: npzBytes({ char_ids_201: [[201], later, '|u1'] }),
    [`${folder}/quantization/charlm_shakespeare_dfp8.npz`]: npzBytes({
      logits_200: [[200, 65], chars.logits(oneHot(later.slice(0, 200)), 8)],
      ...integersOf(charWeights, 8),
    }),
    [`${folder}/quantization/lstm_dynamic_fixed_point.json`]: {
      rowlstm_mnist: { by_bits: lengthsOf(rowWeights) },
      charlm_shakespeare: { by_bits: lengthsOf(charWeights) },
    },
  };
}

/** Files by path. @param models weights of the trained networks by name, and the characters that one of them knows */
export const integerCases = ({ lenet5, rowlstm, charlm, vocabulary }) => ({
  ...lenetCases(lenet5),
  ...lstmCases(rowlstm, charlm, vocabulary),
});
