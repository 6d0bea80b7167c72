import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedUrl } from '../shared.js';
import { diskPresets } from '../../src/config/files.node.js';
import { loadConfig } from '../../src/config/index.js';
import { countsOf, elementsOf, type Graph } from '../../src/workload/graph/index.js';
import { networkOf, type Network } from '../../src/workload/index.js';

const load = (name: string): Network => networkOf(loadConfig(diskPresets, ['networks'], name));
const tables = sharedUrl('data/networks/reference/');

describe('layer tables of the reference networks', () => {
  const cases = [
    ['vgg-a', 'vgg_a'],
    ['vgg-b', 'vgg_b'],
    ['vgg-c', 'vgg_c'],
    ['vgg-d', 'vgg_d'],
    ['vgg-e', 'vgg_e'],
    ['alexnet-torchvision', 'alexnet'],
    ['alexnet-grouped', 'alexnet_grouped_caffe'],
    ['lenet-5', 'lenet5_mnist'],
    ['resnet-18', 'resnet18'],
    ['resnet-34', 'resnet34'],
    ['resnet-50', 'resnet50'],
    ['mobilenet-v2', 'mobilenet_v2'],
    ['squeezenet-1.1', 'squeezenet1_1'],
  ] as const;
  it.each(cases)('%s: shapes, weights and multiply-accumulates of every layer, parameters of all', (name, file) => {
    const [header, ...lines] = readFileSync(new URL(`${file}.csv`, tables), 'utf8')
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(','));
    const rows = lines
      .map((line) => Object.fromEntries(header!.map((key, i) => [key, line[i]!])))
      .filter((row) => row.type === 'conv' || row.type === 'fc')
      .map((row) =>
        [row.in_channels, row.out_channels, row.out_height, row.out_width, row.weights, row.macs].map(Number),
      );
    const key = (row: number[]): string => row.join();
    // Cast: the table's own form.
    const totals = JSON.parse(readFileSync(new URL('totals.json', tables), 'utf8')) as Record<string, Total>;
    const { graph, macs, weights, layers } = load(name);
    const { parameters, macs_conv_fc: products, conv_fc_weights: matrices } = totals[file]!;
    expect([learned(graph), macs, weights]).toEqual([parameters, products, matrices]);
    const ours = layers.map((l) => [l.cin, l.cout, ...rowsAndColumns(l.outShape.space), l.weights, l.macs]);
    expect(ours.map(key).sort()).toEqual(rows.map(key).sort());
  });
});

/** A vector is one row of one column. */
const rowsAndColumns = (space: readonly number[]): number[] => [...Array<number>(2 - space.length).fill(1), ...space];

interface Total {
  readonly parameters: number;
  readonly macs_conv_fc: number;
  readonly conv_fc_weights: number;
}

/** Everything learned: matrices, biases, norms, tables, constants; statistics of batch norms are not. */
function learned({ nodes, tensors }: Graph): number {
  const own = new Map<string, number>();
  for (const node of nodes)
    for (const [role, { key, shape }] of node.parameters)
      if (role !== 'mean' && role !== 'variance') own.set(key, elementsOf(shape));
  for (const { constant } of tensors) if (constant !== null) own.set(constant.key, elementsOf(constant.shape));
  return [...own.values()].reduce((sum, size) => sum + size, 0);
}

const macsOf = (graph: Graph): number => graph.nodes.reduce((sum, node) => sum + countsOf(graph, node).macs, 0);

/** Multiply-accumulates of an encoder: four projections, the two products of attention, two of the perceptron. */
const encoder = (layers: number, tokens: number, width: number, hidden: number): number =>
  layers * (tokens * (4 * width ** 2 + 2 * width * hidden) + 2 * tokens ** 2 * width);

/** DenseNet-121 from its table (Huang et al. 2017, Table 1): growth 32, 1x1 to 128 and 3x3 to 32 a layer. */
function denseNet(): number {
  let [side, width, macs] = [56, 64, 7 ** 2 * 3 * 64 * 112 ** 2];
  for (const layers of [6, 12, 24, 16]) {
    for (let i = 0; i < layers; i++, width += 32) macs += side ** 2 * (width * 128 + 9 * 128 * 32);
    if (layers === 16) break;
    macs += side ** 2 * width * (width / 2);
    [side, width] = [side / 2, width / 2];
  }
  return macs + width * 1000;
}

