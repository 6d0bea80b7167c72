// A block in float64, one sum and one conversion after the other: what the fast paths are held against.

import { nearestEven } from '../wasm/fallback.js';
import { normalOf } from '../wasm/normal.js';
import { roundUp } from '../wasm/kernels.js';
import type { ProductStatistics } from '../backend.js';
import type { Gathered } from '../wasm/jobs.js';
import { drivenBy, type Block, type BlockInputs, type BlockResults } from './block.js';
import { FIRE, nonLinear } from './converter.js';
import { drawsAtReads } from './options.js';
import { slotValue } from './slots.js';

/** Called with every sum before its converter. */
export type SumObserver = (sum: number) => void;

/** Runs a block for all vectors of a call. */
export function runReference(
  block: Block,
  { words: all, keys }: BlockInputs,
  results: BlockResults,
  { statistics, observe }: { readonly statistics: ProductStatistics; readonly observe: SumObserver | null },
): void {
  const { shape, plan, options } = block;
  const { lines, driven, output, weight } = shape;
  const { slots, weights } = plan;
  const words = drivenBy(block, all);
  const vectors = words.starts.length;
  const analog = options.accumulation === 'analog';
  const x = new Float64Array(driven.length);
  const joined = new Float64Array(lines);
  const least = new Float64Array(lines);
  const most = new Float64Array(lines);
  const count = { clipped: 0, limited: 0 };
  const width = roundUp(lines, 8);
  const value = (line: number, sum: number): number => {
    observe?.(sum);
    if (sum < least[line]!) least[line] = sum;
    if (sum > most[line]!) most[line] = sum;
    return convert(block, line, sum, count);
  };
  for (let v = 0; v < vectors; v++) {
    joined.fill(0);
    for (let k = 0; k < slots; k++) {
      drive(block, words, { v, k }, x);
      for (let line = 0; line < lines; line++) {
        const own = analog ? 0 : block.conversionVariance(line);
        const sum = lineSum(block, { line, k, width, v, own }, { x, keys }, count);
        joined[line]! += weights[k]! * (analog ? sum : value(line, sum));
      }
    }
    for (let line = 0; line < lines; line++) {
      if (analog && options.converter.noise > 0)
        joined[line]! +=
          Math.sqrt(block.conversionVariance(line)) * normalOf(slots, line, width, keys[2 * v]!, keys[2 * v + 1]!);
      const total = analog ? value(line, joined[line]!) : joined[line]!;
      const to = output[line]!;
      if (to >= 0) results.outputs[to * results.stride + v]! += weight[line]! * total;
      else results.references[(-1 - to) * results.stride + v]! += weight[line]! * total;
    }
  }
  block.note(statistics, { vectors, clipped: count.clipped, limited: count.limited, least, most });
}

/** What slot `k` drives. */
function drive(
  { plan }: Block,
  { data, starts, offsets }: Gathered,
  { v, k }: { readonly v: number; readonly k: number },
  x: Float64Array,
): void {
  for (let i = 0; i < x.length; i++) x[i] = slotValue(plan, data[starts[v]! + offsets[i]!]!, k);
}

/** Current of a line in level units: noise (`own`: variance beside that of the cells) and limit included. */
function lineSum(
  block: Block,
  { line, k, width, v, own }: Readonly<Record<'line' | 'k' | 'width' | 'v' | 'own', number>>,
  { x, keys }: { readonly x: Float64Array; readonly keys: Int32Array },
  count: { limited: number },
): number {
  const { cells, limit, options } = block;
  const noisy = drawsAtReads(options);
  const from = line * x.length;
  let sum = 0;
  let variance = own;
  for (let i = 0; i < x.length; i++) {
    const input = x[i]!;
    if (input === 0) continue;
    sum += input * cells[from + i]!;
    if (noisy) variance += input * input * block.variance(from + i);
  }
  if (noisy) sum += Math.sqrt(variance) * normalOf(k, line, width, keys[2 * v]!, keys[2 * v + 1]!);
  if (Math.abs(sum) <= limit) return sum;
  count.limited++;
  return Math.sign(sum) * limit;
}

/** The value that a converter gives for a sum. */
function convert(block: Block, line: number, sum: number, count: { clipped: number }): number {
  const { errors, last, spin, options, shape } = block;
  if (last === 0) return sum;
  const { least, step } = block.steps[shape.slice[line]!]!;
  if (spin !== null) return fire(spin, { least, range: last * step }, sum, count);
  const lost = options.converter.kind === 'integrate-fire' ? FIRE : 0;
  let z = ((sum - least) * (1 + (errors?.gain[line] ?? 0))) / step + (errors?.offset[line] ?? 0) - lost;
  if (errors !== null) z = nonLinear(z, last, errors.bow[line]!, errors.curve[line]!);
  const code = nearestEven(z);
  const within = Math.min(Math.max(code, 0), last);
  if (within !== code) count.clipped++;
  return least + step * within;
}

/** A spin neuron's value: the sum whose output is that of the level reached; its range is centred at 0. */
function fire(
  { thresholds, values }: { thresholds: readonly number[]; values: readonly number[] },
  { least, range }: { readonly least: number; readonly range: number },
  sum: number,
  count: { clipped: number },
): number {
  const half = Math.max(Math.abs(least), Math.abs(least + range));
  const place = sum / half;
  if (Math.abs(place) > 1) count.clipped++;
  let code = 0;
  while (code < thresholds.length && place > thresholds[code]!) code++;
  return values[code]! * half;
}
