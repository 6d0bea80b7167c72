// Presets for the points of a sweep: with readers of other programs' networks where its base has them.

import { diskPresets } from '../../config/files.node.js';
import type { Presets } from '../../config/index.js';
import { readingPresets } from '../../run-config/any-network.node.js';
import { sizesOf, type SweepBase } from './resolver.js';

/** The presets that a worker or cluster task of a sweep reads. */
export const presetsOf = async ({ shapes, maxMemory }: SweepBase): Promise<Presets> =>
  shapes === undefined ? diskPresets : readingPresets({ shapes: sizesOf({ shapes }), maxMemory });
