// Configs of evaluations, trainings and attacks for the fuzzer: keys as the schemas have them, with values that fit and
// values that do not, on a network of one layer and two pictures.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as z from 'zod';
import type { TreeValue } from '../../src/config/index.js';
import { evaluate } from '../../src/experiment/evaluate/evaluate.js';
import { runAttack } from '../../src/experiment/functional/attack.js';
import { runTraining } from '../../src/experiment/functional/train.js';
import { finiteJson } from '../../src/result/finite.js';
import { configSchema, loadRun, type LoadedRun } from '../../src/run-config/index.js';
import { writeNpz, writeSafetensors } from '../../src/tensors/index.js';
import { diskPresets } from '../../src/config/files.node.js';
import type { Input } from './inputs.js';
import { presetsWith } from './presets.js';
import { WORDS } from './words.js';

/** Stands in texts for the folder of the model and the pictures. */
const FOLDER = '@FOLDER@';
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-fuzz-functional-'));
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});
writeFileSync(
  join(folder, 'network.yaml'),
  'name: n\ninput: { channels: 1, height: 2, width: 2 }\n' +
    'layers: [{ name: flat, type: flatten }, { name: fc, type: dense, features: 3 }]\n',
);
writeFileSync(
  join(folder, 'w.safetensors'),
  writeSafetensors([
    { name: 'fc.weight', dtype: 'f32', shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => i / 10 - 0.5) },
    { name: 'fc.bias', dtype: 'f32', shape: [3], data: Float32Array.of(0, 0.1, 0.2) },
  ]),
);
writeFileSync(
  join(folder, 'd.npz'),
  writeNpz([
    { name: 'x', dtype: 'f64', shape: [2, 1, 2, 2], data: Float64Array.of(1, 0.5, 0.25, 1, 1, 0, 0, 0.125) },
    { name: 'labels', dtype: 'i32', shape: [2], data: Int32Array.of(0, 1) },
  ]),
);

/** Pictures of which products leave what numbers can be. */
writeFileSync(
  join(folder, 'huge.npz'),
  writeNpz([
    { name: 'x', dtype: 'f64', shape: [2, 1, 2, 2], data: new Float64Array(8).fill(1.7e308) },
    { name: 'labels', dtype: 'i32', shape: [2], data: Int32Array.of(0, 1) },
  ]),
);

/** A JSON Schema, as far as it is followed here. */
interface Shape {
  type?: string;
  properties?: Record<string, Shape>;
  anyOf?: Shape[];
  enum?: TreeValue[];
  items?: Shape;
}

const HOSTILE: readonly TreeValue[] = [
  ...[0, -1, 1.5, 1e9, 2 ** 53 - 1, 2 ** 53, 1e308, -1e308, 1e-320, null, true, '', 'toString', '1e300 s', '1 ohm'],
  ...[[], {}, [1, 0], [1e308], ['x'], '/dev/zero', '../../x', WORDS.at(-1)!, { value: 1e308, source: 'x' }],
  ...[
    { value: 0.1, source: 'a\u2028b' },
    { deviation: 0.5 },
    `${FOLDER}/d.npz`,
    `${FOLDER}/huge.npz`,
    `${FOLDER}/w.safetensors`,
  ],
];

/** Values that a schema may well take. */
function fitting({ type, enum: choices, items, anyOf, properties }: Shape): fc.Arbitrary<TreeValue> {
  if (choices !== undefined) return fc.constantFrom(...choices);
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(fitting));
  if (properties !== undefined)
    return fc
      .tuple(
        ...Object.entries(properties).map(([key, one]) =>
          fc.tuple(
            fc.constant(key),
            fitting(one),
            ['value', 'source'].includes(key) ? fc.constant(true) : fc.boolean(),
          ),
        ),
      )
      .map((all): TreeValue => Object.fromEntries(all.flatMap(([key, value, there]) => (there ? [[key, value]] : []))));
  if (items !== undefined) return fc.array(fitting(items), { maxLength: 3 });
  if (type === 'integer') return fc.constantFrom(0, 1, 2, 3, 8, 100);
  if (type === 'number') return fc.constantFrom(0, 0.001, 0.1, 0.5, 1, 2, 30);
  if (type === 'boolean') return fc.boolean();
  return fc.constantFrom('1 s', '10 ohm', 'float16', 'x');
}

const TREES = ['functional', 'training', 'attack', 'data', 'test'] as const;
// Cast: what zod makes has these fields.
const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Shape;

