// Operators that are others put together: Einsum against its definition, CastLike, LpNormalization.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../src/workload/onnx/index.js';
import { Draw, integers, one, reals } from './onnx-agree/draw.js';
import { modelOfCase, type OperatorCase } from './onnx-agree/model.js';
import { PRODUCT_CASES } from './onnx-agree/product-cases.js';
import { active, outputOf } from './one-operator.js';

const einsumOf = (equation: string, inputs: OperatorCase['inputs']): OperatorCase =>
  one('Einsum', 13, inputs, { equation });

/** Einsum's definition: for every value of all letters the product of the operands, added where the output says. */
function byDefinition({ attributes, inputs }: OperatorCase): number[] {
  const [read = '', written] = String(attributes.equation).replaceAll(' ', '').split('->');
  const terms = read.split(',').map((term) => Array.from(term));
  const all = terms.flat();
  const once = all.filter((letter) => all.indexOf(letter) === all.lastIndexOf(letter)).sort();
  const output = written === undefined ? once : Array.from(written);
  const sizes = new Map(terms.flatMap((term, i) => term.map((letter, axis) => [letter, inputs[i]!.dims[axis]!])));
  const place = (letters: readonly string[], at: ReadonlyMap<string, number>): number =>
    letters.reduce((index, letter) => index * sizes.get(letter)! + at.get(letter)!, 0);
  const made = new Array<number>(output.reduce((product, letter) => product * sizes.get(letter)!, 1)).fill(0);
  const visit = (letters: readonly string[], at: ReadonlyMap<string, number>): void => {
    const [letter, ...rest] = letters;
    if (letter === undefined) {
      made[place(output, at)]! += terms.reduce((product, term, i) => product * inputs[i]!.data[place(term, at)]!, 1);
      return;
    }
    for (let value = 0; value < sizes.get(letter)!; value++) visit(rest, new Map([...at, [letter, value]]));
  };
  visit([...sizes.keys()], new Map());
  return made;
}

describe('Einsum', () => {
  const maker = new Map(PRODUCT_CASES).get('Einsum')!;

  it('its definition, over random letters, operands and orders', () => {
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        const drawn = maker(new Draw(gen), 'Einsum');
        fc.pre(!String(drawn.attributes.equation).includes('...') && drawn.inputs.some((input) => !input?.constant));
        // A first axis of 1 may be taken for a batch, along which nothing is multiplied.
        fc.pre(drawn.inputs.every((input) => input!.dims.every((size) => size > 1)));
        const { values } = outputOf(drawn);
        byDefinition(drawn).forEach((right, i) => {
          expect(values[i]).toBeCloseTo(right, 9);
        });
      }),
      { numRuns: 300, seed: 23 },
    );
  });

  it('a batched product with letters behind dots: two samples of 1 x 2 by 2 x 1', () => {
    const inputs = [active([1, 2, 3, 4], [2, 1, 2]), active([5, 6, 7, 8], [2, 2, 1])];
    expect(outputOf(einsumOf('...ij,...jk->...ik', inputs))).toEqual({ shape: [2, 1, 1], values: [17, 53] });
  });

  it('weights in front or behind stand in an array, and take the bias behind them', () => {
    for (const [equation, weights] of [
      ['bsd,df->bsf', [4, 6]],
      ['fd,bsd->bsf', [6, 4]],
    ] as const) {
      const x = { ...active(new Array<number>(12).fill(1), [1, 3, 4]) };
      const w = reals(new Array<number>(24).fill(0.5), weights);
      const inputs = equation.startsWith('b') ? [x, w] : [w, x];
      const { graph } = importOnnx(modelOfCase(einsumOf(equation, inputs)), 'case');
      const [product] = graph.nodes.filter(({ operator }) => operator.kind === 'dense');
      expect(product?.parameters.get('weight')?.shape).toHaveLength(2);
      expect(outputOf(einsumOf(equation, inputs)).values).toEqual(new Array<number>(18).fill(2));
    }
  });

  it.each([
    ['ii->i', [[2, 2]], 'a diagonal ("ii") is not supported'],
    ['ij,jk', [[2, 3]], '2 operands, found 1 inputs'],
    ['ij->ik', [[2, 3]], 'no operand has "k"'],
    ['ij->ii', [[2, 3]], '"ii" has a letter twice'],
    ['i->i', [[2, 3]], '"i" has 1 axes, input 0 has 2'],
    ['i1->i', [[2, 3]], '"i1" is no list of letters'],
  ])('refused: %s of %j', (equation, shapes, message) => {
    const inputs = shapes.map((dims) => active(new Array<number>(dims[0]! * dims[1]!).fill(1), dims));
    expect(() => outputOf(einsumOf(equation, inputs))).toThrow(`(Einsum): equation "${equation}": ${message}`);
  });

  it('refused: a letter of two sizes', () => {
    const inputs = [active([1, 2, 3, 4, 5, 6], [2, 3]), active([1, 2, 3, 4], [2, 2])];
    expect(() => outputOf(einsumOf('ij,jk->ik', inputs))).toThrow('(Einsum): "j" is 3 and 2, input 1');
  });
});

describe('CastLike and LpNormalization', () => {
  it('CastLike takes the type of its second input', () => {
    expect(outputOf(one('CastLike', 15, [active([1.7, -1.2]), integers([0])])).values).toEqual([1, -1]);
  });

  it('LpNormalization by the 2-norm and the 1-norm of an axis; a norm of 0 leaves zeros', () => {
    const x = active([3, 4, 0, 0], [2, 2]);
    expect(outputOf(one('LpNormalization', 13, [x])).values).toEqual([0.6, 0.8, 0, 0]);
    const along = outputOf(one('LpNormalization', 13, [x], { axis: 0n, p: 1n })).values;
    expect(along).toEqual([1, 1, 0, 0]);
    expect(() => outputOf(one('LpNormalization', 13, [x], { p: 3n }))).toThrow(/p is 3, expected 1 or 2/);
  });
});
