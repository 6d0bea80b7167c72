import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import { simulate } from '../../src/simulation/index.js';
import { loaded } from '../helpers.js';

/** The one line that a user gets for a network file of these layers, a config, or an override. */
function messageOf(sets: string[], files: Record<string, string> = {}, preset = 'pipelayer'): string {
  try {
    simulate(loaded(preset, sets, files));
  } catch (error) {
    if (error instanceof UserError && !error.message.includes('\n')) return error.message;
    throw error;
  }
  return 'no fault';
}

const network = (layers: string, input = '{ channels: 1, height: 4, width: 4 }'): string =>
  `name: n\ninput: ${input}\nlayers:\n${layers}`;
const dense = '  - { name: fc, type: dense, features: 4 }\n';

describe('faults in a network file: place, key, what was found, what was expected', () => {
  it.each([
    [
      'a misspelt key of a layer',
      network('  - { name: a, type: conv2d, channels: 4, kernal: 3 }\n'),
      'n.yaml:4:43: layers.0.kernal: unknown key; did you mean "kernel"?',
    ],
    [
      'a missing key',
      network('  - { name: a, type: conv2d, channels: 4 }\n'),
      'n.yaml:4:5: layers.0.kernel: this key is missing, expected a whole number ' +
        'of at least 1 or a number, or one for each axis',
    ],
    [
      'a misspelt `type`',
      network('  - { name: a, typ: dense, features: 4 }\n'),
      'n.yaml:4:16: layers.0.typ: unknown key; did you mean "type"?',
    ],
    [
      'an unknown type',
      network('  - { name: a, type: cnv2d, channels: 4 }\n'),
      /n\.yaml:4:16: layers\.0\.type: found "cnv2d", expected a layer type: .*; did you mean "conv2d"\?/,
    ],
    [
      'a misspelt key of the input',
      network(dense, '{ channels: 1, height: 4, widht: 4 }'),
      'n.yaml:2:34: input.widht: unknown key; did you mean "width"?',
    ],
    [
      'a negative size',
      network('  - { name: a, type: conv2d, channels: 4, kernel: [3, -1] }\n'),
      'n.yaml:4:55: layers.0.kernel.1: found -1, expected a whole number of at least 1',
    ],
    [
      'a wrong word',
      network('  - { name: a, type: conv2d, channels: 4, kernel: 3, padding: sam }\n'),
      /layers\.0\.padding: found "sam", expected one of same, same-lower, valid or .*; did you mean "same"\?/,
    ],
    [
      '__proto__',
      network('  - { name: a, type: dense, features: 2, __proto__: 3 }\n'),
      'n.yaml:4:42: layers.0.__proto__: this key is not allowed',
    ],
    [
      'a pool larger than its map',
      network(`  - { name: p, type: maxpool, kernel: 9 }\n${dense}`),
      /n\.yaml:4:\d+: layers\.0\.kernel: layer "p": the kernel of 9x9 is larger than its input of 4x4/,
    ],
    [
      'a layer that reads itself',
      network('  - { name: b, type: dense, features: 2, from: b }\n'),
      /n\.yaml:4:42: layers\.0\.from: .*cycle: b -> b/,
    ],
    ['two layers of one name', network(dense + dense), /n\.yaml:5:7: layers\.1\.name: .*another layer has this name/],
    [
      'two outputs',
      network('  - { name: a, type: dense, features: 2 }\n  - { name: b, from: input, type: dense, features: 2 }\n'),
      /n\.yaml:4:5: layers\.0: layer "a": nobody reads it/,
    ],
    ['no weights', network('  - { name: r, type: relu }\n'), /n\.yaml:3:1: layers: no layer has weights/],
    [
      'groups that do not divide',
      network('  - { name: a, type: conv2d, channels: 2, kernel: 3, groups: 2 }\n'),
      /n\.yaml:4:\d+: layers\.0\.groups: .*2 groups do not divide 1 input channels/,
    ],
    [
      'maps of different size added',
      network(`  - { name: p, type: maxpool, kernel: 2 }\n  - { name: s, type: add, from: [p, input] }\n${dense}`),
      /n\.yaml:5:\d+: layers\.1\.from: .*1x2x2 and 1x4x4/,
    ],
    [
      'sizes that doubles cannot count',
      network('  - { name: b, type: dense, features: 9007199254740991 }\n', '{ features: 1e9 }'),
      /n\.yaml:4:5: layers\.0: layer "b" is too large/,
    ],
    ['YAML syntax', network('  - [\n'), /n\.yaml:\d+:\d+: YAML/],
    [
      'a key twice',
      network(dense.replace(', features', ', type: lstm, features')),
      'n.yaml:4:30: YAML: the key type stands here a second time',
    ],
    [
      'a second document',
      `${network(dense)}---\n`,
      'n.yaml:5:1: YAML: a second document starts here, expected one a file',
    ],
    [
      'a key that another layer type has',
      network('  - { name: r, type: relu, kernel: 3 }\n'),
      /n\.yaml:4:28: layers\.0\.kernel: unknown key$/,
    ],
    [
      'a pair of three',
      network('  - { name: a, type: conv2d, channels: 4, kernel: [3, 3, 3] }\n'),
      'layers.0.kernel: layer "a": expected a number or 2, found 3',
    ],
    [
      'a dilated kernel larger than its input',
      network('  - { name: a, type: conv2d, channels: 4, kernel: 2, dilation: 4 }\n'),
      'the kernel of 2x2, 5 wide with its dilation, is larger than its input of 4x4',
    ],
    [
      'a pool with nothing but padding',
      network(`  - { name: p, type: maxpool, kernel: 2, padding: 2 }\n${dense}`),
      'layers.0.padding: layer "p": a padding of 2x2 leaves windows of 2x2 without any input',
    ],
    [
      '<< of what is no mapping',
      network('  - { <<: 3, name: a, type: dense, features: 2 }\n'),
      'n.yaml:4:7: layers.0.<<: expected a mapping, or a list of them, to take in',
    ],
  ])('%s', (_, text, expected) => {
    expect(messageOf(['network=n.yaml'], { 'n.yaml': text })).toMatch(expected);
  });
});