/** Every key of a tree with what it may be. */
function keysOf({ properties = {} }: Shape, prefix: readonly string[] = []): [string[], Shape][] {
  return Object.entries(properties).flatMap(([key, one]): [string[], Shape][] => {
    const path = [...prefix, key];
    return [[path, one], ...keysOf(one, path)];
  });
}
const KEYS = Object.fromEntries(TREES.map((tree) => [tree, keysOf(schema.properties?.[tree] ?? {}, [tree])]));

/** Keys of some trees with values. */
const settings = (...trees: (typeof TREES)[number][]): fc.Arbitrary<[string[], TreeValue][]> =>
  fc.array(
    fc
      .constantFrom(...trees.flatMap((tree) => KEYS[tree]!))
      .chain(([path, shape]) =>
        fc.tuple(
          fc.constant(path),
          fc.oneof({ weight: 3, arbitrary: fitting(shape) }, { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) }),
        ),
      ),
    { minLength: 1, maxLength: 2 },
  );

const DATA: TreeValue = { kind: 'npz', inputs: `${FOLDER}/d.npz` };
const START: Readonly<Record<string, Record<string, TreeValue>>> = {
  evaluation: { extends: 'isaac' },
  training: {
    ...{ extends: 'pipelayer', workload: { mode: 'training', batch: 2, images: 2 } },
    training: { epochs: 1, batch: 2, attackOn: [] },
  },
  attack: { extends: 'a3', workload: { mode: 'attack', batch: 2, iterations: 1 }, attack: { iterations: 2 } },
};

/** The config of a command with some trees in place of its own. */
export function functionalInput(
  kind: 'evaluation' | 'training' | 'attack',
  trees: Readonly<Record<string, TreeValue>>,
): Input {
  const start = START[kind]!;
  const files = { network: `${FOLDER}/network.yaml`, model: { weights: `${FOLDER}/w.safetensors` }, data: DATA };
  return { kind, name: '/functional.yaml', text: JSON.stringify({ ...start, ...files, ...trees }) };
}

/** Puts a value at a path of a tree, in place of what is no tree on the way. */
function put(tree: Record<string, TreeValue>, [key, ...rest]: readonly string[], value: TreeValue): void {
  if (rest.length === 0) tree[key!] = value;
  else {
    const inner = tree[key!];
    const below = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? { ...inner } : {};
    put(below, rest, value);
    tree[key!] = below;
  }
}

const configOf = (
  kind: 'evaluation' | 'training' | 'attack',
  ...trees: (typeof TREES)[number][]
): fc.Arbitrary<Input> =>
  settings(...trees).map((sets) => {
    const config: Record<string, TreeValue> = {
      ...structuredClone(START[kind]),
      ...{ network: `${FOLDER}/network.yaml`, model: { weights: `${FOLDER}/w.safetensors` }, data: DATA },
    };
    for (const [path, value] of sets) put(config, path, value);
    return { kind, name: '/functional.yaml', text: JSON.stringify(config) };
  });

/** Configs of the command evaluate. */
export const evaluation = configOf('evaluation', 'functional', 'functional', 'data');
/** Configs of the command train. */
export const training = configOf('training', 'training', 'training', 'functional', 'data', 'test');
/** Configs of the command attack. */
export const attack = configOf('attack', 'attack', 'attack', 'functional', 'data');

/** An input may ask for much where whoever waits hears of it: work ends with the first word after this. */
const TOLD_MS = 300;
const ENOUGH = new Error('goes on');

/** Runs a config by what its command calls. */
export async function functionalRun({ kind, name, text = '' }: Input): Promise<unknown> {
  const run: LoadedRun = loadRun(presetsWith(name, text.replaceAll(FOLDER, folder)), name);
  const started = performance.now();
  const progress = (): void => {
    if (performance.now() - started > TOLD_MS) throw ENOUGH;
  };
  const watched = { folder: undefined, resume: false, progress };
  const done = async (): Promise<object> => {
    if (kind === 'training') return (await runTraining(run, watched)).result;
    if (kind === 'attack') return (await runAttack(run, watched)).result;
    const flags = { images: undefined, keepsLogits: false, keepsActivity: false };
    return (await evaluate(run, diskPresets, flags, { progress })).evaluation;
  };
  try {
    return finiteJson({ ...(await done()) }, run.label);
  } catch (error) {
    if (error === ENOUGH) return null;
    throw error;
  }
}
