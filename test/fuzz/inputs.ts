// Inputs for the fuzzer, by kind: built from what the formats are made of, then damaged.

import fc from 'fast-check';
import { isTree, loadConfig, type TreeValue } from '../../src/config/index.js';
import { model, onnx } from './binaries.js';
import { compare, manifest, noise, samples, table } from './files.js';
import { attack, evaluation, training } from './functional.js';
import { checkpoint, damagedText, stored } from './kept.js';
import { presets, RESULT } from './presets.js';
import { WORDS } from './words.js';

export const KINDS = [
  'config',
  'network',
  'sweep',
  'trace',
  'model',
  'onnx',
  'result',
  'stored',
  'checkpoint',
  'compare',
  'noise',
  'table',
  'samples',
  'manifest',
  'evaluation',
  'training',
  'attack',
  'command',
] as const;
export type Kind = (typeof KINDS)[number];

/** An input as the corpus keeps it: text, or bytes in base64; `name` is the file's. */
export interface Input {
  kind: Kind;
  name: string;
  text?: string;
  base64?: string;
  /** Words of a command line. */
  words?: string[];
}

const QUANTITIES = ['1e300 J', '-1 ns', '0 ns', '1e-300 s', '3 GHz', '64 KiB', '1e308 mm2', '1 ns / 0', '5 toString'];
const hostile: fc.Arbitrary<TreeValue> = fc.oneof(
  fc.constantFrom<TreeValue[]>(0, -1, 1, 2, 3, 0.5, 1e308, -1e308, 2 ** 53, 2 ** 53 - 1, 1e-320, null, true, [], {}),
  fc.constantFrom(...WORDS, ...QUANTITIES),
  fc.integer({ min: 0, max: 4096 }),
  fc.record({ law: fc.constantFrom('cell-read-energy', ...WORDS) }),
  fc.record({ value: fc.constantFrom<TreeValue[]>('1 pJ', 3, ...WORDS), source: fc.constantFrom(...WORDS) }),
);

const ARCHITECTURES = ['pipelayer', 'a3', 'a3-shared', 'isaac', 'prime', 'spindle', 'puma', 'digital-int8', 'addernet'];
const paths = (tree: TreeValue, prefix: string): string[] =>
  isTree(tree)
    ? Object.entries(tree).flatMap(([key, value]) => [`${prefix}${key}`, ...paths(value, `${prefix}${key}.`)])
    : [];
const KEYS = [
  ...new Set(
    ['pipelayer', 'isaac', 'spindle', 'digital-int8'].flatMap((name) =>
      paths(loadConfig(presets, ['architectures', 'circuits'], name).tree, ''),
    ),
  ),
];

/** A tree with a value at a path. */
function nested(path: string, value: TreeValue): TreeValue {
  return path.split('.').reduceRight<TreeValue>((inner, key) => ({ [key]: inner }), value);
}

/** Text with a few letters changed, cut or repeated. */
const damaged = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: text },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          text,
          fc.nat(),
          fc.constantFrom(
            '',
            '\n',
            ': ',
            '[',
            '{',
            '&a ',
            '*a',
            '<<: ',
            '"',
            "'",
            '\t',
            '\0',
            '- ',
            '!!x ',
            '9'.repeat(400),
          ),
          fc.nat(6),
        )
        .map(([whole, at, piece, cut]) => {
          const place = at % (whole.length + 1);
          return `${whole.slice(0, place)}${piece}${whole.slice(place + cut)}`;
        }),
    },
  );

const config: fc.Arbitrary<Input> = damaged(
  fc
    .tuple(
      fc.constantFrom(...ARCHITECTURES),
      fc.constantFrom('matrix-128', 'mnist-0', 'lisa-cnn', 'lenet-5'),
      fc.constantFrom('inference', 'training', 'attack'),
      fc.array(fc.tuple(fc.constantFrom(...KEYS), hostile), { maxLength: 3 }),
    )
    .map(([base, network, mode, sets]) =>
      [
        `extends: ${base}`,
        ...(sets.some(([key]) => key.startsWith('network')) ? [] : [`network: ${network}`]),
        ...(sets.some(([key]) => key.startsWith('workload'))
          ? []
          : [`workload: { mode: ${mode}, ${mode === 'attack' ? 'iterations: 2, batch: 2' : 'images: 4, batch: 2'} }`]),
        ...[...new Map(sets.map(([key, value]) => [key.split('.')[0]!, [key, value] as const])).values()].map(
          ([key, value]) => JSON.stringify(nested(key, value)).slice(1, -1),
        ),
      ].join('\n'),
    ),
).map((text) => ({ kind: 'config', name: '/fuzz.yaml', text }));

