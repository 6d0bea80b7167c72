// Long lists of one-line mappings are read without the YAML parser: to the same data, the same places, the same faults.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseDocument, type Loaded } from '../../src/config/document.js';
import { withoutPlainItems } from '../../src/config/plain-items.js';

/** An ampersand, which anchors begin with, has the parser read all; in a comment it changes nothing else. */
const byParser = (text: string): string => `${text}\n# &`;

const read = (text: string): unknown => {
  try {
    const { tree, origins }: Loaded = parseDocument(text, 'n.yaml');
    return { tree, places: [...origins.entries()] };
  } catch {
    // What is refused is refused by the parser, of the whole text.
    return 'refused';
  }
};

const line = (i: number): string =>
  `  - { name: fc${i}, type: dense, features: ${i}, bias: false, from: [a, fc${i}, 3] }`;
const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => line(i));

const word = fc.constantFrom('a', 'conv2d', 'x/y.z-1', 'true', 'false', '0', '17', '123456789012345');
const odd = fc.constantFrom(
  '  - { a: yes, b: null, c: ~ }',
  '  - { a: 1.5, b: 1e3, c: 0x10, d: 010, e: -1 }',
  '  - { a: "1", b: \'x\' }',
  '  - { a: b:c, d: [] }',
  '  - { a: 1 } # why',
  '  - { a: { b: 1 } }',
  '  - { a: 1, a: 2 }',
  '  - { __proto__: 1 }',
  '  - { a: 1234567890123456 }',
  '  - { a: 1',
  '  - a: { b: 1 }',
  '    c: 2',
  '   - { a: 1 }',
  '  - { a: 1 }\r',
  '  text: |',
  '',
  '  # remark',
  'more:',
  '- { a: 1 }',
);
const pair = fc.tuple(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 })),
);
const plain = fc.uniqueArray(pair, { minLength: 1, maxLength: 4, selector: ([key]) => key }).map((pairs) => {
  const written = pairs.map(([key, value]) => `${key}: ${Array.isArray(value) ? `[${value.join(', ')}]` : value}`);
  return `  - { ${written.join(', ')} }`;
});

describe('long lists of one-line mappings', () => {
  it('are taken out of what the parser reads, all other lines where they were', () => {
    const text = `name: n\nlayers:\n${lines(20).join('\n')}\nlast: 1\n`;
    const { text: rest, runs } = withoutPlainItems(text)!;
    expect(rest).toHaveLength(text.length);
    expect(rest.split('\n').map((one) => one.trimEnd())).toEqual([
      'name: n',
      'layers:',
      '  - ""',
      ...Array<string>(19).fill(''),
      'last: 1',
      '',
    ]);
    expect([...runs.values()].map((run) => run.length)).toEqual([20]);
    expect(withoutPlainItems(`layers:\n${lines(15).join('\n')}`)).toBeNull();
  });

  it('have the data that YAML gives them, and the places of keys and of the values of lists', () => {
    const text = `layers:\n${lines(20).join('\n')}\nlast: 1\n`;
    const { tree, origins } = parseDocument(text, 'n.yaml');
    expect(tree).toEqual(parse(text));
    expect(origins.at(['layers', 3])).toEqual({ file: 'n.yaml', line: 5, column: 5 });
    expect(origins.at(['layers', 3, 'type'])).toEqual({ file: 'n.yaml', line: 5, column: 18 });
    expect(line(3).slice(17, 21)).toBe('type');
    expect(origins.at(['layers', 3, 'from', 1])).toEqual({
      file: 'n.yaml',
      line: 5,
      column: line(3).indexOf('fc3,', 20) + 1,
    });
    expect(origins.at(['last'])).toEqual({ file: 'n.yaml', line: 22, column: 1 });
  });

  it.each([
    ['text of several lines', `a: |\n${lines(20).join('\n')}\nb: 1`],
    ['a word that goes on', `a: word\n${lines(20).join('\n')}\nb: 1`],
    ['quotes', `a: "\n${lines(20).join('\n')}\n"`],
    ['a list in brackets', `a: [\n${lines(20).join('\n')}\n]`],
    ['no list here', `a: 1\n${lines(20).join('\n')}`],
    ['a second document', `a:\n${lines(20).join('\n')}\n---\nb: 1`],
    ['an anchor', `a: &x\n${lines(20).join('\n')}\nb: *x`],
    ['an unknown alias', `a:\n${lines(20).join('\n')}\nb: *x`],
    ['a line further in behind it', `a:\n${lines(20).join('\n')}\n\n      more\n`],
    ['further pairs behind it', `a:\n${lines(20).join('\n')}\n    more: 1\n`],
    ['items that stand elsewhere', `a:\n${lines(20).join('\n')}\n   - { a: 1 }`],
    ['a key that stands twice', `a:\n${lines(20).join('\n')}\na: 1`],
    [
      'a key of their own that stands twice',
      `a:\n${lines(20).join('\n')}\n  - { b: 1, b: 2 }\n${lines(20).join('\n')}`,
    ],
    ['two lists', `a:\n${lines(20).join('\n')}\nb:\n${lines(20).join('\n')}`],
    [
      'a list in a list',
      `a:\n  -\n${lines(20)
        .map((one) => `  ${one}`)
        .join('\n')}`,
    ],
  ])('%s: as the parser reads it', (_, text) => {
    expect(read(text)).toEqual(read(byParser(text)));
  });

  it('any lists, as the parser reads them', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            { weight: 3, arbitrary: fc.array(plain, { minLength: 14, maxLength: 20 }) },
            { weight: 1, arbitrary: odd.map((one) => [one]) },
          ),
          {
            minLength: 1,
            maxLength: 5,
          },
        ),
        fc.constantFrom('layers:\n', 'layers: word\n', 'layers: |\n', ''),
        (blocks, head) => {
          const text = `${head}${blocks.flat().join('\n')}\n`;
          expect(read(text)).toEqual(read(byParser(text)));
        },
      ),
      { numRuns: 100 },
    );
  });
});
