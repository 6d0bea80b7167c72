// `xbarflow explore [CONFIG or RESULT]`: the explorer in a browser, served on this machine or written as a file.

import { spawn } from 'node:child_process';
import { print, say, sayWritten, writeFiles } from '../output.js';
import { command } from '../command.js';
import { wholeFlag } from '../flags.js';

/** Programs that open an address, by system. */
const OPENERS: Readonly<Record<string, readonly [program: string, ...arguments_: string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
  linux: ['xdg-open'],
};

/** Opens the browser, where there is one; whoever has none takes the printed address. */
function open(address: string): void {
  const [program, ...own] = OPENERS[process.platform] ?? [];
  if (program === undefined || !process.stdout.isTTY) return;
  const child = spawn(program, [...own, address], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

/** `xbarflow explore`. */
export const exploreCommand = command({
  usage: 'explore [config]',
  describe: 'Two machines side by side in a browser, simulated as knobs move',
  order: 75,
  completes: 'architectures',
  arguments: {
    config: {
      type: 'string',
      describe:
        'Machine A: a preset, a config, or a result.json or the folder of one (default: PipeLayer beside a3-shared)',
    },
  },
  flags: {
    port: { type: 'number', requiresArg: true, default: 0, describe: 'Port on 127.0.0.1 (0: any that is free)' },
    open: { type: 'boolean', default: true, describe: 'Open the browser where there is a terminal' },
  },
  run: async (flags) => {
    const port = wholeFlag('port', flags.port, 0, 65_535);
    const { besidePage, explorerPage, pageWith, servePage, stateFor } = await import('../../explorer/server/index.js');
    const html = pageWith(explorerPage(), flags.config === undefined ? null : stateFor(flags.config));
    if (flags.out !== undefined) {
      sayWritten(flags, writeFiles(flags.out, { ...besidePage(), 'index.html': html }));
      return;
    }
    const { address } = await servePage(html, port, besidePage());
    print(address);
    say(flags, 'the explorer is at this address until Ctrl-C; it is served to this machine alone');
    if (flags.open) open(address);
    await new Promise<never>(() => undefined);
  },
});
