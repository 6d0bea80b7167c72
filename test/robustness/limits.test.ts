// What a file says never takes long, never takes the memory, and is refused with one line. Inputs are so large that a
// way which is not linear would not end before the test's own limit; where work can be counted it is.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { MemoryBudget } from '../../src/config/budget.js';
import { diskPresets } from '../../src/config/files.node.js';
import {
  ConfigError,
  Origins,
  UserError,
  applySet,
  fitsPattern,
  loadConfig,
  merge,
  parseDocument,
  parseQuantity,
  validate,
} from '../../src/config/index.js';
import { readWhole } from '../../src/config/reading.node.js';
import { parseComparison } from '../../src/experiment/sweep/comparison.js';
import { loadSweep, planSweep } from '../../src/experiment/sweep/index.js';
import { selectNumbers } from '../../src/experiment/validate/select.js';
import { configSchema } from '../../src/run-config/index.js';
import { readCsv } from '../../src/workload/csv.js';
import { loaded, presetsWith } from '../helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-limits-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const refused = (use: () => unknown): string => {
  try {
    use();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  return 'accepted';
};

describe('patterns', () => {
  it('fit as a regular expression does', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(word, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }), (pattern, name) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
        expect(fitsPattern(pattern, name)).toBe(expression.test(name));
      }),
      { numRuns: 2000 },
    );
  });

  it('of 5,000 stars are tried against a long name without going back', () => {
    const pattern = `${'a*'.repeat(5000)}b`;
    const name = 'a'.repeat(100_000);
    expect(fitsPattern(pattern, name)).toBe(false);
    expect(fitsPattern(pattern, `${name}b`)).toBe(true);
    expect(selectNumbers({ [name]: 1, [`${name}b`]: 2 }, `[${pattern}]`)).toHaveLength(1);
  });
});

const anchors = (length: number, line: (i: number) => string): string =>
  Array.from({ length }, (_, i) => `${line(i)}\n`).join('');

describe('documents', () => {
  it.each([
    [
      'aliases of aliases',
      anchors(12, (i) => `a${i}: &a${i} [${i === 0 ? '1' : Array.from({ length: 9 }, () => `*a${i - 1}`).join()}]`),
    ],
    ['merges of merges', anchors(24, (i) => `m${i}: &m${i} { ${i === 0 ? 'k: 1' : `a: *m${i - 1}, b: *m${i - 1}`} }`)],
    ['lists in lists', `a: ${'['.repeat(50_000)}`],
    ['mappings in mappings', `a: ${'{a: '.repeat(3000)}1${'}'.repeat(3000)}`],
    ['more than the parser should see', `a: ${'x'.repeat(5 * 2 ** 20)}`],
  ])('%s are refused at once', (_, text) => {
    expect(refused(() => parseDocument(text, 'a.yaml'))).toMatch(/^a\.yaml:.*(too large|nested|within|expected)/);
  });

  it('of 60,000 unknown keys the first is told', () => {
    const text = `network: vgg-a\n${Array.from({ length: 60_000 }, (_, i) => `key${i}: ${i}\n`).join('')}`;
    const document = parseDocument(text, 'a.yaml');
    const both = merge(parseDocument(text, 'b.yaml'), document);
    expect(refused(() => validate(configSchema, both))).toMatch(/^a\.yaml:2:1: key0: unknown key/);
    expect(refused(() => parseDocument('a: 1\nb: 2\na: 3\n', 'a.yaml'))).toBe(
      'a.yaml:3:1: YAML: the key a stands here a second time',
    );
  });

  it('40,000 aliases of one anchor are found in one walk', () => {
    const text = `a: &a 1\nlist: [${'*a, '.repeat(40_000)}]\n`;
    expect(parseDocument(text, 'a.yaml').tree.list).toHaveLength(40_000);
  });

  it('an alias means the anchor before it', () => {
    expect(parseDocument('a: &x 1\nb: *x\nc: &x 2\nd: *x\n', 'a.yaml').tree).toEqual({ a: 1, b: 1, c: 2, d: 2 });
    expect(refused(() => parseDocument('a: *x\nb: &x 1\n', 'a.yaml'))).toMatch(/alias/);
    expect(refused(() => parseDocument('a: &x [*x]\n', 'a.yaml'))).toMatch(/contains itself/);
  });
});

