#!/usr/bin/env node
// The command line: parses, calls, and turns faults into one line and an exit status. Commands load what they need when
// they run.

import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { UserError } from '../config/errors.js';
import { messageLine, visibleText } from '../config/escape.js';
import { withPresets } from './completion.js';
import {
  LIST_KINDS,
  bytesOf,
  SCHEMA_KINDS,
  explainFlags,
  figureFlag,
  fullFlag,
  quantizeFlags,
  reportFlags,
  runFlags,
  sweepFlags,
} from './flags.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** A fault of the user: one line, status 2. Anything else is ours: status 1. */
function fail(error: unknown, debug: boolean): never {
  const user = error instanceof UserError;
  const message = error instanceof Error ? error.message : String(error);
  const line = messageLine(`${user ? '' : 'xbarflow failed: '}${message}`);
  process.stderr.write(debug && error instanceof Error ? `${visibleText(error.stack ?? message)}\n` : `${line}\n`);
  process.exit(user ? 2 : 1);
}

/** Flags and arguments that may be given several times. */
const LISTS = new Set(['_', 'configs', 'set', 'only', 'sbatch-option', 'sbatchOption']);

/** Every other flag once, and numbers where numbers are expected. */
function checkFlags(flags: Record<string, unknown>): true {
  for (const [name, value] of Object.entries(flags)) {
    if (Array.isArray(value) && !LISTS.has(name)) throw new UserError(`--${name}: is given more than once`);
    if (Number.isNaN(value)) throw new UserError(`--${name}: expected a number`);
  }
  if (flags.out === '') throw new UserError('--out: found "", expected a folder');
  return true;
}

/** A fault that yargs reports, on one line and with the word that it is about. */
function inWords(message: string): string {
  const line = message.replace(/\s*\n\s*/g, ' ');
  const command = args.find((arg) => !arg.startsWith('-'));
  if (command === undefined) return line;
  if (line.startsWith('Did you mean'))
    return `no command "${command}"; ${line.replace(/^Did you mean (.*)\?$/, 'did you mean "$1"?')}`;
  return line.startsWith('Not enough non-option arguments')
    ? `${command}: an argument is missing, see xbarflow ${command} --help`
    : line;
}

// A reader that has seen enough (`| head`) closes the pipe: no fault of anybody's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
const args = hideBin(process.argv);
const config = { type: 'string', demandOption: true, describe: 'Preset name or path of a YAML file' } as const;

