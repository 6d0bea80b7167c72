#!/usr/bin/env node
// The program: runs the bundled command line.

import { Bundles } from './bundles.js';
import { tuneV8 } from './v8-flags.js';

tuneV8();
new Bundles(new URL('./', import.meta.url), 'process').load('main.cjs');
