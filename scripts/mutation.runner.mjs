// Runs a test file as it is, and notes which test meets which mutant; then every mutant by itself against the tests
// that meet it, until the first that fails. The modules stay loaded, so that a mutant costs its tests alone. What
// happens is appended to MUTATION_LOG, line by line: whoever watches it knows which mutant a process hangs in.

import { appendFileSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { TestRunner } from 'vitest';

/** What instrumented sources count in and ask. */
const mutants = (globalThis.__stryker__ ??= {});
const log = process.env.MUTATION_LOG;
const chosen = new Set(process.env.MUTATION_IDS?.split(','));
const note = (line) => {
  appendFileSync(log, `${JSON.stringify(line)}\n`);
};
/** A test in which a mutant is met so many times more often than the code it stands in does not end. */
const MOST_HITS = 20;
const LEAST_LIMIT = 1000;
/** A test that takes so many times longer than without a mutant hangs in it. */
const MOST_TIMES = 10;
const LEAST_MS = 8000;

const testsOf = (suite) => suite.tasks.flatMap((task) => (task.type === 'suite' ? testsOf(task) : [task]));

export default class extends TestRunner {
  onBeforeTryTask(test) {
    super.onBeforeTryTask(test);
    mutants.currentTestId = test.id;
  }

  onAfterTryTask(test) {
    super.onAfterTryTask(test);
    mutants.currentTestId = undefined;
  }

  async onAfterRunSuite(suite) {
    await super.onAfterRunSuite(suite);
    if (suite.file !== suite) return;
    const file = relative(process.cwd(), suite.filepath);
    const tests = testsOf(suite).filter((test) => test.result?.state === 'pass');
    const failed = testsOf(suite).find((test) => test.result?.state === 'fail');
    if (failed !== undefined) return note({ broken: `${file}: ${failed.name}` });
    const { perTest = {}, static: loaded = {} } = mutants.mutantCoverage ?? {};
    mutants.mutantCoverage = undefined;
    const met = new Set(tests.flatMap(({ id }) => Object.keys(perTest[id] ?? {})));
    note({ file, met: [...met], loaded: Object.keys(loaded) });
    const before = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const over = new Set(
      before.filter(({ end, survived }) => end !== undefined || survived === file).map(({ id }) => id),
    );
    for (const id of met) {
      if (over.has(id) || !chosen.has(id)) continue;
      const meeting = tests
        .filter((test) => perTest[test.id]?.[id] > 0)
        .sort((a, b) => (a.result.duration ?? 0) - (b.result.duration ?? 0));
      const end = await this.#endOf(
        id,
        file,
        meeting.map((test) => ({ test, hits: perTest[test.id][id] })),
      );
      note(end === undefined ? { id, survived: file } : { id, end, file });
    }
  }

  /** How the tests end a mutant; undefined where all of them pass. */
  async #endOf(id, file, tests) {
    mutants.activeMutant = id;
    try {
      for (const { test, hits } of tests) {
        note({ id, file, mostMs: Math.round(LEAST_MS + MOST_TIMES * (test.result.duration ?? 0)) });
        mutants.hitCount = 0;
        mutants.hitLimit = MOST_HITS * hits + LEAST_LIMIT;
        await TestRunner.getTestFn(test)();
      }
      return undefined;
    } catch (error) {
      return /Hit count limit|timed out/.test(String(error?.message)) ? 'Timeout' : 'Killed';
    } finally {
      mutants.activeMutant = undefined;
      mutants.hitCount = undefined;
    }
  }
}
