// A reporter that counts the tests that were skipped, by file: what a run without ../shared or Slurm did not show. More
// than test/skipped.json allows fail the run, so that the list of what is not shown does not grow unseen.

import { readFileSync } from 'node:fs';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { hasShared } from './shared.js';

/** Tests that may be skipped, by file. */
export type Allowed = Readonly<Record<string, number>>;

/** Files that skip more tests than they may, a line each. */
export const beyond = (skipped: ReadonlyMap<string, number>, allowed: readonly Allowed[]): string[] =>
  [...skipped].flatMap(([file, count]) => {
    const most = allowed.reduce((sum, own) => sum + (own[file] ?? 0), 0);
    return count > most ? [`${file}: ${count} tests skipped, test/skipped.json allows ${most}`] : [];
  });

/** What may be skipped on this machine. */
function allowedHere(): Allowed[] {
  const list = JSON.parse(readFileSync(new URL('skipped.json', import.meta.url), 'utf8')) as Record<string, Allowed>;
  return [list['without programs or rights of the machine'] ?? {}, hasShared ? {} : (list['without ../shared'] ?? {})];
}

/** Prints one line in all and one a file with skipped tests; nothing where nothing was skipped. */
export default class SkippedTests implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules
      .map((module) => ({
        file: module.relativeModuleId,
        titles: [...module.children.allTests('skipped')].map((test) => test.fullName),
      }))
      .filter(({ titles }) => titles.length > 0);
    const all = skipped.reduce((sum, { titles }) => sum + titles.length, 0);
    if (all === 0) return;
    console.log(`${all} tests skipped (those that need ../shared or Slurm say so in their title):`);
    for (const { file, titles } of skipped) console.log(`  ${file}: ${titles.length}, first "${titles[0]!}"`);
    // What a name left out was not asked for.
    if (this.#vitest?.config.testNamePattern !== undefined) return;
    const faults = beyond(new Map(skipped.map(({ file, titles }) => [file, titles.length])), allowedHere());
    for (const fault of faults) console.error(fault);
    if (faults.length > 0) process.exitCode = 1;
  }
}
