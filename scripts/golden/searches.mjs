// Attacks that search, on a small network of colours: RP2 with all its terms, one pixel, universal perturbation.

import { classOf, crossEntropy, Net } from './nets.mjs';
import { drawing } from './random.mjs';
import { rp2 } from './rp2.mjs';

const [CHANNELS, HEIGHT, WIDTH, CLASSES, PICTURES] = [3, 6, 6, 4, 5];
const PLANE = HEIGHT * WIDTH;
const SIZE = CHANNELS * PLANE;

const cut = (value, low, high) => Math.min(high, Math.max(low, value));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Numbers in sixteenths: every file holds them whole. */
const drawn = (draw, count, reach) => Float64Array.from({ length: count }, () => draw(-reach, reach) / 16);

function network(draw) {
  const weights = {
    'conv1.weight': { shape: [4, CHANNELS, 3, 3], data: drawn(draw, 4 * CHANNELS * 9, 8) },
    'conv1.bias': { shape: [4], data: drawn(draw, 4, 4) },
    'fc2.weight': { shape: [CLASSES, PLANE], data: drawn(draw, CLASSES * PLANE, 12) },
    'fc2.bias': { shape: [CLASSES], data: drawn(draw, CLASSES, 4) },
  };
  const layer = (kind, name) => ({ kind, pad: 1, weight: weights[`${name}.weight`], bias: weights[`${name}.bias`] });
  const layers = [layer('conv', 'conv1'), { kind: 'relu' }, { kind: 'pool' }, layer('dense', 'fc2')];
  return { weights, net: new Net([CHANNELS, HEIGHT, WIDTH], layers) };
}

/** Draws by the name of their stream, in hundredths, kept as they are drawn. */
function recorded(seed) {
  const streams = {};
  const draw = drawing(seed);
  const of = (name) => () => {
    const value = draw(0, 99) / 100;
    (streams[name] ??= []).push(value);
    return value;
  };
  return { streams, of };
}

/**
 * Differential evolution of Su et al. (2019): a child is one member plus half the difference of two others, all four
 * different; it takes its parent's place where the loss of the label is larger (that of the target smaller).
 */
function onePixel(net, { clean, labels, targets }, { pixels, population, count }) {
  const { streams, of } = recorded(7);
  const genes = 2 + CHANNELS;
  const aims = targets ?? labels;
  const painted = (x, member) => {
    const out = x.slice();
    for (let p = 0; p < pixels; p++) {
      const [row, column, ...colours] = member.slice(p * genes, (p + 1) * genes);
      const place = (share, length) => Math.min(length - 1, Math.floor(share * length));
      const at = place(row, HEIGHT) * WIDTH + place(column, WIDTH);
      colours.forEach((colour, c) => (out[c * PLANE + at] = colour));
    }
    return out;
  };
  const goodOf = (i, member) => {
    const { loss } = crossEntropy(net.logits(painted(clean[i], member)), aims[i]);
    return targets === null ? loss : -loss;
  };
  const first = of('attack population');
  const members = clean.map(() =>
    Array.from({ length: population }, () => Array.from({ length: pixels * genes }, first)),
  );
  let good = null;
  const best = (i) => good[i].reduce((a, value, m) => (value > good[i][a] ? m : a), 0);
  const now = () => clean.map((x, i) => (good === null ? x : painted(x, members[i][best(i)])));
  const states = [];
  for (let round = 0; round <= count; round++) {
    states.push(stateOf(net, now(), { labels, targets }));
    if (round === count) break;
    good ??= members.map((own, i) => own.map((member) => goodOf(i, member)));
    const draw = of(`attack generation ${round}`);
    const children = members.map((own) =>
      own.map((_, m) => {
        // Members that are left, in their order; each draw takes one away.
        const left = own.filter((__, other) => other !== m);
        const [a, b, c] = [0, 1, 2].map(() => left.splice(Math.floor(draw() * left.length), 1)[0]);
        return a.map((gene, g) => cut(gene + 0.5 * (b[g] - c[g]), 0, 1));
      }),
    );
    children.forEach((own, i) =>
      own.forEach((child, m) => {
        const value = goodOf(i, child);
        if (value > good[i][m]) [members[i][m], good[i][m]] = [child, value];
      }),
    );
  }
  return {
    settings: { pixels, population, count, targets },
    streams,
    states,
    adversarial: now().flatMap((x) => [...x]),
  };
}

/** [mean loss of the target or label, share that is fooled]. */
function stateOf(net, pictures, { labels, targets }) {
  const aims = targets ?? labels;
  const all = pictures.map((x) => net.logits(x));
  for (const logits of all) {
    const [first, second] = [...logits].sort((a, b) => b - a);
    if (first - second < 1e-9) throw new Error('a picture ends on the border: rounding says what it is');
  }
  const hits = all.map((logits, i) => (targets === null) !== (classOf(logits) === aims[i]));
  return [mean(all.map((logits, i) => crossEntropy(logits, aims[i]).loss)), mean(hits.map(Number))];
}

