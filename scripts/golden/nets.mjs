// Networks by plain loops in double precision: outputs and gradients of one sample at a time.

const sizeOf = (shape) => shape.reduce((product, size) => product * size, 1);

const conv = {
  shape: ([, h, w], { weight, stride = 1, pad = 0 }) => {
    const [out, , kh, kw] = weight.shape;
    return [out, Math.floor((h + 2 * pad - kh) / stride) + 1, Math.floor((w + 2 * pad - kw) / stride) + 1];
  },
  /** Adds products inside the picture: y += w x, or with errors `dx` += w y and `dw` += x y. */
  pass({ weight, stride = 1, pad = 0 }, { from: [channels, h, w], to: [out, oh, ow] }, { x, y, dx, dw }) {
    const [, , kh, kw] = weight.shape;
    const { data } = weight;
    for (let o = 0; o < out; o++)
      for (let place = 0; place < oh * ow; place++) {
        const [top, left] = [Math.floor(place / ow) * stride - pad, (place % ow) * stride - pad];
        const at = o * oh * ow + place;
        let sum = 0;
        for (let c = 0; c < channels; c++)
          for (let i = Math.max(0, -top); i < kh && top + i < h; i++)
            for (let j = Math.max(0, -left); j < kw && left + j < w; j++) {
              const a = (c * h + top + i) * w + left + j;
              const k = ((o * channels + c) * kh + i) * kw + j;
              if (dx === undefined) sum += x[a] * data[k];
              else {
                dx[a] += y[at] * data[k];
                if (dw !== undefined) dw[k] += y[at] * x[a];
              }
            }
        if (dx === undefined) y[at] += sum;
      }
  },
  forward(layer, x, from, to) {
    const y = Float64Array.from({ length: sizeOf(to) }, (_, at) => layer.bias.data[Math.floor(at / (to[1] * to[2]))]);
    conv.pass(layer, { from, to }, { x, y });
    return y;
  },
  backward(layer, x, dy, { from, to, gradients }) {
    const dx = new Float64Array(x.length);
    const own = gradients?.(layer);
    conv.pass(layer, { from, to }, { x, y: dy, dx, dw: own?.weight });
    if (own !== undefined) dy.forEach((error, at) => (own.bias[Math.floor(at / (to[1] * to[2]))] += error));
    return dx;
  },
};

const dense = {
  shape: (_, { weight }) => [weight.shape[0]],
  forward: ({ weight, bias }, x) =>
    bias.data.map((start, o) => x.reduce((sum, value, i) => sum + value * weight.data[o * x.length + i], start)),
  backward(layer, x, dy, { gradients }) {
    const dx = new Float64Array(x.length);
    const own = gradients?.(layer);
    dy.forEach((error, o) => {
      for (let i = 0; i < x.length; i++) {
        dx[i] += error * layer.weight.data[o * x.length + i];
        if (own !== undefined) own.weight[o * x.length + i] += error * x[i];
      }
      if (own !== undefined) own.bias[o] += error;
    });
    return dx;
  },
};

const relu = {
  shape: (from) => from,
  forward: (_, x) => x.map((value) => (value > 0 ? value : 0)),
  backward: (_, x, dy) => dy.map((error, i) => (x[i] > 0 ? error : 0)),
};

/** Maxima of 2 x 2; an error goes to the first of equals. */
const pool = {
  shape: ([c, h, w]) => [c, h / 2, w / 2],
  best(x, at, [, h, w]) {
    const [oh, ow] = [h / 2, w / 2];
    const corner = (Math.floor(at / ow / oh) * h + 2 * (Math.floor(at / ow) % oh)) * w + 2 * (at % ow);
    return [corner, corner + 1, corner + w, corner + w + 1].reduce((a, b) => (x[b] > x[a] ? b : a));
  },
  forward: (_, x, from, to) => Float64Array.from({ length: sizeOf(to) }, (__, at) => x[pool.best(x, at, from)]),
  backward(_, x, dy, { from }) {
    const dx = new Float64Array(x.length);
    dy.forEach((error, at) => (dx[pool.best(x, at, from)] += error));
    return dx;
  },
};

const KINDS = { conv, dense, relu, pool };

/** A chain of layers over one picture. Layers: `{ kind, weight, bias, stride, pad }`, numbers as `{ shape, data }`. */
export class Net {
  constructor(shape, layers) {
    this.layers = layers;
    this.shapes = [shape];
    for (const layer of layers) this.shapes.push(KINDS[layer.kind].shape(this.shapes.at(-1), layer));
  }

  /** The input and the output of every layer. */
  all(x) {
    const values = [x];
    this.layers.forEach((layer, i) =>
      values.push(KINDS[layer.kind].forward(layer, values[i], this.shapes[i], this.shapes[i + 1])),
    );
    return values;
  }

  logits(x) {
    return this.all(x).at(-1);
  }

  /** The gradient at the input of an error at the logits. @param gradients of a layer: arrays to add its own to */
  backward(values, error, gradients) {
    return this.layers.reduceRight((dy, layer, i) => {
      const places = { from: this.shapes[i], to: this.shapes[i + 1], gradients };
      return KINDS[layer.kind].backward(layer, values[i], dy, places);
    }, error);
  }
}

