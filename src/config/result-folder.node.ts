// Folders of results: written whole beside their place, then put there at once; each says which files it holds.

import { existsSync, lstatSync, readFileSync, readdirSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { visibleText } from './escape.js';
import { UserError } from './errors.js';
import { fileName } from './file-names.js';
import { lockFolder } from './lock.node.js';
import { codeOf, isOneOf, isRecord } from './typed.js';
import { throughLink } from './work-folder.node.js';
import { DiskFullError, diskFault, makeFolder, writeChecked } from './writing.node.js';

/** Files by their path below the folder, parts joined by `/`. */
export type FileSet = Readonly<Record<string, string | Uint8Array>>;

/** What a result's main document says of the files beside it. */
export type Manifest = Record<string, { bytes: number; sha256: string }>;

/** Documents that list the files of their folder under `files`. */
export const MAIN_FILES = [
  'result.json',
  'compare.json',
  'validation.json',
  'quantize.json',
  'attack.json',
  'evaluation.json',
  'study.json',
  'import.json',
  'analysis.json',
  'manifest.json',
] as const;

const isMain = (name: string): boolean => isOneOf(MAIN_FILES, basename(name));

/** Loaded where something is written: it takes longer than all else that a command asks of Node. */
const crypto = () => process.getBuiltinModule('node:crypto');

const LOCK = { name: '.xbarflow.lock', holder: 'another run', waitMs: 30_000 };
/** Folders in which files wait for their place; the process that made one stands in its name. */
const host = fileName(hostname()).replaceAll('.', '-');
const stageName = (): string => `.xbarflow.${host}.${process.pid}.${crypto().randomUUID().slice(0, 8)}.tmp`;
const STAGE = /^\.xbarflow\.([^.]+)\.(\d+)\.[0-9a-f]{8}\.tmp$/;
/** In a stage: the files that its folder holds before or after it, for who cleans up behind a process that died. */
const OWNED = '.owned.json';
/** In a stage: files that gave way. */
const OLD = '.old';

/**
 * Writes the files of a result. They are checked beside their place before any takes its name; what an earlier result
 * left in the folder gives way, files of others stay. The folder's main document (`result.json` and its like) gets the
 * manifest, is put away first and comes last: where it stands, all that it lists stands. Of two writers at once the
 * last one wins whole.
 * @returns the paths that were written
 * @throws UserError where the system refuses the folder, Error where the disk is full
 */
export function writeResult(folder: string, files: FileSet): string[] {
  const content = withManifests(files);
  const made: string[] = [];
  const stage = { path: '' };
  try {
    for (let at = resolve(folder, '..'); !existsSync(at); at = dirname(at)) made.push(at);
    makeFolder(dirname(resolve(folder)));
    const fresh = !existsSync(folder);
    const link = Object.keys(content).find((name) => throughLink(folder, name));
    if (link !== undefined)
      throw new UserError(
        `--out ${folder}: ${dirname(link)} is a symbolic link, which may lead out; expected a folder`,
      );
    const beside = fresh ? dirname(resolve(folder)) : folder;
    if (fresh) removeDead(beside);
    stage.path = join(beside, stageName());
    for (const [name, bytes] of Object.entries(content)) {
      const path = join(stage.path, name);
      makeFolder(dirname(path));
      writeChecked(path, bytes);
    }
    if (Object.keys(content).length === 0) makeFolder(stage.path);
    if (!fresh || !placed(stage.path, folder)) replace(stage.path, folder, Object.keys(content));
    return Object.keys(content).map((name) => join(folder, name));
  } catch (error) {
    // Where a file stands in the folder's place, there was no stage.
    if (stage.path !== '' && existsSync(stage.path)) rmSync(stage.path, { recursive: true, force: true });
    for (const path of made) removeEmpty(path);
    const fault = diskFault(error, folder);
    if (fault instanceof DiskFullError || fault instanceof UserError) throw fault;
    throw new UserError(`--out ${folder}: cannot write: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Bytes of every file; main documents with the list of the files below them. */
function withManifests(files: FileSet): Record<string, Uint8Array> {
  const content = new Map<string, Uint8Array>();
  for (const [name, text] of Object.entries(files)) {
    if (name.split('/').some((part) => part === '' || part === '.' || part === '..' || /[\\\0]/.test(part)))
      throw new Error(`a result has a file named ${JSON.stringify(name)}, which may lead out of its folder`);
    if (isMain(name)) continue;
    content.set(name, bytesOf(name, text));
  }
  // The deepest first: a comparison lists the results of its designs.
  const mains = Object.keys(files)
    .filter(isMain)
    .sort((a, b) => b.split('/').length - a.split('/').length);
  for (const main of mains) {
    const below = main.slice(0, -basename(main).length);
    const listed = [...content].filter(([name]) => name.startsWith(below));
    const manifest: Manifest = Object.fromEntries(
      listed.map(([name, bytes]) => [name.slice(below.length), { bytes: bytes.length, sha256: sha256(bytes) }]),
    );
    const text = files[main]!;
    const document: unknown = JSON.parse(typeof text === 'string' ? text : new TextDecoder().decode(text));
    content.set(
      main,
      bytesOf(main, `${JSON.stringify({ ...(isRecord(document) ? document : {}), files: manifest }, null, 2)}\n`),
    );
  }
  return Object.fromEntries(content);
}

const bytesOf = (name: string, text: string | Uint8Array): Uint8Array =>
  typeof text !== 'string'
    ? text
    : new TextEncoder().encode(name.endsWith('.json') || name.endsWith('.svg') ? visibleText(text) : text);

const sha256 = (bytes: Uint8Array): string => crypto().createHash('sha256').update(bytes).digest('hex');

/** Gives a stage its folder's name; false where somebody made the folder in between. */
function placed(stage: string, folder: string): boolean {
  try {
    renameSync(stage, folder);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'EISDIR'].includes(codeOf(error))) return false;
    throw error;
  }
}

/** Puts the files of a stage in the place of what the folder's main documents list. All of it, or nothing changes. */
function replace(stage: string, folder: string, names: readonly string[]): void {
  const unlock = lockFolder(folder, LOCK);
  const release = holdSignals();
  const undo: (() => void)[] = [];
  const move = (from: string, to: string): void => {
    makeFolder(dirname(to));
    renameSync(from, to);
    undo.push(() => {
      renameSync(to, from);
    });
  };
  try {
    cleanUp(folder, stage);
    // Files without a main document (traces) stand beside others.
    const old = names.length === 0 || names.some(isMain) ? owned(folder) : [];
    const all = new Set([...old, ...names]);
    writeChecked(join(stage, OWNED), JSON.stringify([...all]));
    for (const name of all) if (isFile(join(folder, name))) move(join(folder, name), join(stage, OLD, name));
    const last = names.filter(isMain);
    for (const name of [...names.filter((one) => !isMain(one)), ...last]) move(join(stage, name), join(folder, name));
    removeEmptied(folder, old);
    rmSync(stage, { recursive: true, force: true });
  } catch (error) {
    for (const back of undo.reverse()) back();
    throw error;
  } finally {
    unlock();
    release();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Writers that signals wait for. */
let holders = 0;
const end = (signal: NodeJS.Signals): void => {
  holders = 0;
  free();
  process.kill(process.pid, signal);
};
const free = (): void => {
  if (holders === 0) for (const signal of SIGNALS) process.off(signal, end);
};

/** Signals wait until what is under way is done; then they end the process as they would have. */
function holdSignals(): () => void {
  if (holders++ === 0 && !process.listeners('SIGINT').includes(end))
    for (const signal of SIGNALS) process.on(signal, end);
  return () => {
    holders--;
    setImmediate(free);
  };
}

const isFile = (path: string): boolean => {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isDirectory();
};

/**
 * The folder's main documents that list files, those first, and what they list; names that lead out, also by links, do
 * not count.
 */
function owned(folder: string): string[] {
  const lists = MAIN_FILES.flatMap((name): string[][] => {
    try {
      const document: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      return isRecord(document) && isRecord(document.files)
        ? [[name, ...safe(folder, Object.keys(document.files))]]
        : [];
    } catch {
      return [];
    }
  });
  return [...lists.map(([main]) => main!), ...lists.flatMap(([, ...files]) => files)];
}

const safe = (folder: string, names: unknown): string[] =>
  (Array.isArray(names) ? names : []).filter(
    (name): name is string =>
      typeof name === 'string' &&
      !name.split('/').some((part) => ['', '.', '..'].includes(part) || /[\\\0]/.test(part)) &&
      !throughLink(folder, name),
  );

/** Removes what writers left that died: their stages, and what they had begun to put in its place. */
function cleanUp(folder: string, mine: string): void {
  for (const stage of deadStages(folder)) {
    if (resolve(stage) === resolve(mine)) continue;
    if (!MAIN_FILES.some((main) => existsSync(join(folder, main))))
      for (const file of safe(folder, begun(stage))) rmSync(join(folder, file), { force: true });
    rmSync(stage, { recursive: true, force: true });
  }
}

/** What a dead writer had begun to put in its place: nothing, where its list is not there whole. */
function begun(stage: string): unknown {
  try {
    return JSON.parse(readFileSync(join(stage, OWNED), 'utf8'));
  } catch {
    return [];
  }
}

const removeDead = (folder: string): void => {
  for (const stage of deadStages(folder)) rmSync(stage, { recursive: true, force: true });
};

/** Stages in a folder whose processes are gone; of those of other hosts nothing is known. */
const deadStages = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const [, on, pid] = STAGE.exec(name) ?? [];
    return on === host && !lives(Number(pid)) ? [join(folder, name)] : [];
  });

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** Removes the folders in which nothing is left of these files. */
function removeEmptied(folder: string, names: readonly string[]): void {
  const folders = new Set<string>();
  for (const name of names) for (let at = dirname(name); at !== '.'; at = dirname(at)) folders.add(at);
  for (const inner of [...folders].sort((a, b) => b.length - a.length)) removeEmpty(join(folder, inner));
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Others have files in it.
  }
}
