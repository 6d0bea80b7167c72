// Attacks on a trained LeNet-5 and on a small network of signs, by their papers' rules, picture after picture.

import { classOf, crossEntropy, lenet, Net } from './nets.mjs';
import { npzBytes } from './npz.mjs';
import { scaled, TEST } from './pictures.mjs';
import { drawing } from './random.mjs';
import { rp2 } from './rp2.mjs';
import { Adam } from './steps.mjs';

const SIZE = 784;
/** Pictures of FGSM, PGD and Carlini-Wagner; of the attacks of `attacks_more`. */
const [MANY, FEW] = [12, 4];

const cut = (value, low, high) => Math.min(high, Math.max(low, value));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const normOf = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const next = (label) => (label + 1) % 10;

/** One picture's loss towards a class, gradient and whether it counts as a success. */
function seen(net, x, { label, target }) {
  const values = net.all(x);
  const logits = values.at(-1);
  const { loss, error } = crossEntropy(logits, target ?? label);
  const said = classOf(logits);
  const success = target === undefined ? said !== label : said === target;
  return { loss, logits, said, success, gradient: () => net.backward(values, error) };
}

const victims = (count, targeted = false) =>
  Array.from({ length: count }, (_, i) => {
    const label = TEST.labels[i];
    return { clean: scaled(TEST, i, 1), label, ...(targeted ? { target: next(label) } : {}) };
  });

/** x + epsilon sign of the gradient. */
function fgsm(net) {
  const rows = [0.25, 0.3].map((epsilon) => {
    const after = victims(MANY).map((one) => {
      const gradient = seen(net, one.clean, one).gradient();
      return seen(
        net,
        one.clean.map((x, j) => cut(x + epsilon * Math.sign(gradient[j]), 0, 1)),
        one,
      );
    });
    const share = mean(after.map(({ success }) => (success ? 1 : 0)));
    return { epsilon, mean_loss: mean(after.map(({ loss }) => loss)), success_rate: share };
  });
  return { f64: { rows } };
}

/** Steps along the sign within epsilon, from a stored start. */
function pgd(net, start, targeted) {
  const [epsilon, step, rounds] = [0.2, 0.02, 3];
  const all = victims(MANY, targeted);
  let pictures = all.map(({ clean }, n) => clean.map((x, j) => cut(x + epsilon * start[n * SIZE + j], 0, 1)));
  const curve = [];
  for (let round = 0; round <= rounds; round++) {
    const states = pictures.map((x, n) => seen(net, x, all[n]));
    curve.push([round, mean(states.map(({ loss }) => loss)), mean(states.map(({ success }) => (success ? 1 : 0)))]);
    if (round === rounds) break;
    pictures = pictures.map((x, n) => {
      const gradient = states[n].gradient();
      const along = targeted ? -step : step;
      const { clean } = all[n];
      return x.map((value, j) => {
        const moved = cut(value + along * Math.sign(gradient[j]) - clean[j], -epsilon, epsilon);
        return cut(clean[j] + moved, 0, 1);
      });
    });
  }
  return { f64: { curve } };
}

/** Rounds of a rule for each picture: losses, classes before every round and at the end, what came out. */
function rounds(net, count, rule) {
  const all = victims(FEW).map((one) => {
    const move = rule(one);
    let x = one.clean;
    const states = [];
    for (let round = 0; round <= count; round++) {
      const state = seen(net, x, one);
      states.push(state);
      if (round < count) x = move(x, state);
    }
    return { x, states };
  });
  const byRound = (of) => Array.from({ length: count + 1 }, (_, k) => all.map(({ states }) => of(states[k]))).flat();
  return {
    adversarial: [[FEW, SIZE], all.flatMap(({ x }) => [...x])],
    success: [[FEW], all.map(({ states }) => (states.at(-1).success ? 1 : 0))],
    loss: [[count + 1, FEW], byRound(({ loss }) => loss)],
    prediction: [[count + 1, FEW], byRound(({ said }) => said)],
  };
}

