// Makes test/golden, the slice of golden vectors that tests read where ../shared is not beside the project:
//
//     node scripts/make-golden.mjs [--check]
//
// Most are computed by the plain definitions of scripts/golden, which share no code with src; gradients, small ONNX
// networks, three trained models with their codebooks and a few formats are excerpts of what was made for this project
// (golden/backward, golden/formats, data/models and data/golden/quantization of ../shared, free to copy). Files have
// the names that they have there; pictures, text and layer tables are the scripts' own.
// `--check` writes nothing and fails where a file differs; excerpts are compared where ../shared is.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { arrayCases } from './golden/arrays.mjs';
import { attackCases } from './golden/attacks.mjs';
import { crossbarCases } from './golden/crossbars.mjs';
import { formatCases } from './golden/formats.mjs';
import { graphFiles } from './golden/graphs.mjs';
import { integerCases } from './golden/integers.mjs';
import { networkTables } from './golden/networks.mjs';
import { readNpz } from './golden/npz.mjs';
import { operatorCases } from './golden/operators.mjs';
import { pictureFiles } from './golden/pictures.mjs';
import { searchCases } from './golden/searches.mjs';
import { layerTables } from './golden/tables.mjs';
import { timingCases } from './golden/timing.mjs';
import { trainingCases } from './golden/training.mjs';

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
/** Trained models in all their formats, codebooks of their weights and the importances that these follow. */
const TRAINED = [
  ...['npz', 'onnx', 'pt', 'safetensors'].map((end) => `data/models/lenet5_mnist/lenet5_mnist.${end}`),
  'data/models/lenet5_mnist/lenet5_mnist_legacy.pt',
  ...['npz', 'onnx', 'pt', 'safetensors'].map((end) => `data/models/rowlstm_mnist/rowlstm_mnist.${end}`),
  'data/models/rowlstm_mnist/rowlstm_mnist_legacy.pt',
  'data/models/charlm_shakespeare/charlm_shakespeare.npz',
  'data/models/charlm_shakespeare/vocab.json',
  ...['lenet5_mnist', 'rowlstm_mnist', 'charlm_shakespeare'].flatMap((name) => [
    `data/golden/quantization/${name}_codebooks.json`,
    `data/golden/quantization/${name}_importance.npz`,
  ]),
];
/** Of a long table every so many rows. */
const MODES = 'golden/formats/minifloat_encode_modes_f32.csv';
const EVERY = 10;
/** Of the zoo: whole, and the graphs alone. */
const NETWORKS = ['gru_classifier', 'inception_like'];
const GRAPHS = ['residual_post', 'resnet_bottleneck_bn', 'mobilenetv2_like'];

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
    ...GRAPHS.map((name) => `data/models/zoo/${name}/${name}.onnx`),
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

const whole = existsSync(SHARED);
const files = whole ? excerpts() : new Map();
if (!whole) for (const path of [...TRAINED]) files.set(path, readFileSync(join(FOLDER, path)));
const weightsOf = (name) => readNpz(files.get(`data/models/${name}/${name}.npz`));
const [lenet5, rowlstm, charlm] = ['lenet5_mnist', 'rowlstm_mnist', 'charlm_shakespeare'].map(weightsOf);
const vocabulary = JSON.parse(files.get('data/models/charlm_shakespeare/vocab.json').toString());
const cases = {
  ...{ ...timingCases(), ...formatCases(), ...arrayCases(), ...crossbarCases() },
  ...{ ...networkTables(), ...layerTables(), ...graphFiles(), ...operatorCases(), ...pictureFiles() },
  ...{
    ...trainingCases(),
    ...attackCases(lenet5),
    ...searchCases(),
    ...integerCases({ lenet5, rowlstm, charlm, vocabulary }),
  },
  // What ends early: half of an archive.
  'data/models/rowlstm_mnist/broken.pt': files.get('data/models/rowlstm_mnist/rowlstm_mnist.pt').subarray(0, 50_000),
};
for (const [path, value] of Object.entries(cases)) {
  const raw = typeof value === 'string' || value instanceof Uint8Array;
  files.set(path, raw ? value : `${JSON.stringify(value)}\n`);
}

if (process.argv.includes('--check')) {
  const differing = [...files].filter(([path, content]) => {
    const file = join(FOLDER, path);
    return !existsSync(file) || Buffer.compare(readFileSync(file), Buffer.from(content)) !== 0;
  });
  for (const [path] of differing) console.error(`test/golden/${path} is not what scripts/make-golden.mjs makes`);
  const there = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
  const isStray = (path) => statSync(join(FOLDER, path)).isFile() && path !== 'README.md' && !files.has(path);
  const strays = there.filter((path) => whole && isStray(path));
  for (const path of strays) console.error(`test/golden/${path} comes from nowhere`);
  if (differing.length + strays.length > 0) process.exit(1);
  console.log(`test/golden: ${files.size} files as made${whole ? '' : '; excerpts of ../shared were not compared'}`);
} else
  for (const [path, content] of files) {
    mkdirSync(dirname(join(FOLDER, path)), { recursive: true });
    writeFileSync(join(FOLDER, path), content);
  }
