// Time: the run from its logical cycles or its busiest stage, stages from their waves, waits.

import { STALL_CAUSES } from '../../pipeline/index.js';
import type { Result } from '../result-types.js';
import { TIME_PARTS } from '../time-parts.js';
import { partOfService } from './time-parts.js';
import { agrees, difference, leaf, maximum, number, product, quotient, sum, type Derivation } from './derivation.js';
import { derivationOf } from './factors.js';
import type { Define } from './figure.js';
import type { Sources } from './sources.js';
import { describeUnits, unitKeys } from './units.js';

type Stage = Result['stages'][number];

const CAUSES = {
  input: 'its input was not ready',
  output: 'its output buffer was full',
  unit: 'another stage had the unit (inside its busy time)',
  lockstep: 'slower stages of the logical cycle',
  batch: 'its next batch had not opened',
} as const;

/** Figures of `time`, `throughput`, `stalls` and `stages`. */
export function describeTime(sources: Sources, define: Define): void {
  const { result } = sources;
  const { stages } = result;
  const lockstep = result.time.logicalCycles !== null;
  define('time.totalS', 's', 'from the first start to the last finish', () =>
    lockstep ? byCycles(sources) : byBusiestStage(sources),
  );
  define('time.perImageS', 's', 'time over images', () =>
    quotient('time.perImageS', 's', { over: sources.figure('time.totalS'), under: sources.figure('images') }),
  );
  define('time.logicalCycles', '', 'cycles in which all stages advance together', () =>
    sum(
      'time.logicalCycles',
      '',
      sources.figures(stages.map(({ name }) => `stages.${name}.setsCycles`)),
      'cycles by the stage that each waited for last',
    ),
  );
  define('time.logicalCycleS', 's', 'a logical cycle on average', () =>
    quotient('time.logicalCycleS', 's', {
      over: sources.figure('time.totalS'),
      under: sources.figure('time.logicalCycles'),
    }),
  );
  define('time.firstResultS', 's', 'when the first image left the last stage', () =>
    leaf('timed', {
      name: 'time.firstResultS',
      value: result.time.firstResultS,
      unit: 's',
      says: 'time at which the first image left the last stage of the event simulation',
    }),
  );
  define('throughput.imagesPerS', 'images/s', 'images over time', () =>
    quotient('throughput.imagesPerS', 'images/s', {
      over: sources.figure('images'),
      under: sources.figure('time.totalS'),
    }),
  );
  define('throughput.gops', 'GOPS', '2 operations a multiply-accumulate of the network, by images a second', () => {
    const macs = sum(
      'multiply-accumulates of an image',
      '',
      sources.figures(result.layers.map(({ name }) => `layers.${name}.macs`)),
    );
    const operations = product('operations a second', '', [
      number(2, 'operations of a multiply-accumulate'),
      macs,
      sources.figure('throughput.imagesPerS'),
    ]);
    return quotient('throughput.gops', 'GOPS', { over: operations, under: number(1e9, 'giga') });
  });
  for (const cause of STALL_CAUSES) {
    define(`stalls.${cause}`, 's', `waits over all stages: ${CAUSES[cause]}`, () =>
      sum(`stalls.${cause}`, 's', sources.figures(stages.map(({ name }) => `stages.${name}.stallsS.${cause}`))),
    );
  }
  for (const stage of stages) describeStage(sources, stage, define);
}

function byCycles(sources: Sources): Derivation {
  const { stages } = sources.result;
  const fixed = sources.setting('pipeline.cycle') === 'fixed';
  return sum(
    'time.totalS',
    's',
    sources.figures(stages.map(({ name }) => `stages.${name}.setsS`)),
    'logical cycles, by the stage that each waited for ' +
      `last${fixed ? '; all are as long as the slowest there can be' : ''}`,
  );
}

function byBusiestStage(sources: Sources): Derivation {
  const { stages } = sources.result;
  const { name, layer } = stages.reduce((most, stage) => (stage.busyS > most.busyS ? stage : most));
  const waits = STALL_CAUSES.filter((cause) => cause !== 'unit').map((cause) => `stages.${name}.stallsS.${cause}`);
  return sum(
    'time.totalS',
    's',
    sources.figures([`stages.${name}.busyS`, ...waits, `stages.${name}.restS`]),
    `the busiest stage, ${name} (${layer}): busy, waiting, nothing to do`,
  );
}

