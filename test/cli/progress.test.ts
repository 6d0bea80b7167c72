import { afterEach, expect, it, vi } from 'vitest';
import { progressOf } from '../../src/cli/progress.js';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What a command that calls every second for 25 seconds says where standard error is no terminal. */
function said(quiet: boolean): string[] {
  const lines: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  vi.useFakeTimers({ toFake: ['hrtime'] });
  const shown = progressOf({ quiet }, 'evaluate');
  for (let second = 1; second <= 25; second++) {
    vi.advanceTimersByTime(1000);
    shown.say(second / 50, 'x');
  }
  shown.end();
  return lines;
}

it('a slow command says a line every ten seconds where standard error is no terminal, and nothing with --quiet', () => {
  expect(said(false)).toEqual(['evaluate: 20.0 %, x, 40 s left\n', 'evaluate: 40.0 %, x, 30 s left\n']);
  expect(said(true)).toEqual([]);
});
