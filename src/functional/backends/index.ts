// Every backend by its name in the config: the only place that chooses.

import type { Presets } from '../../config/index.js';
import { designNumbers, failure, type LoadedRun } from '../../run-config/index.js';
import type { Backend, BackendKind } from '../backend.js';
import { crossbarOptions } from '../crossbar/hardware.js';
import { addernetBackend } from './addernet.js';
import { crossbarBackend } from './crossbar.js';
import { elmaBackend } from './elma.js';
import { float32Backend, float64Backend } from './float.js';
import { integerBackend } from './integer.js';
import { lognetBackend } from './lognet.js';
import { minifloatBackend } from './minifloat.js';
import { positBackend } from './posit.js';

/** Most bits of a posit or log number whose products doubles hold. */
const MOST_BITS = 16;

/**
 * The backend of a run. @param kind another than the config's (`float32` beside the hardware, for instance)
 * @param presets where tables of measured levels are read
 * @param watch called again and again while cells are programmed
 * @throws UserError where the config asks for what there is not
 */
export function backendOf(run: LoadedRun, presets: Presets, kind?: BackendKind, watch?: () => void): Backend {
  const { config, loaded } = run;
  const { weights } = config;
  const functional = designNumbers(run);
  switch (kind ?? functional.backend) {
    case 'float32':
      return float32Backend;
    case 'float64':
      return float64Backend;
    case 'integer':
      return integerBackend;
    case 'crossbar':
      return crossbarBackend({ ...crossbarOptions(run, presets), watch });
    case 'posit':
      return positBackend(bitsOf('weights'), functional.exponentBits ?? (weights.bits <= 8 ? 1 : 2));
    case 'elma':
      return elmaBackend(bitsOf('weights'));
    case 'lognet':
      return lognetBackend(bitsOf('weights'), bitsOf('inputs'));
    case 'addernet':
      return addernetBackend;
    case 'minifloat':
      return minifloatBackend(functional.format ?? 'float16');
  }

  function bitsOf(tree: 'weights' | 'inputs'): number {
    const { bits } = config[tree];
    return bits >= 3 && bits <= MOST_BITS
      ? bits
      : failure(loaded)(
          [tree, 'bits'],
          `found ${bits}; expected 3 to ${MOST_BITS} for functional.backend ${kind ?? functional.backend}`,
        );
  }
}
