// The table of docs/explorer.md from the figures of the benchmark.

import { readFileSync, writeFileSync } from 'node:fs';
import type { ExplorerFigures } from './main.js';

const PAGE = new URL('../../docs/explorer.md', import.meta.url);
const [BEGIN, END] = ['<!-- measured -->', '<!-- /measured -->'];

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** Writes the figures between the marks of the page. */
export function holdTable(figures: ExplorerFigures): void {
  const { date, machine, pageGzipBytes, firstPaintMs, firstFiguresMs, lisaCnnAttack, vggDTraining, memory } = figures;
  const rows = [
    ['LISA-CNN attacked, both machines', lisaCnnAttack],
    ['VGG-D trained, both machines', vggDTraining],
  ] as const;
  const lines = [
    `By \`npm run bench:explorer -- --write\` on ${date}, ${machine}:`,
    '',
    '| a step of a slider, ms | least | median | 90 % | 99 % | most | of it the worker, median |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(
      ([
        name,
        {
          shownMs: { least, median, p90, p99, most },
          workerMs,
        },
      ]) => `| ${name} | ${least} | ${median} | ${p90} | ${p99} | ${most} | ${workerMs.median} |`,
    ),
    '',
    `From the slider's event to the figures on the page; each step simulates both machines anew. First paint after ` +
      `${firstPaintMs} ms, first figures after ${firstFiguresMs} ms; the page has ${pageGzipBytes} bytes gzipped.` +
      (memory === null
        ? ''
        : ` Memory after ${memory.moves} moves: page ${megabytes(memory.before.page)} to ` +
          `${megabytes(memory.after.page)} MB, workers ${megabytes(memory.before.workers)} to ` +
          `${megabytes(memory.after.workers)} MB.`),
  ];
  const text = readFileSync(PAGE, 'utf8');
  const [head, tail] = [text.indexOf(BEGIN), text.indexOf(END)];
  writeFileSync(PAGE, `${text.slice(0, head + BEGIN.length)}\n\n${lines.join('\n')}\n\n${text.slice(tail)}`);
}