function describeStage(sources: Sources, stage: Stage, define: Define): void {
  const { name, pass, layer, starts, busyS, serviceS, restS, stallsS, setsCycles, setsS } = stage;
  const key = (word: string): string => `stages.${name}.${word}`;
  const of = `${pass} of ${layer}`;
  const measured = (word: string, value: number, unit: string, says: string): Derivation =>
    leaf(unit === 's' ? 'timed' : 'counted', { name: key(word), value, unit, says });
  define(key('waves'), '', `waves of a service, ${of}`, () => derivationOf(sources, stage.wavesOf, layer));
  define(key('serviceS'), 's', `a service on average, ${of}`, () => {
    const own = service(sources, stage);
    return agrees(own.value, serviceS)
      ? own
      : quotient(key('serviceS'), 's', { over: sources.figure(key('busyS')), under: sources.figure(key('starts')) });
  });
  define(key('busyS'), 's', `time in service, ${of}`, () => {
    const own = service(sources, stage);
    const count = sources.figure(key('starts'));
    if (agrees(own.value, serviceS))
      return product(key('busyS'), 's', [count, sources.figure(key('serviceS'))], 'services x service');
    const waits = leaf('timed', {
      name: 'waits for shared units',
      value: busyS - starts * own.value,
      unit: 's',
      says: 'what services took longer in the event simulation, because other stages had their units',
    });
    return sum(
      key('busyS'),
      's',
      [product('services alone', 's', [count, own], 'services x service'), waits],
      'services, and waits inside them',
    );
  });
  define(key('starts'), '', `services, ${of}`, () =>
    measured(
      'starts',
      starts,
      '',
      pass === 'U' || pass === 'X' || pass === 'W'
        ? 'services in the event simulation, one a batch'
        : 'services in the event simulation, one an image',
    ),
  );
  define(key('restS'), 's', `time with nothing to do, ${of}`, () =>
    measured('restS', restS, 's', 'timed by the event simulation: its images were done, or no batch was due'),
  );
  for (const part of TIME_PARTS)
    define(key(`partsS.${part}`), 's', `${part} in a service of ${of}`, () =>
      partOfService(sources, stage, part, service(sources, stage)),
    );
  for (const cause of STALL_CAUSES) {
    define(key(`stallsS.${cause}`), 's', `${of} waited: ${CAUSES[cause]}`, () =>
      measured(`stallsS.${cause}`, stallsS[cause], 's', `timed by the event simulation: ${CAUSES[cause]}`),
    );
  }
  if (setsCycles !== null && setsS !== null) {
    define(key('setsCycles'), '', `logical cycles that waited for ${of} last`, () =>
      measured('setsCycles', setsCycles, '', 'cycles of the event simulation whose last stage to finish it was'),
    );
    define(key('setsS'), 's', `logical cycles that waited for ${of} last`, () => {
      const equal = product(
        key('setsS'),
        's',
        [sources.figure(key('setsCycles')), sources.figure(key('serviceS'))],
        'cycles x its service',
      );
      if (agrees(equal.value, setsS)) return equal;
      return measured(
        'setsS',
        setsS,
        's',
        `${setsCycles} cycles timed by the event simulation; they are longer than its service on average, by ` +
          `waits for shared units${sources.setting('pipeline.cycle') === 'fixed' ? ' or the fixed length' : ''}`,
      );
    });
  }
  describeUnits(sources, stage, define);
}

/** One service on units that nobody else has (docs/model.md section 5). */
function service(sources: Sources, stage: Stage): Derivation {
  const { name, serial } = stage;
  const key = `stages.${name}.serviceS`;
  const waveCount = sources.figure(`stages.${name}.waves`);
  const keys = unitKeys(stage);
  const latency = sum(
    'latency of the chain',
    's',
    sources.figures(keys.map((unit) => `${unit}.latencyS`)),
    'a wave passes its units one after the other',
  );
  const interval = maximum(
    'initiation interval',
    's',
    sources.figures(keys.map((unit) => `${unit}.intervalS`)),
    'the slowest unit sets how fast waves follow each other',
  );
  if (serial) return product(key, 's', [waveCount, latency], 'waves x latency: each wave waits for the one before it');
  if (sources.setting('pipeline.granularity') === 'row')
    return product(
      key,
      's',
      [waveCount, interval],
      'waves x time from one to the next; images follow each other without a gap',
    );
  const further = product('waves behind the first', 's', [
    difference('further waves', '', { from: waveCount, less: number(1, 'the first') }),
    interval,
  ]);
  return sum(key, 's', [latency, further], 'latency of the first wave, then one interval for each other');
}
