// Other files that commands read, whole and damaged: comparisons, tables of noise and of layers, samples, and folders
// with the result of an earlier run.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { encode } from 'fast-png';
import { gzipSync } from 'fflate';
import fc from 'fast-check';
import { explainCommand } from '../../src/cli/commands/explain.js';
import { writeResult, type Manifest } from '../../src/config/result-folder.node.js';
import { compareResults } from '../../src/experiment/index.js';
import { readNoiseTable } from '../../src/functional/crossbar/noise-table.js';
import { loadRun } from '../../src/run-config/index.js';
import { simulate } from '../../src/simulation/index.js';
import { writeNpz } from '../../src/tensors/index.js';
import { foreignNetwork } from '../../src/workload/foreign.js';
import { open } from '../functional/datasets.js';
import { broken } from './binaries.js';
import type { Input } from './inputs.js';
import { damagedText, inFolder } from './kept.js';
import { presets } from './presets.js';
import { WORDS } from './words.js';

const small = (name: string) =>
  simulate(loadRun(presets, name, ['network=matrix-128', 'workload.mode=inference', 'workload.images=2'])).result;
/** `compare.json` of two small runs. */
const COMPARED = JSON.stringify(compareResults([small('isaac'), small('prime')]));

/** A comparison: damaged, or with another value in place of one of its own. */
export const compare: fc.Arbitrary<Input> = fc
  .oneof(
    damagedText(COMPARED),
    fc
      .tuple(
        fc.nat(),
        fc.constantFrom('null', '[]', '{}', '-1', '1e308', '"x"', ...WORDS.map((w) => JSON.stringify(w))),
      )
      .map(([at, value]) => {
        const places = [...COMPARED.matchAll(/:("[^"\\]*"|-?[\d.e+-]+|null|\[\]|\{\})/g)];
        const { index, 0: found } = places[at % places.length]!;
        return `${COMPARED.slice(0, index)}:${value}${COMPARED.slice(index + found.length)}`;
      }),
  )
  .map((text) => ({ kind: 'compare' as const, name: 'compare.json', text }));

/** Explains a comparison by the command itself: its list, a ratio, a figure of one design. */
export async function compareExplained({ text = '' }: Input): Promise<null> {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, 'compare.json'), text);
    const flags = { result: folder, format: 'table', quiet: true, depth: 4, all: true, json: false } as const;
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = () => true;
    try {
      // Cast: a command takes flags as the command line made them.
      const explained = explainCommand.run as (flags: object) => Promise<void>;
      for (const more of [{}, { key: 'energy.totalJ' }, { key: 'time.totalS', design: 'prime' }])
        await explained({ ...flags, ...more });
    } finally {
      process.stdout.write = write;
    }
    return null;
  });
}

/** A table of measured levels. */
export const noise: fc.Arbitrary<Input> = fc
  .oneof(
    damagedText('level,mean_us,deviation_us\n0,1,0.1\n1,20,0.5\n2,40,1\n3,60,1\n'),
    damagedText('level,mean,deviation\n0,0,0.0086\n1,0.3,0.01\n2,0.7,0.01\n3,1,0.02\n'),
  )
  .map((text) => ({ kind: 'noise' as const, name: 'noise.csv', text }));

export const noiseRead = ({ text = '', name }: Input): unknown =>
  readNoiseTable(text, name, { levels: 4, off: 1e-6, on: 60e-6 });

const TABLES = {
  'NetWork.csv': '32,32,3,3,3,24,0,1\n32,32,24,1,1,48,1,1\n1,1,12288,1,1,10,0,1\n',
  'conv.csv':
    'Layer,IFMAP Height,IFMAP Width,Filter Height,Filter Width,Channels,Num Filter,Strides,\nc1,18,18,3,3,3,8,1,\n',
  'gemm.csv': 'Layer,M,N,K,\nfc,4,10,64,\n',
  'layer.yaml':
    'problem:\n  instance: { N: 1, C: 3, M: 8, P: 16, Q: 16, R: 3, S: 3, Wstride: 1, Hstride: 1 }\n' +
    '  shape:\n    name: conv\n    dimensions: [C, M, R, S, N, P, Q]\n',
  'zigzag.yaml':
    '- id: 0\n  operator_type: Gemm\n  equation: O[d0][d1]+=I[d0][d2]*W[d2][d1]\n  dimension_relations: []\n' +
    '  loop_dims: [D0, D1, D2]\n  loop_sizes: [4, 8, 16]\n  operand_source:\n    I: 0\n    W: 0\n',
};

