// Knobs of what stands beside the arrays: digital units, vector units, buses and links, memory outside the chip.

import { choice, count, flag, object, quantity, text } from '../config/index.js';

/** Knobs of `digital`. */
export const digital = object(
  () => ({
    operation: choice(
      ['multiply-accumulate', 'shift-add', 'l1'],
      'What a unit does with an operand pair: multiply-accumulate, shift-add (LogNet) or sum of absolute ' +
        'differences (AdderNet)',
    ).default('multiply-accumulate'),
    errorCycles: count(
      'l1 units: cycles for an operand pair on the way back, whose difference and product follow each other in a ' +
        'pipeline (1) or take one unit one after the other (2)',
    ).default(1),
    format: text('Number format of the operands, as its source names it'),
    units: count('Processing units, shared by all layers').default(1024),
    accumulatorBits: count("Width of a unit's accumulator (the quire or Kulisch accumulator of exact sums)").optional(),
    weightWordBits: count('Bits of one access to the weight memory').default(64),
  }),
  'A digital design in place of crossbars',
);

/** Knobs of `dynamic`. */
export const dynamic = object(
  () => ({
    on: choice(
      ['digital', 'crossbar'],
      'Products of two activations (attention): on digital multiply-accumulate units beside the arrays, or on ' +
        'arrays into which the second operand is written first, for each image (inference)',
    ).default('digital'),
    units: count(
      'Digital: multiply-accumulate units beside the arrays, shared by all ' +
        'such products; a digital design uses its own',
    ).default(1024),
  }),
  'Products of two activations',
);

/** Knobs of `vector`. */
export const vector = object(
  () => ({
    lanes: count('Lanes of a vector unit: operations that start at once').default(16),
    shared: flag(
      'One vector unit for all stages, contended; false: each stage that has work for one has its own',
    ).default(false),
    outputSoftmax: choice(
      ['unit', 'host'],
      'Softmax at the output of the network: on the vector unit, or on the host, which gets what enters it',
    ).default('unit'),
  }),
  'Vector units: element-wise operators, norms, softmax, reductions, resampling',
);

/** Knobs of `links`. */
export const links = object(
  () => ({
    bus: object(
      () => ({
        used: flag('Values pass a bus between buffer and arrays').default(false),
        shared: flag('One bus for all stages, contended').default(false),
        bits: count('Width; unset: wide enough for a wave').optional(),
      }),
      'Bus',
    ).prefault({}),
    chip: object(
      () => ({
        used: flag('Values that go from a layer on one chip to a layer on another pass a link').default(false),
        rate: quantity(
          'rate',
          'Bits a second of the links of a chip; unset: as fast as layers want, energy alone counts',
          { positive: true },
        ).optional(),
        shared: flag('With a rate: one set of links for all stages, contended').default(false),
      }),
      'Links between chips',
    ).prefault({}),
    router: object(
      () => ({
        used: flag('Values pass a router between layers').default(false),
        flitBits: count('Bits of a flit').default(32),
      }),
      'Router',
    ).prefault({}),
  }),
  'Links',
);

/** Knobs of `memory`. */
export const memory = object(
  () => ({
    used: flag(
      'Inputs and outputs (inference) of the network, weights of a turn and gradients that leave come from and go ' +
        'to a memory outside the chip, one for all stages, contended; false: all of it stays inside',
    ).default(false),
    rate: quantity('rate', 'Bits a second of the memory; unset: a wave is one access, whatever its bits', {
      positive: true,
    }).optional(),
    gradients: choice(
      ['inside', 'outside'],
      'Gradients of a batch are summed on the chip, or outside: each image reads the sums and writes them back, ' +
        'the update reads them',
    ).default('inside'),
  }),
  'Memory outside the chip',
);
