// Trees of commits beside the working tree: checked out, with their dependencies, taken away at the end.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The working tree. */
export const here = resolve(import.meta.dirname, '..');

/** The last commit before the rooms were made. */
export const BEFORE_THE_ROOMS = '6f2994a';

/** The first commit at which the model has its present version: figures are the same since. */
export function sinceLastFigures() {
  const file = 'src/config/version.ts';
  const present = readFileSync(join(here, file), 'utf8');
  const git = (...words) => execFileSync('git', words, { cwd: here, encoding: 'utf8' });
  // Where two branches raised it, a merge holds the change: each parent counts (-m).
  const commits = git('log', '-m', '--format=%h', `-GVERSION = '`, '--', file).split('\n').filter(Boolean);
  const version = (text) => /VERSION = '([^']+)'/.exec(text)[1];
  return commits.findLast((commit) => version(git('show', `${commit}:${file}`)) === version(present)) ?? 'HEAD';
}

/** A commit by its hash. */
export const commitOf = (name) =>
  execFileSync('git', ['rev-parse', `${name}^{commit}`], { cwd: here, encoding: 'utf8' }).trim();

/** Runs a command in a folder. */
export const run = (folder, command, ...words) => execFileSync(command, words, { cwd: folder, stdio: 'pipe' });

const trees = [];

/**
 * Gives a tree the working tree's dependencies: by hard links, since the compiler cannot name types behind a symbolic
 * one; where the folders' disks or the system have none, it installs them.
 */
function shareDependencies(folder) {
  try {
    run(here, 'cp', '-al', 'node_modules', folder);
  } catch {
    rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
    install(folder);
  }
}

const install = (folder) => run(folder, 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund');

/** A tree of a commit in a folder of its own; its dependencies are the working tree's where their lock files agree. */
export function treeOf(commit) {
  const folder = mkdtempSync(join(tmpdir(), 'xbarflow-tree-'));
  trees.push(folder);
  run(here, 'git', 'worktree', 'add', '--detach', folder, commit);
  const lock = (root) => readFileSync(join(root, 'package-lock.json'), 'utf8');
  if (lock(folder) === lock(here)) shareDependencies(folder);
  else install(folder);
  return folder;
}

/** Takes all trees away. */
export function removeTrees() {
  process.chdir(here);
  for (const tree of trees) {
    run(here, 'git', 'worktree', 'remove', '--force', tree);
    rmSync(tree, { recursive: true, force: true });
  }
}
