// data/models/onnx_conformance: small ONNX models with inputs and the outputs of their operators' definitions, in the
// folders of ONNX's own operator tests.

import { modelBytes, tensorBytes } from './onnx.mjs';
import { drawing } from './random.mjs';

const draw = drawing(140);
const sizeOf = (shape) => shape.reduce((product, size) => product * size, 1);
const tensor = (shape, data) => ({ shape, data: [...data] });
/** Numbers of one part in 64 from -2 to 2. */
const random = (...shape) =>
  tensor(
    shape,
    Array.from({ length: sizeOf(shape) }, () => draw(-128, 128) / 64),
  );
const positive = (...shape) =>
  tensor(
    shape,
    Array.from({ length: sizeOf(shape) }, () => draw(32, 128) / 64),
  );
const whole = (...values) => ({ ...tensor([values.length], values), type: 'int64' });
const mapped = ({ shape, data }, of) => tensor(shape, data.map(of));

/** The place of flat index `i` of `shape`, axis by axis, and back. */
const placeOf = (shape, i) => shape.map((size, axis) => Math.floor(i / sizeOf(shape.slice(axis + 1))) % size);
const indexOf = (shape, place) => place.reduce((at, one, axis) => at * shape[axis] + one, 0);
const filled = (shape, of) =>
  tensor(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => of(placeOf(shape, i))),
  );
const at = ({ shape, data }, place) => data[indexOf(shape, place)];

/** Numbers of two tensors of which one may be broadcast, pair by pair. */
function pairs(a, b, of) {
  const rank = Math.max(a.shape.length, b.shape.length);
  const wide = ({ shape, data }) => ({ shape: [...new Array(rank - shape.length).fill(1), ...shape], data });
  const [x, y] = [wide(a), wide(b)];
  const shape = x.shape.map((size, axis) => Math.max(size, y.shape[axis]));
  const own = (one, place) =>
    at(
      one,
      place.map((p, axis) => (one.shape[axis] === 1 ? 0 : p)),
    );
  return filled(shape, (place) => of(own(x, place), own(y, place)));
}

/** Sums over the products of the last axis of `a` and the one before the last of `b`. */
function matmul(a, b) {
  const inner = a.shape.at(-1);
  const shape = [...a.shape.slice(0, -1), b.shape.at(-1)];
  return filled(shape, (place) => {
    const lead = place.slice(0, -2);
    let sum = 0;
    for (let k = 0; k < inner; k++)
      sum +=
        at(a, [...lead, place.at(-2), k]) * at(b, [...lead.slice(lead.length - b.shape.length + 2), k, place.at(-1)]);
    return sum;
  });
}

/** Convolution: strides, pads in front (and as much behind), dilations and groups alike on both axes. */
function convolution(x, w, b, { stride = 1, pad = 0, dilation = 1, group = 1 }) {
  const [n, , height, width] = x.shape;
  const [out, per, kh, kw] = w.shape;
  const side = (size, kernel) => Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1;
  return filled([n, out, side(height, kh), side(width, kw)], ([image, o, row, column]) => {
    let sum = b === null ? 0 : b.data[o];
    for (let c = 0; c < per; c++)
      for (let i = 0; i < kh; i++)
        for (let j = 0; j < kw; j++) {
          const [y, z] = [row * stride + i * dilation - pad, column * stride + j * dilation - pad];
          if (y < 0 || z < 0 || y >= height || z >= width) continue;
          sum += at(x, [image, Math.floor(o / (out / group)) * per + c, y, z]) * at(w, [o, c, i, j]);
        }
    return sum;
  });
}

/** Transposed convolution: every input place adds its kernel to the output. */
function transposed(x, w, { stride, pad }) {
  const [n, channels, height, width] = x.shape;
  const [, out, kernel] = w.shape;
  const side = (size) => (size - 1) * stride - 2 * pad + kernel;
  const y = filled([n, out, side(height), side(width)], () => 0);
  for (let image = 0; image < n; image++)
    for (let c = 0; c < channels; c++)
      for (let row = 0; row < height; row++)
        for (let column = 0; column < width; column++)
          for (let o = 0; o < out; o++)
            for (let i = 0; i < kernel; i++)
              for (let j = 0; j < kernel; j++) {
                const place = [image, o, row * stride + i - pad, column * stride + j - pad];
                if (place[2] < 0 || place[3] < 0 || place[2] >= y.shape[2] || place[3] >= y.shape[3]) continue;
                y.data[indexOf(y.shape, place)] += at(x, [image, c, row, column]) * at(w, [c, o, i, j]);
              }
  return y;
}

