// Digital blocks by width and node, and scaling between nodes.

import { keysOf } from '../config/typed.js';

/**
 * Energy (pJ), area (um2) and leakage (uW) of 32-bit blocks at 40 nm (Accelergy's Aladdin library); a register's are
 * per bit.
 */
const BLOCKS = {
  adder: { bits: 32, energy: 0.21, area: 278, leakage: 2.4, power: 1 },
  multiplier: { bits: 32, energy: 12.68, area: 6350, leakage: 0, power: 2 },
  comparator: { bits: 32, energy: 0.0295, area: 71, leakage: 0, power: 1 },
  counter: { bits: 32, energy: 0.25, area: 496, leakage: 0, power: 1 },
  // An adder with a register that is read and written.
  accumulator: { bits: 32, energy: 0.21 + 2 * 32 * 0.009, area: 278 + 32 * 5.98, leakage: 2.4, power: 1 },
  register: { bits: 1, energy: 0.009, area: 5.98, leakage: 0, power: 1 },
} as const;

/** A digital block that the table has. */
export type DigitalBlock = keyof typeof BLOCKS;
/** Names of the digital blocks. */
export const DIGITAL_BLOCKS = keysOf(BLOCKS);

const BLOCK_NODE = 40e-9;

/**
 * Supply voltages by node in nm: the predictive technology models (PTM) as DNN+NeuroSim V1.3 takes them
 * (Technology.cpp).
 */
const SUPPLY: readonly (readonly [number, number])[] = [
  [130, 1.3],
  [90, 1.2],
  [65, 1.1],
  [45, 1],
  [32, 0.9],
  [22, 0.85],
  [14, 0.8],
  [10, 0.75],
  [7, 0.7],
];

/** Volts at a node; between the table's nodes linear in the node. @throws RangeError outside 7 to 130 nm. */
export function supplyVoltage(node: number): number {
  const nm = node * 1e9;
  const above = SUPPLY.findLastIndex(([n]) => n >= nm - 1e-9);
  const [high, low] = [SUPPLY[above], SUPPLY[above + 1] ?? SUPPLY[above]];
  if (high === undefined || low === undefined || nm < 7 - 1e-9)
    throw new RangeError(`no supply voltage for ${nm} nm, expected 7 to 130 nm`);
  return high[0] === low[0] ? high[1] : low[1] + ((high[1] - low[1]) * (nm - low[0])) / (high[0] - low[0]);
}

/** Dynamic energy follows C V^2 with C proportional to the node. */
export const scaleEnergy = (joules: number, from: number, to: number): number =>
  (joules * (to / from) * supplyVoltage(to) ** 2) / supplyVoltage(from) ** 2;

/** Area follows the square of the node. */
export const scaleArea = (mm2: number, from: number, to: number): number => mm2 * (to / from) ** 2;

/** Leakage power follows width (the node) and supply. */
export const scaleLeakage = (watts: number, from: number, to: number): number =>
  (watts * (to / from) * supplyVoltage(to)) / supplyVoltage(from);

/** Energy (J), area (mm2) and leakage (W) of a block of `bits`: linear in width, multipliers quadratic. */
export function digitalBlock(
  block: DigitalBlock,
  bits: number,
  node: number,
): { energy: number; area: number; leakage: number } {
  const known = BLOCKS[block];
  const width = (bits / known.bits) ** known.power;
  return {
    energy: scaleEnergy(known.energy * 1e-12 * width, BLOCK_NODE, node),
    area: scaleArea(known.area * 1e-6 * width, BLOCK_NODE, node),
    leakage: scaleLeakage(known.leakage * 1e-6 * width, BLOCK_NODE, node),
  };
}
