// Every file and every form of output of names that break lines, cells, markup and expressions: nothing comes through.

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvParseRows } from 'd3-dsv';
import { afterAll, expect, it } from 'vitest';
import { xbarflow } from '../experiment/command.js';

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-hostile-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const NAMES = [
  'a\u2028b',
  '=cmd|x',
  '@SUM(A1)',
  '-2+3',
  '+1+1',
  '</script><script>alert(1)</script>',
  '"];alert(1)//',
  '\u001b[2J\n\r\u0085',
  '\u202eright',
  '<img src=x onerror=alert(1)>',
  '../../up',
  '__proto__',
];
/** What reaches no reader as it is; line ends and tabs are of the files' own. */
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/;
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** What is wrong with a text of this kind of file; null where nothing is. */
function fault(name: string, text: string): string | null {
  const unseen = UNSEEN.exec(text);
  if (unseen !== null)
    return `${name}: ${JSON.stringify(text.slice(Math.max(0, unseen.index - 30), unseen.index + 5))}`;
  if (name.endsWith('.csv')) {
    const formula = csvParseRows(text)
      .flat()
      .find((cell) => /^'*\s*[=+\-@]/.test(cell) && !cell.startsWith("'") && !NUMBER.test(cell));
    if (formula !== undefined) return `${name}: the cell ${formula}`;
  }
  if (/\.(html|svg)$/.test(name)) {
    const markup = /<script>alert|<img src=x/.exec(text);
    if (markup !== null) return `${name}: ${text.slice(Math.max(0, markup.index - 40), markup.index + 20)}`;
  }
  if (name.endsWith('.json')) JSON.parse(text);
  return null;
}

it('run, compare and trace of hostile names', { timeout: 240_000 }, () => {
  const layers = NAMES.map((name) => `  - { name: ${JSON.stringify(name)}, type: dense, features: 8 }\n`).join('');
  writeFileSync(
    join(folder, 'net.yaml'),
    `name: ${JSON.stringify(NAMES[1])}\ninput: { features: 16 }\nlayers:\n${layers}`,
  );
  const configs = [0, 5].map((i) => {
    const path = join(folder, `c${i}.yaml`);
    const workload = 'workload: { images: 16, batch: 8 }';
    writeFileSync(path, `extends: pipelayer\nname: ${JSON.stringify(NAMES[i])}\nnetwork: ./net.yaml\n${workload}\n`);
    return path;
  });
  const out = (name: string): string => join(folder, 'out', name);
  // The run replays the trace: it is read again whatever its names.
  const said = [
    ['compare', ...configs, '--format', 'csv', '--out', out('compare')],
    ['trace', configs[0]!, '--out', out('trace')],
  ].map((args) => xbarflow(args));
  const trace = join(out('trace'), readdirSync(out('trace'))[0]!);
  said.push(xbarflow(['run', configs[0]!, '--set', `workload.trace=${trace}`, '--full', '--out', out('run')]));
  const faults = said.flatMap(({ stdout, stderr }, i) => [
    fault(i === 0 ? 'stdout.csv' : 'stdout', stdout.replace(/\u001b\[[\d;]*m/g, '')),
    fault('stderr', stderr),
  ]);
  const files = readdirSync(join(folder, 'out'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(10);
  for (const path of files) if (!/\.(pdf|png)$/.test(path)) faults.push(fault(path, readFileSync(path, 'utf8')));
  expect(faults.filter((one) => one !== null)).toEqual([]);
  // Nothing stands outside.
  expect(readdirSync(folder).sort()).toEqual(['c0.yaml', 'c5.yaml', 'net.yaml', 'out']);
});