describe('networks', () => {
  // Parameters as published for torchvision 0.14 (densenet121; inception_v3, whose 27,161,264 include 3,326,696 of the
  // auxiliary classifier), timm (vit_small_patch16_224) and Hugging Face (bert-base-uncased, gpt2); 2.83 and 5.71 G
  // multiply-accumulates in torchvision's table (Inception's exact count is ours). Others follow from papers.
  const cases = [
    ['densenet-121', 7_978_856, denseNet()],
    ['inception-v3', 27_161_264 - 3_326_696, 5_713_216_096],
    ['vit-s-16', 22_050_664, 196 * 768 * 384 + encoder(12, 197, 384, 1536) + 384 * 1000],
    ['bert-base', 109_482_240, encoder(12, 128, 768, 3072) + 768 ** 2],
    // The head's matrix is the table of words, counted once; the causal mask is no parameter.
    ['gpt-2-small', 124_439_808 + 50_257 * 768 + 128 * 128, 12 * (128 * 7_077_888 + 2 * 128 * 128 * 768) + 38_597_376],
    [
      'transformer-base',
      6 * (4 * (512 * 512 + 512) + 2 * 512 * 2048 + 2560 + 2 * 1024) + // encoder
        6 * (8 * (512 * 512 + 512) + 2 * 512 * 2048 + 2560 + 3 * 1024) + // decoder
        2 * 37_000 * 512 + // table, and the output's matrix, which is the same
        128 * 512 +
        128 * 128, // positions and mask, not learned
      128 * (18 * 512 ** 2 * 4 + 12 * 2 * 512 * 2048 + 512 * 37_000) + 18 * 2 * 128 * 128 * 512,
    ],
    ['u-net', 31_030_658, 167_322_556_672],
  ] as const;
  it.each(cases)('%s has the published parameters, and its multiply-accumulates', (name, parameters, macs) => {
    const { graph } = load(name);
    expect([learned(graph), macsOf(graph)]).toEqual([parameters, macs]);
  });

  it("deepspeech-2-like has the matrices of deepspeech.pytorch's printed model", () => {
    const { macs, weights } = load('deepspeech-2-like');
    const [conv1, conv2, first, others] = [41 * 11 * 32, 32 * 32 * 21 * 11, 2 * 2400 * 1472, 4 * 2 * 2400 * 1600];
    expect(weights).toBe(conv1 + conv2 + first + others + 800 * 29);
    expect(macs).toBe(conv1 * 61 * 105 + conv2 * 21 * 95 + (first + others + 800 * 29) * 95);
  });

  it("LISA-CNN and GTSRB-CNN have the multiply-accumulates and weights of RP2's code", () => {
    const lisa = load('lisa-cnn');
    expect([lisa.macs, lisa.weights]).toEqual([15_410_176, 726_016]);
    const gtsrb = load('gtsrb-cnn');
    expect([gtsrb.macs, gtsrb.weights]).toEqual([123_097_088, 16_568_681]);
    expect(gtsrb.layers.filter((layer) => layer.consumers.length === 2).map((layer) => layer.name)).toEqual([
      'conv2',
      'conv4',
    ]);
  });

  it('MobileNetV1 has the 569 M multiply-accumulates and 4.2 M weights of its paper (Table 8)', () => {
    const { macs, weights } = load('mobilenet-v1');
    expect([macs, weights]).toEqual([568_740_352, 4_209_088]);
  });

  it('a sum is made once, in the stage of its later operand, and read there (ResNet-18: 752,640 additions)', () => {
    const { layers } = load('resnet-18');
    expect(layers.reduce((sum, { adds }) => sum + adds, 0)).toBe(752_640);
    expect(Math.max(...layers.map(({ inputs }) => inputs.length))).toBeLessThanOrEqual(2);
  });

  it("VGG-8 has NeuroSim's 12,973,440 weights", () => {
    expect(load('vgg-8').weights).toBe(12_973_440);
  });

  it('every shipped network loads', () => {
    for (const name of ['mnist-a', 'mnist-b', 'mnist-c', 'mnist-0', 'alexnet', 'lstm-small'])
      expect(load(name).layers.length).toBeGreaterThan(1);
    expect(load('mnist-0').layers[1]!.rows).toBe(360);
  });
});
