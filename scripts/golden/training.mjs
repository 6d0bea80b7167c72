// data/golden/training_lenet5: the first losses of training LeNet-5 and an LSTM, from starts drawn here.

import { crossEntropy, lenet, Lstm } from './nets.mjs';
import { npzBytes } from './npz.mjs';
import { scaled, TRAIN } from './pictures.mjs';
import { drawing } from './random.mjs';
import { Adam, Descent } from './steps.mjs';

/** Pictures of a batch. */
const BATCH = 8;

/** Even numbers of one part in 1,024 within 1 / sqrt(fan in). */
function drawn(shapes, draw) {
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const fan = shape.slice(1).reduce((product, size) => product * size, 1);
      const data = Array.from(
        { length: shape[0] * fan },
        () => draw(-1024, 1024) / 1024 / (fan === 1 ? 16 : Math.sqrt(fan)),
      );
      return [name, { shape, data: Float64Array.from(Float32Array.from(data)) }];
    }),
  );
}

const LENET = {
  ...{ 'conv1.weight': [6, 1, 5, 5], 'conv1.bias': [6], 'conv2.weight': [16, 6, 5, 5], 'conv2.bias': [16] },
  ...{ 'fc1.weight': [120, 400], 'fc1.bias': [120], 'fc2.weight': [84, 120], 'fc2.bias': [84] },
  ...{ 'fc3.weight': [10, 84], 'fc3.bias': [10] },
};
const ROWS = {
  ...{ 'lstm.weight_ih': [128, 28], 'lstm.weight_hh': [128, 32], 'lstm.bias_ih': [128], 'lstm.bias_hh': [128] },
  ...{ 'fc.weight': [10, 32], 'fc.bias': [10] },
};
const copied = (weights) =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));

/** Losses before each update. @param gradientsOf adds a picture's gradients by name and gives its loss */
function losses(weights, gradientsOf, rule, iterations) {
  const rules = new Map([...weights].map(([name, { data }]) => [name, rule(data.length)]));
  return Array.from({ length: iterations }, (_, step) => {
    const sums = new Map([...weights].map(([name, { data }]) => [name, new Float64Array(data.length)]));
    let loss = 0;
    for (let n = step * BATCH; n < (step + 1) * BATCH; n++)
      loss += gradientsOf(scaled(TRAIN, n, 1), TRAIN.labels[n], sums) / BATCH;
    for (const [name, { data }] of weights) rules.get(name).move(data, sums.get(name));
    return loss;
  });
}

function lenetLosses(start, rule) {
  const weights = copied(start);
  const net = lenet(weights);
  const gradientsOf = (x, label, sums) => {
    const values = net.all(x);
    const { loss, error } = crossEntropy(values.at(-1), label);
    const of = ({ name }) => ({ weight: sums.get(`${name}.weight`), bias: sums.get(`${name}.bias`) });
    net.backward(
      values,
      error.map((e) => e / BATCH),
      of,
    );
    return loss;
  };
  return losses(weights, gradientsOf, rule, 4);
}

function lstmLosses(start, rule) {
  const weights = copied(start);
  const named = (of) => {
    const data = (name) => of(name);
    return {
      ...{ ih: data('lstm.weight_ih'), hh: data('lstm.weight_hh'), bih: data('lstm.bias_ih') },
      ...{ bhh: data('lstm.bias_hh'), fc: data('fc.weight'), fcb: data('fc.bias') },
    };
  };
  const net = new Lstm(
    named((name) => weights.get(name).data),
    { inputs: 28, hidden: 32 },
  );
  const gradientsOf = (x, label, sums) => {
    const states = net.run(Array.from({ length: 28 }, (_, row) => x.subarray(28 * row, 28 * row + 28)));
    const { loss, error } = crossEntropy(net.logits(states.at(-1)), label);
    net.backward(
      states,
      error.map((e) => e / BATCH),
      named((name) => sums.get(name)),
    );
    return loss;
  };
  return losses(weights, gradientsOf, rule, 5);
}

/** Files by path. */
export function trainingCases() {
  const draw = drawing(110);
  const [lenetStart, rowsStart] = [drawn(LENET, draw), drawn(ROWS, draw)];
  const archive = (weights) =>
    npzBytes(Object.fromEntries([...weights].map(([name, { shape, data }]) => [name, [shape, data, '<f4']])));
  const folder = 'data/golden/training_lenet5';
  const log = (all) => ({ batch: BATCH, losses_f64: all });
  const descent = (options) => (size) => new Descent(size, options);
  const adam = (rate) => (size) => new Adam(size, rate);
  return {
    [`${folder}/lenet5_initial.npz`]: archive(lenetStart),
    [`${folder}/rowlstm_initial.npz`]: archive(rowsStart),
    [`${folder}/lenet5_sgd.json`]: log(lenetLosses(lenetStart, descent({ rate: 0.05 }))),
    [`${folder}/lenet5_momentum.json`]: log(
      lenetLosses(lenetStart, descent({ rate: 0.02, momentum: 0.9, decay: 1e-4 })),
    ),
    [`${folder}/lenet5_adam.json`]: log(lenetLosses(lenetStart, adam(1e-3))),
    [`${folder}/rowlstm_momentum.json`]: log(lstmLosses(rowsStart, descent({ rate: 0.1, momentum: 0.9 }))),
    [`${folder}/rowlstm_adam.json`]: log(lstmLosses(rowsStart, adam(3e-3))),
  };
}
