// docs/performance.md from the figures of a benchmark run.

import type { Figures } from './main.js';

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const mega = (perS: number | undefined): string => (perS === undefined ? '' : (perS / 1e6).toFixed(2));
/** An integer of any size, in groups of three digits. */
const whole = (digits: string): string => BigInt(digits).toLocaleString('en');
const mib = (bytes: number | undefined): string => (bytes === undefined ? '' : (bytes / 2 ** 20).toFixed(0));

/**
 * The hold model's table: a row for each queue, a column for each size, and how far ours is ahead of the best library
 * with exact ties.
 */
function holdTable(figures: Figures, delays: 'real' | 'uniform'): string {
  const own = figures.hold.filter((figure) => figure.delays === delays);
  const sizes = [...new Set(own.map(({ pending }) => pending))];
  const rate = (queue: string, pending: number): number =>
    own.find((figure) => figure.pending === pending && figure.queue === queue)?.millionPerS ?? NaN;
  const rows = [...new Map(own.map((figure) => [figure.queue, figure])).values()].map(({ queue, by, exactTies }) => [
    queue,
    by === 'library' ? 'npm' : 'own',
    exactTies ? 'exact' : 'lost',
    ...sizes.map((pending) => rate(queue, pending).toFixed(1)),
  ]);
  const ours = own.find(({ by }) => by === 'ours')!.queue;
  const libraries = [
    ...new Set(own.filter(({ by, exactTies }) => by === 'library' && exactTies).map(({ queue }) => queue)),
  ];
  const ahead = sizes.map(
    (pending) =>
      `**${(rate(ours, pending) / Math.max(...libraries.map((queue) => rate(queue, pending)))).toFixed(1)}x**`,
  );
  return table(
    ['queue', 'by', 'ties', ...sizes.map((pending) => `${pending.toLocaleString('en')} pending`)],
    [...rows, ['ours / best library with exact ties', '', '', ...ahead]],
  );
}

export function performancePage(figures: Figures): string {
  const { date, machine, processes, growth, equality, numerics } = figures;
  const growthTable = (axis: string): string =>
    table(
      [axis, 'run', 'process, s', 'events', 'peak memory, MiB'],
      growth
        .filter((figure) => figure.axis === axis)
        .map((g) => [
          g.value.toLocaleString('en'),
          g.what,
          g.wallS.toFixed(2),
          (g.events ?? 0).toLocaleString('en'),
          mib(g.peakRssBytes),
        ]),
    );
  return `# Performance

Made from \`bench/figures.json\` by \`npm run bench -- --write\` on ${date}: ${machine}.
Medians of whole processes; best of three for the event queue, each measurement in a process of its own, by processor
time; one core.

## Event queue

Hold model: pop the earliest event, push it again a delay later; million holds a second. \`real\` delays are those of
configs at ticks of 1 ps (slots, waves, buffer accesses, digital steps, services: 1 ns to 240 us), \`uniform\` delays
are 1 to 10^6 ticks. Libraries get objects with a time and a sequence number, which their comparison uses to keep ties
first in, first out; flatqueue takes one number, so that its ties are lost. \`one wheel and heap\` is a wheel of 4,096
slots of the delays' common divisor with a heap for what lies beyond it: the fastest for delays of a few cycles, but at
1 ps nearly every real delay overflows into the heap. That, and the last line, is why the kernel's queue is a hierarchy
of wheels ([kernel](kernel.md)).

### Real delays

${holdTable(figures, 'real')}

### Uniform delays

${holdTable(figures, 'uniform')}

## Whole processes

${table(
  ['what', 'command', 'process, s', 'events', 'million events/s', 'peak memory, MiB'],
  processes.map((p) => [
    p.what,
    `\`${p.command}\``,
    p.wallS.toFixed(3),
    p.events?.toLocaleString('en') ?? '',
    mega(p.eventsPerS),
    mib(p.peakRssBytes),
  ]),
)}

Runs without \`--exact\` skip events by exact jumps, so their events a second say nothing; the exact run dispatches
every one.

## Equal to the run event by event

VGG-D training in batches of 64; every time and count of the run is compared as an integer.

${table(
  ['images', 'compared with', 'time, ps', 'events', 'dispatched with jumps', 'equal'],
  equality.map((e) => [
    e.images.toLocaleString('en'),
    e.what,
    whole(e.ticks),
    whole(e.events),
    whole(e.dispatched),
    e.equal ? 'yes' : '**NO**',
  ]),
)}

## Growth

${growthTable('images')}

${growthTable('layers')}

${growthTable('arrays')}

## Number formats

float32 arrays, rounded to nearest even; processor time, best of five. Formats of 8 bits and fewer take a table of
256 KiB, made once.

${table(
  ['format', 'method', 'table, ms', 'million encodes/s'],
  numerics.formats.map((f) => [f.format, f.method, f.tableMs ?? '', f.millionPerS.toFixed(1)]),
)}

${table(
  ['k-means, start', 'values', 'levels', 'weighted', 'ms'],
  numerics.kMeans.map((k) => [k.start, k.values.toLocaleString('en'), k.levels, k.weighted ? 'yes' : 'no', k.ms]),
)}
`;
}
