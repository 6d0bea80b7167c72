// Runs the bundles of the command line (CommonJS, scripts/bundle.mjs) with what V8 compiled of them before.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

/** What stands beside a bundle: what V8 made of it, by where it runs, since the flags of V8 differ (v8-flags.ts). */
const CACHES = { process: '.cache', thread: '.thread.cache' } as const;

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
 * Bundles of a folder: each is one function of its scope, in ASCII, so that V8 takes its bytes as they are. V8 takes a
 * cache that the same V8 made of the same text, and else compiles the text, so that caches are never needed.
 */
export class Bundles {
  /** Scripts that ran, by the path where the cache of each may stand. */
  readonly scripts = new Map<string, Script>();
  readonly #folder: URL;
  readonly #cache: string;
  /** Without the separator at its end. */
  readonly #path: string;
  readonly #modules = new Map<string, { exports: unknown }>();
  #require?: NodeJS.Require;
  #memory = Buffer.alloc(0);

  /** @param folder ends in `/` */
  constructor(folder: URL, runs: keyof typeof CACHES) {
    this.#folder = folder;
    this.#cache = CACHES[runs];
    this.#path = fileURLToPath(folder).replace(/[/\\]$/, '');
  }

  /** What a bundle exports; it runs once. */
  load(name: string): unknown {
    const known = this.#modules.get(name);
    if (known !== undefined) return known.exports;
    const path = join(this.#path, name);
    const text = this.#read(path).toString('latin1');
    const cache = `${path}${this.#cache}`;
    const cachedData = this.#readIfThere(cache);
    const script = new Script(text, {
      filename: `${this.#folder.href}${name}`,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    this.scripts.set(cache, script);
    const module: { exports: unknown } = { exports: {} };
    this.#modules.set(name, module);
    // Cast: the text of a bundle is this function.
    const body = script.runInThisContext() as (scope: Scope) => void;
    body({
      exports: module.exports,
      require: (id): unknown => (id.startsWith('./') && id.endsWith('.cjs') ? this.load(id.slice(2)) : this.#outer(id)),
      module,
      __filename: path,
      __dirname: this.#path,
      importPackage: (id) => import(id),
      requireOf: (owner, id): unknown => createRequire(this.#outer.resolve(owner))(id),
    });
    return module.exports;
  }

  /** Of packages outside the bundles. */
  get #outer(): NodeJS.Require {
    return (this.#require ??= createRequire(this.#folder));
  }

  /** A file, until the next is read: all into the same memory, whose pages are then there. */
  #read(path: string): Buffer {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      if (this.#memory.length < size) this.#memory = Buffer.allocUnsafeSlow(Math.max(size, 2 ** 20));
      return this.#memory.subarray(0, readSync(file, this.#memory, 0, size, 0));
    } finally {
      closeSync(file);
    }
  }

  #readIfThere(path: string): Buffer | undefined {
    try {
      return this.#read(path);
    } catch {
      return undefined;
    }
  }
}
