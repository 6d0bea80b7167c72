// One sweep at a time in a folder: a lock file with the process that holds it; a dead process's lock is taken over.

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../config/index.js';
import { diskFault } from './store.js';

interface Holder {
  pid: number;
  host: string;
  /** When the process started (clock ticks since boot); tells a process from a later one with its number. */
  started: string;
}

/** Locks a folder until the returned function is called. @throws UserError naming the process that holds it. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'sweep.lock');
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), started: startOf(process.pid) } satisfies Holder);
  const own = join(folder, `sweep.lock.${process.pid}.tmp`);
  try {
    writeFileSync(own, mine);
    // A link appears with its content and only where there is none: no process ever reads half a lock.
    while (!linked(own, path)) takeOver(path, folder);
  } catch (error) {
    throw diskFault(error, folder);
  } finally {
    rmSync(own, { force: true });
  }
  return () => {
    if (read(path) === mine) rmSync(path, { force: true });
  };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Puts a dead process's lock away. @throws UserError where its process lives. */
function takeOver(path: string, folder: string): void {
  const text = read(path);
  if (text === undefined) return;
  const holder = parse(text);
  if (holder !== undefined && lives(holder)) {
    const where = holder.host === hostname() ? '' : ` on ${holder.host}; if that is over, delete ${path}`;
    throw new UserError(`${folder} is in use by another sweep (process ${holder.pid}${where})`);
  }
  const aside = `${path}.${process.pid}.old`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Somebody else may have taken it over between reading and renaming: then it goes back.
  if (read(aside) !== text) linked(aside, path);
  rmSync(aside, { force: true });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder>;
    return typeof holder.pid === 'number' && typeof holder.host === 'string' && typeof holder.started === 'string'
      ? { pid: holder.pid, host: holder.host, started: holder.started }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Of a process on another host nothing is known: it counts as alive. */
function lives({ pid, host, started }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return now === '' || started === '' || now === started;
}

/** Field 22 of /proc/PID/stat; nothing where there is no such file. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
