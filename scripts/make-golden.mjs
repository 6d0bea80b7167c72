// Makes test/golden, the slice of golden vectors that tests read where ../shared is not beside the project:
//
//     node scripts/make-golden.mjs [--check]
//
// Most are computed by the plain definitions of scripts/golden, which share no code with src; gradients, small ONNX
// networks, two trained models with their quantizations and a few formats are excerpts of what was made for this
// project (golden/backward, golden/formats, data/models and data/golden/quantization of ../shared, free to copy).
// `--check` writes nothing and fails where a file differs; excerpts are compared where ../shared is.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { arrayCases } from './golden/arrays.mjs';
import { formatCases } from './golden/formats.mjs';
import { graphFiles } from './golden/graphs.mjs';
import { networkTables } from './golden/networks.mjs';
import { layerTables } from './golden/tables.mjs';
import { timingCases } from './golden/timing.mjs';

const FOLDER = join(import.meta.dirname, '../test/golden');
const SHARED = join(import.meta.dirname, '../../shared');
/** Gradients of one case of each kind of operator. */
const BACKWARD = [
  'add_broadcast_both',
  'adder_stride_pad',
  'attention',
  'avg_pool_pad_counted',
  'batch_norm_training_1d',
  'batch_norm_training_2d',
  'concat_twice',
  'conv_groups',
  'conv_stride_pad',
  'cross_entropy_mean',
  'deconv_uneven',
  'dense',
  'gelu_erf',
  'gru_bidirectional',
  'layer_norm',
  'log_softmax',
  'lstm',
  'matmul_heads',
  'max_pool_ties_overlap_pad',
  'mean_square',
  'mul_same_tensor',
  'upsample_bilinear_corners',
];
/** Formats that no script here computes. */
const FORMATS = [
  'addernet_conv.json',
  'deepfloat_elma_dot.json',
  'deepfloat_log8_encode.csv',
  'deepfloat_log8_tables.json',
  'mx_blocks.json',
];
/** Trained models, and what their quantizations are. */
const TRAINED = [
  'data/models/lenet5_mnist/lenet5_mnist.npz',
  'data/models/lenet5_mnist/lenet5_mnist.onnx',
  'data/models/rowlstm_mnist/rowlstm_mnist.npz',
  'data/golden/quantization/lenet5_dynamic_fixed_point.json',
  'data/golden/quantization/lenet5_dfp4_integer.npz',
  'data/golden/quantization/lenet5_dfp8_integer.npz',
  'data/golden/quantization/rowlstm_mnist_codebooks.json',
  'data/golden/quantization/rowlstm_mnist_importance.npz',
];
/** Of a long table every so many rows. */
const MODES = 'golden/formats/minifloat_encode_modes_f32.csv';
const EVERY = 10;
const NETWORKS = ['gru_classifier', 'inception_like'];

/** Entries of a list in the order of the names that are kept. */
const kept = (path, key, names) => {
  const list = JSON.parse(readFileSync(join(SHARED, path), 'utf8'));
  return `${JSON.stringify(
    list.filter((entry) => names.includes(entry[key])),
    null,
    1,
  )}\n`;
};

/** The heading of a table and every tenth of its rows. */
function everyRow(text) {
  const [heading, ...rows] = text.trim().split('\n');
  return `${[heading, ...rows.filter((_, i) => i % EVERY === 0)].join('\n')}\n`;
}

/** Files that are copied, by path. */
function excerpts() {
  const files = [
    ...BACKWARD.map((name) => `golden/backward/${name}.npz`),
    ...FORMATS.map((name) => `golden/formats/${name}`),
    ...TRAINED,
    ...NETWORKS.flatMap((name) => {
      const folder = `data/models/zoo/${name}`;
      return readdirSync(join(SHARED, folder)).map((file) => `${folder}/${file}`);
    }),
  ];
  return new Map([
    ['golden/backward/index.json', kept('golden/backward/index.json', 'case', BACKWARD)],
    ['data/models/zoo/index.json', kept('data/models/zoo/index.json', 'network', NETWORKS)],
    [MODES, everyRow(readFileSync(join(SHARED, MODES), 'utf8'))],
    ...files.map((file) => [file, readFileSync(join(SHARED, file))]),
  ]);
}

const json = (value) => `${JSON.stringify(value)}\n`;
const raw = (value) => typeof value === 'string' || value instanceof Uint8Array;
const cases = {
  ...{ ...timingCases(), ...formatCases(), ...arrayCases() },
  ...{ ...networkTables(), ...layerTables(), ...graphFiles() },
};
const files = new Map(
  Object.entries(cases).map(([path, value]) => [path, raw(value) ? value : json(value)]),
);
const whole = existsSync(SHARED);
if (whole) for (const [path, content] of excerpts()) files.set(path, content);

if (process.argv.includes('--check')) {
  const differing = [...files].filter(([path, content]) => {
    const file = join(FOLDER, path);
    return !existsSync(file) || Buffer.compare(readFileSync(file), Buffer.from(content)) !== 0;
  });
  for (const [path] of differing) console.error(`test/golden/${path} is not what scripts/make-golden.mjs makes`);
  const there = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
  const strays = there.filter((path) => whole && statSync(join(FOLDER, path)).isFile() && !files.has(path));
  for (const path of strays) console.error(`test/golden/${path} comes from nowhere`);
  if (differing.length + strays.length > 0) process.exit(1);
  console.log(`test/golden: ${files.size} files as made${whole ? '' : '; excerpts of ../shared were not compared'}`);
} else
  for (const [path, content] of files) {
    mkdirSync(dirname(join(FOLDER, path)), { recursive: true });
    writeFileSync(join(FOLDER, path), content);
  }
