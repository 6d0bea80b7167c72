// The crossbar backend: matrices stand in simulated arrays.

import type { Backend } from '../backend.js';
import type { CrossbarOptions } from '../crossbar/options.js';
import { CrossbarProduct } from '../crossbar/product.js';

/** Products on the crossbars of a machine. */
export const crossbarBackend = (options: CrossbarOptions): Backend => ({
  kind: 'crossbar',
  domain: 'integer',
  prepare: (matrix, prepare = {}) => new CrossbarProduct(matrix, options, prepare),
});