/** Momentum of gradients over their mean size (Dong et al. 2018). */
function momentumRule({ clean }) {
  const g = new Float64Array(SIZE);
  return (x, { gradient }) => {
    const own = gradient();
    const size = mean([...own].map(Math.abs));
    own.forEach((value, j) => (g[j] = g[j] + value / size));
    return x.map((value, j) => cut(clean[j] + cut(value + 0.02 * Math.sign(g[j]) - clean[j], -0.2, 0.2), 0, 1));
  };
}

/** Steps of 0.2 along the gradient within a ball of 1.5. */
function ballRule({ clean }) {
  return (x, { gradient }) => {
    const own = gradient();
    const length = normOf(own) + 1e-10;
    const path = x.map((value, j) => value + (0.2 * own[j]) / length - clean[j]);
    const factor = Math.min(1, 1.5 / normOf(path));
    return path.map((value, j) => cut(clean[j] + value * factor, 0, 1));
  };
}

/** Gradients of all logits. */
function jacobian(net, x) {
  const values = net.all(x);
  const logits = values.at(-1);
  const rows = Array.from(logits, (_, k) =>
    net.backward(
      values,
      Float64Array.from(logits, (__, i) => (i === k ? 1 : 0)),
    ),
  );
  return { logits, rows };
}

/** The nearest border of the linearized network (Moosavi-Dezfooli et al. 2016), with torchattacks' overshoot. */
function deepFool(net, count) {
  const moved = Array.from({ length: count }, () => new Array(FEW).fill(NaN));
  let picture = -1;
  const all = rounds(net, count, ({ label }) => {
    picture++;
    const own = picture;
    let round = 0;
    return (x, { said }) => {
      if (said !== label) return x;
      const { logits, rows } = jacobian(net, x);
      const borders = [...rows.keys()]
        .filter((k) => k !== label)
        .map((k) => {
          const w = rows[k].map((value, j) => value - rows[label][j]);
          return { w, gap: Math.abs(logits[k] - logits[label]), length: normOf(w) };
        });
      const { w, gap, length } = borders.reduce((a, b) => (b.gap / b.length < a.gap / a.length ? b : a));
      moved[round++][own] = (1.02 * gap) / length;
      return x.map((value, j) => cut(value + (1.02 * gap * w[j]) / (length * length), 0, 1));
    };
  });
  return { ...all, moved: [[count, FEW], moved.flat()] };
}

/** Pairs of pixels that move the target up and the others down (Papernot et al. 2016). */
function jsma(net, count, most) {
  const [first, second] = [[], []];
  const all = victims(count, true).map(({ clean, target }) => ({
    ...{ x: clean.slice(), target, stuck: false },
    open: [...clean.keys()].filter((j) => clean[j] < 0.99),
  }));
  for (let round = 0; round < most; round++)
    for (const one of all) {
      const { logits, rows } = jacobian(net, one.x);
      let best = { score: 0, pair: [-1, -1] };
      const up = rows[one.target];
      const down = up.map((_, j) => rows.reduce((sum, row, k) => (k === one.target ? sum : sum + row[j]), 0));
      if (classOf(logits) !== one.target)
        for (const p of one.open)
          for (const q of one.open) {
            if (q <= p) continue;
            const alpha = up[p] + up[q];
            const beta = down[p] + down[q];
            if (alpha > 0 && beta < 0 && alpha * -beta > best.score) best = { score: alpha * -beta, pair: [p, q] };
          }
      first.push(best.pair[0]);
      second.push(best.pair[1]);
      for (const j of best.pair.filter((pixel) => pixel >= 0)) one.x[j] = cut(one.x[j] + 1, 0, 1);
      one.open = one.open.filter((j) => !best.pair.includes(j));
    }
  return { first_pixel: [[most, count], first, '<i4'], second_pixel: [[most, count], second, '<i4'] };
}

