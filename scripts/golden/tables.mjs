// Layer tables in the formats of SCALE-Sim, NeuroSim, Timeloop, CiMLoop and ZigZag, written from the networks' own
// tables: the same layers as published ones, none of their text.

import { NETWORKS } from './networks.mjs';

const products = ({ layers }) => layers.filter(({ type }) => type !== 'pool');

/** SCALE-Sim: name, input, filter, channels, filters, stride; inputs as they are, without padding. */
function scaleSim(network) {
  const rows = products(network).map((layer, i) => {
    if (layer.type === 'fc') return `FC${i},1,1,1,1,${layer.in},${layer.out},1,`;
    const { from, kernel, out, stride } = layer;
    return `Conv${i},${from.side},${from.side},${kernel},${kernel},${from.channels},${out},${stride},`;
  });
  const heading = 'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,';
  return [heading, ...rows, ''].join('\n');
}

/** NeuroSim: input rows, columns, channels, kernel, output channels, pooled after, stride. */
function neuroSim(network) {
  const rows = network.layers.flatMap((layer, i) => {
    if (layer.type === 'pool') return [];
    if (layer.type === 'fc') return [`1,1,${layer.in},1,1,${layer.out},0,1`];
    const { from, kernel, out, stride } = layer;
    const pooled = network.layers[i + 1]?.type === 'pool' ? 1 : 0;
    return [`${from.side},${from.side},${from.channels},${kernel},${kernel},${out},${pooled},${stride}`];
  });
  return `${rows.join('\n')}\n`;
}

/** VGG-8 on CIFAR-10 as NeuroSim has it: 128, 256, 512 channels in pairs, 1024 features. */
const vgg8 = () =>
  [3, 128, 128, 256, 256, 512]
    .map((channels, i) => {
      const side = 32 / 2 ** Math.floor(i / 2);
      return `${side},${side},${channels},3,3,${128 * 2 ** Math.floor(i / 2)},${i % 2},1\n`;
    })
    .concat('1,1,8192,1,1,1024,0,1\n', '1,1,1024,1,1,10,0,1\n')
    .join('');

const sizes = (entries) =>
  `{${Object.entries(entries)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')}}`;

/** Dimensions of a convolution in Timeloop's letters. */
function instance(layer) {
  if (layer.type === 'fc') return { C: layer.in, M: layer.out };
  const { from, out, kernel, stride, side } = layer;
  const strides = stride === 1 ? {} : { HStride: stride, WStride: stride };
  return { C: from.channels, M: out, P: side, Q: side, R: kernel, S: kernel, ...strides };
}

/** A file a layer, which takes its shape from a file that it includes. @param rest lines behind the dimensions */
function timeloop(folder, network, rest = '') {
  const layers = products(network);
  const width = String(layers.length - 1).length;
  const head = "{{include_text('../problem_base.yaml')}}\nproblem:\n  <<<: *problem_base\n";
  return Object.fromEntries(
    layers.map((layer, i) => [
      `data/networks/${folder}/${String(i).padStart(width, '0')}.yaml`,
      `${head}  instance: ${sizes(instance(layer))}\n${rest}`,
    ]),
  );
}

/** What CiMLoop's layers say besides: a name and histograms, symmetric around zero. */
const HISTOGRAMS = `
  name: Conv2d
  notes: Conv2d
  histograms:
    Inputs:  [0.05,0.2,0.5,0.2,0.05]
    Weights: [0.1,0.2,0.4,0.2,0.1]
    Outputs: [0.0,0.25,0.5,0.25,0.0]
`;

/** Timeloop's plain files: all dimensions, then the shape of a convolution. */
function plain(folder, layers) {
  const axis = (out, kernel, letter) => `      - - - ${kernel}\n          - ${letter}dilation\n        - - ${out}\n`;
  const shape =
    '  shape:\n    name: CNN_Layer\n    dimensions: [C, M, R, S, N, P, Q]\n    coefficients:\n' +
    ['Wstride', 'Hstride', 'Wdilation', 'Hdilation'].map((name) => `    - { name: ${name}, default: 1 }\n`).join('') +
    '    data_spaces:\n    - name: Weights\n      projection: [[[C]], [[M]], [[R]], [[S]]]\n    - name: Inputs\n' +
    `      projection:\n      - - - N\n      - - - C\n${axis('P', 'R', 'W')}          - Wstride\n` +
    `${axis('Q', 'S', 'H')}          - Hstride\n` +
    '    - name: Outputs\n      projection: [[[N]], [[M]], [[Q]], [[P]]]\n      read_write: true\n';
  return Object.fromEntries(
    layers.map((layer, i) => {
      const { from, out, kernel, stride, side } = layer;
      const own = { C: from.channels, Hdilation: 1, Hstride: stride, M: out, N: 1, P: side, Q: side };
      const all = { ...own, R: kernel, S: kernel, Wdilation: 1, Wstride: stride };
      const lines = Object.entries(all).map(([key, value]) => `    ${key}: ${value}\n`);
      const text = `problem:\n  version: 0.4\n  instance:\n${lines.join('')}${shape}`;
      return [`data/networks/timeloop/CONV/${folder}/${folder}_layer${i + 1}.yaml`, text];
    }),
  );
}

