import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visible } from '../../src/config/escape.js';
import { ConfigError } from '../../src/config/index.js';
import { fitTrace, parseTrace, writeTrace, type TraceRow } from '../../src/workload/index.js';

const HEAD = 'pass,layer,image,vectors,rows,columns,density';
const row = (over: Partial<TraceRow> = {}): TraceRow => ({
  pass: 'F',
  layer: 'conv1',
  image: null,
  vectors: 4,
  rows: 3,
  columns: 2,
  density: 0.5,
  ...over,
});
const read = (text: string): TraceRow[] =>
  parseTrace(text, 't.csv').rows.map(({ pass, layer, image, vectors, rows, columns, density }) => ({
    pass,
    layer,
    image,
    vectors,
    rows,
    columns,
    density,
  }));

function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'no fault';
}

describe('a trace file', () => {
  it('reads what it writes, whatever the layers are called; what cannot be seen by its code', () => {
    const names = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((name) => name === name.trim() && !name.includes('\r'));
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ layer: names, density: fc.double({ min: 0, max: 1, noNaN: true }), image: fc.option(fc.nat()) }),
        ),
        (rows) => {
          const trace = rows.map((over) => row({ ...over, density: Math.abs(over.density) }));
          const said = trace.map((one) => ({ ...one, layer: visible(one.layer) }));
          expect(read(writeTrace(trace, ['note']))).toEqual(said);
        },
      ),
    );
  });

  it.each([
    ['Windows line ends', `${HEAD}\r\nF,conv1,,4,3,2,0.5\r\n`],
    ['a byte order mark', `\uFEFF# note\n${HEAD}\nF,conv1,,4,3,2,0.5`],
    [
      'every cell in quotes',
      `${HEAD.split(',')
        .map((name) => `"${name}"`)
        .join(',')}\n"F","conv1","","4","3","2","0.5"\n`,
    ],
    [
      'other order, other columns, blanks',
      'density , layer,pass,rows,columns,vectors,image,who\n 0.5 ,conv1, F ,3,2,4,,"me, myself"\n\n',
    ],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual([row()]);
  });

  it.each([
    ['nothing', '', `t.csv:1:1: the trace is empty, expected a line ${HEAD}`],
    ['no density', 'pass,layer,image,vectors,rows,columns\n', `t.csv:1:1: density: no such column, expected ${HEAD}`],
    ['a column twice', `${HEAD},density\n`, 't.csv:1:1: density: this column is there twice'],
    ['a cell too few', `# a\n${HEAD}\nF,conv1,,4,3,2\n`, 't.csv:3:1: found 6 cells, expected 7'],
    [
      'an extra quote',
      `${HEAD}\nF,con"v1,,4,3,2,0.5\n`,
      't.csv:2:1: found a quote inside a cell, or one that nothing closes; expected "..." around the whole cell',
    ],
    [
      'an open quote',
      `${HEAD}\nF,conv1,,4,3,2,0.5\n"F,conv1,,4,3,2,0.5\n`,
      't.csv:3:1: found a quote inside a cell, or one that nothing closes; expected "..." around the whole cell',
    ],
    ['NaN', `${HEAD}\nF,conv1,,4,3,2,NaN\n`, 't.csv:2:1: density: found "NaN", expected a number from 0 to 1'],
    [
      'a number that is none in decimals',
      `${HEAD}\nF,conv1,,4,3,2,0x1\n`,
      't.csv:2:1: density: found "0x1", expected a number from 0 to 1',
    ],
    [
      'a density above 1',
      `${HEAD}\nF,conv1,,4,3,2,1.5\n`,
      't.csv:2:1: density: found "1.5", expected a number from 0 to 1',
    ],
    ['negative vectors', `${HEAD}\nF,conv1,,-4,3,2,0.5\n`, 't.csv:2:1: vectors: found "-4", expected a whole number'],
    [
      'a line behind a cell of two',
      `${HEAD}\nF,"con\nv1",,4,3,2,0.5\nF,conv1,,4,3,2,x\n`,
      't.csv:4:1: density: found "x", expected a number from 0 to 1',
    ],
  ])('%s is refused with its line', (_, text, message) => {
    expect(faultOf(() => parseTrace(text, 't.csv'))).toBe(message);
  });
});

describe('a trace meets a workload', () => {
  const workload = [row(), row({ pass: 'B' })];
  const fit = (rows: TraceRow[]): Map<string, number[]> =>
    fitTrace(parseTrace(writeTrace(rows, []), 't.csv'), workload);

  it('a row for each image, or one for all', () => {
    expect([...fit([row({ image: 0 }), row({ image: 1, density: 0.25 }), row({ pass: 'B' })])]).toEqual([
      ['F conv1', [0.5, 0.25]],
      ['B conv1', [0.5]],
    ]);
  });

  it.each([
    [
      'a layer that it does not have',
      [row({ layer: 'fc' })],
      't.csv:2:1: F fc: this workload has no such pass and layer: the trace is of another network or mode',
    ],
    [
      'other sizes',
      [row(), row({ pass: 'B', rows: 9 })],
      't.csv:3:1: B conv1: rows is 9, but this workload has 3: the trace is of another network or mapping',
    ],
    ['a row too few', [row()], 't.csv:2:1: B conv1: the trace ends without this row'],
    ['a row twice', [row(), row()], 't.csv:3:1: F conv1: a second row for all images'],
    ['images out of order', [row({ image: 1 })], 't.csv:2:1: F conv1: image 1 is out of order, expected 0'],
  ])('%s', (_, rows, message) => {
    expect(faultOf(() => fit(rows))).toBe(message);
  });
});
