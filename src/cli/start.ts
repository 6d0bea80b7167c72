#!/usr/bin/env node
// The program: runs the bundled command line.

import { Bundles } from './bundles.js';

new Bundles(new URL('./', import.meta.url)).load('main.cjs');
