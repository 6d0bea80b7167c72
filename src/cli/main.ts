#!/usr/bin/env node
// The command line: parses, calls, and turns faults into one line and an exit status.

import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { UserError } from '../config/index.js';
import { compareCommand } from './commands/compare.js';
import { demoCommand } from './commands/demo.js';
import { listCommand, schemaCommand } from './commands/list.js';
import { runCommand } from './commands/run.js';
import { traceCommand } from './commands/trace.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

/** A fault of the user: one line, status 2. Anything else is ours: status 1. */
function fail(error: unknown, debug: boolean): never {
  const user = error instanceof UserError;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(debug && error instanceof Error ? `${error.stack ?? message}\n` : `${user ? '' : 'xbarflow failed: '}${message}\n`);
  process.exit(user ? 2 : 1);
}

const args = hideBin(process.argv);

try {
  await yargs(args)
    .scriptName('xbarflow')
    .usage('$0 <command>\n\nCycle-level simulation of crossbar processing-in-memory accelerators')
    .command(runCommand)
    .command(compareCommand)
    .command(traceCommand)
    .command(listCommand)
    .command(schemaCommand)
    .command(demoCommand)
    .option('format', { choices: ['table', 'json', 'csv'] as const, default: 'table' as const, describe: 'Form of the result on standard output' })
    .option('out', { type: 'string', describe: 'Folder for result files' })
    .option('quiet', { type: 'boolean', default: false, describe: 'No progress, no remarks' })
    .option('seed', { type: 'number', describe: 'Seed of every random draw (workload.seed)' })
    .option('debug', { type: 'boolean', default: false, describe: 'Show where an error came from' })
    .demandCommand(1, 'Which command? See xbarflow --help')
    .strict()
    .recommendCommands()
    .completion('completion', 'Print a script that completes commands in bash or zsh')
    .version(version)
    .wrap(Math.min(120, process.stdout.columns || 100))
    .fail((message, error: unknown) => {
      throw error instanceof Error ? error : new UserError(message);
    })
    .parseAsync();
} catch (error) {
  fail(error, args.includes('--debug'));
}
