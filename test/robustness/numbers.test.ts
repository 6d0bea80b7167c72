// Evaluations, trainings and attacks on numbers that no result can hold, and on counts that no machine has room for:
// one line that names the reason, before the work where it can be known.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { MemoryBudget } from '../../src/config/budget.js';
import { UserError } from '../../src/config/index.js';
import { evaluate } from '../../src/experiment/evaluate/evaluate.js';
import { runAttack } from '../../src/experiment/functional/attack.js';
import { runTraining } from '../../src/experiment/functional/train.js';
import { readTable } from '../../src/functional/data/table.js';
import { finiteJson, notFinite } from '../../src/result/finite.js';
import { loadRun, type LoadedRun } from '../../src/run-config/index.js';
import { writeNpz, writeSafetensors } from '../../src/tensors/index.js';

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-numbers-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const network = (layer: object = {}): string =>
  file(
    'network.yaml',
    JSON.stringify({
      name: 'n',
      input: { channels: 1, height: 2, width: 2 },
      layers: [
        { name: 'flat', type: 'flatten' },
        { name: 'fc', type: 'dense', features: 3, ...layer },
      ],
    }),
  );
const weights = (scale: number): string =>
  file(
    'w.safetensors',
    writeSafetensors([
      { name: 'fc.weight', dtype: 'f32', shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => scale * i) },
      { name: 'fc.bias', dtype: 'f32', shape: [3], data: Float32Array.of(0, 1, 2) },
    ]),
  );
/** Two pictures; the first has this value in a corner. */
const samples = (value: number): string =>
  file(
    'd.npz',
    writeNpz([
      { name: 'x', dtype: 'f64', shape: [2, 1, 2, 2], data: Float64Array.of(value, 0.5, 0.25, 1, 1, 0, 0, 0.125) },
      { name: 'labels', dtype: 'i32', shape: [2], data: Int32Array.of(0, 1) },
    ]),
  );

function runOf(preset: string, sets: readonly string[], value = 1, layer: object = {}): LoadedRun {
  const data = `{ kind: npz, inputs: ${samples(value)} }`;
  const own = [`network=${network(layer)}`, `model.weights=${weights(0.1)}`, `data=${data}`];
  return loadRun(diskPresets, preset, [...own, ...sets]);
}

/** The line that refuses; the result where nothing does. */
async function lineOf<T>(work: () => Promise<T> | T): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

const FLAGS = { images: undefined, keepsLogits: false, keepsActivity: false };
const evaluated = (sets: readonly string[], value?: number) =>
  lineOf(async () => (await evaluate(runOf('isaac', sets, value), diskPresets, FLAGS)).evaluation);

/** A constant of the config. */
const sourced = (value: string): string => `{ value: ${value}, source: x }`;

