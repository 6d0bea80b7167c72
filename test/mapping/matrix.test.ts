// Matrices of layers and their arrays, worked out by hand.

import { describe, expect, it } from 'vitest';
import {
  backwardMatrix,
  biasesInRow,
  forwardMatrix,
  groupsOfArray,
  placeMatrix,
  type CrossbarLayout,
} from '../../src/mapping/matrix.js';
import { CONV_DENSE, LSTM, layersOf } from './networks.js';

const [conv, fc] = CONV_DENSE as [(typeof CONV_DENSE)[0], (typeof CONV_DENSE)[0]];

describe('a matrix on arrays', () => {
  const layout: CrossbarLayout = {
    rows: 10,
    columns: 8,
    cellBits: 2,
    weightBits: 5,
    sign: 'offset',
    slices: 'columns',
    referenceColumn: 'inside',
    biasRow: false,
    foldsNorms: false,
    groups: 'separate',
  };
  const shape = { rows: 21, columns: 5, groups: 2 };

  it('offset, slices in neighbouring columns, the reference inside: 15 columns on 7 take 3 tiles', () => {
    expect(placeMatrix(shape, layout)).toEqual({
      ...shape,
      slices: 3,
      signs: 1,
      rowTiles: 3,
      columnTiles: 3,
      logicalArrays: 18,
      physicalArrays: 18,
      arraysPerLogical: 1,
      groupsPerArray: 1,
      groupSets: 2,
      programmedCells: 21 * 5 * 2 * 3,
      cells: 18 * 10 * 8,
      weightCells: 21 * 5 * 2 * 3,
      informativeCells: 21 * 5 * 2 * 3,
    });
  });

  it('offset, slices in arrays, a reference column more: 9 columns an array, 5 on 8 take one tile', () => {
    expect(placeMatrix(shape, { ...layout, slices: 'arrays', referenceColumn: 'extra' })).toMatchObject({
      columnTiles: 1,
      logicalArrays: 6,
      physicalArrays: 18,
      arraysPerLogical: 3,
      cells: 18 * 10 * 9,
    });
  });

  it.each(['inside', 'extra'] as const)('differential has no reference column (%s)', (referenceColumn) => {
    expect(
      placeMatrix(
        { rows: 10, columns: 8, groups: 1 },
        { ...layout, sign: 'differential', slices: 'arrays', referenceColumn },
      ),
    ).toMatchObject({
      signs: 2,
      columnTiles: 1,
      logicalArrays: 1,
      physicalArrays: 6,
      arraysPerLogical: 6,
      cells: 6 * 80,
      weightCells: 80 * 3 * 2,
      informativeCells: 80 * 3,
    });
  });
});