const TYPES = [
  'conv2d',
  'dense',
  'lstm',
  'maxpool',
  'avgpool',
  'relu',
  'softmax',
  'batchnorm',
  'flatten',
  'add',
  'concat',
  'adder2d',
];
const size = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 1, max: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, 2 ** 26, 2 ** 40, 1.5) },
);
/** A value of a kind, now and then a hostile one. */
const mostly = <T>(usual: fc.Arbitrary<T>, ...rare: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 20, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(...rare) });

const layer = fc.record(
  {
    type: mostly(fc.constantFrom(...TYPES), 'toString'),
    name: mostly(fc.constant<string | null>(null), 'a', ...WORDS),
    from: fc.oneof(
      { weight: 10, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constantFrom('input', 'l0', 'l1') },
      { weight: 1, arbitrary: fc.array(fc.constantFrom('l0', 'l1', 'l2', 'input'), { maxLength: 3 }) },
    ),
    channels: size,
    features: size,
    hidden: size,
    kernel: fc.oneof(size, fc.tuple(size, size)),
    stride: size,
    padding: fc.oneof(fc.constantFrom('same', 'valid'), size),
    groups: size,
    global: fc.boolean(),
  },
  { requiredKeys: ['type'] },
);
const network: fc.Arbitrary<Input> = damaged(
  fc
    .record({
      name: mostly(fc.constant('n'), ...WORDS),
      input: fc.oneof(
        fc.record({ channels: size, height: size, width: size }),
        fc.record({ features: size, steps: size }),
      ),
      layers: fc.array(layer, { minLength: 1, maxLength: 6 }),
    })
    .map(({ layers, ...rest }) => {
      const own = new Map(
        [
          ['conv2d', ['channels', 'kernel', 'stride', 'padding', 'groups']],
          ['adder2d', ['channels', 'kernel', 'stride', 'padding', 'groups']],
          ['dense', ['features']],
          ['lstm', ['hidden']],
          ['maxpool', ['kernel', 'stride', 'global']],
          ['avgpool', ['kernel', 'stride', 'global']],
        ].map(([type, keys]) => [type, new Set(keys)] as const),
      );
      return JSON.stringify({
        ...rest,
        layers: layers.map(({ name, from, ...one }, i) => ({
          ...Object.fromEntries(
            Object.entries({ kernel: 3, channels: 4, features: 4, hidden: 4, ...one }).filter(
              ([key]) => key === 'type' || own.get(one.type)?.has(key) === true,
            ),
          ),
          name: name ?? `l${i}`,
          ...(from === null || from === undefined ? {} : { from }),
        })),
      });
    }),
).map((text) => ({ kind: 'network', name: '/net.yaml', text }));

const axis = fc.oneof(
  fc.record({ key: fc.constantFrom(...KEYS, 'config', ...WORDS), values: fc.array(hostile, { maxLength: 3 }) }),
  fc.record({
    key: fc.constantFrom(...KEYS),
    range: fc.record(
      { from: fc.double(), to: fc.double(), count: fc.oneof(fc.nat(9), fc.constant(1e9)), step: fc.double() },
      { requiredKeys: ['from', 'to'] },
    ),
  }),
  fc.record({
    points: fc.array(fc.dictionary(fc.constantFrom(...KEYS, ...WORDS), hostile, { maxKeys: 2 }), { maxLength: 2 }),
  }),
);
const plainAxis = fc.record({
  key: fc.constantFrom('crossbar.rows', 'crossbar.columns', 'inputs.bits'),
  values: fc.array(fc.constantFrom<TreeValue[]>(8, 16, 64), { minLength: 1, maxLength: 3 }),
});
const comparison = fc
  .tuple(
    fc.constantFrom(...KEYS, 'area.totalMm2', 'energy.totalJ', ...WORDS),
    fc.constantFrom('<=', '<', '==', '!=', ' or '),
    fc.constantFrom('1', 'a.b', '"x"', 'true', '1); DROP TABLE results; --'),
  )
  .map((parts) => parts.join(' '));