describe('faults in overrides', () => {
  it.each([
    [
      'workload.iterations=2',
      'workload.iterations: counts the perturbation updates of an attack, which training has none of; ' +
        'expected workload.images',
    ],
    ['device.read.latency=10', 'device.read.latency: found 10, expected a time with a unit'],
    ['device.read.latency=-1 ns', 'device.read.latency: "-1 ns" is negative'],
    ['device.read.latency=0 ns', 'device.read.latency: found 0 s, and no converters that take longer; expected a slot'],
    [
      'workload.images=1e16',
      'workload.images: found 10000000000000000, expected a whole number of at least 1 and below',
    ],
    ['device.read.latency=10000 s', /device\.read\.latency: stage F1 takes .* for one image, more than/],
    ['device.read.latency={ value: 1 ns, sorce: x }', 'device.read.latency.sorce: unknown key; did you mean "source"?'],
    ['gradient.copies=x', 'gradient.copies: found "x", expected balanced or a whole number of at least 1'],
    ['chip.clock=0 Hz', 'chip.clock: found "0 Hz", expected a quantity above 0'],
    ['device.retention=0 s', 'device.retention: found "0 s", expected a quantity above 0'],
    [
      'device.drift={ exponent: 0, reference: 1 s }',
      'device.drift.exponent: found 0, expected a number above 0 and up to 1',
    ],
    [
      'device.drift={ exponent: 1.5, reference: 1 s }',
      'device.drift.exponent: found 1.5, expected a number above 0 and',
    ],
    [
      'device.drift={ exponent: 0.1, reference: 0 s }',
      'device.drift.reference: found "0 s", expected a quantity above',
    ],
    [
      'device.levels={ value: [{ mean: 0 Ohm, sigma: 0 }], placeholder: true }',
      'device.levels.value.0.mean: found "0 Ohm", expected a quantity above 0',
    ],
    ['chip.clock=2 THz', 'chip.clock: is faster than the tick of 1 ps'],
    ['sensing.rate=0 GSps', 'sensing.rate: found "0 GSps", expected a quantity above 0'],
    ['components.activation.latency=1 cycle', 'components.activation.latency: is in cycles, but chip.clock is not set'],
    ['components.pooling.interval=5 ns', 'components.pooling.interval: is longer than the latency'],
    ['crossbar.rows=.nan', 'crossbar.rows: found NaN, expected a finite number'],
    ['network=/', 'network: / is a folder, expected a file'],
    ['__proto__.a=1', '__proto__.a: this key is not allowed'],
    [
      'components.shiftAdd.energy.shift-add=2 mW / 1024',
      'components.shiftAdd.energy.shift-add: "2 mW / 1024" is no energy, expected a power times one time or ' +
        'over one frequency',
    ],
    ['components.shiftAdd.energy.shift-add=2 mW * 1 ns * 1 ns', '"2 mW * 1 ns * 1 ns" is no energy'],
    ['components.shiftAdd.energy.shift-add=2 mW / 0 GHz', '"2 mW / 0 GHz" divides by zero'],
    ['extends=isaac', 'extends: stands in a file, an override cannot change it'],
    [
      'workload.mode=train',
      'workload.mode: found "train", expected one of inference, training, attack; did you mean "training"?',
    ],
    ['workload={ images: 5', 'workload: YAML: Flow map'],
  ])('--set %s', (set, expected) => {
    const message = messageOf([set]);
    expect(message).toMatch(expected);
    expect(message.startsWith(`--set ${set}: `)).toBe(true);
  });

  it('windows that memory does not hold are refused before anything runs', () => {
    const text = network(
      '  - { name: a, type: conv2d, channels: 1, kernel: 3, padding: same }\n',
      '{ channels: 1, height: 20000, width: 20000 }',
    );
    expect(
      messageOf(
        ['network=n.yaml', 'mapping.replication={ scheme: balanced, steps: 1000000 }'],
        { 'n.yaml': text },
        'isaac',
      ),
    ).toMatch(/pipeline\.granularity: the windows of layer "a" \(400000000 positions\)/);
  });
});

