// Progress of long commands: a line that changes on a terminal, else a line every ten seconds.

import type { CommonOptions } from './flags.js';
import { duration, say } from './output.js';

/** Milliseconds of a clock that runs with real time: `performance` takes Node longer to load than to read `hrtime`. */
export function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** Seconds between two lines where standard error is no terminal. */
const EVERY_S = 10;

/** Says how far a command is. */
export function progressOf(
  flags: Pick<CommonOptions, 'quiet'>,
  label: string,
): { say: (share: number, what: string) => void; end: () => void } {
  const started = nowMs();
  const terminal = process.stderr.isTTY && !flags.quiet;
  const last = { at: started, shown: false };
  return {
    say(share, what) {
      const now = nowMs();
      const elapsed = (now - started) / 1000;
      const left = share > 0 ? `, ${duration(elapsed / share - elapsed)} left` : '';
      const line = `${label}: ${(100 * share).toFixed(1)} %${what === '' ? '' : `, ${what}`}${left}`;
      if (terminal) {
        if (now - last.at < 100) return;
        process.stderr.write(`\r${line}\u001b[K`);
        last.shown = true;
      } else if (now - last.at < 1000 * EVERY_S) return;
      else say(flags, line);
      last.at = now;
    },
    end() {
      if (last.shown) process.stderr.write('\r\u001b[K');
    },
  };
}
