// data/networks: layer tables of reference networks, out of their papers' tables, counted by the definitions.

/** Rows of a reference table: convolutions and fully connected layers, with what they were made of. */
class Table {
  /** @param norms batch norms behind convolutions in place of their biases */
  constructor(channels, side, { norms = false } = {}) {
    this.rows = [];
    this.layers = [];
    this.norms = norms;
    this.at = { channels, side };
  }

  conv(out, kernel, { stride = 1, padding = 0, groups = 1, from = this.at } = {}) {
    const side = Math.floor((from.side + 2 * padding - kernel) / stride) + 1;
    const weights = (kernel * kernel * from.channels * out) / groups;
    this.rows.push(['conv', from.channels, out, side, weights, weights * side * side]);
    this.layers.push({ type: 'conv', from, out, kernel, stride, padding, groups, side });
    this.at = { channels: out, side };
    return this;
  }

  pool(kernel, stride, { padding = 0, ceil = false } = {}) {
    const room = (this.at.side + 2 * padding - kernel) / stride;
    this.at = { ...this.at, side: (ceil ? Math.ceil(room) : Math.floor(room)) + 1 };
    this.layers.push({ type: 'pool', kernel, stride, padding, ceil });
    return this;
  }

  dense(out, { pooled = false } = {}) {
    const channels = this.at.channels * (pooled ? 1 : this.at.side ** 2);
    this.rows.push(['fc', channels, out, 1, channels * out, channels * out]);
    this.layers.push({ type: 'fc', from: this.at, in: channels, out, pooled });
    this.at = { channels: out, side: 1 };
    return this;
  }

  /** Sums of the columns; parameters with biases or the two of a norm. */
  get totals() {
    const sum = (of) => this.rows.reduce((all, row) => all + of(row), 0);
    const weights = sum((row) => row[4]);
    const own = sum(([type, , out]) => (type === 'conv' && this.norms ? 2 * out : out));
    return { parameters: weights + own, macs_conv_fc: sum((row) => row[5]), conv_fc_weights: weights };
  }

  get csv() {
    const line = ([type, input, out, side, weights, macs]) => [type, input, out, side, side, weights, macs].join();
    return `type,in_channels,out_channels,out_height,out_width,weights,macs\n${this.rows.map(line).join('\n')}\n`;
  }
}

/** VGG (Simonyan and Zisserman 2015, Table 1): layers of a stage; 1: the last is 1 x 1. */
function vgg(depths, last = 3) {
  const table = new Table(3, 224);
  depths.forEach((depth, stage) => {
    const width = [64, 128, 256, 512, 512][stage];
    for (let i = 0; i < depth; i++) {
      const kernel = last === 1 && i === 2 ? 1 : 3;
      table.conv(width, kernel, { padding: (kernel - 1) / 2 });
    }
    table.pool(2, 2);
  });
  return table.dense(4096).dense(4096).dense(1000);
}

/** ResNets (He et al. 2016, Table 1), shortcuts of 1 x 1 where the shape changes; bottlenecks stride in the 3 x 3. */
function resnet(depths, bottleneck) {
  const table = new Table(3, 224, { norms: true }).conv(64, 7, { stride: 2, padding: 3 }).pool(3, 2, { padding: 1 });
  depths.forEach((depth, stage) => {
    const width = 64 * 2 ** stage;
    const out = bottleneck ? 4 * width : width;
    for (let i = 0; i < depth; i++) {
      const from = table.at;
      const stride = i === 0 && stage > 0 ? 2 : 1;
      if (bottleneck) table.conv(width, 1).conv(width, 3, { stride, padding: 1 }).conv(out, 1);
      else table.conv(width, 3, { stride, padding: 1 }).conv(width, 3, { padding: 1 });
      if (from.channels !== out || stride !== 1) table.conv(out, 1, { stride, from });
    }
  });
  return table.dense(1000, { pooled: true });
}