/** Carlini and Wagner's L2 attack in tanh space; losses summed over the pictures. */
function carliniWagner(net, constant, count) {
  const curve = Array.from({ length: count + 1 }, (_, k) => [k, 0, 0, 0]);
  for (const { clean, target } of victims(MANY, true)) {
    const w = clean.map((x) => Math.atanh(0.999999 * (2 * x - 1)));
    const rule = new Adam(SIZE, 0.01);
    for (let round = 0; round <= count; round++) {
      const x = w.map((value) => (Math.tanh(value) + 1) / 2);
      const values = net.all(x);
      const logits = values.at(-1);
      const others = [...logits.keys()].filter((k) => k !== target);
      const other = others.reduce((a, b) => (logits[b] > logits[a] ? b : a));
      const margin = logits[other] - logits[target];
      const square = x.reduce((sum, value, j) => sum + (value - clean[j]) ** 2, 0);
      const row = curve[round];
      row[1] += square + constant * Math.max(margin, 0);
      row[2] += square / MANY;
      row[3] += (classOf(logits) === target ? 1 : 0) / MANY;
      const error = Float64Array.from(logits, (_, k) => (margin <= 0 ? 0 : k === other ? 1 : k === target ? -1 : 0));
      const gradient = net.backward(values, error);
      const slope = (value) => (1 - Math.tanh(value) ** 2) / 2;
      rule.move(
        w,
        w.map((value, j) => (2 * (x[j] - clean[j]) + constant * gradient[j]) * slope(value)),
      );
    }
  }
  return { f64: { curve } };
}

/** RP2 on digits: threes towards eight. */
function digits(net, draw) {
  const threes = [...TEST.labels.keys()].filter((i) => TEST.labels[i] === 3).slice(0, 5);
  const mask = Array.from({ length: SIZE }, (_, j) => (j % 28 < 12 && Math.floor(j / 28) < 20 ? 1 : 0));
  const start = Float64Array.from(Float32Array.from({ length: SIZE }, () => draw(-512, 512) / 1024));
  const task = { clean: threes.map((i) => scaled(TEST, i, 1)), target: 8, mask, start, count: 3 };
  const moves = [
    [1, 1, 1.144],
    [-1, 0, 1.02],
    [2, -2, 0.751],
    [0, -2, 1.106],
  ];
  const printable = [0, 0.25, 0.5, 0.75, 1];
  const entry = (options) => ({
    settings: { transformations: options.moves ?? null, printable: options.printable ?? null },
    f64: { curve: rp2(net, task, options).rows },
  });
  return {
    arrays: {
      rp2_mask: [[28, 28], mask, '<f4'],
      rp2_train_indices: [[threes.length], threes, '<i4'],
      rp2_start_noise: [[28, 28], start, '<f4'],
    },
    runs: {
      'rp2_lam0.02_eot0_nps0': entry({ lambda: 0.02 }),
      'rp2_lam0.1_eot0_nps0': entry({ lambda: 0.1 }),
      'rp2_lam0.02_eot1_nps0': entry({ lambda: 0.02, moves }),
      'rp2_lam0.02_eot0_nps0.5': entry({ lambda: 0.02, printable, weight: 0.5 }),
    },
  };
}

/** Weights that float32 holds, even within `reach`. */
const weightsOf = (draw, shape) => {
  const fan = shape.slice(1).reduce((product, size) => product * size, 1);
  const data = Array.from({ length: shape[0] * fan }, () => (2 * draw(-1024, 1024)) / 1024 / Math.sqrt(fan));
  return { shape, data: Float64Array.from(Float32Array.from(data)) };
};

