// Numbers that grow beyond what formats hold end in one line, not in an internal error, nor in a model of infinities.

import { describe, expect, it } from 'vitest';
import { functionalInput } from '../../fuzz/functional.js';
import { outcomeOf } from '../../fuzz/outcome.js';

describe('what becomes too large is refused with one line', () => {
  const refused = async (input: Parameters<typeof outcomeOf>[0]): Promise<void> => {
    expect(await outcomeOf(input)).toMatchObject({ end: 'refused' });
  };
  it.each(['float32', 'float64', 'integer', 'crossbar', 'posit', 'elma', 'lognet', 'minifloat'])(
    'weights in training: %s',
    (backend) => refused(functionalInput('training', { training: { backend, learningRate: 1e300, epochs: 2 } })),
  );
  const huge = { data: { kind: 'npz', inputs: '@FOLDER@/huge.npz' } };
  it('sums of an attack on LogNet', () => {
    const attack = { method: 'pgd', iterations: 2, range: [-1.7e308, 1.7e308], backend: 'lognet' };
    return refused(functionalInput('attack', { ...huge, attack }));
  });
  it('sums of a vector unit that has no code for no number', () =>
    refused(functionalInput('evaluation', { ...huge, functional: { backend: 'integer', vector: 'float4_e2m1fn' } })));
});
