// Every way to quantize an array, behind one function: codebooks and number formats.

import {
  chooseFractionBits,
  fromDynamicFixedPoint,
  maxMagnitude,
  toDynamicFixedPoint,
  toIntegers,
} from '../formats/dynamic-fixed-point.js';
import { decodeArray, encodeArray } from '../formats/bulk.js';
import { fixedPoint, roundScaled } from '../formats/fixed-point.js';
import type { NumberFormat } from '../formats/format.js';
import { logTapered } from '../formats/log-tapered.js';
import { MINIFLOAT_NAMES, standardFloat, type MinifloatName } from '../formats/minifloat.js';
import { MX_NAMES, decodeBlock, encodeBlocks, mxFormat, type MxName } from '../formats/mx.js';
import { posit } from '../formats/posit.js';
import type { Rounding } from '../formats/rounding.js';
import { decodeCodebook, encodeCodebook, saturationLimits, type Codebook } from './codebook.js';
import { importanceCodebook, type ImportanceOptions } from './importance.js';
import { kMeansCodebook, type Start } from './k-means.js';
import { logarithmicCodebook, type LogarithmicOptions } from './logarithmic.js';
import { CODEBOOK_METHODS, SIZED_FORMATS, type CodebookMethod, type ExponentRule } from './names.js';
import { tanhCodebook } from './tanh.js';
import { clippedCodebook, minMaxCodebook, symmetricCodebook } from './uniform.js';
import { weightedEntropyCodebook } from './weighted-entropy.js';
import { isOneOf } from '../../config/typed.js';

/** Every method by name. */
export const METHODS = [...CODEBOOK_METHODS, ...SIZED_FORMATS, ...MINIFLOAT_NAMES, ...MX_NAMES] as const;
/** Name of a way to quantize. */
export type Method = (typeof METHODS)[number];

/** A method and its parameters; those that a method does not have are ignored. */
export interface MethodOptions {
  readonly method: Method;
  /** Bits of a code. Minifloats and MX formats have their own. */
  readonly bits: number;
  /** 0 must be a level (codebooks; of `symmetric` and `clipped`, which have 2^bits - 1 levels, it always is). */
  readonly zero?: boolean;
  readonly rounding?: Rounding;
  /** `fixed`: weight of the last bit 2^-fractionBits. `dfp`: fixes the shared exponent. */
  readonly fractionBits?: number;
  readonly exponentRule?: ExponentRule;
  /** `dfp` with `overflow-rate`: the share of values that may saturate. */
  readonly maxOverflowRate?: number;
  /** `posit`, `log-tapered`: exponent bits. */
  readonly exponentBits?: number;
  readonly start?: Start;
  readonly iterations?: number;
  readonly exponents?: Pick<ImportanceOptions, 'range' | 'density'>;
  readonly stepsPerOctave?: NonNullable<LogarithmicOptions['stepsPerOctave']>;
  /** Called again and again while levels are searched, for whoever shows progress. */
  readonly watch?: () => void;
}

/** A quantized array. */
export interface QuantizedValues {
  readonly values: Float64Array;
  /** Level numbers, signed integers (fixed and dynamic fixed point) or code words. */
  readonly codes: Float64Array;
  /**
   * Values that rounding takes beyond the range, clamped; of codebooks those beyond their `saturationLimits`, of posits
   * and log-tapered numbers those beyond the range itself.
   */
  readonly saturated: number;
  readonly codebook: Codebook | undefined;
  /** Fraction bits of dynamic fixed point. */
  readonly fractionBits: number | undefined;
  /** Scale codes of MX blocks. */
  readonly blockScales: Uint8Array | undefined;
}

/** The codebook of a method. @param importance a weight for each value, for `clipped`, `importance` and `k-means` */
export function codebookFor(
  values: ArrayLike<number>,
  options: MethodOptions & { readonly method: CodebookMethod },
  importance?: ArrayLike<number>,
): Codebook {
  const { method, bits, zero, start, exponents, stepsPerOctave, watch } = options;
  const base = {
    levels: 2 ** bits,
    ...(zero === undefined ? {} : { zero }),
    ...(importance === undefined ? {} : { importance }),
    ...(watch === undefined ? {} : { watch }),
  };
  switch (method) {
    case 'min-max':
      return minMaxCodebook(values, base);
    case 'symmetric':
      return symmetricCodebook(values, { ...base, zero: true });
    case 'clipped':
      return clippedCodebook(values, { ...base, zero: true });
    case 'importance':
      return importanceCodebook(values, { ...base, ...exponents });
    case 'k-means':
      return kMeansCodebook(values, {
        ...base,
        ...(start === undefined ? {} : { start }),
        ...(exponents === undefined ? {} : { exponents }),
        ...(options.iterations === undefined ? {} : { iterations: options.iterations }),
      });
    case 'weighted-entropy':
      return weightedEntropyCodebook(values, base);
    case 'tanh':
      return tanhCodebook(values, base);
    case 'log':
      return logarithmicCodebook(values, { bits, ...(stepsPerOctave === undefined ? {} : { stepsPerOctave }) });
  }
}

