import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applySet,
  closest,
  formatQuantity,
  merge,
  parseDocument,
  parseQuantity,
  type Dimension,
} from '../../src/config/index.js';

describe('units', () => {
  it('reads published quantities', () => {
    expect(parseQuantity('29.31 ns', 'time')).toBe(29.31e-9);
    expect(parseQuantity('1.08pJ', 'energy')).toBe(1.08e-12);
    expect(parseQuantity('0.372 mm2', 'area')).toBe(0.372);
    expect(parseQuantity('278 um2', 'area')).toBeCloseTo(278e-6, 18);
    expect(parseQuantity('64 KiB', 'capacity')).toBe(64 * 1024 * 8);
    expect(parseQuantity('1.28 GSps', 'sampleRate')).toBe(1.28e9);
    expect(parseQuantity('6.4 GB/s', 'rate')).toBe(51.2e9);
  });

  it.each(['29.31', '29.31 xs', 'ns', '', '1 pJ', '1e999 ns', '0x10 ns', '1 2 ns'])(
    'refuses "%s" as a time',
    (text) => {
      expect(() => parseQuantity(text, 'time')).toThrow(/not a quantity in s \(expected a number with a unit/);
    },
  );

  it('parse(format(x)) = x to the digits shown', () => {
    const dimension = fc.constantFrom<Dimension>(
      'time',
      'energy',
      'power',
      'area',
      'frequency',
      'voltage',
      'current',
      'resistance',
      'length',
    );
    fc.assert(
      fc.property(dimension, fc.double({ min: 1e-14, max: 1e14, noNaN: true }), (d, x) => {
        const back = parseQuantity(formatQuantity(x, d), d);
        expect(Math.abs(back - x)).toBeLessThanOrEqual(5e-4 * x);
      }),
    );
  });
});

describe('documents', () => {
  it('a constant is replaced as a whole: no old source behind a new number', () => {
    const base = parseDocument('a: { value: 1 ns, source: paper }\nb: { x: 1, y: 2 }\n', 'base.yaml');
    const over = parseDocument('b: { y: 3 }\na: 2 ns\n', 'over.yaml');
    const merged = merge(base, over);
    expect(merged.tree).toEqual({ a: '2 ns', b: { x: 1, y: 3 } });
    expect(merged.origins.at(['a'])).toEqual({ file: 'over.yaml', line: 2, column: 1 });
    expect(merged.origins.at(['b', 'x'])).toMatchObject({ file: 'base.yaml', line: 2 });
    expect(merge(base, parseDocument('a: { value: 3 ns }', 'o.yaml')).tree.a).toEqual({ value: '3 ns' });
  });

  it('merging keeps what the upper document says and what it does not mention', () => {
    const tree = fc.letrec((tie) => ({
      tree: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof({ depthSize: 'small' }, fc.integer(), tie('tree')), {
        minKeys: 1,
        maxKeys: 3,
      }),
    })).tree;
    const leaves = (value: unknown, path = ''): [string, unknown][] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}/${key}`))
        : [[path, value]];
    fc.assert(
      fc.property(tree, tree, (a, b) => {
        const x = parseDocument(JSON.stringify(a), 'a.json');
        const y = parseDocument(JSON.stringify(b), 'b.json');
        const merged = new Map(leaves(merge(x, y).tree));
        for (const [path, value] of leaves(b)) expect(merged.get(path)).toBe(value);
        const touched = leaves(b).map(([path]) => path);
        for (const [path, value] of leaves(a))
          if (!touched.some((t) => path.startsWith(t) || t.startsWith(`${path}/`)))
            expect(merged.get(path)).toBe(value);
        expect(merge(x, parseDocument('{}', 'e.yaml')).tree).toEqual(x.tree);
      }),
    );
  });

  it('--set reads YAML, names itself in errors, and refuses bad paths', () => {
    const base = parseDocument('a: { b: 1 }\n', 'f.yaml');
    expect(applySet(base, 'a.c=[1, x]').tree).toEqual({ a: { b: 1, c: [1, 'x'] } });
    expect(applySet(base, 'a.b=').tree).toEqual({ a: { b: null } });
    for (const bad of ['a', '=1', 'a..b=1', '__proto__.x=1', 'a=[1'])
      expect(() => applySet(base, bad)).toThrow(/^--set/);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('refuses aliases that contain themselves, and reads plain ones', () => {
    expect(parseDocument('a: &x { b: 1 }\nc: *x\n', 'f.yaml').tree).toEqual({ a: { b: 1 }, c: { b: 1 } });
    expect(() => parseDocument('a: &x { b: *x }\n', 'f.yaml')).toThrow(/f\.yaml:1/);
  });

  it('suggests near words only', () => {
    expect(closest('netwrok', ['network', 'neurons'])).toBe('network');
    expect(closest('xyz', ['network', 'neurons'])).toBeUndefined();
  });
});
