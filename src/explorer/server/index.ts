// The explorer for the command line: its page, with what it opens with, and its server.

export { pageWith, stateFor } from './initial.node.js';
export { besidePage, explorerPage } from './page.node.js';
export { servePage, type Served } from './serve.js';
