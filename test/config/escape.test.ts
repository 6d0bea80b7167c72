// One escape for all output, and names that become files.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MOST_MESSAGE,
  csvName,
  csvText,
  escapeHtml,
  messageLine,
  nameOfCsv,
  scriptJson,
  visible,
  visibleStyled,
  visibleStyledText,
  visibleText,
} from '../../src/config/escape.js';
import { UserError, suggestion } from '../../src/config/index.js';
import { fileName, fileNames } from '../../src/config/file-names.js';
import { plainStyle, toCsv } from '../../src/report/index.js';
import { table } from '../../src/report/terminal/table.js';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });

describe('text from files', () => {
  it('is one visible line of at most 2,000 characters in every message', () => {
    fc.assert(
      fc.property(anyText, fc.nat(3000), (text, times) => {
        const { message } = new UserError(`a.yaml:1:1: ${text.repeat(times)}: expected b`);
        expect(message.length).toBeLessThanOrEqual(MOST_MESSAGE);
        expect(message).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e]/u);
        expect(message.startsWith('a.yaml:1:1: ')).toBe(true);
        expect(message.endsWith(': expected b')).toBe(true);
      }),
      { numRuns: 200 },
    );
    expect(messageLine('a\u2028b\nc\u001b[31m\u009b')).toBe('a\\u2028b\\u000ac\\u001b[31m\\u009b');
    expect(messageLine('x'.repeat(50_000_000)).length).toBe(MOST_MESSAGE);
  });

  it('keeps the styles of a terminal line and no other escape', () => {
    expect(visibleStyled('\u001b[1mhead\u001b[22m \u001b[2J')).toBe('\u001b[1mhead\u001b[22m \\u001b[2J');
    expect(table(['na\nme'], [['\u001b[2Ja\u2029']], plainStyle())).not.toMatch(/\u001b|\u2029|na\nme/);
  });

  it('keeps styles alone in a terminal, and nothing but line ends and tabs elsewhere', () => {
    const text = '\u001b[1mhead\u001b[22m\n\ta\rb\u001b[31mc\u001b]0;d\u0007';
    expect(visibleStyledText(text)).toBe('\u001b[1mhead\u001b[22m\n\ta\\u000db\\u001b[31mc\\u001b]0;d\\u0007');
    expect(visibleText(text)).not.toMatch(/[\u001b\r]/);
  });

  it.each(['=1+1', '@SUM(A1)', '+cmd', '-2+3', ' =x', '\t=x', '\r=x', "'=x"])('%j is no formula in a CSV', (name) => {
    expect(csvText(name)).not.toMatch(/^[\s=+@-]/);
    expect(toCsv([{ name }]).split('\n')[1]).not.toMatch(/^"?[\s=+@-]/);
    expect(nameOfCsv(csvName(name))).toBe(name);
  });

  it('numbers stay numbers in a CSV', () => {
    expect(toCsv([{ a: -1.5e-9, b: '-3', c: '+1e5' }])).toBe('a,b,c\n-1.5e-9,-3,+1e5\n');
  });

  it('any name is read back from a CSV', () => {
    fc.assert(fc.property(anyText, (name) => nameOfCsv(csvName(name)) === name));
  });

  it('is text in HTML, a string in scripts and expressions', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'\u0000-\u0008\u007f-\u009f]/);
        const script = scriptJson([text]);
        expect(script).not.toMatch(/[<>&\u2028\u2029\u0000-\u001f]/);
        expect(JSON.parse(script)).toEqual([text]);
      }),
    );
    expect(visible('plain text, µ Ω 漢')).toBe('plain text, µ Ω 漢');
  });

  it('a suggestion is found among 100,000 keys, and none is searched for a word of a megabyte', () => {
    const keys = Array.from({ length: 100_000 }, (_, i) => `key-number-${i}`);
    expect(suggestion('kex-number-7', keys)).toMatch(/did you mean "key-number-7"/);
    expect(suggestion('y'.repeat(1_000_000), ['x'.repeat(1_000_000)])).not.toMatch(/did you mean/);
    expect(suggestion('abcd', ['abcde'.repeat(200_000)])).toMatch(/did you mean/);
  });
});

describe('file names', () => {
  it.each([
    ['../../x', 'x'],
    ['..', 'unnamed'],
    ['.', 'unnamed'],
    ['', 'unnamed'],
    ['/etc/passwd', 'etc-passwd'],
    ['a\\b', 'a-b'],
    ['.hidden', 'hidden'],
    ['-rf', 'rf'],
    ['con', '_con'],
    ['COM1.txt', '_COM1.txt'],
    ['a\u0000b', 'a-b'],
    ['a\u202eb', 'a-b'],
    ['vgg 8 (mine)', 'vgg-8-mine'],
    ['netz-größe', 'netz-größe'],
    ['a...', 'a'],
  ])('%j becomes %j', (name, file) => {
    expect(fileName(name)).toBe(file);
  });

  it('are one part of a path, short, and never alike in a folder', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anyText, fc.constantFrom('a', 'A', 'ß', 'ss', 'a-1', 'é', 'e\u0301')), { maxLength: 12 }),
        (names) => {
          const files = fileNames(names, ['report.html', 'A-1']);
          expect(files).toHaveLength(names.length);
          expect(
            new Set([...files, 'report.html', 'a-1'].map((file) => file.normalize('NFKC').toUpperCase())).size,
          ).toBe(names.length + 2);
          for (const file of files) {
            expect(file).toMatch(/^[^./\\-][^/\\\p{Cc}]*$/u);
            expect(Buffer.byteLength(file)).toBeLessThanOrEqual(140);
          }
        },
      ),
    );
    expect(Buffer.byteLength(fileName('漢'.repeat(300), '.csv'))).toBeLessThanOrEqual(124);
    expect(fileNames(['report.html'], ['report.html'])).toEqual(['report.html-1']);
    expect(fileNames(['a', 'A', 'b'])).toEqual(['a-1', 'A-2', 'b']);
  });
});