/** LeNet-5 with the weights of an archive. */
export const lenet = (weights) => {
  const layer = (kind, name, more = {}) => ({
    ...{ kind, name, weight: weights.get(`${name}.weight`), bias: weights.get(`${name}.bias`) },
    ...more,
  });
  const plain = (kind) => ({ kind });
  return new Net(
    [1, 28, 28],
    [
      ...[layer('conv', 'conv1', { pad: 2 }), plain('relu'), plain('pool')],
      ...[layer('conv', 'conv2'), plain('relu'), plain('pool')],
      ...[layer('dense', 'fc1'), plain('relu'), layer('dense', 'fc2'), plain('relu'), layer('dense', 'fc3')],
    ],
  );
};

/** Cross entropy of logits with a class, and its error; the class's own without cancellation. */
export function crossEntropy(logits, label) {
  const most = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  const others = powers.reduce((a, b, i) => (i === label ? a : a + b), 0);
  return {
    loss: Math.log(sum) - (logits[label] - most),
    error: powers.map((power, i) => (i === label ? -others : power) / sum),
  };
}

/** The first of the largest. */
export const classOf = (logits) => logits.indexOf(Math.max(...logits));

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/**
 * An LSTM whose last hidden state feeds a dense layer. Gates i, f, g, o (PyTorch's order), two biases; weights by
 * `ih`, `hh`, `bih`, `bhh`, `fc`, `fcb` as arrays of numbers. `put(signal, value)` may put signals on grids.
 */
export class Lstm {
  constructor(weights, { inputs, hidden }, put = (_, value) => value) {
    this.weights = weights;
    this.inputs = inputs;
    this.hidden = hidden;
    this.put = put;
  }

  /** One step from the state before. */
  step(x, { h, c }) {
    const { inputs, hidden, put } = this;
    const { ih, hh, bih, bhh } = this.weights;
    const sums = Float64Array.from({ length: 4 * hidden }, (_, row) => {
      let sum = bih[row] + bhh[row];
      for (let i = 0; i < inputs; i++) sum += ih[row * inputs + i] * x[i];
      for (let i = 0; i < hidden; i++) sum += hh[row * hidden + i] * h[i];
      return put('sum', sum);
    });
    const gate = (k) => sums.subarray(k * hidden, (k + 1) * hidden).map((sum) => put('sigmoid', sigmoid(sum)));
    const [i, f, o] = [gate(0), gate(1), gate(3)];
    const g = sums.subarray(2 * hidden, 3 * hidden).map((sum) => put('tanh', Math.tanh(sum)));
    const next = c.map((value, k) => put('cell', f[k] * value + i[k] * g[k]));
    const bent = next.map((value) => put('tanh', Math.tanh(put('address', value))));
    const out = bent.map((value, k) => put('hidden', o[k] * value));
    return { x, before: { h, c }, i, f, g, o, c: next, bent, h: out };
  }

  /** States of all steps of [steps][inputs]. */
  run(rows) {
    let state = { h: new Float64Array(this.hidden), c: new Float64Array(this.hidden) };
    return rows.map((x) => (state = this.step(x, state)));
  }

  /** The dense layer behind a state. */
  logits({ h }) {
    const { fc, fcb } = this.weights;
    return fcb.map((start, o) => h.reduce((sum, value, i) => sum + fc[o * this.hidden + i] * value, start));
  }

  /** Adds the gradients of an error at the logits behind the last step to `own`, arrays as the weights. */
  backward(states, error, own) {
    const { inputs, hidden } = this;
    const { hh, fc } = this.weights;
    let dh = new Float64Array(hidden);
    let dc = new Float64Array(hidden);
    const last = states.at(-1);
    error.forEach((e, o) => {
      own.fcb[o] += e;
      for (let k = 0; k < hidden; k++) {
        own.fc[o * hidden + k] += e * last.h[k];
        dh[k] += e * fc[o * hidden + k];
      }
    });
    for (const { x, before, i, f, g, o, bent } of states.toReversed()) {
      const dz = new Float64Array(4 * hidden);
      const down = new Float64Array(hidden);
      for (let k = 0; k < hidden; k++) {
        const through = dc[k] + dh[k] * o[k] * (1 - bent[k] * bent[k]);
        dz[k] = through * g[k] * i[k] * (1 - i[k]);
        dz[hidden + k] = through * before.c[k] * f[k] * (1 - f[k]);
        dz[2 * hidden + k] = through * i[k] * (1 - g[k] * g[k]);
        dz[3 * hidden + k] = dh[k] * bent[k] * o[k] * (1 - o[k]);
        down[k] = through * f[k];
      }
      dc = down;
      dh = new Float64Array(hidden);
      dz.forEach((e, row) => {
        own.bih[row] += e;
        own.bhh[row] += e;
        for (let k = 0; k < inputs; k++) own.ih[row * inputs + k] += e * x[k];
        for (let k = 0; k < hidden; k++) {
          own.hh[row * hidden + k] += e * before.h[k];
          dh[k] += e * hh[row * hidden + k];
        }
      });
    }
  }
}
