// The commands that README and docs show, each typed as it stands there, page by page from the top: all end well.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const program = here('dist/cli/xbarflow.cjs');

/** Pages whose commands need no file but those that the commands before them write. */
const PAGES = ['README.md', 'docs/explain.md', 'docs/attention.md', 'docs/config.md', 'docs/architectures.md'];

/** Commands that do not end by themselves. */
const STAYS = /^xbarflow explore/;

/** The commands of a page: indented lines, without their remarks; a backslash joins the next line. */
function commandsOf(page: string): string[] {
  const text = readFileSync(here(page), 'utf8').replace(/\\\n\s+/g, '');
  return [...text.matchAll(/^ {4}(?:npx )?(xbarflow [a-z].*)$/gm)]
    .map(([, command]) => command!.replace(/\s+#.*$/, ''))
    .filter((command) => !STAYS.test(command));
}

describe.each(PAGES)('the commands of %s', (page) => {
  const commands = commandsOf(page);
  const home = mkdtempSync(join(tmpdir(), 'xbarflow-page-'));

  it('are there', () => {
    expect(commands.length).toBeGreaterThan(0);
  });

  it.each(commands)('%s', { timeout: 120_000 }, (command) => {
    const typed = command.replace(/^xbarflow/, `"${process.execPath}" "${program}"`);
    const { status, stdout, stderr } = spawnSync(typed, {
      cwd: home,
      encoding: 'utf8',
      shell: true,
      maxBuffer: 1 << 28,
    });
    expect([status, stderr.includes('failed')]).toEqual([0, false]);
    expect(stdout).not.toBe('');
  });
});
