// Every file and every form of output of names that break lines, cells, markup and expressions: nothing comes through.

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvParseRows } from 'd3-dsv';
import { afterAll, expect, it } from 'vitest';
import { writeSafetensors } from '../../src/tensors/index.js';
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
    fault(i === 0 ? 'stdout.csv' : 'stdout', stdout),
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

it(
  'names of networks, configs and sweeps stay on their line, without colours of their own',
  { timeout: 60_000 },
  () => {
    const name = 'a\nZZ\r\u001b[31m';
    const own = mkdtempSync(join(folder, 'names-'));
    const write = (file: string, content: string | Uint8Array): void => {
      writeFileSync(join(own, file), content);
    };
    const layers = [
      { name: 'flat', type: 'flatten' },
      { name: 'fc', type: 'dense', features: 10 },
    ];
    write('n.yaml', JSON.stringify({ name, input: { channels: 1, height: 28, width: 28 }, layers }));
    const weights = [
      { name: 'fc.weight', dtype: 'f32', shape: [10, 784], data: new Float32Array(7840).fill(0.01) },
      { name: 'fc.bias', dtype: 'f32', shape: [10], data: new Float32Array(10) },
    ] as const;
    write('w.safetensors', writeSafetensors(weights));
    const parts = { network: 'n.yaml', model: { weights: 'w.safetensors' }, data: { kind: 'digits', count: 2 } };
    write('c.yaml', JSON.stringify({ extends: 'isaac', name, ...parts }));
    write('s.yaml', JSON.stringify({ name, config: 'c.yaml', axes: [{ key: 'crossbar.rows', values: [64] }] }));
    for (const args of [
      ['evaluate', 'c.yaml'],
      ['study', 'c.yaml', '--bits', '2', '--methods', 'symmetric'],
      ['sweep', 's.yaml', '--dry-run'],
    ]) {
      const { status, stdout, stderr } = xbarflow(
        args.map((word) => (word.endsWith('.yaml') ? join(own, word) : word)),
      );
      expect([args[0], status, stderr]).toEqual([args[0], 0, '']);
      expect(stdout).not.toMatch(/^ZZ|\u001b|\r/m);
      expect(stdout).toContain('ZZ');
    }
    rmSync(own, { recursive: true });
  },
);
