// Text as sequences of characters: each sample reads `steps` of them and is to say the next ones.

import { UserError } from '../../config/index.js';
import type { MemoryBudget } from '../../config/budget.js';
import { refuse } from '../../tensors/tensor.js';
import type { RawDataset } from './dataset.js';
import { messageOf } from '../../config/typed.js';

/** Characters in the order of their numbers. */
export type Vocabulary = readonly string[];

/** Reads a vocabulary: a JSON list of characters, or an object of characters and their numbers. */
export function readVocabulary(text: string, file: string): Vocabulary {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return refuse(file, `is no JSON: ${messageOf(error)}`);
  }
  if (Array.isArray(parsed) && parsed.every((one): one is string => typeof one === 'string')) return parsed;
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    const entries = Object.entries(parsed).sort(([, a], [, b]) => Number(a) - Number(b));
    if (entries.every(([, number], i) => number === i)) return entries.map(([character]) => character);
  }
  return refuse(file, 'expected a JSON list of characters, or an object of characters and the numbers 0, 1, ...');
}

/** All characters of a text in the order of their codes. */
export const vocabularyOf = (text: string): Vocabulary => [...new Set(text)].sort();

const isHigh = (code: number): boolean => code >= 0xd800 && code < 0xdc00;
const isLow = (code: number): boolean => code >= 0xdc00 && code < 0xe000;

/** Characters of a text, each of two halves once. */
function charactersOf(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) if (isLow(text.charCodeAt(i)) && isHigh(text.charCodeAt(i - 1))) count--;
  return count;
}

/** How a network takes characters: one-hot vectors of its vocabulary, or numbers. */
export interface TextForm {
  readonly steps: number;
  readonly oneHot: boolean;
}

/**
 * Sequences one behind the other from character `start` on; a last one that is not whole is left out.
 * @throws UserError for a character that the vocabulary lacks, or a text that is too short
 */
export function readText(
  text: string,
  file: string,
  {
    vocabulary,
    form,
    start,
    budget,
  }: {
    readonly vocabulary: Vocabulary;
    readonly form: TextForm;
    readonly start: number;
    readonly budget: MemoryBudget;
  },
): RawDataset {
  const numbers = new Map(vocabulary.map((character, number) => [character, number]));
  const twice = vocabulary.find((character, number) => numbers.get(character) !== number);
  if (twice !== undefined) throw new UserError(`${file}: its vocabulary has ${JSON.stringify(twice)} twice`);
  const { steps, oneHot } = form;
  const size = vocabulary.length;
  const length = Math.max(0, charactersOf(text) - start);
  const count = Math.floor((length - 1) / steps);
  if (count < 1) throw new UserError(`${file}: ${length} characters from ${start} on, expected at least ${steps + 1}`);
  budget.take(count * steps * (2 * Int32Array.BYTES_PER_ELEMENT + (oneHot ? size : 0)), 'its characters as numbers');
  const codes = new Int32Array(count * steps + 1);
  let at = -start;
  for (const character of text) {
    if (at >= codes.length) break;
    if (at >= 0) {
      const code = numbers.get(character);
      if (code === undefined)
        return refuse(file, `character ${start + at} (${JSON.stringify(character)}) is not in the vocabulary`);
      codes[at] = code;
    }
    at++;
  }
  const tokens = codes.subarray(0, count * steps);
  const data = oneHot ? new Uint8Array(count * steps * size) : tokens;
  if (oneHot) tokens.forEach((code, i) => (data[i * size + code] = 1));
  return {
    count,
    inputs: new Map([['', { shape: oneHot ? [steps, size] : [steps], data }]]),
    labels: codes.slice(1),
    labelsPerSample: steps,
    classes: vocabulary,
  };
}