describe('places of keys', () => {
  it('copies do not change each other', () => {
    const at = (line: number) => ({ file: 'f', line, column: 1 });
    const base = new Origins(at(1));
    base.set(['a', 'b'], at(2));
    const copy = base.copy();
    copy.set(['a', 'b'], at(3));
    base.set(['a', 'c'], at(4));
    const over = new Origins(at(9));
    over.set(['a'], at(10));
    over.set(['a', 'd'], at(11));
    const adopted = copy.copy();
    adopted.adopt(['a'], over);
    over.set(['a', 'd'], at(12));
    expect(base.at(['a', 'b']).line).toBe(2);
    expect(copy.at(['a', 'b']).line).toBe(3);
    expect(copy.at(['a', 'c']).line).toBe(1);
    expect([adopted.at(['a', 'd']).line, adopted.at(['a', 'b']).line]).toEqual([11, 10]);
    expect([...adopted.under('x').entries()].map(([path]) => path)).toEqual(['x/a', 'x/a/d']);
  });
});

describe('files that extend others', () => {
  it('40 that extend the next twice are read once each', () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `/c/${i}.yaml`,
        i === 39 ? 'network: vgg-a\n' : `extends: [./${i + 1}.yaml, ./${i + 1}.yaml]\n`,
      ]),
    );
    const presets = presetsWith(files);
    const read: string[] = [];
    const counting = {
      ...presets,
      files: {
        ...presets.files,
        read: (path: string) => {
          if (path.startsWith('/c/')) read.push(path);
          return presets.files.read(path);
        },
      },
    };
    expect(loadConfig(counting, ['runs'], '/c/0.yaml').tree).toEqual({ network: 'vgg-a' });
    expect(new Set(read).size).toBe(40);
    // Each may be looked for and then read.
    expect(read.length).toBeLessThanOrEqual(80);
  });

  it('2,000 in a row are refused where the chain is too long', () => {
    const files = Object.fromEntries(
      Array.from({ length: 2000 }, (_, i) => [`/c/${i}.yaml`, `extends: ./${i + 1}.yaml\n`]),
    );
    expect(refused(() => loadConfig(presetsWith(files), ['runs'], '/c/0.yaml'))).toMatch(
      /^\/c\/\d+\.yaml:1:1: extends: more than 100 files/,
    );
  });
});

describe('words of long lines', () => {
  it.each([
    ['a comparison', () => parseComparison(`a.b <=${' '.repeat(200_000)}x${' '.repeat(200_000)}or a.b <= 1`)],
    ['a quantity', () => parseQuantity(`1 ns ${'/ 1'.repeat(100_000)}`, 'time')],
    ['a quantity of blanks', () => parseQuantity(`1${' '.repeat(300_000)}`, 'time')],
    ['a quoted cell', () => readCsv(`"${'a""'.repeat(1_000_000)}"\n`, 'a.csv')],
  ])('%s is read or refused at once', (_, use) => {
    try {
      use();
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(2500);
      expect(error).not.toBeInstanceOf(RangeError);
    }
  });

  it.each(['toString', 'constructor', '__proto__', 'valueOf', 'hasOwnProperty'])(
    '%s is a value like others',
    (word) => {
      for (const key of ['network', 'crossbar.device', 'chip.clock', 'workload.mode', 'sensing.kind', 'device.read'])
        expect(refused(() => loaded('pipelayer', [`${key}=${word}`]))).toMatch(new RegExp(key.split('.').at(-1)!));
      expect(refused(() => loaded('pipelayer', [`chip.clock=3 ${word}`]))).toMatch(/not a quantity/);
      expect(refused(() => loaded('pipelayer', [`device.read.latency={ law: ${word} }`]))).toMatch(/law/);
      expect(refused(() => loaded(word))).toMatch(/no .* named/);
    },
  );

  it('an override with hundreds of dots is refused', () => {
    expect(refused(() => applySet(parseDocument('a: 1', 'a'), `${'a.'.repeat(5000)}b=1`))).toMatch(
      /expected key\.path/,
    );
  });
});

