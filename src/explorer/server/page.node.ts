// The explorer's page as the build made it.

import { join } from 'node:path';
import { packageRoot } from '../../config/files.node.js';
import { readText } from '../../config/reading.node.js';

/** The page: one file that asks nothing of anybody. */
export const explorerPage = (): string => readText(join(packageRoot, 'dist/explorer/index.html'));

/** Files that the page loads when it needs them: they stand beside it. */
const BESIDE = ['late.js', 'charts.js'] as const;

/** Their texts by name. */
export const besidePage = (): Record<string, string> =>
  Object.fromEntries(BESIDE.map((name) => [name, readText(join(packageRoot, 'dist/explorer', name))]));
