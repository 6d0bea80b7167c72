// Locks of folders against processes that are over, by real ones.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { lockFolder } from '../../src/config/lock.node.js';

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-lock-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Fields of /proc/PID/stat behind the name. */
const fieldsOf = (pid: number): string[] =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');

it.runIf(existsSync('/proc/self/stat'))('a lock of a killed process that nobody waits for is taken over', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(said.toString());
    while (fieldsOf(pid)[0] !== 'Z') await new Promise((resolve) => setTimeout(resolve, 5));
    const holder = { pid, host: hostname(), started: fieldsOf(pid)[19] };
    writeFileSync(join(folder, 'work.lock'), JSON.stringify(holder));
    const unlock = lockFolder(folder, { name: 'work.lock', holder: 'another run' });
    unlock();
    writeFileSync(join(folder, 'work.lock'), JSON.stringify({ ...holder, pid: parent.pid, started: '' }));
    expect(() => lockFolder(folder, { name: 'work.lock', holder: 'another run' })).toThrow(
      `${folder} is in use by another run (process ${parent.pid})`,
    );
  } finally {
    parent.kill('SIGKILL');
  }
});