/** Moosavi-Dezfooli et al. (2017): each picture that is still right adds its way over the border, in a drawn order. */
function universal(net, { clean, labels }, { epsilon, norm, count, delta }) {
  const { streams, of } = recorded(8);
  let noise = new Float64Array(SIZE);
  const seen = (x, more = noise) => x.map((value, j) => cut(value + more[j], 0, 1));
  const states = [];
  for (let round = 0; round <= count; round++) {
    const state = stateOf(
      net,
      clean.map((x) => seen(x)),
      { labels, targets: null },
    );
    states.push(state);
    if (round === count || state[1] >= 1 - delta) continue;
    const order = [...clean.keys()];
    const draw = of(`attack order ${round}`);
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(draw() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    for (const i of order) {
      const sum = noise.slice();
      for (let step = 0; step < 50; step++) {
        const values = net.all(seen(clean[i], sum));
        const logits = values.at(-1);
        if (classOf(logits) !== labels[i]) break;
        const slope = (k) =>
          net.backward(
            values,
            Float64Array.from(logits, (_, c) => (c === k ? 1 : 0)),
          );
        const own = slope(labels[i]);
        const ways = [...logits.keys()]
          .filter((k) => k !== labels[i])
          .map((k) => {
            const w = slope(k).map((value, j) => value - own[j]);
            const square = w.reduce((all, value) => all + value * value, 0);
            return { w, square, gap: logits[labels[i]] - logits[k] };
          });
        const near = ways.reduce((a, b) => (b.gap / Math.sqrt(b.square) < a.gap / Math.sqrt(a.square) ? b : a));
        near.w.forEach((value, j) => (sum[j] += (1.02 * near.gap * value) / near.square));
      }
      const length = Math.hypot(...sum);
      noise = sum.map((value) =>
        norm === 'linf' ? cut(value, -epsilon, epsilon) : value * Math.min(1, epsilon / length),
      );
    }
  }
  return { settings: { epsilon, norm, count, delta }, streams, states, noise: [...noise] };
}

/** Files by path. */
export function searchCases() {
  const draw = drawing(185);
  const { weights, net } = network(draw);
  const clean = Array.from({ length: PICTURES }, () => Float64Array.from({ length: SIZE }, () => draw(4, 12) / 16));
  const labels = clean.map((x) => classOf(net.logits(x)));
  const targets = labels.map((label) => (label + 1) % CLASSES);
  const mask = Array.from({ length: PLANE }, (_, at) => (at % WIDTH < 4 && at >= WIDTH ? (at % 5 === 0 ? 0.5 : 1) : 0));
  const start = drawn(draw, SIZE, 8);
  const moves = [
    [1, 0, 0.9],
    [0, -1, 1.25],
    [-1, 1, 0.75],
    [0, 0, 1],
    [1, 1, 1.1],
    [0, 1, 0.8],
    [0, 0, 1],
  ];
  const all = Array.from({ length: SIZE }, (_, j) => mask[j % PLANE]);
  const run = (options, own = {}) => {
    const { rows, noise } = rp2(net, { clean, mask: all, start, count: 6, target: 1, ...own }, options);
    return { settings: options, away: own.away === true, target: own.target ?? 1, rows, noise: [...noise] };
  };
  const every = { lambda: 0.05, moves, printable: [0, 0.25, 1], weight: 0.125, variation: 0.03125 };
  // Away from one label: that of the first picture, for all pictures.
  const away = { away: true, target: labels[0] };
  const searches = {
    pixel: onePixel(net, { clean, labels, targets: null }, { pixels: 1, population: 6, count: 4 }),
    'two pixels to a target': onePixel(net, { clean, labels, targets }, { pixels: 2, population: 5, count: 3 }),
  };
  const universals = ['linf', 'l2'].map((norm) =>
    universal(net, { clean, labels }, { epsilon: norm === 'linf' ? 0.03125 : 0.25, norm, count: 4, delta: 0.1 }),
  );
  return {
    'data/golden/attacks_small/attacks.json': {
      shape: [CHANNELS, HEIGHT, WIDTH],
      weights: Object.fromEntries(
        Object.entries(weights).map(([name, { shape, data }]) => [name, { shape, data: [...data] }]),
      ),
      clean: clean.flatMap((x) => [...x]),
      ...{ labels, mask, start: [...start] },
      rp2: {
        'all terms and transforms': run(every),
        'away from a label': run({ lambda: 0.05, variation: 0.0625 }, away),
      },
      onePixel: searches,
      universal: universals,
    },
  };
}
