// `npm run fuzz [-- --runs N --seed S --kind KIND --write]`: inputs of every kind to their end; what fails is kept in
// test/corpus. `--write` puts the figures into docs/reliability.md.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { KINDS, inputsOf, type Input, type Kind } from './inputs.js';
import { outcomeOf } from './outcome.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    kind: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
const corpus = fileURLToPath(new URL('../corpus/', import.meta.url));
const page = fileURLToPath(new URL('../../docs/reliability.md', import.meta.url));

/** Shares of the runs; commands start a process each. */
const SHARES: Record<Kind, number> = {
  config: 0.15,
  network: 0.12,
  sweep: 0.06,
  trace: 0.1,
  model: 0.33,
  onnx: 0.18,
  result: 0.019,
  stored: 0.02,
  checkpoint: 0.02,
  command: 0.001,
};
const BATCH = 500;

interface Row {
  kind: Kind;
  runs: number;
  results: number;
  refused: number;
  failed: number;
  slowestMs: number;
  seconds: number;
}

function keep(input: Input, reason: string): void {
  mkdirSync(corpus, { recursive: true });
  const text = JSON.stringify(input);
  const name = `${input.kind}-${createHash('sha256').update(text).digest('hex').slice(0, 10)}.json`;
  writeFileSync(`${corpus}${name}`, `${text}\n`);
  process.stderr.write(`FAILED ${name}: ${reason.split('\n').slice(0, 3).join(' | ')}\n`);
}

const rows: Row[] = [];
for (const kind of KINDS.filter((one) => values.kind === undefined || one === values.kind)) {
  const share = values.kind === undefined ? SHARES[kind] : 1;
  const row: Row = { kind, runs: Math.ceil(runs * share), results: 0, refused: 0, failed: 0, slowestMs: 0, seconds: 0 };
  const started = performance.now();
  const seen = new Set<string>();
  for (let done = 0; done < row.runs; done += BATCH) {
    for (const input of fc.sample(inputsOf[kind], {
      numRuns: Math.min(BATCH, row.runs - done),
      seed: seed * 1e6 + done,
    })) {
      const from = performance.now();
      const outcome = await outcomeOf(input);
      row.slowestMs = Math.max(row.slowestMs, performance.now() - from);
      if (outcome.end === 'result') row.results++;
      else if (outcome.end === 'refused') row.refused++;
      else {
        row.failed++;
        // One input of each reason is enough.
        const cause = outcome.reason.split('\n').slice(0, 3).join().replace(/\d+/g, 'N').slice(0, 200);
        if (!seen.has(cause)) keep(input, outcome.reason);
        seen.add(cause);
      }
    }
  }
  row.seconds = (performance.now() - started) / 1000;
  rows.push(row);
  process.stdout.write(
    `${kind}: ${row.runs} inputs, ${row.results} results, ${row.refused} refused, ${row.failed} failed, ` +
      `${row.seconds.toFixed(1)} s, slowest ${Math.round(row.slowestMs)} ms\n`,
  );
}

if (values.write) {
  const table = [
    '| inputs | run | results | refused with one line | failed | slowest |',
    '|---|--:|--:|--:|--:|--:|',
    ...rows.map(
      (row) =>
        `| ${row.kind} | ${row.runs.toLocaleString('en-US')} | ${row.results.toLocaleString('en-US')} | ` +
        `${row.refused.toLocaleString('en-US')} | ${row.failed} | ${Math.round(row.slowestMs)} ms |`,
    ),
  ].join('\n');
  const text = readFileSync(page, 'utf8');
  const [from, to] = ['<!-- fuzz -->', '<!-- /fuzz -->'];
  const before = text.slice(0, text.indexOf(from) + from.length);
  const total = rows.reduce((sum, row) => sum + row.runs, 0);
  const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
  const words = `${total.toLocaleString('en-US')} inputs of seed ${seed} in ${Math.round(seconds)} s:`;
  writeFileSync(page, `${before}\n\n${words}\n\n${table}\n\n${text.slice(text.indexOf(to))}`);
}
process.exitCode = rows.some(({ failed }) => failed > 0) ? 1 : 0;