describe('an evaluation', () => {
  it('of ordinary numbers has finite figures', async () => {
    const evaluation = await evaluated([]);
    expect(evaluation).toMatchObject({ images: 2 });
    expect(notFinite(evaluation)).toBeUndefined();
  });

  it.each([
    ['samples near the largest double', [], 1e308],
    [
      'converters whose errors are',
      [`functional.noise.adc={ noise: ${sourced('1e308')}, inl: ${sourced('1e308')}, offset: ${sourced('1e308')} }`],
      1,
    ],
  ] as const)('%s: the layer and the figure are named', async (_, sets, value) => {
    expect(await evaluated(sets, value)).toMatch(/isaac: layer "fc": \w+ would be (NaN|-?Infinity), which no result/);
  });

  it.each(['offset', 'gain', 'inl', 'noise'])('converters whose %s is below 0 are refused', async (key) => {
    expect(await evaluated([`functional.noise.adc={ ${key}: ${sourced('-0.5')} }`])).toMatch(
      new RegExp(`functional\\.noise\\.adc\\.${key}.*: found -0\\.5, expected a number`),
    );
  });

  it('times by which others are divided are above 0', async () => {
    const drift = `functional.noise.drift={ after: 0 s, exponent: ${sourced('1')}, reference: ${sourced('0 s')} }`;
    expect(await evaluated([drift])).toMatch(/noise\.drift\.reference.*expected a quantity above 0/);
    const retention = `functional.noise.retention={ after: 0 s, time: ${sourced('0 s')} }`;
    expect(await evaluated([retention])).toMatch(/noise\.retention\.time.*expected a quantity above 0/);
  });

  it.each(['integer', 'crossbar'])(
    '%s: inputs of one bit, or of more than integers hold, are refused',
    async (kind) => {
      for (const bits of [1, 33])
        expect(await evaluated([`functional.backend=${kind}`, `inputs.bits=${bits}`])).toMatch(
          new RegExp(`inputs\\.bits: found ${bits}; expected 2 to 32`),
        );
      for (const bits of [2, 32])
        expect(await evaluated([`functional.backend=${kind}`, `inputs.bits=${bits}`])).toMatchObject({ images: 2 });
    },
  );

  it.each([
    ['weights.bits', 2],
    ['weights.bits', 17],
    ['inputs.bits', 2],
    ['inputs.bits', 17],
  ])('LogNet: %s=%i is refused at its key', async (key, bits) => {
    expect(await evaluated(['functional.backend=lognet', 'crossbar.cellBits=1', `${key}=${bits}`])).toMatch(
      new RegExp(`${key.replace('.', '\\.')}: found ${bits}; expected 3 to 16 for functional\\.backend lognet`),
    );
  });

  it.each([1e9, 1e12, Number.MAX_SAFE_INTEGER])('of %i trials takes more memory than it may', async (trials) => {
    expect(await evaluated([`functional.trials=${trials}`])).toMatch(
      / trials: their cells: would take more than 1 GiB/,
    );
  });

  it('cells are written a thousand times at most, and whoever waits hears of it', async () => {
    const verify = (writes: number): string =>
      `functional.noise.programming={ deviation: ${sourced('0.5')}, verify: { tolerance: 0, writes: ${writes} } }`;
    expect(await evaluated([verify(1001)])).toMatch(
      /verify\.writes: found 1001, expected a whole number from 1 to 1000/,
    );
    let told = 0;
    await evaluate(runOf('isaac', [verify(1000)]), diskPresets, FLAGS, { progress: () => told++ });
    // A line of an array each; the part itself is told of once.
    expect(told).toBeGreaterThan(3);
  });
});

describe('a table of samples', () => {
  const read = (text: string, labels = 'last') =>
    lineOf(() => readTable(text, 'd.csv', labels, new MemoryBudget('d.csv', 1e6)).count);

  it.each([
    ['1,2,Infinity,0\n5,6,7,1\n', 'd.csv: line 1, column 3: "Infinity" is no number'],
    ['1,nan,3,0\n5,6,7,1\n', 'd.csv: line 1, column 2: "nan" is no number'],
    ['1,,3,0\n5,6,7,1\n', 'd.csv: line 1, column 2: "" is no number'],
    ['1,2,x,0\n5,6,7,1\n', 'd.csv: line 1, column 3: "x" is no number'],
    ['1,2,3,4294967296\n', 'd.csv: line 1: label "4294967296" is no class'],
    ['1,2,3,9007199254740993\n', 'd.csv: line 1: label "9007199254740993" is no class'],
  ])('%j', async (text, line) => {
    expect(await read(text)).toBe(line);
  });

  it('may begin with names, or with numbers of columns beside a name', async () => {
    for (const head of ['a,b,c,label', ',b,c,label', '0,1,2,label', 'label,1,2,3', 'label,0,1,2'])
      expect(await read(`${head}\n5,6,7,1\n`)).toBe(1);
    expect(await read('a,a,b,c\n1,2,3,0\n', 'a')).toBe('d.csv: has two columns "a"');
  });
});

