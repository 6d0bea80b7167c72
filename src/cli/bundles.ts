// Runs the bundles of the command line (CommonJS, scripts/bundle.mjs) with what V8 compiled of them before.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

/** What stands beside a bundle: what V8 made of it. */
const CACHE = '.cache';

/** What a bundle sees: a CommonJS module's scope, and `import()`, which a script cannot call itself. */
interface Scope {
  exports: unknown;
  require: (id: string) => unknown;
  module: { exports: unknown };
  __filename: string;
  __dirname: string;
  importPackage: (name: string) => Promise<unknown>;
  /** What a package that we have depends on. */
  requireOf: (owner: string, name: string) => unknown;
}

/**
 * Bundles of a folder. V8 takes a cache that the same V8 made of the same text, and else compiles the text, so that
 * caches are never needed.
 */
export class Bundles {
  /** Scripts that ran, by the path where the cache of each may stand. */
  readonly scripts = new Map<string, Script>();
  readonly #folder: URL;
  readonly #modules = new Map<string, { exports: unknown }>();

  /** @param folder ends in `/` */
  constructor(folder: URL) {
    this.#folder = folder;
  }

  /** What a bundle exports; it runs once. */
  load(name: string): unknown {
    const known = this.#modules.get(name);
    if (known !== undefined) return known.exports;
    const url = new URL(name, this.#folder);
    const path = fileURLToPath(url);
    const cachedData = readIfThere(`${path}${CACHE}`);
    const names = 'exports, require, module, __filename, __dirname, importPackage, requireOf';
    // Strict, as the modules are that it was made of.
    const script = new Script(`'use strict'; (function ({ ${names} }) {${readFileSync(path, 'utf8')}\n})`, {
      filename: url.href,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    this.scripts.set(`${path}${CACHE}`, script);
    const module: { exports: unknown } = { exports: {} };
    this.#modules.set(name, module);
    const requireFrom = createRequire(url);
    const require = (id: string): unknown =>
      id.startsWith('./') && id.endsWith('.cjs') ? this.load(id.slice(2)) : requireFrom(id);
    // Cast: the text that was compiled is this function.
    const body = script.runInThisContext() as (scope: Scope) => void;
    body({
      exports: module.exports,
      require,
      module,
      __filename: path,
      __dirname: fileURLToPath(this.#folder).replace(/[/\\]$/, ''),
      importPackage: (id) => import(id),
      requireOf: (owner, id) => createRequire(requireFrom.resolve(owner))(id),
    });
    return module.exports;
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