try {
  const odd = args.find((arg) =>
    /^--(no-)?(quiet|debug|exact|check|figures|full|synthetic|unsafe|dry-run|resume|retry-failed|optimize|wait)=(?!true$|false$)/.test(
      arg,
    ),
  );
  if (odd !== undefined) throw new UserError(`${odd}: expected true or false, or the flag alone`);
  await yargs(args)
    .scriptName('xbarflow')
    .usage('$0 <command>\n\nCycle-level simulation of crossbar processing-in-memory accelerators')
    .option('format', {
      choices: ['table', 'json', 'csv'] as const,
      default: 'table' as const,
      requiresArg: true,
      describe: 'Form of the result on standard output',
    })
    .option('out', { type: 'string', requiresArg: true, describe: 'Folder for result files' })
    .option('quiet', { type: 'boolean', default: false, describe: 'No progress, no remarks' })
    .option('seed', { type: 'number', requiresArg: true, describe: 'Seed of every random draw (workload.seed)' })
    .option('max-memory', {
      type: 'string',
      requiresArg: true,
      coerce: bytesOf,
      describe: 'Memory that reading a file may take, e.g. 2GiB (default: 8 times its size, at least 256 MiB)',
    })
    .option('debug', { type: 'boolean', default: false, describe: 'Show where an error came from' })
    .command(
      'run <config>',
      'One simulation',
      (y) => reportFlags(y.positional('config', config)),
      async (flags) => {
        await (await import('./commands/run.js')).run(flags);
      },
    )
    .command(
      'compare <configs..>',
      'Several simulations side by side, with ratios and their causes',
      (y) =>
        reportFlags(y.positional('configs', { ...config, array: true })).option('baseline', {
          type: 'string',
          requiresArg: true,
          describe: 'Config that ratios refer to (default: the first)',
        }),
      async (flags) => {
        await (await import('./commands/compare.js')).compare(flags);
      },
    )
    .command(
      'sweep <file>',
      'Many points: products, lists or seeded samples over any config keys',
      (y) => sweepFlags(y),
      async (flags) => {
        await (await import('./commands/sweep.js')).sweep(flags);
      },
    )
    .command(
      'query <sweep> <sql>',
      'SQL over the results of a sweep (table: results)',
      (y) =>
        y
          .positional('sweep', { type: 'string', demandOption: true, describe: 'Folder of a sweep' })
          .positional('sql', { type: 'string', demandOption: true, describe: 'e.g. "select * from results limit 5"' })
          .option('unsafe', {
            type: 'boolean',
            default: false,
            describe: 'SQL may read and write files and load extensions; without it the table results alone',
          }),
      async (flags) => {
        await (await import('./commands/query.js')).query(flags);
      },
    )
    .command(
      'validate [file]',
      'Published figures against simulated ones; status 1 when one that should agree does not',
      (y) =>
        figureFlag(
          y.positional('file', {
            type: 'string',
            default: 'published',
            describe: 'Validation preset or path of a YAML file',
          }),
        ),
      async (flags) => {
        await (await import('./commands/validate.js')).validate(flags);
      },
    )
    .command(
      'trace <config>',
      'The workload of a config as a trace: vectors, rows, columns and density of ones by pass and layer',
      (y) =>
        runFlags(y.positional('config', config)).option('synthetic', {
          type: 'boolean',
          default: false,
          describe: 'Densities drawn from 0.05 to 0.5 (seeded) instead of inputs.density',
        }),
      async (flags) => {
        (await import('./commands/trace.js')).trace(flags);
      },
    )
    .command(
      'quantize <model>',
      'A trained model in another number format or codebook: errors by layer, model and codes as files',
      (y) => quantizeFlags(y),
      async (flags) => {
        await (await import('./commands/quantize.js')).quantize(flags);
      },
    )
    .command(
      'explain <result> [key]',
      'How a figure came about: counts, energy or time of each action, constants with their sources',
      (y) => explainFlags(y),
      async (flags) => {
        (await import('./commands/explain.js')).explain(flags.json ? { ...flags, format: 'json' } : flags);
      },
    )
    .command(
      'list [kind]',
      `What can be named in a config: ${LIST_KINDS.join(', ')}`,
      (y) => y.positional('kind', { type: 'string', describe: LIST_KINDS.join(', ') }),
      async (flags) => {
        (await import('./commands/list.js')).list(flags);
      },
    )
    .command(
      'schema [kind]',
      'JSON Schema for editors',
      (y) => y.positional('kind', { choices: SCHEMA_KINDS, default: 'config' as const }),
      async (flags) => {
        (await import('./commands/list.js')).schema(flags);
      },
    )
    .command(
      'demo',
      "The main job: PipeLayer against A3 on RP2's attack of LISA-CNN, and PipeLayer training VGG-A",
      (y) => fullFlag(figureFlag(y)),
      async (flags) => {
        await (await import('./commands/demo.js')).demo(flags);
      },
    )
    .demandCommand(1, 'Which command? See xbarflow --help')
    .strict()
    .check(checkFlags)
    .recommendCommands()
    .completion('completion', 'Print a script that completes commands in bash or zsh', withPresets)
    .version(version)
    .wrap(Math.min(120, process.stdout.columns || 100))
    .fail((message, error: unknown) => {
      // What yargs itself finds wrong is the user's to mend, too.
      throw error instanceof Error && error.name !== 'YError' ? error : new UserError(inWords(message));
    })
    .parseAsync();
} catch (error) {
  fail(error, args.includes('--debug'));
}
