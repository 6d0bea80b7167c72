// RP2 as its authors ran it, without what their later figures add.

import type { Rp2Options } from '../../../src/functional/attacks/rp2.js';

/** Plain RP2: masked noise alone, no smoothness, printability or transforms. */
export const PLAIN_RP2: Rp2Options = {
  iterations: 300,
  learningRate: 0.1,
  lambda: 0.02,
  totalVariation: 0,
  nonPrintability: 0,
  printable: [],
  noiseLimit: 20,
  transforms: null,
  replay: null,
};