/** True for a method that makes a codebook. */
export const makesCodebook = (method: Method): method is CodebookMethod => isOneOf(CODEBOOK_METHODS, method);

const isCodebookMethod = (options: MethodOptions): options is MethodOptions & { readonly method: CodebookMethod } =>
  makesCodebook(options.method);
const isMx = (method: Method): method is MxName => isOneOf(MX_NAMES, method);
const isMinifloat = (method: Method): method is MinifloatName => isOneOf(MINIFLOAT_NAMES, method);

/** Bits of a code of the formats that have their own number. */
export const ownBits = (method: Method): number | undefined =>
  isMinifloat(method) ? standardFloat(method).bits : isMx(method) ? mxFormat(method).element.bits : undefined;

/**
 * Quantizes an array. An empty array gives empty ones. @throws RangeError for NaN, infinities, and parameters out of
 * range
 */
export function quantizeValues(
  values: Float32Array | Float64Array,
  options: MethodOptions,
  importance?: ArrayLike<number>,
): QuantizedValues {
  const { method, bits, rounding = 'nearest-even' } = options;
  maxMagnitude(values);
  const none = { codebook: undefined, fractionBits: undefined, blockScales: undefined };
  if (isCodebookMethod(options)) {
    const codebook = codebookFor(values, options, importance);
    const codes = encodeCodebook(codebook, values);
    const { least, most } = saturationLimits(codebook);
    return {
      ...none,
      values: decodeCodebook(codebook, codes),
      codes: Float64Array.from(codes),
      saturated: count(values, (x) => x < least || x > most),
      codebook,
    };
  }
  if (method === 'dfp') {
    const fractionBits =
      options.fractionBits ??
      chooseFractionBits(values, {
        bits,
        rounding,
        ...(options.exponentRule === undefined ? {} : { rule: options.exponentRule }),
        ...(options.maxOverflowRate === undefined ? {} : { maxOverflowRate: options.maxOverflowRate }),
      });
    const quantized = toDynamicFixedPoint(values, { bits, fractionBits, rounding });
    return {
      ...none,
      values: fromDynamicFixedPoint(quantized),
      codes: Float64Array.from(quantized.integers),
      saturated: quantized.saturated,
      fractionBits,
    };
  }
  if (method === 'fixed') {
    const fractionBits = options.fractionBits ?? bits - 1;
    // Refuses what is out of range.
    fixedPoint({ bits, fractionBits });
    const quantized = toIntegers(values, { bits, fractionBits, rounding });
    const { integers, saturated } = quantized;
    return { ...none, values: fromDynamicFixedPoint(quantized), codes: Float64Array.from(integers), saturated };
  }
  if (isMx(method)) {
    const format = mxFormat(method);
    const blocks = encodeBlocks(format, values, rounding);
    const decoded = blocks.flatMap((block) => [...decodeBlock(format, block)]);
    const beyond = blocks.flatMap(({ codes }) => [...codes]);
    const isBeyond = roundsBeyond(format.element, rounding);
    return {
      ...none,
      values: Float64Array.from(decoded),
      codes: Float64Array.from(beyond),
      saturated: count(values, (x, i) => isBeyond(x * 2 ** (127 - blocks[Math.floor(i / format.blockSize)]!.scale))),
      blockScales: Uint8Array.from(blocks, ({ scale }) => scale),
    };
  }
  const format = formatFor(options);
  const codes = Float64Array.from(encodeArray(format, values, rounding));
  const [least, most] = rangeOf(format);
  const isBeyond = isMinifloat(method) ? roundsBeyond(format, rounding) : (x: number) => x < least || x > most;
  return { ...none, values: decodeArray(format, codes), codes, saturated: count(values, isBeyond) };
}

function count(values: Float32Array | Float64Array, beyond: (x: number, i: number) => boolean): number {
  let number = 0;
  for (let i = 0; i < values.length; i++) if (beyond(values[i]!, i)) number++;
  return number;
}

/** The finite range of a format. */
function rangeOf(format: NumberFormat): [least: number, most: number] {
  const huge = Number.MAX_VALUE;
  return [format.decode(format.encode(-huge, 'toward-zero')), format.decode(format.encode(huge, 'toward-zero'))];
}

/**
 * Whether a value rounds beyond a format's range, were there more codes with the steps at its ends. Stochastic rounding
 * counts as to the nearest.
 */
function roundsBeyond(format: NumberFormat, rounding: Rounding): (x: number) => boolean {
  const [least, most] = rangeOf(format);
  const step = most - format.decode(format.encode(most) - 1);
  const rule = typeof rounding === 'object' ? 'nearest-even' : rounding;
  return (x) => {
    if (x >= least && x <= most) return false;
    const steps = roundScaled(x / step, 0, rule);
    return steps < least / step || steps > most / step;
  };
}

function formatFor({ method, bits, exponentBits }: MethodOptions): NumberFormat {
  if (isMinifloat(method)) return standardFloat(method, 'saturate');
  if (method === 'posit') return posit({ bits, exponentBits: exponentBits ?? 2 });
  return logTapered({ bits, exponentBits: exponentBits ?? 1, alpha: 5, beta: 5, gamma: 7 });
}
