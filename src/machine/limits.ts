// What the simulator can count and hold: sizes beyond are refused before anything runs, never rounded.

import { formatQuantity } from '../config/index.js';
import type { LayerPlan } from '../mapping/index.js';
import type { PassChain } from './chain-units.js';
import { stageService } from '../pipeline/index.js';

/** Ticks of one service; the clock counts to 2^52 and is rebased far below. */
const MOST_TICKS = 2 ** 50;
const MOST_WAVES = 2 ** 31 - 1;
/** Positions whose windows a row-granular run may hold, 8 bytes each. */
const MOST_POSITIONS = 2 ** 27;

type Fail = (path: string[], message: string) => never;

/** Refuses stages whose waves, ticks or actions are too many to be counted exactly. */
export function checkStage(name: string, { waves, serial, units }: PassChain, fail: Fail): void {
  if (waves > MOST_WAVES)
    fail(
      ['network'],
      `stage ${name} sends ${waves} waves for one image, more than the ${MOST_WAVES} that can be counted; ` +
        'more copies (mapping.replication) send fewer',
    );
  const ticks = stageService({ waves, serial, units });
  if (!(ticks <= MOST_TICKS)) {
    const slowest = units.reduce((most, unit) => (unit.latency > most.latency ? unit : most));
    const path =
      slowest.component === 'crossbar' ? ['device', 'read', 'latency'] : ['components', slowest.component, 'latency'];
    fail(
      path,
      `stage ${name} takes ${formatQuantity(ticks * 1e-12, 'time')} for one image, more than the ` +
        `${formatQuantity(MOST_TICKS * 1e-12, 'time')} that ticks of 1 ps can count`,
    );
  }
  for (const { component, action, times } of units.flatMap((unit) => unit.actions)) {
    if (!Number.isSafeInteger(times))
      fail(
        ['network'],
        `stage ${name} performs ${times} x ${component}.${action} for one image, more than the 2^53 that can ` +
          'be counted exactly',
      );
  }
}

/** Refuses row-granular runs whose windows would not fit into memory. */
export function checkWindows(plans: readonly LayerPlan[], fail: Fail): void {
  for (const { layer, forward } of plans) {
    if (layer.positions * layer.steps + forward.waves > MOST_POSITIONS) {
      fail(
        ['pipeline', 'granularity'],
        `the windows of layer "${layer.name}" (${layer.positions} positions) would take more than 1 GiB; ` +
          'expected image',
      );
    }
  }
}
