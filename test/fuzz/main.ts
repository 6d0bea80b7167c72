// `npm run fuzz [-- --runs N --seed S --kind KIND --minutes M --write]`: inputs of every kind to their end; what
// fails is kept in test/corpus. `--write` puts the figures into docs/reliability.md. A run that `--minutes` ended goes
// on with the same command.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  model: 0.25,
  onnx: 0.15,
  result: 0.019,
  stored: 0.02,
  checkpoint: 0.02,
  compare: 0.01,
  noise: 0.03,
  table: 0.03,
  samples: 0.03,
  manifest: 0.01,
  command: 0.001,
};
const BATCH = 500;

interface Row {
  kind: Kind;
  /** Inputs that are to be tried, and that were. */
  runs: number;
  done: number;
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

const file = join(kept, `${runs}-${seed}-${values.kind ?? 'all'}.json`);
const rows: Row[] = existsSync(file)
  ? // Cast: written below.
    (JSON.parse(readFileSync(file, 'utf8')) as Row[])
  : KINDS.filter((one) => values.kind === undefined || one === values.kind).map((kind) => ({
      kind,
      runs: Math.ceil(runs * (values.kind === undefined ? SHARES[kind] : 1)),
      ...{ done: 0, results: 0, refused: 0, failed: 0, slowestMs: 0, seconds: 0, processorS: 0 },
    }));
const seen = new Set<string>();

/** Tries the next inputs of a kind. */
async function batch(row: Row): Promise<void> {
  const { kind, done } = row;
  const [started, used] = [performance.now(), process.cpuUsage()];
  const inputs = fc.sample(inputsOf[kind], { numRuns: Math.min(BATCH, row.runs - done), seed: seed * 1e6 + done });
  for (const input of inputs) {
    const from = performance.now();
    const outcome = await outcomeOf(input);
    row.slowestMs = Math.max(row.slowestMs, performance.now() - from);
    if (outcome.end === 'result') row.results++;
    else if (outcome.end === 'refused') row.refused++;
    else {
      row.failed++;
      // One input of each reason is enough.
      const cause = kind + outcome.reason.split('\n').slice(0, 3).join().replace(/\d+/g, 'N').slice(0, 200);
      if (!seen.has(cause)) keep(input, outcome.reason);
      seen.add(cause);
    }
  }
  row.done += inputs.length;
  row.seconds += (performance.now() - started) / 1000;
  row.processorS += process.cpuUsage(used).user / 1e6;
}

// All kinds come forward together, so that a run that is ended early has tried something of each.
const end = performance.now() + 60_000 * Number(values.minutes);
const share = ({ done, runs: all }: Row): number => done / all;
for (;;) {
  const next = rows.reduce((least, row) => (share(row) < share(least) ? row : least));
  if (next.done >= next.runs || performance.now() > end) break;
  await batch(next);
}
for (const row of rows)
  process.stdout.write(
    `${row.kind}: ${row.done} of ${row.runs} inputs, ${row.results} results, ${row.refused} refused, ` +
      `${row.failed} failed, ${row.seconds.toFixed(1)} s (${row.processorS.toFixed(1)} s of a processor), ` +
      `slowest ${Math.round(row.slowestMs)} ms\n`,
  );
if (rows.some(({ done, runs: all }) => done < all)) {
  mkdirSync(kept, { recursive: true });
  writeFileSync(file, JSON.stringify(rows));
} else rmSync(file, { force: true });

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
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const many = sum(({ done }) => done).toLocaleString('en-US');
  const planned = sum((row) => row.runs).toLocaleString('en-US');
  const words =
    `${many === planned ? many : `${many} of ${planned}`} inputs of seed ${seed} in ` +
    `${Math.round(sum(({ seconds }) => seconds))} s, ` +
    `${Math.round(sum(({ processorS }) => processorS))} s of a processor:`;
  writeFileSync(page, `${before}\n\n${words}\n\n${table}\n\n${text.slice(text.indexOf(to))}`);
}
process.exitCode = rows.some(({ failed }) => failed > 0) ? 1 : 0;
