// How much memory a file may ask for: files say sizes that they do not have.

import { UserError } from './errors.js';
import { formatBytes } from './numbers.js';

/** A file may always take so much. */
const LEAST_BYTES = 256 * 2 ** 20;
/** And as many bytes for each of its own. */
const BYTES_PER_BYTE = 8;

/** Counts what is made of a file, and refuses what goes beyond. */
export class MemoryBudget {
  readonly limit: number;
  readonly #what: string;
  #taken = 0;

  /** @param what the file or list that is read; @param limit bytes. */
  constructor(what: string, limit: number) {
    this.#what = what;
    this.limit = limit;
  }

  /** For a file of so many bytes: 8 times its size or 256 MiB, whichever is more; or what `--max-memory` says. */
  static ofFile(file: string, size: number, maxMemory?: number): MemoryBudget {
    return new MemoryBudget(file, maxMemory ?? Math.max(BYTES_PER_BYTE * size, LEAST_BYTES));
  }

  /** @throws UserError where more is asked for than may be. `part` names what asks. */
  take(bytes: number, part = ''): void {
    this.#taken += bytes;
    if (!(this.#taken <= this.limit)) this.refuse(part);
  }

  /** What is left of it, bytes. */
  get left(): number {
    return this.limit - this.#taken;
  }

  /** @throws UserError that says what may be taken. `part` names what asks for more. */
  refuse(part = ''): never {
    throw new UserError(
      `${this.#what}: ${part === '' || part === this.#what ? '' : `${part}: `}` +
        `would take more than ${formatBytes(this.limit)} of memory; ` +
        '--max-memory SIZE lets it',
    );
  }
}