/** Numbers of each window that lie inside, to one number. @param of gets them and the size of the window */
function pooled(x, { kernel, stride, pad = 0 }, of) {
  const [n, channels, height, width] = x.shape;
  const side = (size) => Math.floor((size + 2 * pad - kernel) / stride) + 1;
  return filled([n, channels, side(height), side(width)], ([image, c, row, column]) => {
    const inside = [];
    for (let i = 0; i < kernel * kernel; i++) {
      const [y, z] = [row * stride + Math.floor(i / kernel) - pad, column * stride + (i % kernel) - pad];
      if (y >= 0 && z >= 0 && y < height && z < width) inside.push(at(x, [image, c, y, z]));
    }
    return of(inside, kernel * kernel);
  });
}

/** Each row along the last axis by itself. */
function byRow(x, of) {
  const size = x.shape.at(-1);
  const rows = Array.from({ length: x.data.length / size }, (_, r) => of(x.data.slice(r * size, (r + 1) * size)));
  return tensor([...x.shape.slice(0, -1), rows[0].length], rows.flat());
}
const sum = (values) => values.reduce((a, b) => a + b, 0);
const mean = (values) => sum(values) / values.length;
const normed = (values, epsilon) => {
  const middle = mean(values);
  const deviation = Math.sqrt(mean(values.map((value) => (value - middle) ** 2)) + epsilon);
  return values.map((value) => (value - middle) / deviation);
};
/** The error function by its series. */
function erf(x) {
  let [term, total] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= -(x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

/** A case of one operator. @param stored names of inputs whose values stand in the model */
const one = (op, inputs, outputs, { attributes = {}, stored = [], opset = 13 } = {}) => ({
  ...{ inputs, outputs, stored, opset },
  nodes: [{ op, inputs: Object.keys(inputs), outputs: Object.keys(outputs), attributes }],
});

const square = (stride, pad, kernel) => ({
  kernel_shape: [kernel, kernel],
  strides: [stride, stride],
  pads: [pad, pad, pad, pad],
});

function nodeCases() {
  const x = random(2, 3, 4, 5);
  const cases = {};
  const plain = (name, op, of, attributes = {}) => (cases[name] = one(op, { x }, { y: mapped(x, of) }, { attributes }));
  plain('relu', 'Relu', (v) => Math.max(0, v));
  plain('sigmoid', 'Sigmoid', (v) => 1 / (1 + Math.exp(-v)));
  plain('tanh', 'Tanh', Math.tanh);
  plain('erf', 'Erf', erf);
  plain('softplus', 'Softplus', (v) => Math.log(1 + Math.exp(v)));
  plain('leakyrelu', 'LeakyRelu', (v) => (v < 0 ? 0.125 * v : v), { alpha: { float: 0.125 } });
  plain('elu', 'Elu', (v) => (v < 0 ? 2 * (Math.exp(v) - 1) : v), { alpha: { float: 2 } });
  plain('hardsigmoid', 'HardSigmoid', (v) => Math.max(0, Math.min(1, 0.25 * v + 0.5)), {
    ...{ alpha: { float: 0.25 }, beta: { float: 0.5 } },
  });
  plain('identity', 'Identity', (v) => v);
  const other = positive(5);
  for (const [op, of] of [
    ['Add', (a, b) => a + b],
    ['Sub', (a, b) => a - b],
    ['Mul', (a, b) => a * b],
    ['Div', (a, b) => a / b],
  ])
    cases[`${op.toLowerCase()}_bcast`] = one(op, { x, other }, { y: pairs(x, other, of) });
  const [a, b, bias] = [random(3, 4), random(4, 5), random(5)];
  cases.matmul_2d = one('MatMul', { a, b }, { y: matmul(a, b) });
  const [a4, b4] = [random(2, 2, 3, 4), random(2, 2, 4, 3)];
  cases.matmul_4d = one('MatMul', { a: a4, b: b4 }, { y: matmul(a4, b4) });
  const turned = filled([5, 4], ([i, j]) => at(b, [j, i]));
  const gemm = pairs(
    mapped(matmul(a, b), (v) => 0.5 * v),
    bias,
    (v, w) => v + 2 * w,
  );
  const scaled = { attributes: { transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } } };
  cases.gemm_all_attributes = one('Gemm', { a, b: turned, c: bias }, { y: gemm }, { ...scaled, stored: ['b', 'c'] });
  const [w, wb] = [random(4, 3, 3, 3), random(4)];
  const strided = convolution(x, w, wb, { stride: 2, pad: 1 });
  cases.conv_strides_padding = one(
    'Conv',
    { x, w, b: wb },
    { y: strided },
    { attributes: square(2, 1, 3), stored: ['w', 'b'] },
  );
  const [x6, grouped] = [random(1, 4, 7, 7), random(6, 2, 3, 3)];
  const dilated = convolution(x6, grouped, null, { dilation: 2, group: 2 });
  const attributes = { ...square(1, 0, 3), dilations: [2, 2], group: 2 };
  cases.conv_dilated_groups = one('Conv', { x: x6, w: grouped }, { y: dilated }, { attributes, stored: ['w'] });
  const back = random(3, 2, 3, 3);
  const spread = transposed(x, back, { stride: 2, pad: 1 });
  cases.convtranspose_pads = one(
    'ConvTranspose',
    { x, w: back },
    { y: spread },
    { attributes: square(2, 1, 3), stored: ['w'] },
  );
  const most = pooled(x, { kernel: 2, stride: 2 }, (inside) => Math.max(...inside));
  cases.maxpool_2d = one('MaxPool', { x }, { y: most }, { attributes: square(2, 0, 2) });
  const average = (counted) =>
    pooled(x, { kernel: 3, stride: 1, pad: 1 }, (inside, all) => sum(inside) / (counted ? all : inside.length));
  cases.averagepool_pads = one('AveragePool', { x }, { y: average(false) }, { attributes: square(1, 1, 3) });
  const counted = { attributes: { ...square(1, 1, 3), count_include_pad: 1 } };
  cases.averagepool_pads_count_include_pad = one('AveragePool', { x }, { y: average(true) }, counted);
  const flat = byRow(tensor([2, 3, 20], x.data), (row) => [mean(row)]);
  cases.globalaveragepool = one('GlobalAveragePool', { x }, { y: tensor([2, 3, 1, 1], flat.data) });
  const [scale, shift, middle, variance] = [random(3), random(3), random(3), positive(3)];
  const norm = filled(x.shape, (place) => {
    const c = place[1];
    return ((at(x, place) - middle.data[c]) / Math.sqrt(variance.data[c] + 1e-5)) * scale.data[c] + shift.data[c];
  });
  const parameters = { s: scale, bias: shift, mean: middle, var: variance };
  cases.batchnorm = one('BatchNormalization', { x, ...parameters }, { y: norm }, { stored: Object.keys(parameters) });
  const softmax = (row) => {
    const powers = row.map(Math.exp);
    return powers.map((power) => power / sum(powers));
  };
  cases.softmax = one('Softmax', { x }, { y: byRow(x, softmax) }, { attributes: { axis: -1 } });
  const logs = byRow(x, (row) => softmax(row).map(Math.log));
  cases.logsoftmax = one('LogSoftmax', { x }, { y: logs }, { attributes: { axis: -1 } });
  const gain = { s: random(5), b: random(5) };
  const layered = byRow(x, (row) => normed(row, 1e-5).map((value, i) => value * gain.s.data[i] + gain.b.data[i]));
  const behind = { opset: 17, stored: ['s', 'b'], attributes: { axis: -1, epsilon: { float: 1e-5 } } };
  cases.layer_normalization = one('LayerNormalization', { x, ...gain }, { y: layered }, behind);
  const second = random(2, 1, 4, 5);
  const both = filled([2, 4, 4, 5], ([n, c, i, j]) => (c < 3 ? at(x, [n, c, i, j]) : at(second, [n, 0, i, j])));
  cases.concat_axis_1 = one('Concat', { x, second }, { y: both }, { attributes: { axis: 1 } });
  const permuted = filled([2, 4, 5, 3], ([n, i, j, c]) => at(x, [n, c, i, j]));
  cases.transpose = one('Transpose', { x }, { y: permuted }, { attributes: { perm: [0, 2, 3, 1] } });
  cases.reshape = one('Reshape', { x, shape: whole(2, -1) }, { y: tensor([2, 60], x.data) }, { stored: ['shape'] });
  cases.flatten = one('Flatten', { x }, { y: tensor([2, 60], x.data) }, { attributes: { axis: 1 } });
  const part = filled([2, 3, 2, 2], ([n, c, i, j]) => at(x, [n, c, i + 1, 2 * j]));
  const ranges = { starts: whole(1, 0), ends: whole(3, 4), axes: whole(2, 3), steps: whole(1, 2) };
  cases.slice = one('Slice', { x, ...ranges }, { y: part }, { stored: Object.keys(ranges) });
  const halves = [0, 2].map((from) => filled([2, 3, 2, 5], ([n, c, i, j]) => at(x, [n, c, i + from, j])));
  cases.split_equal = one('Split', { x }, { y: halves[0], z: halves[1] }, { attributes: { axis: 2 } });
  // Refused: the second output is drawn.
  const mask = { ...mapped(x, () => 1), type: 'bool' };
  cases.dropout_default_mask = one('Dropout', { x }, { y: x, mask });
  return Object.fromEntries(Object.entries(cases).map(([name, own]) => [`node/test_${name}`, own]));
}

/** Models of several nodes, as exporters write them. */
function chains() {
  const x = random(1, 2, 6, 6);
  const [w, b] = [random(3, 2, 3, 3), random(3)];
  const conv = convolution(x, w, b, { pad: 1 });
  const pool = pooled(
    mapped(conv, (v) => Math.max(0, v)),
    { kernel: 2, stride: 2 },
    (inside) => Math.max(...inside),
  );
  const [m, c] = [random(4, 27), random(4)];
  const vector = tensor([1, 27], pool.data);
  const dense = pairs(
    matmul(
      vector,
      filled([27, 4], ([i, j]) => at(m, [j, i])),
    ),
    c,
    (p, q) => p + q,
  );
  const picture = {
    ...{ inputs: { x, w, b, m, c }, outputs: { y: dense }, stored: ['w', 'b', 'm', 'c'], opset: 13 },
    nodes: [
      { op: 'Conv', inputs: ['x', 'w', 'b'], outputs: ['t1'], attributes: square(1, 1, 3) },
      { op: 'Relu', inputs: ['t1'], outputs: ['t2'] },
      { op: 'MaxPool', inputs: ['t2'], outputs: ['t3'], attributes: square(2, 0, 2) },
      { op: 'Flatten', inputs: ['t3'], outputs: ['t4'], attributes: { axis: 1 } },
      { op: 'Gemm', inputs: ['t4', 'm', 'c'], outputs: ['y'], attributes: { transB: 1 } },
    ],
  };
  const [a, d] = [random(2, 3), random(2, 3)];
  const product = {
    ...{ inputs: { a, d }, outputs: { y: pairs(a, d, (p, q) => Math.max(0, p + q) * p) }, stored: [], opset: 13 },
    nodes: [
      { op: 'Add', inputs: ['a', 'd'], outputs: ['t1'] },
      { op: 'Relu', inputs: ['t1'], outputs: ['t2'] },
      { op: 'Mul', inputs: ['t2', 'a'], outputs: ['y'] },
    ],
  };
  const summed = {
    ...{ inputs: { a, d }, outputs: { y: pairs(a, d, (p, q) => Math.tanh(p - q)) }, stored: [], opset: 13 },
    nodes: [
      { op: 'Sub', inputs: ['a', 'd'], outputs: ['t1'] },
      { op: 'Tanh', inputs: ['t1'], outputs: ['y'] },
    ],
  };
  return {
    'pytorch-converted/test_conv_pool_linear': picture,
    'pytorch-operator/test_operator_add_relu_mul': product,
    'simple/test_sub_tanh': summed,
  };
}

/** Files of all cases, by path. */
export function operatorCases() {
  const folder = 'data/models/onnx_conformance';
  return Object.fromEntries(
    Object.entries({ ...nodeCases(), ...chains() }).flatMap(([name, { nodes, inputs, outputs, stored, opset }]) => {
      const of = (key, { shape, data, type }) => [key, shape, data, type];
      const info = ([key, { shape, type }]) => [key, shape, type];
      const given = Object.entries(inputs).filter(([key]) => !stored.includes(key));
      const model = modelBytes({
        ...{ nodes, opset, name },
        inputs: given.map(info),
        outputs: Object.entries(outputs).map(info),
        initializers: stored.map((key) => of(key, inputs[key])),
      });
      const data = (kind, entries) =>
        entries.map(([key, one], i) => [
          `${folder}/${name}/test_data_set_0/${kind}_${i}.pb`,
          tensorBytes(...of(key, one)),
        ]);
      return [
        [`${folder}/${name}/model.onnx`, model],
        ...data('input', given),
        ...data('output', Object.entries(outputs)),
      ];
    }),
  );
}
