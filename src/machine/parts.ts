// The parts of a machine: one for each kind of hardware that the config builds.

import type { Constants } from '../components/index.js';
import { kindOfLayer, kindsOf, type KindName, type LoadedRun } from '../run-config/index.js';
import type { WeightLayer } from '../workload/index.js';
import { CrossbarPart } from './crossbar/part.js';
import { DigitalPart } from './digital/part.js';
import type { Part, Turns } from './machine-types.js';

type MakePart = (run: LoadedRun, constants: Constants, layers: readonly WeightLayer[], turns: Turns | null) => Part;

/** How a part of each kind is made; a new kind is one more class and a line here. */
const PARTS: Record<KindName, MakePart> = {
  crossbar: (run, constants, layers, turns) => new CrossbarPart(run, constants, layers, turns),
  digital: (run, constants, layers) => {
    const { digital, dynamic } = run.config;
    const beside = {
      units: dynamic.units,
      operation: 'multiply-accumulate' as const,
      errorCycles: 1,
      weightWordBits: null,
    };
    return new DigitalPart(run, constants, layers, digital ?? beside);
  },
};

/** All parts of a run, each with the layers that it serves. @throws ConfigError where a layer does not fit. */
export const partsOf = (run: LoadedRun, constants: Constants, turns: Turns | null): Part[] =>
  kindsOf(run.config, run.network.layers).map((kind) =>
    PARTS[kind](
      run,
      constants,
      run.network.layers.filter((layer) => kindOfLayer(run.config, layer) === kind),
      turns,
    ),
  );
