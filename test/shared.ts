// Data and vectors beside the project: all of ../shared where that is, else the slice in test/golden, which
// scripts/make-golden.mjs makes. GOLDEN=slice reads the slice in any case.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const whole = new URL('../../shared/', import.meta.url);
const slice = new URL('golden/', import.meta.url);

/** True where all of it is there. */
export const hasShared = process.env.GOLDEN !== 'slice' && existsSync(whole);

/** Where a file or folder of ../shared is read, there or in the slice. */
export const sharedUrl = (path: string): URL => new URL(path, hasShared ? whole : slice);

/** True where a file or folder of ../shared can be read, there or in the slice. */
export const hasData = (path: string): boolean => existsSync(sharedUrl(path));

/** The same as a path. */
export const sharedPath = (path: string): string => fileURLToPath(sharedUrl(path));
