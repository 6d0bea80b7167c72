// Chains in whole ticks.

import { timeOf, type Count } from '../components/index.js';
import type { ChainUnit, PassChain } from './chain.js';

/** What sums of the same fractions in another order may differ by. */
const LAST_BITS = 1e-12;

/**
 * The chain in whole ticks: the end of each unit's step is rounded once, from the exact sum of all before it, so that
 * cycles that are fractions of a tick do not add up to another time.
 */
export function settle(chain: PassChain): PassChain {
  let exact = 0;
  let whole = 0;
  const units = chain.units.map((unit): ChainUnit => {
    exact += unit.latency.value;
    const ticks = Math.round(exact) - whole;
    whole += ticks;
    const rounded = Math.round(unit.interval.value);
    const longer = unit.interval.value > unit.latency.value * (1 + LAST_BITS);
    const between = longer ? rounded : Math.min(rounded, ticks);
    const latency = inTicks(unit.latency, ticks);
    const interval = unit.interval === unit.latency && between === ticks ? latency : inTicks(unit.interval, between);
    return latency === unit.latency && interval === unit.interval ? unit : { ...unit, latency, interval };
  });
  return { ...chain, units };
}

/** A time in whole ticks; itself where it is whole already. */
const inTicks = (time: Count, ticks: number): Count => (ticks === time.value ? time : timeOf(ticks, null, { time }));
