// One writer at a time in a folder: a lock file with the process that holds it; a dead process's lock is taken over.

import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from './errors.js';
import { codeOf, isRecord } from './typed.js';
import { besideOf, diskFault, isRefusal } from './writing.node.js';

interface Holder {
  pid: number;
  host: string;
  /** When the process started (clock ticks since boot); tells a process from a later one with its number. */
  started: string;
}

/** How a folder is locked. */
export interface LockOptions {
  /** The lock's file. */
  name: string;
  /** Who holds it, for messages: `another sweep`. */
  holder: string;
  /** Longest wait for a living holder, milliseconds. */
  waitMs?: number;
}

/** Milliseconds between two looks at a lock that another process holds. */
const LOOK_MS = 20;

/**
 * Locks a folder until the returned function is called. @throws UserError naming the process that holds it, or where
 * the folder cannot be written
 */
export function lockFolder(folder: string, { name, holder, waitMs = 0 }: LockOptions): () => void {
  const path = join(folder, name);
  const mine = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    started: statOf(process.pid).start,
  } satisfies Holder);
  const own = besideOf(path);
  const end = performance.now() + waitMs;
  try {
    writeFileSync(own, mine);
    // A link appears with its content and only where there is none: no process ever reads half a lock.
    while (!linked(own, path, mine)) {
      const living = takeOver(path);
      if (living === undefined) continue;
      if (performance.now() >= end) throw inUse(living, holder, folder, path);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
    }
    removeRemains(folder, `${name}.`);
  } catch (error) {
    throw isRefusal(error) ? new UserError(`${folder}: cannot be written: ${error.message}`) : diskFault(error, folder);
  } finally {
    rmSync(own, { force: true });
  }
  return () => {
    if (read(path) === mine) rmSync(path, { force: true });
  };
}

/** What `besideOf` appends. */
const BESIDE = /\.(\d+)@(.+)\.(?:tmp|old)$/;

/**
 * Removes what processes of this host that were killed while they wrote left beside files whose names begin so. Of
 * processes of other hosts nothing is known; clocks are not asked.
 */
export function removeRemains(folder: string, name = ''): void {
  for (const entry of readdirSync(folder)) {
    const [, pid, host] = (entry.startsWith(name) ? BESIDE.exec(entry) : null) ?? [];
    if (host === hostname() && !lives({ pid: Number(pid), host, started: '' }))
      rmSync(join(folder, entry), { force: true });
  }
}

function inUse({ pid, host }: Holder, holder: string, folder: string, path: string): UserError {
  const where = host === hostname() ? '' : ` on ${host}; if that is over, delete ${path}`;
  return new UserError(`${folder} is in use by ${holder} (process ${pid}${where})`);
}

function linked(from: string, to: string, content: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    if (!NO_LINKS.has(code)) throw error;
  }
  try {
    writeFileSync(to, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** What file systems without hard links answer. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Puts a dead process's lock away; a living one is returned. */
function takeOver(path: string): Holder | undefined {
  const text = read(path);
  if (text === undefined) return undefined;
  const holder = parse(text);
  if (holder !== undefined && lives(holder)) return holder;
  const aside = besideOf(path, 'old');
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  // Somebody else may have taken it over between reading and renaming: then it goes back.
  if (read(aside) !== text) linked(aside, path, read(aside) ?? '');
  rmSync(aside, { force: true });
  return undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(text);
    return isRecord(holder) &&
      typeof holder.pid === 'number' &&
      typeof holder.host === 'string' &&
      typeof holder.started === 'string'
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
    if (codeOf(error) === 'ESRCH') return false;
  }
  const { state, start } = statOf(pid);
  return state !== 'Z' && (start === '' || started === '' || start === started);
}

/**
 * Fields 3 and 22 of /proc/PID/stat; empty where there is no such file. A process that was killed stays as Z until its
 * parent asks how it ended, which the first process of many containers never does.
 */
function statOf(pid: number): { state: string; start: string } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: fields[19] ?? '' };
  } catch {
    return { state: '', start: '' };
  }
}
