// docs/performance.md from the figures of a benchmark run.

import type { Figures } from './main.js';

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const mega = (perS: number | undefined): string => (perS === undefined ? '' : (perS / 1e6).toFixed(2));
const mib = (bytes: number | undefined): string => (bytes === undefined ? '' : (bytes / 2 ** 20).toFixed(0));

/** The hold model's table: a row for each size, a column for each queue, and how far ours is ahead of the best other with exact ties. */
function holdTable(figures: Figures, delays: 'real' | 'uniform'): string {
  const own = figures.hold.filter((figure) => figure.delays === delays);
  const queues = [...new Set(own.map(({ queue }) => queue))];
  const rows = [...new Set(own.map(({ pending }) => pending))].map((pending) => {
    const rates = queues.map((queue) => own.find((figure) => figure.pending === pending && figure.queue === queue)?.millionPerS ?? NaN);
    const [ours = NaN, , ...libraries] = rates;
    return [pending.toLocaleString('en'), ...rates.map((rate) => rate.toFixed(1)), `${(ours / Math.max(...libraries)).toFixed(1)}x`];
  });
  return table(['pending', ...queues, 'ours / library'], rows);
}

export function performancePage(figures: Figures): string {
  const { date, machine, processes, growth, numerics } = figures;
  const growthTable = (axis: string): string =>
    table(
      [axis, 'run', 'process, s', 'events', 'peak memory, MiB'],
      growth.filter((figure) => figure.axis === axis).map((g) => [g.value.toLocaleString('en'), g.what, g.wallS.toFixed(2), (g.events ?? 0).toLocaleString('en'), mib(g.peakRssBytes)]),
    );
  return `# Performance

Made from \`bench/figures.json\` by \`npm run bench -- --write\` on ${date}: ${machine}. Medians of whole processes, best of three for the event queue; one core.

## Event queue

Hold model: pop the earliest event, push it again a delay later; million holds a second. \`real\` delays are those of configs at ticks of 1 ps
(slots, waves, buffer accesses, digital steps, services: 1 ns to 240 us), \`uniform\` delays are 1 to 10^6 ticks. The library is the fastest of the npm
queues that we tried which keeps ties first in, first out (with a sequence number in its comparison).

### Real delays

${holdTable(figures, 'real')}

### Uniform delays

${holdTable(figures, 'uniform')}

## Whole processes

${table(
  ['what', 'command', 'process, s', 'events', 'million events/s', 'peak memory, MiB'],
  processes.map((p) => [p.what, `\`${p.command}\``, p.wallS.toFixed(3), p.events?.toLocaleString('en') ?? '', mega(p.eventsPerS), mib(p.peakRssBytes)]),
)}

Runs without \`--exact\` skip events by exact jumps, so their events a second say nothing; the exact run dispatches every one.

## Growth

${growthTable('images')}

${growthTable('layers')}

${growthTable('arrays')}

## Number formats

float32 arrays, rounded to nearest even; processor time, best of five. Formats of 8 bits and fewer take a table of 256 KiB, made once.

${table(['format', 'method', 'table, ms', 'million encodes/s'], numerics.formats.map((f) => [f.format, f.method, f.tableMs ?? '', f.millionPerS.toFixed(1)]))}

${table(['k-means, start', 'values', 'levels', 'weighted', 'ms'], numerics.kMeans.map((k) => [k.start, k.values.toLocaleString('en'), k.levels, k.weighted ? 'yes' : 'no', k.ms]))}
`;
}
