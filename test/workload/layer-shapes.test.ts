// Layers of Timeloop and ZigZag: counts of the networks that they describe, joins, and what is refused.

import { describe, expect, it } from 'vitest';
import { foreignNetwork, layerShapesNetwork } from '../../src/workload/foreign.js';
import { readForeign } from '../../src/workload/foreign.node.js';
import { countsOf } from '../../src/workload/graph/index.js';
import { sharedPath } from '../shared.js';

const TABLES = sharedPath('data/networks');
const ALEXNET = { macs: 714_188_480, parameters: 61_090_496 };
const VGG16 = { macs: 15_470_264_320, parameters: 138_344_128 };
const RESNET18 = { macs: 1_814_073_344, parameters: 11_678_912 };

describe('layers of Timeloop, CiMLoop and ZigZag', () => {
  it.each([
    ['timeloop/alexnet', ALEXNET],
    ['timeloop/vgg16', VGG16],
    ['timeloop/resnet18', RESNET18],
    ['cimloop/alexnet', ALEXNET],
    ['cimloop/vgg16', VGG16],
    ['cimloop/resnet18', RESNET18],
  ])('%s, a file a layer: its weights and multiply-accumulates', (folder, totals) => {
    expect(readForeign(`${TABLES}/${folder}`).report.totals).toMatchObject(totals);
  });

  // The file's shortcuts are 3 x 3: 154,140,672 multiply-accumulates and 1,376,256 weights more than ResNet-18's.
  it("ZigZag's ResNet-18: convolutions, pools and additions joined as it says", () => {
    const { report, graph } = readForeign(`${TABLES}/zigzag/resnet18.yaml`);
    expect(report.totals).toMatchObject({ macs: 1_968_214_016, parameters: 13_055_168 });
    expect(report.nodes.filter(({ operator }) => operator === 'add').map(({ elements }) => elements)).toEqual([
      200_704, 200_704, 100_352, 100_352, 50_176, 50_176, 25_088, 25_088,
    ]);
    expect([graph.inputs.length, graph.outputs.length]).toEqual([1, 1]);
  });

  it('plain files with their shape: VGG01', () => {
    const { report } = readForeign(`${TABLES}/timeloop/CONV/VGG01`);
    expect(report.nodes.map(({ name }) => name)).toContain('VGG01_layer1');
    expect(report.nodes.every(({ macs }) => macs > 0)).toBe(true);
  });
});

const problem = (instance: string): string => `problem:\n  instance: ${instance}\n`;

describe('layers of other programs', () => {
  it('Timeloop: strides, dilations and groups; a layer reads the last output that padding makes fit', () => {
    const { graph, report } = layerShapesNetwork(
      [
        { file: '0.yaml', text: problem('{ C: 3, M: 8, P: 16, Q: 16, R: 3, S: 3 }') },
        { file: '1.yaml', text: problem('{ G: 8, P: 8, Q: 8, R: 3, S: 3, HStride: 2, Wstride: 2 }') },
        { file: '2.yaml', text: problem('{ C: 8, M: 4, P: 8, Q: 8, R: 3, S: 3, Hdilation: 2, Wdilation: 2 }') },
        { file: 'fc.yaml', text: problem('{ C: 256, M: 10 }') },
      ],
      'net/',
    );
    expect(report.name).toBe('net');
    expect(report.nodes.map(({ name }) => name)).toEqual(['layer0', 'layer1', 'layer2', 'fc/flatten', 'fc']);
    expect(graph.inputs.length).toBe(1);
    const macs = graph.nodes.map((node) => countsOf(graph, node).macs);
    expect(macs).toEqual([3 * 8 * 9 * 256, 8 * 9 * 64, 8 * 4 * 9 * 64, 0, 2560]);
  });

  it('ZigZag: a matrix product of B vectors', () => {
    const text = `- id: 0
  operator_type: Gemm
  loop_dims: [B, K, C]
  loop_sizes: [128, 512, 64]
`;
    const { report } = foreignNetwork(new TextEncoder().encode(text), 'gemm.yaml');
    expect(report.nodes[0]).toMatchObject({ rows: 64, columns: 512, positions: 128, macs: 128 * 512 * 64 });
  });

  it.each([
    [problem('{ C: 3, M: 0 }'), /^x\.yaml: M: expected a whole number of at least 1, found 0$/],
    [problem('{ N: 4, C: 3, M: 1 }'), /^x\.yaml: problem\.instance\.N: expected one image/],
    [problem('{ C: 3, Z: 1 }'), /^x\.yaml: problem\.instance\.Z: expected a dimension of a convolution/],
    ['- operator_type: Conv\n  loop_dims: [K, Z]\n  loop_sizes: [1, 2]\n', /^x\.yaml: layer 0: loop_dims: expected/],
    ['- operator_type: Conv\n  loop_dims: [K]\n  loop_sizes: [1, 2]\n', /^x\.yaml: layer 0: loop_sizes: expected/],
    ['- operator_type: Fourier\n  loop_dims: [K]\n  loop_sizes: [1]\n', /^x\.yaml: layer 0: operator_type: expected/],
    [
      '- operator_type: Add\n  loop_dims: [G]\n  loop_sizes: [1]\n  operand_source: { I: 7, W: 8 }\n',
      /^x\.yaml: layer "add0": there is no layer 7 before it$/,
    ],
    ['name: x\nlayers: []\n', /^x\.yaml: neither a problem of Timeloop nor a list of ZigZag's layers/],
  ])('are refused in one line: %s', (text, message) => {
    expect(() => foreignNetwork(new TextEncoder().encode(text), 'x.yaml')).toThrow(message);
  });
});
