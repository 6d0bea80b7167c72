// `npm run fuzz [-- --runs N --seed S --kind KIND --minutes M --write]`: inputs of every kind to their end; what
// fails is kept in test/corpus. `--write` puts the figures into docs/reliability.md. Counts are kept batch by batch: a
// run that `--minutes` or a signal ended goes on with the same command, and tries batches again in which inputs failed.

import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
    minutes: { type: 'string', default: 'Infinity' },
    write: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
const corpus = fileURLToPath(new URL('../corpus/', import.meta.url));
const kept = fileURLToPath(new URL('../../results/fuzz/', import.meta.url));
const page = fileURLToPath(new URL('../../docs/reliability.md', import.meta.url));

/** Shares of the runs; commands start a process each. */
const SHARES: Record<Kind, number> = {
  config: 0.15,
  network: 0.12,
  sweep: 0.06,
  trace: 0.1,
  model: 0.235,
  onnx: 0.15,
  result: 0.019,
  stored: 0.02,
  checkpoint: 0.02,
  compare: 0.01,
  noise: 0.03,
  table: 0.03,
  samples: 0.03,
  manifest: 0.01,
  evaluation: 0.005,
  training: 0.005,
  attack: 0.005,
  command: 0.001,
};
const BATCH = 500;

/** What became of the inputs `from`, `from` + 1, ... of a kind. */
interface Batch {
  kind: Kind;
  from: number;
  inputs: number;
  results: number;
  refused: number;
  failed: number;
  slowestMs: number;
  /** By the clock, and of the processor (commands run in processes of their own, which are not counted). */
  seconds: number;
  processorS: number;
}

function keep(input: Input, reason: string): void {
  mkdirSync(corpus, { recursive: true });
  const text = JSON.stringify(input);
  const name = `${input.kind}-${createHash('sha256').update(text).digest('hex').slice(0, 10)}.json`;
  writeFileSync(`${corpus}${name}`, `${text}\n`);
  process.stderr.write(`FAILED ${name}: ${reason.split('\n').slice(0, 3).join(' | ')}\n`);
}

const file = join(kept, `${runs}-${seed}-${values.kind ?? 'all'}.jsonl`);
mkdirSync(kept, { recursive: true });
const batches: Batch[] = !existsSync(file)
  ? []
  : readFileSync(file, 'utf8')
      .split('\n')
      // The last line may be cut off.
      .slice(0, -1)
      // Cast: written below.
      .map((line) => JSON.parse(line) as Batch)
      .filter(({ failed }) => failed === 0);
writeFileSync(file, batches.map((batch) => `${JSON.stringify(batch)}\n`).join(''));
const seen = new Set<string>();

/** Tries the inputs of a kind from one place on. */
async function tried(kind: Kind, from: number, inputs: number): Promise<Batch> {
  const [started, used] = [performance.now(), process.cpuUsage()];
  const batch = { kind, from, inputs, results: 0, refused: 0, failed: 0, slowestMs: 0 };
  for (const input of fc.sample(inputsOf[kind], { numRuns: inputs, seed: seed * 1e6 + from })) {
    const began = performance.now();
    const outcome = await outcomeOf(input);
    batch.slowestMs = Math.max(batch.slowestMs, performance.now() - began);
    if (outcome.end === 'result') batch.results++;
    else if (outcome.end === 'refused') batch.refused++;
    else {
      batch.failed++;
      // One input of each reason is enough.
      const cause = kind + outcome.reason.split('\n').slice(0, 3).join().replace(/\d+/g, 'N').slice(0, 200);
      if (!seen.has(cause)) keep(input, outcome.reason);
      seen.add(cause);
    }
  }
  const seconds = (performance.now() - started) / 1000;
  return { ...batch, seconds, processorS: process.cpuUsage(used).user / 1e6 };
}

// All kinds come forward together, so that a run that is ended early has tried something of each.
const end = performance.now() + 60_000 * Number(values.minutes);
const kinds = KINDS.filter((one) => values.kind === undefined || one === values.kind);
const manyOf = (kind: Kind): number => Math.ceil(runs * (values.kind === undefined ? SHARES[kind] : 1));
const over = new Set(batches.map(({ kind, from }) => `${kind} ${from}`));
const planned = kinds
  .flatMap((kind) =>
    Array.from({ length: Math.ceil(manyOf(kind) / BATCH) }, (_, i) => {
      const from = i * BATCH;
      return { kind, from, inputs: Math.min(BATCH, manyOf(kind) - from), share: from / manyOf(kind) };
    }),
  )
  .sort((a, b) => a.share - b.share);
for (const { kind, from, inputs } of planned) {
  if (performance.now() > end) break;
  if (over.has(`${kind} ${from}`)) continue;
  const batch = await tried(kind, from, inputs);
  batches.push(batch);
  appendFileSync(file, `${JSON.stringify(batch)}\n`);
}
const rows = kinds.map((kind) => {
  const of = batches.filter((batch) => batch.kind === kind);
  const sum = (part: (batch: Batch) => number): number => of.reduce((total, batch) => total + part(batch), 0);
  return {
    kind,
    runs: manyOf(kind),
    done: sum(({ inputs }) => inputs),
    results: sum(({ results }) => results),
    refused: sum(({ refused }) => refused),
    failed: sum(({ failed }) => failed),
    slowestMs: Math.max(0, ...of.map(({ slowestMs }) => slowestMs)),
    seconds: sum(({ seconds }) => seconds),
    processorS: sum(({ processorS }) => processorS),
  };
});
for (const row of rows)
  process.stdout.write(
    `${row.kind}: ${row.done} of ${row.runs} inputs, ${row.results} results, ${row.refused} refused, ` +
      `${row.failed} failed, ${row.seconds.toFixed(1)} s (${row.processorS.toFixed(1)} s of a processor), ` +
      `slowest ${Math.round(row.slowestMs)} ms\n`,
  );
if (rows.every(({ done, failed, runs: all }) => done === all && failed === 0)) rmSync(file);

if (values.write) {
  const table = [
    '| inputs | run | results | refused with one line | failed | slowest |',
    '|---|--:|--:|--:|--:|--:|',
    ...rows.map(
      (row) =>
        `| ${row.kind} | ${row.done.toLocaleString('en-US')} | ${row.results.toLocaleString('en-US')} | ` +
        `${row.refused.toLocaleString('en-US')} | ${row.failed} | ${Math.round(row.slowestMs)} ms |`,
    ),
  ].join('\n');
  const text = readFileSync(page, 'utf8');
  const [from, to] = ['<!-- fuzz -->', '<!-- /fuzz -->'];
  const before = text.slice(0, text.indexOf(from) + from.length);
  const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const many = sum(({ done }) => done).toLocaleString('en-US');
  const all = sum((row) => row.runs).toLocaleString('en-US');
  const words =
    `${many === all ? many : `${many} of ${all}`} inputs of seed ${seed} in ` +
    `${Math.round(sum(({ seconds }) => seconds))} s, ` +
    `${Math.round(sum(({ processorS }) => processorS))} s of a processor:`;
  writeFileSync(page, `${before}\n\n${words}\n\n${table}\n\n${text.slice(text.indexOf(to))}`);
}
process.exitCode = rows.some(({ failed }) => failed > 0) ? 1 : 0;
