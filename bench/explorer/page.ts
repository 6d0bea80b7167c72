// The table of docs/explorer.md from the figures of the benchmark.

import { readFileSync, writeFileSync } from 'node:fs';
import type { ExplorerFigures } from './main.js';

const PAGE = new URL('../../docs/explorer.md', import.meta.url);
const [BEGIN, END] = ['<!-- measured -->', '<!-- /measured -->'];

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** How heaps went over the moves: a figure of the first and of the last quarter of them, mean of each. */
function memoryText(heaps: NonNullable<ExplorerFigures['memory']>): string {
  const quarter = Math.ceil(heaps.length / 4);
  const mean = (part: typeof heaps, of: 'page' | 'workers' | 'largest'): string =>
    megabytes(part.reduce((sum, heap) => sum + heap[of], 0) / part.length);
  const [first, last] = [heaps.slice(0, quarter), heaps.slice(-quarter)];
  const change = (of: 'page' | 'workers' | 'largest'): string => `${mean(first, of)} to ${mean(last, of)} MB`;
  return (
    ` Memory over ${heaps.at(-1)!.moves.toLocaleString('en-US')} moves, each to a new design, measured ` +
    `${heaps.length} times after collection, mean of the first quarter to mean of the last: page ${change('page')}, ` +
    `largest worker ${change('largest')}, all workers ${change('workers')} (between ` +
    `${megabytes(Math.min(...heaps.map(({ workers }) => workers)))} and ` +
    `${megabytes(Math.max(...heaps.map(({ workers }) => workers)))} MB, as workers come and go).`
  );
}

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
      'median | its processor time: median | 99 % | all of the page, median |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(
      ([
        name,
        {
          figuresMs: { least, median, p90, p99, most },
          workerMs,
          processorMs,
          wholeMs,
        },
      ]) =>
        `| ${name} | ${least} | ${median} | ${p90} | ${p99} | ${most} | ${workerMs.median} | ` +
        `${processorMs.median} | ${processorMs.p99} | ${wholeMs.median} |`,
    ),
    '',
    "From the slider's input event until both machines' figures in the strip have changed in the document (the " +
      'browser paints them with its next frame); "all of the page": until boxes, buffers, causes and knobs have ' +
      'followed. What the worker takes of a processor (from a trace of the browser) holds in any company; the rest ' +
      'of a long step is waiting, for a processor or for the page to be drawn. First paint after ' +
      `${firstPaintMs} ms, first figures after ${firstFiguresMs} ms; the page has ${pageGzipBytes} bytes gzipped.` +
      (memory === null ? '' : memoryText(memory)),
  ];
  const text = readFileSync(PAGE, 'utf8');
  const [head, tail] = [text.indexOf(BEGIN), text.indexOf(END)];
  writeFileSync(PAGE, `${text.slice(0, head + BEGIN.length)}\n\n${lines.join('\n')}\n\n${text.slice(tail)}`);
}
