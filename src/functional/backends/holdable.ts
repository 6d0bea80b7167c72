// Numbers that a backend's format cannot hold: what data, weights or a config make too large is the user's to mend.

import { UserError } from '../../config/index.js';

/** What `convert` gives. @throws UserError where the format has no code for a value (NaN, infinities) */
export function holdable<T>(format: string, convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(
      `${format}: ${error.message}; numbers of the data, the weights or the config are too large or too small`,
    );
  }
}
