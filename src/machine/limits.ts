// What the simulator can count and hold: sizes beyond are refused before anything runs, never rounded.

import { formatQuantity } from '../config/index.js';
import type { LayerPlan } from '../mapping/index.js';
import { ticksOf, type PassChain } from './chain.js';
import type { Part } from './machine-types.js';
import { stageService } from '../pipeline/index.js';

/** Ticks of one service; the clock counts to 2^52 and is rebased far below. */
const MOST_TICKS = 2 ** 50;
const MOST_WAVES = 2 ** 31 - 1;
/** Positions whose windows a row-granular run may hold, 8 bytes each. */
const MOST_POSITIONS = 2 ** 27;

type Fail = (path: string[], message: string) => never;

/** Ticks of one service on units that nobody else has. */
const serviceTicks = ({ waves, serial, units }: PassChain): number =>
  stageService({ waves: waves.value, serial, units: units.map(ticksOf) });

/** Refuses stages whose waves, ticks or actions are too many to be counted exactly. */
export function checkStage(name: string, chain: PassChain, fail: Fail): void {
  const { units } = chain;
  const waves = chain.waves.value;
  if (waves > MOST_WAVES)
    fail(
      ['network'],
      `stage ${name} sends ${waves} waves for one image, more than the ${MOST_WAVES} that can be counted; ` +
        'more copies (mapping.replication) send fewer',
    );
  const ticks = serviceTicks(chain);
  if (!(ticks <= MOST_TICKS)) {
    const slowest = units.reduce((most, unit) => (unit.latency.value > most.latency.value ? unit : most));
    const path =
      slowest.component === 'crossbar' ? ['device', 'read', 'latency'] : ['components', slowest.component, 'latency'];
    const takes = Number.isFinite(ticks) ? formatQuantity(ticks * 1e-12, 'time') : 'endless time';
    fail(
      path,
      `stage ${name} takes ${takes} for one image, more than the ` +
        `${formatQuantity(MOST_TICKS * 1e-12, 'time')} that ticks of 1 ps can count`,
    );
  }
  for (const { actions } of units)
    for (const { component, action, count } of actions)
      if (!Number.isSafeInteger(count.value))
        fail(
          ['network'],
          `stage ${name} performs ${count.value} x ${component}.${action} for one image, more than the 2^53 that can ` +
            'be counted exactly',
        );
}

/** Refuses parts that would work in no time: as often as one likes, for endless power where nothing rests. */
export function checkBeats(parts: readonly Part[], fail: Fail): void {
  for (const part of parts) {
    if (part.cells?.slot.value === 0)
      fail(['device', 'read', 'latency'], 'found 0 s, and no converters that take longer; expected a slot above 0 s');
    if (part.beat('mac')?.ticks.value === 0) fail(['components', 'mac', 'latency'], 'found 0 s, expected more than 0');
  }
}

/**
 * Refuses machines whose stages could wait for each other's units longer than can be counted: all of them may queue at
 * one.
 */
export function checkQueues(stages: readonly { name: string; chain: PassChain }[], fail: Fail): void {
  const users = new Map<string, number>();
  for (const { chain } of stages)
    for (const { shared } of chain.units) if (shared !== null) users.set(shared, (users.get(shared) ?? 0) + 1);
  const contended = stages.filter(({ chain }) =>
    chain.units.some(({ shared }) => shared !== null && users.get(shared)! > 1),
  );
  const ticks = contended.reduce((sum, { chain }) => sum + serviceTicks(chain), 0);
  if (ticks <= MOST_TICKS) return;
  const slowest = contended.reduce((most, stage) =>
    serviceTicks(stage.chain) > serviceTicks(most.chain) ? stage : most,
  );
  fail(
    ['pipeline', 'advance'],
    `stages that share units may wait for each other up to ${formatQuantity(ticks * 1e-12, 'time')} (the longest, ` +
      `${slowest.name}, takes ${formatQuantity(serviceTicks(slowest.chain) * 1e-12, 'time')} ` +
      `for one image), more than ` +
      `the ${formatQuantity(MOST_TICKS * 1e-12, 'time')} that ticks of 1 ps can count`,
  );
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