it("<< takes in what anchors hold, the mapping's own keys above it", () => {
  const { config } = loaded('merged.yaml', [], {
    'merged.yaml':
      'extends: pipelayer\nnetwork: lisa-cnn\nworkload: { <<: [{ images: 7 }, { images: 9, mode: inference }] ' +
      '}\ncrossbar: { rows: 32, <<: { rows: 64, columns: 16 } }\n',
  });
  expect(config).toMatchObject({ workload: { images: 7, mode: 'inference' }, crossbar: { rows: 32, columns: 16 } });
});

it('an override of several lines is one value, and its fault one line', () => {
  expect(messageOf(['workload.images=5\nx: 3'])).toBe(
    '--set workload.images=5 x: 3: workload.images: expected one value',
  );
});

it('a misspelt extends is named', () => {
  expect(messageOf([], { 'x.yaml': 'extend: pipelayer\nnetwork: lisa-cnn\n' }, 'x.yaml')).toBe(
    'x.yaml:1:1: extend: unknown key; did you mean "extends"?',
  );
});

describe("a fault at a preset's line says what was written that it does not go with", () => {
  it('an override', () => {
    expect(messageOf(['workload.mode=training', 'workload.batch=8'], {}, 'a3')).toMatch(
      /architectures\/a3\.yaml:\d+:\d+: neurons: training needs .*; it comes with --set workload\.mode=training$/,
    );
  });

  it("a key of the user's file, by its line", () => {
    const own = 'extends: isaac\nworkload:\n  seed: 8\n  mode: attack\n';
    expect(messageOf([], { '/own.yaml': own }, '/own.yaml')).toMatch(
      /isaac\.yaml:\d+:\d+: pipeline\.granularity: .*; it comes with workload\.mode \(\/own\.yaml:4:3\)$/,
    );
  });

  it('either of two that only together break it', () => {
    expect(messageOf(['crossbar.cellBits=3', 'device.levels=8'], {}, 'isaac')).not.toContain('it comes with');
    const both = messageOf(['device.resistance.on=2Mohm', 'device.resistance.off=1Mohm'], {}, 'isaac');
    expect(both).toMatch(/^--set /);
  });
});
