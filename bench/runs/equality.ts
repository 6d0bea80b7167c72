// VGG-D training: jumps against the run event by event, to the last tick and count.

import { isDeepStrictEqual } from 'node:util';
import { loadRun } from '../../src/run-config/index.js';
import { diskPresets } from '../../src/config/files.node.js';
import type { FlowResult } from '../../src/pipeline/index.js';
import { buildMachine } from '../../src/machine/machine.js';
import { runFlow } from '../../src/pipeline/index.js';
import { afterPeriods } from '../../test/pipeline/flows.js';

export interface EqualityFigure {
  what: string;
  images: number;
  /** Ticks (1 ps) and events of the run event by event; events that the run with jumps dispatched. */
  ticks: string;
  events: string;
  dispatched: string;
  equal: boolean;
}

const BATCH = 64;
const COMPARED = 6400;
const EPOCH = 1_281_167;

/**
 * 6,400 images with and without jumps; an epoch against the exact run's own period: a batch more, as often as the epoch
 * has batches more.
 */
export function equalityFigures(): EqualityFigure[] {
  const { flow } = buildMachine(loadRun(diskPresets, 'pipelayer', ['network=vgg-d', `workload.batch=${BATCH}`]));
  const run = (images: number, exact: boolean): FlowResult => runFlow({ ...flow, images }, { exact });
  /** Every time and count; of the events, how many there are, not how many were dispatched. */
  const facts = ({ events, skippedEvents, ...rest }: FlowResult): unknown => ({
    ...rest,
    events: events + skippedEvents,
    fastPath: null,
  });
  const figure = (what: string, images: number, exact: FlowResult): EqualityFigure => {
    const fast = run(images, false);
    return {
      what,
      images,
      ticks: String(exact.makespan),
      events: String(exact.events),
      dispatched: String(fast.events),
      equal: isDeepStrictEqual(facts(fast), facts(exact)),
    };
  };
  const short = EPOCH % BATCH;
  const before = run(3 * BATCH + short, true);
  const after = run(4 * BATCH + short, true);
  return [
    figure('event by event', COMPARED, run(COMPARED, true)),
    figure(
      'the exact run and its period of one batch',
      EPOCH,
      afterPeriods(before, after, BigInt((EPOCH - short) / BATCH - 3)),
    ),
  ];
}