/** MobileNetV2 (Sandler et al. 2018, Table 2): expansion, channels, repeats, stride. */
function mobilenet() {
  const table = new Table(3, 224, { norms: true }).conv(32, 3, { stride: 2, padding: 1 });
  for (const [expansion, out, repeats, first] of [
    ...[
      [1, 16, 1, 1],
      [6, 24, 2, 2],
      [6, 32, 3, 2],
      [6, 64, 4, 2],
      [6, 96, 3, 1],
      [6, 160, 3, 2],
      [6, 320, 1, 1],
    ],
  ])
    for (let i = 0; i < repeats; i++) {
      const hidden = expansion * table.at.channels;
      if (expansion !== 1) table.conv(hidden, 1);
      table.conv(hidden, 3, { stride: i === 0 ? first : 1, padding: 1, groups: hidden }).conv(out, 1);
    }
  return table.conv(1280, 1).dense(1000, { pooled: true });
}

/** SqueezeNet 1.1 (Iandola et al. 2016; the authors' v1.1): squeeze and expand, pools after the 1st, 3rd, 5th stage. */
function squeezenet() {
  const pool = (table) => table.pool(3, 2, { ceil: true });
  const table = pool(new Table(3, 224).conv(64, 3, { stride: 2 }));
  for (const [i, squeeze] of [16, 16, 32, 32, 48, 48, 64, 64].entries()) {
    const out = 4 * squeeze;
    table.conv(squeeze, 1);
    const from = table.at;
    table.conv(out, 1, { from }).conv(out, 3, { padding: 1, from });
    table.at = { ...table.at, channels: 2 * out };
    if (i === 1 || i === 3) pool(table);
  }
  return table.conv(1000, 1);
}

/** AlexNet: in two groups over 227 x 227 (Krizhevsky et al. 2012, as in Caffe), and torchvision's over 224 x 224. */
const alexnetGrouped = () =>
  new Table(3, 227)
    .conv(96, 11, { stride: 4 })
    .pool(3, 2)
    .conv(256, 5, { padding: 2, groups: 2 })
    .pool(3, 2)
    .conv(384, 3, { padding: 1 })
    .conv(384, 3, { padding: 1, groups: 2 })
    .conv(256, 3, { padding: 1, groups: 2 })
    .pool(3, 2)
    .dense(4096)
    .dense(4096)
    .dense(1000);
const alexnet = () =>
  new Table(3, 224)
    .conv(64, 11, { stride: 4, padding: 2 })
    .pool(3, 2)
    .conv(192, 5, { padding: 2 })
    .pool(3, 2)
    .conv(384, 3, { padding: 1 })
    .conv(256, 3, { padding: 1 })
    .conv(256, 3, { padding: 1 })
    .pool(3, 2)
    .dense(4096)
    .dense(4096)
    .dense(1000);
const lenet = () =>
  new Table(1, 28).conv(6, 5, { padding: 2 }).pool(2, 2).conv(16, 5).pool(2, 2).dense(120).dense(84).dense(10);

/** The networks whose tables the tests read. */
export const NETWORKS = {
  vgg_a: vgg([1, 1, 2, 2, 2]),
  vgg_b: vgg([2, 2, 2, 2, 2]),
  vgg_c: vgg([2, 2, 3, 3, 3], 1),
  vgg_d: vgg([2, 2, 3, 3, 3]),
  vgg_e: vgg([2, 2, 4, 4, 4]),
  alexnet: alexnet(),
  alexnet_grouped_caffe: alexnetGrouped(),
  lenet5_mnist: lenet(),
  resnet18: resnet([2, 2, 2, 2], false),
  resnet34: resnet([3, 4, 6, 3], false),
  resnet50: resnet([3, 4, 6, 3], true),
  mobilenet_v2: mobilenet(),
  squeezenet1_1: squeezenet(),
};

/** All tables, in the columns that the test reads, and their sums. */
export function networkTables() {
  const folder = 'data/networks/reference';
  const all = Object.entries(NETWORKS);
  return {
    ...Object.fromEntries(all.map(([name, { csv }]) => [`${folder}/${name}.csv`, csv])),
    [`${folder}/totals.json`]: Object.fromEntries(all.map(([name, { totals }]) => [name, totals])),
  };
}