describe('an attack', () => {
  const attacked = (attack: string, sets: readonly string[] = []) =>
    lineOf(async () => {
      const run = runOf('a3', [`attack={ ${attack} }`, ...sets]);
      const { result } = await runAttack(run, { folder: undefined, resume: false, progress: () => undefined });
      return finiteJson(result, 'a3');
    });

  it('of which a distance is no number', async () => {
    expect(await attacked('method: fgsm, epsilon: 1e308, range: [-1e308, 1e308]')).toMatch(
      /^a3: distortion\.\w+ would be Infinity, which no result can hold/,
    );
  });

  it('with inputs of one bit', async () => {
    const sets = ['inputs.bits=1', 'attack.backend=crossbar'];
    expect(await attacked('method: fgsm', sets)).toMatch(/inputs\.bits: found 1; expected 2 to 32/);
  });

  it('starts and masks hold finite numbers', async () => {
    const path = file(
      's.npz',
      writeNpz([{ name: 'start', dtype: 'f64', shape: [2, 1, 2, 2], data: new Float64Array(8).fill(NaN) }]),
    );
    expect(await attacked(`method: pgd, start: ${path}`)).toMatch(
      /attack\.start: .*element 0 is NaN, expected a finite/,
    );
  });

  it('of one step through many pictures says that it goes on', async () => {
    const run = runOf('a3', ['attack={ method: onepixel, iterations: 1, population: 30 }']);
    let told = 0;
    await runAttack(run, { folder: undefined, resume: false, progress: () => told++ });
    // A step takes each candidate and its child through the network, one after the other.
    expect(told).toBeGreaterThanOrEqual(60);
  });

  it('of many large candidates has a budget', async () => {
    const run = runOf('a3', ['attack={ method: onepixel, pixels: 4, population: 100000 }']);
    const small = { ...run, maxMemory: 2 ** 20 };
    const nobody = { folder: undefined, resume: false, progress: () => undefined };
    expect(await lineOf(() => runAttack(small, nobody))).toMatch(
      /^100000 candidates of 4 pixels: would take more than 1 MiB of memory; --max-memory/,
    );
  });

  it.each([
    ['method: onepixel, pixels: 5', /attack\.pixels: found 5, a picture has 4/],
    ['method: onepixel, population: 100001', /attack\.population: found 100001, expected a whole number from 4 to 1/],
    ['method: rp2, transforms: { shift: 3 }', /attack\.transforms\.shift: found 3, a picture has 2 pixels a side/],
  ])('%s: no more than there is', async (attack, line) => {
    expect(await attacked(attack)).toMatch(line);
  });
});

describe('a training', () => {
  const trained = (sets: readonly string[], layer: object = {}) =>
    lineOf(async () => {
      const out = mkdtempSync(join(folder, 'out-'));
      const run = runOf('pipelayer', ['workload.mode=training', ...sets], 1, layer);
      let steps = 0;
      const line = await lineOf(() => runTraining(run, { folder: out, resume: false, progress: () => steps++ }));
      return { line, steps, files: readdirSync(out) };
    });

  it.each([
    [
      'designs that it times at the end',
      ['training.adversarial=true', 'training.attackOn=[nosuch]'],
      {},
      /no .*nosuch/,
    ],
    ['names that its checkpoints cannot hold', ['model.weights=null'], { name: '../../x' }, /cannot be that of a file/],
    [
      'weights that no memory holds',
      ['model.weights=null'],
      { features: 1e9 },
      /5000000000 weights in training: would/,
    ],
  ])('%s are looked at before it', async (_, sets, layer, line) => {
    const own = sets.filter((set) => set !== 'model.weights=null');
    const run = (): LoadedRun => {
      const made = runOf('pipelayer', ['workload.mode=training', ...own], 1, layer);
      return own.length === sets.length ? made : { ...made, config: { ...made.config, model: undefined } };
    };
    const out = mkdtempSync(join(folder, 'out-'));
    let steps = 0;
    const said = await lineOf(() => runTraining(run(), { folder: out, resume: false, progress: () => steps++ }));
    expect([said, steps, readdirSync(out)]).toEqual([expect.stringMatching(line), 0, []]);
  });

  it('with an attack of many steps says that it goes on', async () => {
    let told = 0;
    const attack = 'attack={ method: bim, iterations: 30, epsilon: 0.1 }';
    const run = runOf('pipelayer', ['workload.mode=training', 'training.adversarial=true', attack]);
    await runTraining(run, { folder: undefined, resume: false, progress: () => told++ });
    expect(told).toBeGreaterThanOrEqual(30);
  });

  it('with inputs of one bit is refused', async () => {
    const line = /inputs\.bits: found 1; expected 2 to 32/;
    const { line: said } = (await trained(['inputs.bits=1', 'training.backend=integer'])) as { line: string };
    expect(said).toMatch(line);
  });

  it('gives a device a thousand pulses to verify at most', async () => {
    expect(await trained(['training.device.verify=1001'])).toMatch(
      /verify: found 1001, expected a whole number from 0 /,
    );
  });
});