/** A table of layers of another program. */
export const table: fc.Arbitrary<Input> = fc.constantFrom(...Object.entries(TABLES)).chain(([name, whole]) =>
  fc
    .oneof(
      damagedText(whole),
      fc
        .tuple(fc.nat(), fc.constantFrom('0', '-1', '1e9', '9007199254740993', '0.5', 'NaN', '', ...WORDS))
        .map(([at, value]) => {
          const numbers = [...whole.matchAll(/\d+/g)];
          const { index, 0: found } = numbers[at % numbers.length]!;
          return `${whole.slice(0, index)}${value}${whole.slice(index + found.length)}`;
        }),
    )
    .map((text) => ({ kind: 'table' as const, name, text })),
);

export const tableRead = ({ text = '', name }: Input): unknown =>
  foreignNetwork(new TextEncoder().encode(text), name).report.totals;

const PIXELS = Uint8Array.of(0, 50, 100, 255);
const IDX = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 255, 51, 102, 1, 2, 3, 4);
/** Files of samples by their kind; one sample is 4 numbers. */
const SAMPLES: Readonly<Record<string, Uint8Array>> = {
  idx: IDX,
  'idx gz': gzipSync(IDX, { mtime: 0 }),
  csv: new TextEncoder().encode('1,2,3,4,0\n5,6,7,8,1\n'),
  npz: writeNpz([
    { name: 'x', dtype: 'f32', shape: [2, 4], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
    { name: 'labels', dtype: 'i32', shape: [2], data: Int32Array.of(0, 1) },
  ]),
  png: encode({ width: 2, height: 2, channels: 1, depth: 8, data: PIXELS }),
  text: new TextEncoder().encode('abcabcabc'),
};

/** A file of samples, damaged; its name is its kind. */
export const samples: fc.Arbitrary<Input> = fc
  .constantFrom(...Object.entries(SAMPLES))
  .chain(([name, bytes]) => broken(fc.constant(bytes)).map((base64) => ({ kind: 'samples' as const, name, base64 })));

export function samplesRead({ name, base64 = '' }: Input): unknown {
  const [kind] = name.split(' ');
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  const file = kind === 'png' ? 'p/a.png' : kind === 'npz' ? 'f.npz' : 'f';
  const shape = kind === 'png' ? [1, 2, 2] : kind === 'idx' ? [2, 2] : [4];
  const data = open({ kind, inputs: kind === 'png' ? 'p' : file }, shape, { [file]: bytes });
  return [...data.batch(0, data.count).values()].map(({ data: values }) => [...values]);
}

const LISTED = { 'a.csv': {}, 'figures/b.svg': {}, '../outside.txt': {}, 'link/outside.txt': {}, '/etc/hostname': {} };

/** The main document of an earlier run, whatever it says of the folder's files. */
export const manifest: fc.Arbitrary<Input> = fc
  .oneof(
    damagedText(JSON.stringify({ schema: 'xbarflow/result@1', files: LISTED })),
    fc
      .constantFrom(...WORDS, '.', '..', 'a.csv/..', 'link', 'link/', 'result.json', '.xbarflow.lock')
      .map((name) => JSON.stringify({ files: { [name]: {} } })),
  )
  .map((text) => ({ kind: 'manifest' as const, name: 'result.json', text }));

/** Every file below a folder with its hash. */
const filesBelow = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => [relative(folder, path), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );

/** Writes a result over an earlier one. @throws Error where a file outside changed, or the folder is not as it says */
export function manifestReplaced({ text = '' }: Input): unknown {
  return inFolder((folder) => {
    const [out, outside] = [join(folder, 'out'), join(folder, 'outside')];
    for (const made of [out, outside, join(out, 'figures')]) mkdirSync(made);
    symlinkSync(outside, join(out, 'link'));
    for (const path of [join(folder, 'outside.txt'), join(outside, 'outside.txt')]) writeFileSync(path, 'precious');
    for (const name of ['a.csv', 'figures/b.svg', 'mine.txt']) writeFileSync(join(out, name), 'old');
    writeFileSync(join(out, 'result.json'), text);
    writeResult(out, { 'result.json': '{}', 'layers.csv': 'new' });
    for (const path of [join(folder, 'outside.txt'), join(outside, 'outside.txt')])
      if (readFileSync(path, 'utf8') !== 'precious') throw new Error(`${path} was changed`);
    const { files } = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as { files: Manifest };
    const there = filesBelow(out);
    for (const [name, { sha256 }] of Object.entries(files))
      if (there.get(name) !== sha256) throw new Error(`${name} is not as result.json says`);
    if ([...there.keys()].some((name) => name.startsWith('.xbarflow'))) throw new Error('remains were left');
    return files;
  });
}