const sweep: fc.Arbitrary<Input> = damaged(
  fc
    .record(
      {
        config: mostly(fc.constantFrom('pipelayer', 'isaac'), ...WORDS),
        set: fc.constant({ network: 'matrix-128' }),
        axes: fc.array(fc.oneof(axis, plainAxis), { minLength: 1, maxLength: 2 }),
        conditions: fc.array(comparison, { maxLength: 1 }),
        constraints: fc.array(comparison, { maxLength: 1 }),
        objectives: fc.dictionary(fc.constantFrom('energy.totalJ', ...WORDS), fc.constantFrom('minimize', 'x'), {
          maxKeys: 1,
        }),
        limit: fc.constantFrom(1, 5),
        sample: fc.record({ method: fc.constantFrom('random', 'latin-hypercube'), count: fc.constantFrom(3, 1e9) }),
      },
      { requiredKeys: ['config', 'set', 'axes', 'limit'] },
    )
    .map((file) => JSON.stringify(file)),
).map((text) => ({ kind: 'sweep', name: '/sweep.yaml', text }));

const trace: fc.Arbitrary<Input> = damaged(
  fc
    .array(
      fc.tuple(
        mostly(fc.constant('F'), 'B', '"a""b"', ...WORDS),
        mostly(fc.constant('product'), ...WORDS),
        mostly(fc.constant(''), '0', '1', '-1', '1e9'),
        mostly(fc.constant('1'), '0', 'x', '1e400'),
        mostly(fc.constant('128'), '-0'),
        mostly(fc.constant('128'), '0x80'),
        mostly(fc.constant('0.5'), '1.5', 'NaN', ''),
      ),
      { minLength: 1, maxLength: 2 },
    )
    .map((rows) => `pass,layer,image,vectors,rows,columns,density\n${rows.map((row) => row.join(',')).join('\n')}\n`),
).map((text) => ({ kind: 'trace', name: '/trace.csv', text }));

/** Puts a value somewhere into a document; lists are mappings from numbers here. */
function edit(document: Record<string, TreeValue>, at: number, value: TreeValue): void {
  const keys = Object.keys(document);
  const key = keys[at % Math.max(1, keys.length)];
  if (key === undefined) return;
  const inner = document[key];
  if (at < keys.length || typeof inner !== 'object' || inner === null) document[key] = value;
  else edit(inner as Record<string, TreeValue>, Math.floor(at / keys.length), value);
}

const edited: fc.Arbitrary<Input> = fc
  .tuple(fc.constant(RESULT), fc.array(fc.tuple(fc.nat(), hostile), { minLength: 1, maxLength: 3 }))
  .map(([text, edits]) => {
    const document = JSON.parse(text) as Record<string, TreeValue>;
    for (const [at, value] of edits) edit(document, at, value);
    return { kind: 'result', name: 'result.json', text: JSON.stringify(document) };
  });

const result: fc.Arbitrary<Input> = fc.oneof(
  { weight: 3, arbitrary: edited },
  { weight: 1, arbitrary: damagedText(RESULT).map((text) => ({ kind: 'result' as const, name: 'result.json', text })) },
);

const command: fc.Arbitrary<Input> = fc
  .array(
    fc.constantFrom(
      'run',
      'compare',
      'list',
      'schema',
      'trace',
      'explain',
      'query',
      'quantize',
      'pipelayer',
      'isaac',
      '--set',
      'network=matrix-128',
      '--set=a.b=c',
      '--seed',
      '1',
      '--format',
      'json',
      '--out',
      '--max-memory',
      '1 KiB',
      '--',
      '-x',
      '--unsafe',
      '/dev/zero',
      ...WORDS.slice(0, 8),
    ),
    { maxLength: 5 },
  )
  .map((words) => ({ kind: 'command', name: '', words }));

/** Inputs of a kind. */
export const inputsOf: Readonly<Record<Kind, fc.Arbitrary<Input>>> = {
  config,
  network,
  sweep,
  trace,
  model,
  onnx,
  result,
  stored,
  checkpoint,
  compare,
  noise,
  table,
  samples,
  manifest,
  evaluation,
  training,
  attack,
  command,
};
