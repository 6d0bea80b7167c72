// Callers without types: a wrong argument is one line that says which, what was found and what was expected.

import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as library from '../../src/node.js';
import { resultOf } from '../helpers.js';

/** The library as a program without types sees it. */
const { load, simulate, compare, explain, writeRun, sweep } = library as unknown as Record<
  string,
  (...args: unknown[]) => unknown
>;
const result = resultOf('a3', ['network=mnist-0', 'workload.mode=attack', 'workload.iterations=1']);

async function said(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (error instanceof library.UserError) return error.message;
    throw error;
  }
  return 'no error';
}

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-arguments-'));

describe('a wrong argument', () => {
  let run: unknown;
  beforeAll(async () => {
    run = await load!('a3', { set: ['network=mnist-0'] });
  });

  it.each([
    [() => load!(), 'load: config: found undefined, expected the name of a preset, the path of a file, or a config'],
    [() => load!(['a3']), 'load: config: found a list, expected'],
    [() => load!('a3', null), 'load: options: found null, expected an object with some of set, presets, files'],
    [
      () => load!('a3', { sets: [] }),
      'load: option "sets" is unknown, expected one of set, presets, files; did you mean',
    ],
    [
      () => load!('a3', { set: 'crossbar.rows=256' }),
      'load: set: found "crossbar.rows=256", expected a list of overrides',
    ],
    [() => simulate!('a3'), 'simulate: run: found "a3", expected what `await load(...)` gives'],
    [() => simulate!(load!('a3')), 'simulate: run: found a mapping, expected what `await load(...)` gives'],
    [() => simulate!(run, { exact: true }), 'simulate: option "exact" is unknown, expected one of progress, clock'],
    [() => compare!([]), 'compare: number of results: found 0, expected at least 1'],
    [() => compare!(result), 'compare: results: found a mapping, expected a list of results'],
    [() => compare!([result, { result }]), 'compare: results[1]: found a mapping, expected a result, as `simulate'],
    [() => compare!([result], 1), 'compare: baseline: found 1, expected the place of one of 1 results, from 0 on'],
    [() => explain!(undefined, 'time.totalS'), 'explain: result: found undefined, expected a result'],
    [() => explain!({ schema: 'xbarflow/result@1' }, 'time.totalS'), 'explain: result: has no '],
    [() => explain!(result), 'explain: key: found undefined, expected the path of a figure, such as "energy.totalJ"'],
    [() => writeRun!(7, simulate!(run)), 'writeRun: folder: found 7, expected the path of a folder'],
    [() => writeRun!(folder, result), 'writeRun: run: found a mapping, expected what `simulate(run)` gives'],
    [() => writeRun!(folder), 'writeRun: run: found undefined, expected'],
    [
      () => writeRun!(folder, simulate!(run), { figure: true }),
      'writeRun: option "figure" is unknown, expected one of',
    ],
    [() => sweep!('array-size'), 'sweep: options: found undefined, expected an object with some of out, set'],
    [() => sweep!('array-size', { out: folder, workers: 0 }), 'sweep: workers: found 0, expected a whole number'],
    [() => sweep!('array-size', { set: [] }), 'sweep: out: found undefined, expected a folder'],
  ])('%s', async (call, message) => {
    expect(await said(call)).toContain(message);
    expect(readdirSync(folder)).toEqual([]);
  });
});
