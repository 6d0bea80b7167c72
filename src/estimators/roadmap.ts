// Digital blocks of a ReRAM chip by node and roadmap, from a run of NeuroSim V1.4's circuit classes.

import { keysOf } from '../config/typed.js';
import { atNode, logLog } from './between.js';

/** Low standby power, or high performance transistors (ITRS). */
export type Roadmap = 'lp' | 'hp';

/** One block of `bits` at a node: um2, pJ of one operation (activity included), uW of leakage with HP transistors. */
interface Anchor {
  nm: number;
  area: number;
  lp: number;
  hp: number;
  leakage: number;
}

interface Block {
  /** Bits of the figures; a row for the switch matrix. */
  bits: number;
  /** Share of bits that toggle in the energies; null where it is not known. */
  activity: number | null;
  /** HP leakage over LP leakage (27 nm). */
  leakageRatio: number;
  at: readonly Anchor[];
}

const anchor = (
  nm: number,
  {
    area,
    lp,
    hp,
    leakage,
  }: { readonly area: number; readonly lp: number; readonly hp: number; readonly leakage: number },
): Anchor => ({
  nm,
  area,
  lp,
  hp,
  leakage,
});

/**
 * NeuroSim V1.4's Adder, DFF, Comparator, MaxPooling (4:1) and SwitchMatrix alone, run at 1 GHz and 300 K; its
 * silicon-calibrated activity (adder 0.15, comparator and max pool 0.05) is in the energies. The switch matrix's energy
 * is a row's, its area and leakage those of 128 rows.
 */
const BLOCKS = {
  adder: {
    bits: 16,
    activity: 0.15,
    leakageRatio: 890,
    at: [
      anchor(22, { area: 22.2, lp: 0.0171, hp: 0.0111, leakage: 1.96 }),
      anchor(32, { area: 47.1, lp: 0.0325, hp: 0.0196, leakage: 3.05 }),
      anchor(45, { area: 93.1, lp: 0.0646, hp: 0.0364, leakage: 4.82 }),
      anchor(65, { area: 194, lp: 0.1368, hp: 0.0986, leakage: 9.19 }),
    ],
  },
  register: {
    bits: 16,
    activity: 0.5,
    leakageRatio: 830,
    at: [
      anchor(22, { area: 30.8, lp: 0.0226, hp: 0.0162, leakage: 0.51 }),
      anchor(32, { area: 44.8, lp: 0.0436, hp: 0.0279, leakage: 0.8 }),
      anchor(45, { area: 126, lp: 0.0882, hp: 0.0506, leakage: 1.25 }),
      anchor(65, { area: 182, lp: 0.1798, hp: 0.1083, leakage: 2.38 }),
    ],
  },
  comparator: {
    bits: 16,
    activity: 0.05,
    leakageRatio: 890,
    at: [
      anchor(22, { area: 26.4, lp: 0.0055, hp: 0.0038, leakage: 2.6 }),
      anchor(32, { area: 55.8, lp: 0.0104, hp: 0.0067, leakage: 4 }),
      anchor(45, { area: 110, lp: 0.0204, hp: 0.0125, leakage: 6.3 }),
      anchor(65, { area: 230, lp: 0.0428, hp: 0.0296, leakage: 11.2 }),
    ],
  },
  'max-pool': {
    bits: 16,
    activity: 0.05,
    leakageRatio: 740,
    at: [
      anchor(22, { area: 119, lp: 0.0089, hp: 0.0061, leakage: 0.06 }),
      anchor(32, { area: 252, lp: 0.0167, hp: 0.0108, leakage: 0.09 }),
      anchor(45, { area: 501, lp: 0.0329, hp: 0.02, leakage: 0.14 }),
      anchor(65, { area: 1045, lp: 0.069, hp: 0.0469, leakage: 0.22 }),
    ],
  },
  'switch-matrix': {
    bits: 128,
    activity: null,
    leakageRatio: 891,
    at: [
      anchor(22, { area: 211, lp: 0.0016 * 128, hp: 0.0011 * 128, leakage: 4.1 }),
      anchor(32, { area: 446, lp: 0.0031 * 128, hp: 0.0019 * 128, leakage: 6.4 }),
      anchor(45, { area: 883, lp: 0.0062 * 128, hp: 0.0034 * 128, leakage: 10 }),
      anchor(65, { area: 1841, lp: 0.0125 * 128, hp: 0.0071 * 128, leakage: 19 }),
    ],
  },
} as const satisfies Record<string, Block>;

/** A block that the roadmap tables have. */
export type RoadmapBlock = keyof typeof BLOCKS;
/** Names of the roadmap's blocks. */
export const ROADMAP_BLOCKS = keysOf(BLOCKS);

/** How wide a block is, and which share of its bits toggles where that is not as calibrated. */
export interface BlockWork {
  bits: number;
  activity?: number | undefined;
}

/**
 * Energy of one operation (J), area (mm2) and leakage (W) of a block of so many bits (rows of a switch matrix), linear
 * in them. @param node m.
 * @throws RangeError outside 22 to 65 nm, for an activity where the calibrated one is not known.
 */
export function roadmapBlock(
  name: RoadmapBlock,
  { bits, activity }: BlockWork,
  node: number,
  roadmap: Roadmap,
): { energy: number; area: number; leakage: number } {
  const block: Block = BLOCKS[name];
  const width = bits / block.bits;
  if (activity !== undefined && block.activity === null)
    throw new RangeError(`the activity in the energy of ${name} is not known, so that no other can stand for it`);
  const toggled = activity === undefined || block.activity === null ? 1 : activity / block.activity;
  const place = atNode(block.at, ({ nm }) => nm, node, 'blocks of the roadmap');
  const leakage = logLog(place, (at) => at.leakage) * 1e-6 * width;
  return {
    energy: logLog(place, (at) => at[roadmap]) * 1e-12 * width * toggled,
    area: logLog(place, (at) => at.area) * 1e-6 * width,
    leakage: roadmap === 'hp' ? leakage : leakage / block.leakageRatio,
  };
}

/**
 * An adder with a register behind it (`accumulator`): energy of an addition with its register written and read, area
 * and leakage of both.
 */
export function roadmapAccumulator(
  work: BlockWork,
  node: number,
  roadmap: Roadmap,
): { energy: number; area: number; leakage: number } {
  const adder = roadmapBlock('adder', work, node, roadmap);
  const register = roadmapBlock('register', work, node, roadmap);
  return {
    energy: adder.energy + 2 * register.energy,
    area: adder.area + register.area,
    leakage: adder.leakage + register.leakage,
  };
}