/** ZigZag's list of layers: ResNet-18, its shortcuts of 3 x 3 as in ZigZag's own. */
function zigzag() {
  const layers = [];
  const push = (type, dims, operands) => {
    const [names, values] = [Object.keys(dims).join(', '), Object.values(dims).join(', ')];
    const source = Object.entries(operands).map(([key, id]) => `    ${key}: ${id}\n`);
    const lines = [
      `- id: ${layers.length}\n  operator_type: ${type}\n`,
      `  loop_dims: [${names}]\n  loop_sizes: [${values}]\n`,
      `  operand_source:\n${source.join('')}`,
    ];
    return layers.push(lines.join('')) - 1;
  };
  const strides = (stride) => `  dimension_relations: [ix=${stride}*ox+1*fx, iy=${stride}*oy+1*fy]\n`;
  const conv = (from, [channels, out, side, kernel], stride) => {
    const dims = { B: 1, K: out, C: channels, OY: side, OX: side, FY: kernel, FX: kernel };
    const id = push('Conv', dims, { I: from ?? 0, W: layers.length });
    layers[id] = layers[id].replace('  loop_dims', `${strides(stride)}  loop_dims`);
    return id;
  };
  const pooled = (from, dims, stride) => {
    const id = push('Pooling', { B: 1, ...dims }, { I: from, W: layers.length });
    layers[id] = layers[id].replace('  loop_dims', `${strides(stride)}  loop_dims`);
    return id;
  };
  let at = pooled(conv(null, [3, 64, 112, 7], 2), { G: 64, OY: 56, OX: 56, FX: 3, FY: 3 }, 2);
  let channels = 64;
  [64, 128, 256, 512].forEach((width, stage) => {
    const side = 56 / 2 ** stage;
    for (let i = 0; i < 2; i++) {
      const stride = i === 0 && stage > 0 ? 2 : 1;
      const main = conv(conv(at, [channels, width, side, 3], stride), [width, width, side, 3], 1);
      const other = stride === 1 ? at : conv(at, [channels, width, side, 3], 2);
      at = push('Add', { B: 1, G: width, OY: side, OX: side }, { W: other, I: main });
      channels = width;
    }
  });
  at = pooled(at, { G: 512, OY: 1, OX: 1, FX: 7, FY: 7 }, 7);
  push('Gemm', { B: 1, K: 1000, C: 512 }, { I: at, W: layers.length });
  return layers.join('\n');
}

/** Symbols for sizes, and a cell without a number: what no reader can count. */
const SYMBOLS =
  'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n' +
  'gate_h, 1, B, 1, 1, H, H, 1,\ngate_x, 1, B, 1, 1, D, H, 1,\n';
const MISSING =
  'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n' +
  'gate_h, 1, 1, 1, 1, 64, 64, 1,\ngate_x, 1, 1, 1, 1, , 64, 1,\n';
/** M, N, K of one block of BERT's base model over 128 tokens. */
const GEMM = 'Layer, M, N, K,\nqkv, 128, 2304, 768,\nout, 128, 768, 768,\nup, 128, 3072, 768,\ndown, 128, 768, 3072,\n';

/** Tables by path. */
export function layerTables() {
  const { alexnet, vgg_a: vgg01, vgg_d: vgg16, resnet18 } = NETWORKS;
  const folder = 'data/networks';
  const convs = ({ layers }) => layers.filter(({ type }) => type === 'conv');
  return {
    [`${folder}/scalesim/conv_nets/Resnet18.csv`]: scaleSim(resnet18),
    [`${folder}/scalesim/conv_nets/vgg16.csv`]: scaleSim(vgg16),
    [`${folder}/scalesim/CSV/LSTM.csv`]: SYMBOLS,
    [`${folder}/scalesim_v2/GEMM_mnk/bert_block.csv`]: GEMM,
    [`${folder}/scalesim_v2/mlperf/Sentimental_seqLSTM.csv`]: MISSING,
    [`${folder}/neurosim/NetWork_VGG8.csv`]: vgg8(),
    [`${folder}/neurosim/NetWork_ResNet18.csv`]: neuroSim(resnet18),
    [`${folder}/neurosim_v2.1/NetWork.csv`]: vgg8(),
    ...timeloop('timeloop/alexnet', alexnet),
    ...timeloop('timeloop/vgg16', vgg16),
    ...timeloop('timeloop/resnet18', resnet18),
    ...timeloop('cimloop/alexnet', alexnet, HISTOGRAMS),
    ...timeloop('cimloop/vgg16', vgg16, HISTOGRAMS),
    ...timeloop('cimloop/resnet18', resnet18, HISTOGRAMS),
    ...plain('AlexNet', convs(alexnet)),
    ...plain('VGG01', convs(vgg01)),
    ...plain('VGG02', convs(vgg16)),
    [`${folder}/zigzag/resnet18.yaml`]: zigzag(),
  };
}
