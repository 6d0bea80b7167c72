// How the operand pairs of an image are laid onto digital units.

import type { Config } from '../../run-config/index.js';

/** Units of a digital design, or (without a memory for weights) beside arrays. */
export interface DigitalUnits extends Pick<NonNullable<Config['digital']>, 'units' | 'operation' | 'errorCycles'> {
  readonly weightWordBits: number | null;
}

/** How the operand pairs of one image are laid onto the units. */
export interface UnitTiling {
  /** Positions that go at once. */
  positions: number;
  waves: number;
  /** Cycles of a wave. */
  cycles: number;
}

/** As many whole positions at once as the units hold; a position that needs more takes several cycles. */
export function tileOnUnits(macsPerPosition: number, positions: number, serial: boolean, units: number): UnitTiling {
  const atOnce = serial ? 1 : Math.max(1, Math.min(positions, Math.floor(units / macsPerPosition)));
  return {
    positions: atOnce,
    waves: Math.ceil(positions / atOnce),
    cycles: Math.ceil((atOnce * macsPerPosition) / units),
  };
}
