// docs/kernel.md, done as it says: its program run against the built kernel, its output compared.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(`${root}docs/kernel.md`, 'utf8');
const blocks = (language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, body]) => body!);

describe('docs/kernel.md', () => {
  it('its program prints what it says', () => {
    const [lines, program] = blocks('js');
    for (const code of [lines!, program!]) expect(code).toContain('./dist/kernel/index.js');
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', program!.replace('./dist/', new URL('../../dist/', import.meta.url).href)],
      { encoding: 'utf8' },
    );
    expect([stdout, stderr]).toEqual([blocks('text')[0], '']);
  });
});
