// A reporter that counts the tests that were skipped, by file: what a run without ../shared or Slurm did not show.

import type { Reporter, TestModule } from 'vitest/node';

/** Prints one line in all and one a file with skipped tests; nothing where nothing was skipped. */
export default class SkippedTests implements Reporter {
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
  }
}