describe('what is no plain file', () => {
  it.each([
    ['/dev/zero', 'a device'],
    ['/dev/null', 'a device'],
    ['/dev', 'a folder'],
  ])('%s is refused: %s', (path, kind) => {
    expect(refused(() => readWhole(path))).toBe(`${path} is ${kind}, expected a file`);
  });

  it('a pipe that nobody writes to is refused', () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    expect(refused(() => loadConfig(diskPresets, ['runs'], `${folder}/./pipe`))).toMatch(/is a pipe, expected a file/);
  });

  it('a file beyond its budget is refused before it is read', () => {
    const path = join(folder, 'large');
    writeFileSync(path, new Uint8Array(2000));
    expect(refused(() => readWhole(path, 1000))).toMatch(/has 2000 bytes, expected at most 1000/);
    expect(
      refused(() => {
        new MemoryBudget('f', 100).take(NaN, 'x');
      }),
    ).toMatch(/--max-memory/);
  });
});

describe('sweeps', () => {
  const plan = async (text: string): Promise<unknown> => {
    const presets = presetsWith({ '/s.yaml': `config: pipelayer\n${text}` });
    return planSweep(presets, loadSweep(presets, '/s.yaml'));
  };
  const axis = (key: string, count: number): string =>
    `{ key: ${key}, range: { from: 1, to: 1000000, count: ${count} } }`;

  it.each([
    ['millions of points', `axes: [${axis('crossbar.rows', 2200)}, ${axis('crossbar.columns', 2200)}]\n`, /memory/],
    [
      'a sample of a billion',
      `axes: [${axis('crossbar.rows', 9)}]\nsample: { method: random, count: 1000000000 }\n`,
      /memory/,
    ],
    [
      'latin hypercube of a billion',
      `axes: [${axis('crossbar.rows', 9)}]\nsample: { method: latin-hypercube, count: 1000000000 }\n`,
      /memory/,
    ],
    [
      'conditions that never hold',
      `axes: [${axis('crossbar.rows', 100000)}, ${axis('crossbar.columns', 100000)}, ` +
        `${axis('workload.batch', 100000)}]\nconditions: ["crossbar.rows < 0"]\nlimit: 10\n`,
      /hold for 0 of the first/,
    ],
    [
      '__proto__ in an axis key',
      'axes: [{ key: crossbar.__proto__.rows, values: [1] }]\n',
      /:2:\d+: axes\.0: .*not allowed/,
    ],
    ['__proto__ among points', 'axes: [{ points: [{ constructor.x: 1 }] }]\n', /not allowed/],
    [
      'keys that differ in case',
      'axes: [{ key: crossbar.rows, values: [1] }, { key: crossbar.Rows, values: [1] }]\n',
      /large and small letters only/,
    ],
    [
      'a constraint on a word',
      'axes: [{ key: crossbar.rows, values: [1] }]\nconstraints: ["area.totalMm2 <= small"]\n',
      /:3:\d+: constraints\.0: compares with "small"/,
    ],
    [
      'SQL in a constraint',
      `axes: [{ key: crossbar.rows, values: [1] }]\nconstraints: ["area.totalMm2 <= 1); DROP TABLE results; --"]\n`,
      /expected a number or a figure/,
    ],
    [
      'an unknown figure',
      'axes: [{ key: crossbar.rows, values: [1] }]\nobjectives: { toString: minimize }\n',
      /objectives\.toString/,
    ],
    [
      'an endless range',
      'axes: [{ key: crossbar.rows, range: { from: -1.7e308, to: 1.7e308, count: 3 } }]\n',
      /too wide/,
    ],
  ])('%s', async (_, text, message) => {
    const error: unknown = await plan(text).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(message);
  });

  it('a condition on what is not swept still holds', async () => {
    const points = await plan(
      'axes: [{ key: crossbar.rows, values: [64, 128, 256] }]\nconditions: ["crossbar.rows ' +
        '<= crossbar.columns", "crossbar.rows > 64"]\n',
    );
    expect(points).toHaveLength(1);
  });
});

it('a config error has its place', () => {
  expect(() => parseDocument('[1]', 'a')).toThrow(ConfigError);
});
