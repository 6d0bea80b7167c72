// The table of docs/explorer.md from the figures of the benchmark.

import { readFileSync, writeFileSync } from 'node:fs';
import type { ExplorerFigures } from './main.js';

const PAGE = new URL('../../docs/explorer.md', import.meta.url);
const [BEGIN, END] = ['<!-- measured -->', '<!-- /measured -->'];

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** Writes the figures between the marks of the page. */
export function holdTable(figures: ExplorerFigures): void {
  const { date, machine, pageGzipBytes, firstPaintMs, firstFiguresMs, memory } = figures;
  const rows = [
    ['LISA-CNN attacked, designs never simulated before', figures.lisaCnnAttack],
    ['LISA-CNN attacked, back over designs that were', figures.lisaCnnAttackSeen],
    ['VGG-D trained, designs never simulated before', figures.vggDTraining],
    ['VGG-D trained, back over designs that were', figures.vggDTrainingSeen],
  ] as const;
  const lines = [
    `By \`npm run bench:explorer -- --write\` on ${date}, ${machine}:`,
    '',
    '| a step of a slider that moves both machines, ms | least | median | 90 % | 99 % | most | of it the worker, ' +
      'median | all of the page, median |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(
      ([
        name,
        {
          figuresMs: { least, median, p90, p99, most },
          workerMs,
          wholeMs,
        },
      ]) => `| ${name} | ${least} | ${median} | ${p90} | ${p99} | ${most} | ${workerMs.median} | ${wholeMs.median} |`,
    ),
    '',
    "From the slider's input event until both machines' figures in the strip have changed in the document (the " +
      'browser paints them with its next frame); "all of the page": until boxes, buffers, causes and knobs have ' +
      `followed. First paint after ${firstPaintMs} ms, first figures after ${firstFiguresMs} ms; the page has ` +
      `${pageGzipBytes} ` +
      'bytes gzipped.' +
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
