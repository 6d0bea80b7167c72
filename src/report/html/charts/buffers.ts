// What the buffers hold over time, and how they are sized.

import { chart } from './lite.js';
import { scriptJson, visible } from '../../../config/escape.js';
import type { Result } from '../../../simulation/index.js';
import type { TimelineDocument } from '../../trace-events.js';
import { countCell, numberColumn, textCell, textColumn, unitCell } from '../table-cells.js';
import { ZOOM_FIELD, type Section } from '../sections.js';
import { axisUnit, engineeringAxis } from './scales.js';
import { lookNames, lookScale } from '../../colors.js';
import { PAGE_WIDE } from './theme.js';

/** A time over which a buffer holds the same number of entries. */
interface Span {
  buffer: string;
  kind: string;
  startS: number;
  endS: number;
  entries: number;
  /** Bottom and top of the bar: the buffer's row, and the share of its largest level above it. */
  y: number;
  y2: number;
}

/** Microseconds of a second: dividing keeps the short decimals of a tick. */
const MICROS = 1e6;
/** What an entry is where layers hand rows on. */
const ROW_ENTRIES =
  ' (here: one for each position that is stored; the capacity is the window of ISAAC Sec. IV, the limit the whole ' +
  'waves of copies at which a producer is held up)';

function spansOf({ buffers }: Result, { traceEvents }: TimelineDocument): { spans: Span[]; end: number } {
  const end =
    traceEvents.reduce(
      (most, event) =>
        event.ph === 'X' ? Math.max(most, event.ts + event.dur) : event.ph === 'C' ? Math.max(most, event.ts) : most,
      0,
    ) / MICROS;
  const levels = new Map<string, { startS: number; entries: number }[]>();
  for (const event of traceEvents) {
    if (event.ph !== 'C') continue;
    const own = levels.get(event.name) ?? [];
    own.push({ startS: event.ts / MICROS, entries: event.args.entries });
    levels.set(event.name, own);
  }
  const spans = buffers.flatMap(({ name, kind, capacityEntries, peakEntries }, row) => {
    const own = thinned(levels.get(name) ?? [], end);
    const full = Math.max(capacityEntries, peakEntries, ...own.map(({ entries }) => entries));
    const y = buffers.length - 1 - row;
    return own
      .map(({ startS, entries }, i): Span => ({
        buffer: name,
        kind,
        startS,
        endS: own[i + 1]?.startS ?? end,
        entries,
        y,
        y2: y + (0.85 * entries) / full,
      }))
      .filter(({ entries }) => entries > 0);
  });
  return { spans, end };
}

/** Spans that a buffer's row shows at most. */
const MOST_SPANS = 400;

/** Where there are too many levels: the highest of each of equal parts of the window. */
function thinned(levels: { startS: number; entries: number }[], end: number): { startS: number; entries: number }[] {
  if (levels.length <= MOST_SPANS) return levels;
  const parts = new Map<number, { startS: number; entries: number }>();
  let before = 0;
  for (const { startS, entries } of levels) {
    const part = Math.min(MOST_SPANS - 1, Math.floor((MOST_SPANS * startS) / end));
    // What was there when the part began counts as well.
    const own = parts.get(part) ?? { startS: (part * end) / MOST_SPANS, entries: before };
    own.entries = Math.max(own.entries, entries);
    parts.set(part, own);
    before = entries;
  }
  return [...parts.values()];
}

/** The section of the buffers. */
export function buffersSection(result: Result, timeline: TimelineDocument): Section {
  const { buffers } = result;
  const { spans, end } = spansOf(result, timeline);
  const names = buffers.map(({ name, layer }) => `${name} ${layer}`).reverse();
  const kinds = lookNames('kept').filter((kind) => buffers.some((buffer) => buffer.kind === kind));
  const { pipeline } = result.config;
  const perRow = pipeline instanceof Object && 'granularity' in pipeline && pipeline.granularity === 'row';
  const numbers = [
    numberColumn('entryBits', 'entry'),
    numberColumn('capacityEntries', 'capacity'),
    numberColumn('limitEntries', 'limit'),
    numberColumn('peakEntries', 'peak'),
    numberColumn('meanEntries', 'mean'),
    numberColumn('peakBits', 'peak size'),
    numberColumn('lifetimeCycles', 'lives (cycles)'),
  ];
  return {
    id: 'buffers',
    title: 'Buffers',
    caption:
      'Between its stages the machine keeps neurons (d), masks of activation and pooling (m) and errors (e) of ' +
      `each layer, one entry for each image under way${perRow ? ROW_ENTRIES : ''}. What a backward or gradient ` +
      'pass still needs must be kept until then: early layers keep the most.',
    figures: [
      {
        id: 'buffer-occupancy',
        title: 'Occupancy over time',
        zooms: ZOOM_FIELD,
        screenOnly: true,
        caption:
          'Height of a row: entries held, a full row is the larger of capacity and peak. The same window as ' +
          `above: ${timeline.otherData.window}; ${timeline.otherData.counters}.`,
        spec: chart({
          description: 'Bars over simulated time: entries that each buffer holds',
          data: { values: spans },
          width: PAGE_WIDE,
          height: 18 * buffers.length,
          params: [
            {
              name: 'zoom',
              select: { type: 'interval', encodings: ['x'], zoom: 'wheel![event.ctrlKey]' },
              bind: 'scales',
            },
          ],
          mark: { type: 'rect', clip: true },
          encoding: {
            x: {
              field: ZOOM_FIELD,
              type: 'quantitative',
              scale: { domain: [0, end], nice: false },
              axis: engineeringAxis('simulated time', axisUnit([end], 's')),
            },
            x2: { field: 'endS' },
            y: {
              field: 'y',
              type: 'quantitative',
              title: null,
              scale: { domain: [0, buffers.length], nice: false },
              axis: {
                values: names.map((_, i) => i),
                labelExpr: `${scriptJson(names.map(visible))}[datum.value]`,
                labelBaseline: 'bottom',
                ticks: false,
              },
            },
            y2: { field: 'y2' },
            color: {
              field: 'kind',
              type: 'nominal',
              scale: lookScale('kept', kinds),
              title: null,
            },
            tooltip: [
              { field: 'buffer' },
              { field: 'kind' },
              { field: 'entries' },
              { field: ZOOM_FIELD, title: 'from (s)', format: '.5s' },
              { field: 'endS', title: 'to (s)', format: '.5s' },
            ],
          },
        }),
      },
    ],
    tables: [
      {
        id: 'buffer-sizes',
        title: 'Buffers over the whole run',
        columns: [textColumn('name', 'buffer'), textColumn('layer', 'layer'), textColumn('kind', 'holds'), ...numbers],
        rows: buffers.map((buffer, i) => [
          textCell(buffer.name),
          textCell(buffer.layer),
          textCell(buffer.kind),
          unitCell(buffer.entryBits, 'bit', `buffers[${i}].entryBits`),
          countCell(buffer.capacityEntries, `buffers[${i}].capacityEntries`),
          countCell(buffer.limitEntries, `buffers[${i}].limitEntries`),
          countCell(buffer.peakEntries, `buffers[${i}].peakEntries`),
          countCell(buffer.meanEntries, `buffers[${i}].meanEntries`),
          unitCell(buffer.peakEntries * buffer.entryBits, 'bit'),
          countCell(buffer.lifetimeCycles, `buffers[${i}].lifetimeCycles`),
        ]),
      },
    ],
  };
}
