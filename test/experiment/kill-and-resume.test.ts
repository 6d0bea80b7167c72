// Training and attacks that are killed at random moments go on to the same bytes (the script takes more kills).

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('train and attack, killed twice each: every file equals that of a run that nobody disturbed', () => {
  const script = fileURLToPath(new URL('../../scripts/kill-and-resume.mjs', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [script, '2', 'test'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^train: 2 kills, .*; all \d+ files equal$/m);
  expect(stdout).toMatch(/^attack: 2 kills, .*; all \d+ files equal$/m);
}, 180_000);
