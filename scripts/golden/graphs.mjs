// ONNX graphs of reference networks without their weights: nodes of a constant shape, or in a file that is not there.

import { modelBytes } from './onnx.mjs';

/** A graph over a picture, layer by layer. */
class Graph {
  /** @param constants weights are made by ConstantOfShape; else they are said to stand in another file */
  constructor(side, constants) {
    this.constants = constants;
    this.nodes = [];
    this.initializers = [];
    this.inputs = [['x', [1, 3, side, side]]];
    this.at = { name: 'x', channels: 3 };
  }

  #weight(shape) {
    const name = `w${this.initializers.length}`;
    if (!this.constants) this.initializers.push([name, shape, null]);
    else {
      this.initializers.push([`${name}.shape`, [shape.length], shape, 'int64']);
      this.nodes.push({ op: 'ConstantOfShape', inputs: [`${name}.shape`], outputs: [name] });
      return name;
    }
    return name;
  }

  add(op, inputs, attributes = {}, channels = this.at.channels) {
    const name = `t${this.nodes.length}`;
    this.nodes.push({ op, inputs, outputs: [name], attributes });
    this.at = { name, channels };
    return this;
  }

  conv(out, kernel, { stride = 1, pad = 0, groups = 1 } = {}) {
    const { name, channels } = this.at;
    const weight = this.#weight([out, channels / groups, kernel, kernel]);
    const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], group: groups };
    return this.add('Conv', [name, weight], { ...attributes, pads: [pad, pad, pad, pad] }, out);
  }

  norm() {
    const { name, channels } = this.at;
    const four = [1, 2, 3, 4].map(() => this.#weight([channels]));
    return this.add('BatchNormalization', [name, ...four]);
  }

  relu() {
    return this.add('Relu', [this.at.name]);
  }

  pool(kind, kernel, stride, pad = 0) {
    const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
    return this.add(kind, [this.at.name], attributes);
  }

  dense(inputs, out) {
    if (this.at.channels !== null) this.add('Flatten', [this.at.name], { axis: 1 }, null);
    return this.add('Gemm', [this.at.name, this.#weight([out, inputs])], { transB: 1 }, null);
  }

  /** The mean over a picture, then a layer of all classes. */
  classes(count) {
    const { channels } = this.at;
    return this.add('GlobalAveragePool', [this.at.name]).dense(channels, count);
  }

  get bytes() {
    const { nodes, initializers, inputs } = this;
    return modelBytes({ nodes, initializers, inputs, outputs: [[this.at.name, [1, 1000]]] });
  }
}

/** Caffe's AlexNet over 224 x 224: two groups, no padding in front of the first layer. */
function alexnet(constants) {
  const graph = new Graph(224, constants).conv(96, 11, { stride: 4 }).relu().pool('MaxPool', 3, 2);
  graph.conv(256, 5, { pad: 2, groups: 2 }).relu().pool('MaxPool', 3, 2);
  graph.conv(384, 3, { pad: 1 }).relu().conv(384, 3, { pad: 1, groups: 2 }).relu();
  graph.conv(256, 3, { pad: 1, groups: 2 }).relu();
  // 12 x 12 places, one more than a kernel of 3 leaves whole: padded behind, 6 x 6.
  const last = { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] };
  graph.add('MaxPool', [graph.at.name], last);
  return graph.dense(9216, 4096).relu().dense(4096, 4096).relu().dense(4096, 1000).bytes;
}

/** VGG-E. */
function vgg19() {
  const graph = new Graph(224, true);
  for (const [width, depth] of [
    [64, 2],
    [128, 2],
    [256, 4],
    [512, 4],
    [512, 4],
  ]) {
    for (let i = 0; i < depth; i++) graph.conv(width, 3, { pad: 1 }).relu();
    graph.pool('MaxPool', 2, 2);
  }
  return graph.dense(25_088, 4096).relu().dense(4096, 4096).relu().dense(4096, 1000).bytes;
}

/** ResNets of plain blocks or bottlenecks. */
function resnet(depths, bottleneck, constants) {
  const graph = new Graph(224, constants).conv(64, 7, { stride: 2, pad: 3 }).norm().relu().pool('MaxPool', 3, 2, 1);
  depths.forEach((depth, stage) => {
    const width = 64 * 2 ** stage;
    const out = bottleneck ? 4 * width : width;
    for (let i = 0; i < depth; i++) {
      const from = graph.at;
      const stride = i === 0 && stage > 0 ? 2 : 1;
      if (bottleneck) graph.conv(width, 1).norm().relu().conv(width, 3, { stride, pad: 1 }).norm().relu().conv(out, 1);
      else graph.conv(width, 3, { stride, pad: 1 }).norm().relu().conv(width, 3, { pad: 1 });
      const main = graph.norm().at;
      graph.at = from;
      if (from.channels !== out || stride !== 1) graph.conv(out, 1, { stride }).norm();
      graph.add('Add', [main.name, graph.at.name], {}, out).relu();
    }
  });
  return graph.classes(1000).bytes;
}

/** MobileNetV2: expansion, channels, repeats, stride of the first. */
function mobilenet() {
  const graph = new Graph(224, false).conv(32, 3, { stride: 2, pad: 1 }).norm().relu();
  for (const [expansion, out, repeats, first] of [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ])
    for (let i = 0; i < repeats; i++) {
      const from = graph.at;
      const hidden = expansion * from.channels;
      if (expansion !== 1) graph.conv(hidden, 1).norm().relu();
      graph
        .conv(hidden, 3, { stride: i === 0 ? first : 1, pad: 1, groups: hidden })
        .norm()
        .relu();
      graph.conv(out, 1).norm();
      if (i > 0) graph.add('Add', [from.name, graph.at.name]);
    }
  return graph.conv(1280, 1).norm().relu().classes(1000).bytes;
}

/** DenseNet-121 (Huang et al. 2017, Table 1): growth 32, bottlenecks of 4 x 32, halving between blocks. */
function densenet() {
  const graph = new Graph(224, true).conv(64, 7, { stride: 2, pad: 3 }).norm().relu().pool('MaxPool', 3, 2, 1);
  [6, 12, 24, 16].forEach((depth, stage) => {
    for (let i = 0; i < depth; i++) {
      const from = graph.at;
      graph.norm().relu().conv(128, 1).norm().relu().conv(32, 3, { pad: 1 });
      graph.add('Concat', [from.name, graph.at.name], { axis: 1 }, from.channels + 32);
    }
    graph.norm().relu();
    if (stage < 3) graph.conv(graph.at.channels / 2, 1).pool('AveragePool', 2, 2);
  });
  return graph.classes(1000).bytes;
}

/** Graphs by path. */
export function graphFiles() {
  const light = 'data/models/onnx_conformance/light';
  const zigzag = 'data/networks/zigzag';
  return {
    [`${light}/light_bvlc_alexnet.onnx`]: alexnet(true),
    [`${light}/light_vgg19.onnx`]: vgg19(),
    [`${light}/light_resnet50.onnx`]: resnet([3, 4, 6, 3], true, true),
    [`${light}/light_densenet121.onnx`]: densenet(),
    [`${zigzag}/alexnet.onnx`]: alexnet(false),
    [`${zigzag}/resnet18.onnx`]: resnet([2, 2, 2, 2], false, false),
    [`${zigzag}/mobilenetv2.onnx`]: mobilenet(),
  };
}
