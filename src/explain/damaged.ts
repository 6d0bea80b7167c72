// Results are files that people and disks change: what then cannot be explained is told of the file.

import { UserError } from '../config/index.js';
import { InvariantError } from '../kernel/index.js';
import { MissingFigure } from '../result/reasons/index.js';

/**
 * What is made of a result's file. @throws UserError naming the file where it lacks what every result of this version
 * has, or has it in another form
 */
export function ofFile<T>(file: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (error instanceof MissingFigure)
      throw new UserError(`${file}: has no ${error.key}, it was written by another version or changed; run it again`);
    if (error instanceof TypeError || error instanceof RangeError || error instanceof InvariantError)
      throw new UserError(
        `${file}: cannot be explained (${error.message}): it was changed, or written by another version; run it again`,
      );
    throw error;
  }
}