/** A network of LISA-CNN's form with few channels, drawn weights; colours; RP2 towards class 12. */
function signs() {
  const draw = drawing(121);
  const weights = {
    'conv1.weight': weightsOf(draw, [6, 3, 8, 8]),
    'conv1.bias': weightsOf(draw, [6, 1]),
    'conv2.weight': weightsOf(draw, [8, 6, 6, 6]),
    'conv2.bias': weightsOf(draw, [8, 1]),
    'conv3.weight': weightsOf(draw, [8, 8, 5, 5]),
    'conv3.bias': weightsOf(draw, [8, 1]),
    'fc.weight': weightsOf(draw, [18, 32]),
    'fc.bias': weightsOf(draw, [18, 1]),
  };
  const layer = (kind, name, more = {}) => ({
    ...{ kind, weight: weights[`${name}.weight`], bias: weights[`${name}.bias`] },
    ...more,
  });
  const relu = { kind: 'relu' };
  const net = new Net(
    [3, 32, 32],
    [
      ...[layer('conv', 'conv1', { stride: 2, pad: 3 }), relu, layer('conv', 'conv2', { stride: 2 }), relu],
      ...[layer('conv', 'conv3'), relu, layer('dense', 'fc')],
    ],
  );
  const pixels = Array.from({ length: 6 }, () => Array.from({ length: 3 * 1024 }, () => draw(60, 200)));
  const clean = pixels.map((own) => Float64Array.from(own, (pixel) => pixel / 255));
  const masks = { stickers: (j) => j % 32 > 8 && j % 32 < 24 && Math.floor(j / 32) % 32 > 20, octagon: () => true };
  const files = {};
  for (const [name, inside] of Object.entries(masks)) {
    const mask = Array.from({ length: 3 * 1024 }, (_, j) => (inside(j) ? 1 : 0));
    const noise = () => Float64Array.from(Float32Array.from({ length: 3 * 1024 }, () => draw(-512, 512) / 1024));
    const [final, start] = [noise(), noise()];
    const run = (from, count) => rp2(net, { clean, target: 12, mask, start: from, count }, { lambda: 0.02 }).rows;
    const state = ([[, loss, success]]) => ({ loss, success });
    // Without noise its norm has no slope: only the loss is of use.
    const plain = mean(clean.map((x) => crossEntropy(net.logits(x), 12).loss));
    files[`data/golden/rp2_lisa/rp2_${name}.npz`] = npzBytes({
      victims_u8_nchw: [[pixels.length, 3, 32, 32], pixels.flat(), '|u1'],
      mask_u8_chw: [[3, 32, 32], mask.map((value) => 255 * value), '|u1'],
      published_final_noise_chw: [[3, 32, 32], final, '<f4'],
      rerun_start_noise_chw: [[3, 32, 32], start, '<f4'],
    });
    files[`data/golden/rp2_lisa/rerun_${name}.json`] = {
      ...{ clean_loss: plain, final: state(run(final, 0)) },
      iterations: run(start, 2).map(([round, loss, success]) => [round, loss, 0, 100 * success]),
    };
  }
  const arrays = Object.entries(weights).map(([name, { shape, data }]) => [
    name,
    [name.endsWith('.bias') ? shape.slice(0, 1) : shape, data, '<f4'],
  ]);
  return { ...files, 'data/models/lisa_cnn/lisa_cnn.npz': npzBytes(Object.fromEntries(arrays)) };
}

/** Files by path. @param weights of the trained LeNet-5 */
export function attackCases(weights) {
  const net = lenet(weights);
  const draw = drawing(120);
  const start = Float64Array.from(Float32Array.from({ length: MANY * SIZE }, () => draw(-1024, 1024) / 1024));
  const { arrays, runs } = digits(net, draw);
  const all = {
    fgsm: fgsm(net),
    'pgd_untargeted_eps0.2': pgd(net, start, false),
    'pgd_targeted_eps0.2': pgd(net, start, true),
    'cw_l2_c1.0': carliniWagner(net, 1, 4),
    ...runs,
  };
  const more = (name, own) => [`data/golden/attacks_more/${name}.npz`, npzBytes(own)];
  return {
    'data/golden/attacks_lenet5/attacks.json': { pictures: MANY, ...all },
    'data/golden/attacks_lenet5/attacks.npz': npzBytes({
      pgd_start_uniform_minus1_1: [[MANY, 1, 28, 28], start, '<f4'],
      ...arrays,
    }),
    ...Object.fromEntries([
      more('mi_fgsm', rounds(net, 8, momentumRule)),
      more('pgd_l2', rounds(net, 8, ballRule)),
      more('deepfool', deepFool(net, 6)),
      more('jsma', jsma(net, 4, 3)),
    ]),
    ...signs(),
  };
}
