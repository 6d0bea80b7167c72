// The explorer's page as the build made it.

import { join } from 'node:path';
import { packageRoot } from '../../config/files.node.js';
import { readText } from '../../config/reading.node.js';

/** The page: one file that asks nothing of anybody. */
export const explorerPage = (): string => readText(join(packageRoot, 'dist/explorer/index.html'));
