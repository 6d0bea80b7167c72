// Folders and files that commands are told to write: whether they can be, before anything is computed, and whose they
// are.

import { accessSync, constants, lstatSync, rmdirSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from './errors.js';
import { lockFolder } from './lock.node.js';
import { kindOf } from './reading.node.js';
import { messageOf } from './typed.js';
import { diskFault, isRefusal, makeFolder } from './writing.node.js';

const fault = (what: string, error: unknown): UserError =>
  error instanceof UserError ? error : new UserError(`${what}: cannot write: ${messageOf(error)}`);

const entryOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });

/** True where a path below a folder goes through a link, which may lead out of it. */
export function throughLink(folder: string, path: string): boolean {
  for (let at = dirname(path); at !== '.'; at = dirname(at))
    if (entryOf(join(folder, at))?.isSymbolicLink() === true) return true;
  return false;
}

/**
 * Looks whether a folder is there or can be made, and can be written, so that this is said before hours of work and not
 * after them. @param below its folders that will be written into: links would lead out of it
 * @throws UserError where it cannot
 */
export function checkFolder(folder: string, below: readonly string[] = []): void {
  try {
    let at = resolve(folder);
    while (statSync(at, { throwIfNoEntry: false }) === undefined) {
      if (entryOf(at) !== undefined) throw new UserError(`--out ${folder}: ${at} is a link to nothing`);
      at = dirname(at);
    }
    if (!statSync(at).isDirectory()) throw new UserError(`--out ${folder}: ${at} is a file, expected a folder`);
    accessSync(at, constants.W_OK);
  } catch (error) {
    throw fault(`--out ${folder}`, error);
  }
  const link = below.find((name) => throughLink(folder, `${name}/.`));
  if (link !== undefined)
    throw new UserError(`--out ${folder}: ${link} is a symbolic link, which may lead out; expected a folder`);
}

/**
 * Looks whether a file can be written beside or in the folder of a result, which need not be there yet.
 * What is put in its place replaces what stands there, so that may be a plain file alone.
 * @param flag that names the file; @param own names in the result's folder that the result takes itself
 * @throws UserError where it cannot
 */
export function checkFile(flag: string, path: string, folder: string | undefined, own: readonly string[] = []): void {
  if (path === '') throw new UserError(`${flag}: found "", expected a file`);
  const parent = dirname(resolve(path));
  try {
    const entry = entryOf(path);
    if (entry?.isFile() === false) throw new UserError(`${flag}: ${path} is ${kindOf(entry)}, expected a file`);
    if (folder !== undefined && resolve(path) === resolve(folder))
      throw new UserError(`${flag}: ${path} is the folder of --out, expected a file`);
    if (folder !== undefined && parent === resolve(folder)) {
      if (own.includes(basename(path)))
        throw new UserError(`${flag}: ${path} is a file of the result in --out ${folder}, expected another`);
      return;
    }
    if (statSync(parent, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new UserError(`${flag}: ${path}: there is no folder ${parent}`);
    accessSync(parent, constants.W_OK);
  } catch (error) {
    throw fault(`${flag}: ${path}`, error);
  }
}

const LOCK = { name: '.xbarflow.work.lock', holder: 'another training or attack' };

/**
 * Makes a folder for long work that keeps checkpoints in it, and holds it against others until the returned function is
 * called; that removes it where nothing was written. @throws UserError where it cannot be written, or is held
 */
export function holdFolder(folder: string): () => void {
  const made: string[] = [];
  const removeMade = (): void => {
    for (const path of made)
      try {
        rmdirSync(path);
      } catch {
        // There is something in it.
        return;
      }
  };
  try {
    for (let at = resolve(folder); entryOf(at) === undefined; at = dirname(at)) made.push(at);
    makeFolder(resolve(folder));
    const unlock = lockFolder(folder, LOCK);
    return () => {
      unlock();
      removeMade();
    };
  } catch (error) {
    removeMade();
    throw isRefusal(error) ? fault(`--out ${folder}`, error) : diskFault(error, folder);
  }
}
