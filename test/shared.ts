// Data and vectors beside the project: all of ../shared where that is, else the slice of it in test/golden, which
// scripts/make-golden.mjs makes.

import { existsSync } from 'node:fs';

const whole = new URL('../../shared/', import.meta.url);
const slice = new URL('golden/', import.meta.url);

/** True where all of it is there. */
export const hasShared = existsSync(whole);

/** Where a file or folder of ../shared is read. */
export const sharedUrl = (path: string): URL => new URL(path, hasShared ? whole : slice);

/** True where a file or folder of ../shared can be read, there or in the slice. */
export const hasData = (path: string): boolean => existsSync(sharedUrl(path));
