// Every input that ever failed, and some of every kind with a seed of their own.

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KINDS, inputsOf, type Input } from './inputs.js';
import { outcomeOf } from './outcome.js';

const corpus = fileURLToPath(new URL('../corpus/', import.meta.url));

describe('the corpus', () => {
  it.each(readdirSync(corpus).filter((name) => name.endsWith('.json')))('%s', async (name) => {
    const input = JSON.parse(readFileSync(`${corpus}${name}`, 'utf8')) as Input;
    expect((await outcomeOf(input)).end).not.toBe('failed');
  });
});

describe('inputs of every kind end as results or as one line', () => {
  it.each(KINDS.filter((kind) => kind !== 'command'))('%s', async (kind) => {
    for (const input of fc.sample(inputsOf[kind], { numRuns: 60, seed: 20 })) {
      const outcome = await outcomeOf(input);
      expect(outcome.end === 'failed' ? { input, outcome } : null).toBeNull();
    }
  });
});
