// Types of what a chip takes at peak: its roll-up, and everything built that never rests.

import type { ActionName, ComponentName, InstanceScope } from '../components/index.js';
import type { Factor } from './factors.js';

/** Power and area of one tier of a chip. */
export interface Tier {
  powerW: number;
  areaMm2: number;
}

/** A full chip of `chip.tiles` tiles at peak: what its components add up to when none of them rests. */
export interface RollUp {
  /** Arrays with what serves them (ISAAC: an IMA). */
  core: Tier;
  tile: Tier;
  chip: Tier;
  /** Physical arrays of the chip. */
  arrays: number;
  /** 2 operations a multiply-accumulate, every array reading in every slot. */
  peakGops: number;
  gopsPerW: number;
  /** The same where only what works takes power: slots of the arrays and leakage. */
  gatedGopsPerW: number;
  gopsPerMm2: number;
  /** Ticks between slots of a read, and slots of an input. */
  slot: Factor;
  slots: Factor;
  components: {
    component: ComponentName;
    per: InstanceScope;
    instances: number;
    powerW: number;
    /** What its work in slots and its leakage take. */
    gatedW: number;
    areaMm2: number;
    /** What the instances are the product of. */
    factors: Factor[];
    /** What an array asks of it in a slot in which it reads; null where it does not work so. */
    inSlot: { action: ActionName; times: Factor[] } | null;
  }[];
  /** Components of which no power is known and that do not work slot by slot: they count with their leakage. */
  withoutPower: ComponentName[];
}

/** A component of which all that is built never rests. */
export interface PoweredOn {
  component: ComponentName;
  instances: number;
  powerW: number;
  /** What it did, and its leakage. */
  activityJ: number;
  /** Its power over the run, or its activity where that is more. */
  energyJ: number;
  /** The work of one beat, in ticks, where no power is given; null where it is, or only leakage is known. */
  work: { action: ActionName; times: Factor[]; beat: Factor } | null;
}
