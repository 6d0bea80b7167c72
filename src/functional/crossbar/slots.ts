// Values cut into slots: what the drivers apply one after the other, and what each slot weighs.

import type { IntegerRange } from '../backend.js';
import type { SignedInputs } from './options.js';

/** Least word of 32 bits. */
export const LEAST_WORD = -(2 ** 31);

/** Slots of values of one range. */
export interface SlotPlan {
  readonly slots: number;
  readonly bitsPerSlot: number;
  /** What a slot's sums are multiplied by. */
  readonly weights: Float64Array;
  /** Added to a value before it is cut (`offset`); what it adds to results is known. */
  readonly shift: number;
  /** Largest magnitude that a slot drives. */
  readonly largest: number;
  /** Least word that can be driven; lower ones saturate. Magnitudes have no least two's complement number. */
  readonly least: number;
  /** Slots drive negative values too. */
  readonly signed: boolean;
  readonly code: 'unsigned' | SignedInputs | 'analog';
}

/** How values are cut. Several bits a slot and a sign are driven with an offset, unless magnitudes are. */
export function planSlots(
  { bits, signed }: IntegerRange,
  bitsPerSlot: number | 'analog',
  signedInputs: SignedInputs,
): SlotPlan {
  if (bitsPerSlot === 'analog')
    return {
      slots: 1,
      bitsPerSlot: bits,
      weights: Float64Array.of(1),
      shift: 0,
      largest: signed ? 2 ** (bits - 1) : 2 ** bits - 1,
      least: LEAST_WORD,
      signed,
      code: 'analog',
    };
  const code = !signed ? 'unsigned' : bitsPerSlot > 1 && signedInputs === 'twos-complement' ? 'offset' : signedInputs;
  const driven = code === 'sign-magnitude' ? bits - 1 : bits;
  const slots = Math.max(1, Math.ceil(driven / bitsPerSlot));
  const weights = Float64Array.from({ length: slots }, (_, k) => 2 ** (bitsPerSlot * k));
  if (code === 'twos-complement') weights[slots - 1] = -(2 ** (bits - 1));
  return {
    slots,
    bitsPerSlot,
    weights,
    shift: code === 'offset' ? 2 ** (bits - 1) : 0,
    largest: 2 ** bitsPerSlot - 1,
    least: code === 'sign-magnitude' ? 1 - 2 ** (bits - 1) : LEAST_WORD,
    signed: code === 'sign-magnitude',
    code,
  };
}

/** Slots drive bits of the word itself: neither an analog value nor a digit with a sign. */
export const isPlain = ({ code }: SlotPlan): boolean => code !== 'analog' && code !== 'sign-magnitude';

/** What slot `k` drives for a word (a value with the plan's shift added). */
export function slotValue({ bitsPerSlot, code, largest }: SlotPlan, word: number, k: number): number {
  if (code === 'analog') return word;
  if (code !== 'sign-magnitude') return (word >> (bitsPerSlot * k)) & largest;
  const digit = (Math.abs(word) >>> (bitsPerSlot * k)) & largest;
  return word < 0 ? -digit : digit;
}
