// `xbarflow explore` on what it is handed: damaged results, odd folders, ports that are taken.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import { writeFiles } from '../../src/cli/output.js';
import { pageWith, servePage, stateFor } from '../../src/explorer/server/index.js';
import { resultOf } from '../helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-explore-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const WHOLE = resultOf('isaac', ['network=matrix-128', 'workload.mode=inference', 'workload.images=2']);
const RESULT = JSON.stringify(WHOLE);
/** The result with other values of its parts. */
const changed = (parts: (result: typeof WHOLE) => object): string => JSON.stringify({ ...WHOLE, ...parts(WHOLE) });
const PAGE = '<script type="application/json" id="initial">null</script>';

/** What is said of a file of this text; 'opened' where it is taken. */
function said(text: string): string {
  const file = join(folder, 'r.json');
  writeFileSync(file, text);
  try {
    stateFor(file);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message.replace(`${file}: `, '');
  }
  return 'opened';
}

describe('a result', () => {
  it('as it was written is opened', () => {
    expect(said(RESULT)).toBe('opened');
  });

  it.each([
    ['cut off', RESULT.slice(0, 5000), /^is not JSON/],
    ['of no config', changed(() => ({ config: null })), /^config is no mapping/],
    ['of no layers', changed(() => ({ layers: 'x' })), /^layers is no list/],
    [
      'of another network',
      changed(({ config }) => ({ config: { ...config, network: 5 } })),
      /^config\.network is no text/,
    ],
    ['of another mode', changed(() => ({ mode: 'constructor' })), /^mode is none of/],
    ['without its energy', changed(({ energy }) => ({ energy: { ...energy, totalJ: null } })), /^energy\.totalJ is no/],
    ['of endless time', RESULT.replace(/"totalS":[^,]+/, '"totalS":1e999'), /^time\.totalS is Infinity/],
    ['of nothing', '{"schema":"xbarflow/result@1"}', /^has no architecture/],
  ])('%s is refused with one line', (_, text, line) => {
    expect(text).not.toBe(RESULT);
    expect(said(text)).toMatch(line);
  });

  it('that calls itself a script is text on the page', () => {
    const name = '</script><script>$&alert(1)</script>';
    const named = changed(({ config }) => ({ architecture: name, label: name, config: { ...config, name } }));
    writeFileSync(join(folder, 'named.json'), named);
    const html = pageWith(PAGE, stateFor(join(folder, 'named.json')));
    expect([html.match(/<\/script>/g), html.includes('<script>')]).toEqual([['</script>'], false]);
  });
});

it.each(['', '.', '/', '__proto__', 'toString', 'a\u2028\u001b[31mb', '/dev/zero', 'x'.repeat(100_000)])(
  'no config: %j',
  (label) => {
    expect(() => stateFor(label)).toThrow(UserError);
  },
);

it('--out does not write through links in its folder', () => {
  const [out, outside] = [join(folder, 'out'), join(folder, 'outside')];
  for (const made of [out, outside]) mkdirSync(made);
  symlinkSync(join(outside, 'precious'), join(out, 'index.html'));
  writeFiles(out, { 'index.html': PAGE });
  expect([readdirSync(out), readdirSync(outside)]).toEqual([['index.html'], []]);
});

it('answers on this machine, to whoever has the token, and to nothing else', async () => {
  const { address, server } = await servePage(PAGE, 0, { 'late.js': 'let late;' });
  const { port, host, pathname } = new URL(address);
  const status = async (path: string, init: RequestInit = {}): Promise<number> =>
    (await fetch(`http://${host}${path}`, init)).status;
  const asked = [pathname, `${pathname}late.js`, '/', `${pathname}../`, `${pathname}x`, pathname.slice(0, -1)];
  expect(await Promise.all(asked.map((path) => status(path)))).toEqual([200, 200, 404, 404, 404, 404]);
  expect(await status(`/${'0'.repeat(32)}/`)).toBe(404);
  expect(await status(`/${'x'.repeat(10_000)}/%00%2e%2e/`)).toBe(404);
  expect(await status(pathname, { method: 'POST', body: 'x' })).toBe(405);
  expect(host.startsWith('127.0.0.1:')).toBe(true);
  await expect(servePage(PAGE, Number(port))).rejects.toThrow(`--port ${port}: is in use, expected another`);
  server.close();
});