describe('groups that share arrays', () => {
  const layout: CrossbarLayout = {
    rows: 10,
    columns: 8,
    cellBits: 2,
    weightBits: 5,
    sign: 'offset',
    slices: 'arrays',
    referenceColumn: 'extra',
    biasRow: false,
    foldsNorms: false,
    groups: 'packed',
  };

  it('stand block-diagonally: five of 3 x 2 as three and two in arrays of 10 x 8', () => {
    expect(placeMatrix({ rows: 3, columns: 2, groups: 5 }, layout)).toMatchObject({
      groupsPerArray: 3,
      groupSets: 2,
      logicalArrays: 2,
      physicalArrays: 6,
      weightCells: 90,
      // Three pairs of blocks and one pair, each with two places of 3 x 2 beside them, in three slices.
      programmedCells: 90 + (3 + 1) * 2 * 6 * 3,
    });
    // Seven of 2 x 2 by four and three: 4 x 3 + 3 x 2 places of 2 x 2 beside them.
    expect(placeMatrix({ rows: 2, columns: 2, groups: 7 }, layout)).toMatchObject({
      groupsPerArray: 4,
      programmedCells: (7 + 12 + 6) * 4 * 3,
    });
    expect(placeMatrix({ rows: 3, columns: 2, groups: 5 }, { ...layout, sign: 'differential' }).programmedCells).toBe(
      180,
    );
  });

  it.each([
    ['rows and columns bound it', { rows: 5, columns: 2, groups: 9 }, layout, 2],
    ['evenly over the arrays', { rows: 2, columns: 2, groups: 5 }, layout, 3],
    ['no more than there are', { rows: 1, columns: 1, groups: 4 }, layout, 4],
    ['taller than half an array', { rows: 6, columns: 1, groups: 4 }, layout, 1],
    ['slices in columns', { rows: 2, columns: 1, groups: 9 }, { ...layout, slices: 'columns' }, 2],
    [
      'a reference column inside, five columns and two of three',
      { rows: 1, columns: 1, groups: 9 },
      { ...layout, columns: 7, slices: 'columns', referenceColumn: 'inside' },
      2,
    ],
    ['a reference column more', { rows: 1, columns: 4, groups: 2 }, layout, 2],
    ['a reference column inside', { rows: 1, columns: 4, groups: 2 }, { ...layout, referenceColumn: 'inside' }, 1],
    [
      'differential has none',
      { rows: 1, columns: 4, groups: 2 },
      { ...layout, sign: 'differential', referenceColumn: 'inside' },
      2,
    ],
    ['separate', { rows: 1, columns: 1, groups: 4 }, { ...layout, groups: 'separate' }, 1],
  ] as const)('%s', (_, shape, how, groups) => {
    expect(groupsOfArray(shape, how)).toBe(groups);
  });
});

describe('matrices of a layer', () => {
  it('forward: a kernel a column, a row for the bias where there is one', () => {
    const none = { biasRow: false, foldsNorms: true };
    const row = { biasRow: true, foldsNorms: true };
    expect(forwardMatrix(conv, none)).toEqual({ rows: 18, columns: 4, groups: 2 });
    expect(forwardMatrix(conv, row)).toEqual({ rows: 19, columns: 4, groups: 2 });
    const [plain] = layersOf('features: 7', 'name: fc, type: dense, features: 3, bias: false');
    expect(forwardMatrix(plain!, row)).toEqual({ rows: 7, columns: 3, groups: 1 });
    expect(forwardMatrix(LSTM, none)).toEqual({ rows: 10, columns: 16, groups: 1 });
  });

  it('forward: a batch norm that is folded makes a bias, one a column; in training it is not folded', () => {
    const input = 'channels: 2, height: 8, width: 8';
    const [conv2] = layersOf(
      input,
      'name: c, type: conv2d, channels: 5, kernel: 3, bias: false',
      'name: n, type: batchnorm',
    );
    expect(forwardMatrix(conv2!, { biasRow: true, foldsNorms: true })).toEqual({ rows: 19, columns: 5, groups: 1 });
    expect(forwardMatrix(conv2!, { biasRow: true, foldsNorms: false })).toEqual({ rows: 18, columns: 5, groups: 1 });
    expect(biasesInRow(conv2!, { biasRow: true, foldsNorms: true })).toBe(5);
  });

  it('backward: the rotated kernel; the transposed matrix of a recurrent layer', () => {
    expect(backwardMatrix(conv)).toEqual({ rows: (9 * 8) / 2, columns: 2, groups: 2 });
    expect(backwardMatrix(fc)).toEqual({ rows: 10, columns: 120, groups: 1 });
    expect(backwardMatrix(LSTM)).toEqual({ rows: 16, columns: 10, groups: 1 });
    const both = { ...LSTM, groups: 2, columns: 2 * LSTM.columns };
    expect(backwardMatrix(both)).toEqual({ rows: 16, columns: 10, groups: 2 });
    const [wide] = layersOf('channels: 3, height: 6, width: 6', 'name: c, type: conv2d, channels: 5, kernel: [2, 3]');
    expect(backwardMatrix(wide!)).toEqual({ rows: 30, columns: 3, groups: 1 });
  });
});
