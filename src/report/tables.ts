// Tables for people: a result, in engineering notation, as wide as the terminal.

import Table from 'cli-table3';
import { formatEngineering, formatQuantity } from '../config/index.js';
import { visible } from '../config/escape.js';
import { count } from '../config/numbers.js';
import { folded, type Style } from '../explain/style.js';
import { plainNumber } from '../config/numbers.js';
import { STALL_CAUSES, type Result } from '../simulation/index.js';

export const time = (seconds: number): string => formatQuantity(seconds, 'time');
export const energy = (joules: number): string => formatQuantity(joules, 'energy');
export const area = (mm2: number): string => (mm2 >= 1000 ? `${plainNumber(mm2)} mm2` : formatQuantity(mm2, 'area'));
export const percent = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;
/** A metric of a comparison: counts exact, shares in percent, else in engineering notation. */
export function metricText(metric: string, value: number, unit: string): string {
  if (metric.startsWith('utilization.')) return percent(value);
  if (unit === 'GOPS') return formatEngineering(value * 1e9, 'OPS');
  if (unit === '' || unit.includes(' '))
    return `${Number.isInteger(value) ? count(value) : plainNumber(value)} ${unit}`.trim();
  return unit.includes('/') || unit === 'mm2' ? `${plainNumber(value)} ${unit}` : formatEngineering(value, unit);
}

/**
 * A table with a head; numbers to the right. Columns that do not fit the width follow in further tables below, under
 * the same first column;
 * a cell that is wider than the width is wrapped.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
  leftColumns = 1,
): string {
  const room = style.width - 1;
  const titles = head.map(visible);
  const cells = rows.map((row) => row.map(visible));
  const widths = titles.map((title, i) =>
    Math.min(room - 1, cells.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), title.length) + 2),
  );
  const first = widths[0]! + 1;
  const blocks: number[][] = [[]];
  let used = first;
  for (let i = 1; i < head.length; i++) {
    const block = blocks[blocks.length - 1]!;
    const width = widths[i]! + 1;
    if (block.length > 0 && used + width > room) {
      blocks.push([i]);
      used = first + width;
    } else {
      block.push(i);
      used += width;
    }
  }
  return blocks
    .map((block) => {
      const shown = [0, ...block];
      const total = shown.reduce((sum, i) => sum + widths[i]! + 1, 0);
      // Only the widest column gives way, and only where two columns are already too wide.
      const widest = shown.reduce((most, i) => (widths[i]! > widths[most]! ? i : most), 0);
      const grid = new Table({
        head: shown.map((i) => style.strong(titles[i]!)),
        colAligns: shown.map((i) => (i < leftColumns ? 'left' : 'right')),
        colWidths: shown.map((i) => (i === widest ? widths[i]! - Math.max(0, total - room) : widths[i]!)),
        wordWrap: true,
        style: { head: [], border: [] },
        chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
      });
      for (const row of cells) grid.push(shown.map((i) => row[i] ?? ''));
      return grid.toString();
    })
    .join('\n');
}

/** What a run says on a terminal. */
export function runTables(result: Result, style: Style): string {
  return [
    headline(result, style),
    summary(result, style),
    layerTable(result, style),
    energyTable(result, style),
    stallLine(result, style),
    placeholderNote(result, style),
  ].join('\n\n');
}

function headline({ architecture, network, mode, images, batch }: Result, style: Style): string {
  const work =
    mode === 'attack'
      ? `${count(images / batch)} iterations of ${count(batch)} images`
      : mode === 'training'
        ? `${count(images)} images in batches of ${count(batch)}`
        : `${count(images)} images`;
  return style.strong(folded(`${architecture}: ${mode} of ${network}, ${work}`, style.width));
}

function summary(result: Result, style: Style): string {
  const { time: t, throughput, energy: e, power, area: a, efficiency, arrays, utilization: u } = result;
  const cycles =
    t.logicalCycles === null
      ? []
      : [['logical cycles', `${count(t.logicalCycles)} of ${time(t.logicalCycleS ?? 0)} on average`]];
  return table(
    ['what', 'value'],
    [
      ['time', `${time(t.totalS)} (${time(t.perImageS)} an image, first result after ${time(t.firstResultS)})`],
      ...cycles,
      [
        'throughput',
        `${plainNumber(throughput.imagesPerS)} images/s, ${formatEngineering(throughput.gops * 1e9, 'OPS')} ` +
          '(2 a multiply-accumulate of the forward pass)',
      ],
      ['energy', `${energy(e.totalJ)} (${energy(e.perImageJ)} an image, leakage ${energy(e.leakageJ)})`],
      ['power', `${formatQuantity(power.averageW, 'power')} on average`],
      ['area', area(a.totalMm2)],
      ['efficiency', `${count(efficiency.gopsPerW)} GOPS/W, ${count(efficiency.gopsPerMm2)} GOPS/mm2`],
      [
        'arrays',
        `${count(arrays.physical)} physical: ${count(arrays.physicalByUse.forward)} forward, ` +
          `${count(arrays.physicalByUse.backward)} backward, ${count(arrays.physicalByUse.gradient)} gradient`,
      ],
      [
        'array utilization',
        `spatial ${percent(u.spatial)}, informative ${percent(u.informative)}, temporal ` +
          `${percent(u.temporal)}, effective ${percent(u.effective)}`,
      ],
      ...storageRows(result),
      ...cellRows(result),
    ],
    style,
    2,
  );
}

function storageRows({ storage }: Result): string[][] {
  if (storage.neuronCycles === null) return [];
  const masks = storage.maskBitCycles ?? 0;
  return [
    [
      'neuron storage',
      `${formatEngineering(storage.neuronCycles, 'neurons x cycles')}${masks > 0 ? ', masks and indices ' + formatEngineering(masks, 'bits x cycles') : ''}`,
    ],
  ];
}

/** A long time in the unit that people count it in. */
export function lifespan(seconds: number): string {
  const units: [string, number][] = [
    ['years', 31_557_600],
    ['days', 86_400],
    ['h', 3600],
    ['min', 60],
  ];
  const [unit, length] = units.find(([, s]) => seconds >= 2 * s) ?? ['', 1];
  return unit === '' ? time(seconds) : `${count(Number((seconds / length).toPrecision(4)))} ${unit}`;
}

/** What the cells keep and how long they last. */
function cellRows({ device, endurance, sensing }: Result): string[][] {
  if (device === null || endurance === null || sensing === null) return [];
  const { retentionS, refresh, drift, pulsesPerWrite } = device;
  const rows = [
    [
      'cells',
      `${device.name}, ${count(pulsesPerWrite)} pulse${pulsesPerWrite === 1 ? '' : 's'} a ` +
        `write${sensing.lineCurrentA === null ? '' : `, at most ${formatQuantity(sensing.lineCurrentA, 'current')} a ` + 'line'}`,
    ],
  ];
  if (device.levels !== null) {
    const { levels, closestSigmas, misread, placeholder } = device.levels;
    rows.push([
      'levels',
      `${count(levels)}${closestSigmas === null ? '' : `, the closest ${count(Number(closestSigmas.toPrecision(3)))} sigma from their ` + 'threshold'}; ${percent(misread)} are read as another${placeholder ? ' (placeholder)' : ''}`,
    ]);
  }
  if (retentionS !== null)
    rows.push([
      'state kept',
      `${lifespan(retentionS)}${device.placeholder ? ' (placeholder)' : ''}${refresh === null ? '' : `; rewriting all weights each time takes ${energy(refresh.energyJ)}, ` + `${formatQuantity(refresh.averageW, 'power')} on ` + 'average'}`,
    ]);
  if (drift !== null)
    rows.push([
      'drift',
      `5 % lost after ${lifespan(drift.lost5PercentS)}; ${percent(drift.keptAfterDay)} kept after a day, ` +
        `${percent(drift.keptAfterYear)} after a year`,
    ]);
  const rating =
    endurance.ratedWrites === null
      ? ''
      : `, rated ${formatEngineering(endurance.ratedWrites, 'writes')}${endurance.placeholder ? ' (placeholder)' : ''}`;
  for (const cells of ['weights', 'gradients', 'buffers'] as const) {
    const wear = endurance[cells];
    if (wear !== null)
      rows.push([
        `lifetime of ${cells}`,
        `${wear.lifetimeS === null ? 'no rating' : `${lifespan(wear.lifetimeS)} at this rate`}: ` +
          `${count(wear.writesPerCell)} writes a cell in this run${wear.lifetimeS === null ? '' : rating}`,
      ]);
  }
  return rows;
}

function layerTable(result: Result, style: Style): string {
  const backward = result.layers.some(({ backwardSteps }) => backwardSteps !== null);
  const gradient = result.layers.some(({ gradientSteps }) => gradientSteps !== null);
  const dash = (value: number | null): string => (value === null ? '-' : count(value));
  const crossbars = result.sensing !== null;
  const layers = table(
    [
      'layer',
      'rows x columns',
      'positions',
      'copies',
      'steps F',
      ...(backward ? ['steps B'] : []),
      ...(gradient ? ['steps G'] : []),
      'arrays',
      'spatial',
      'temporal',
      'energy',
    ],
    result.layers.map((layer, i) => [
      layer.name,
      `${layer.rows} x ${layer.columns}`,
      count(layer.positions),
      count(layer.replication),
      count(layer.steps),
      ...(backward ? [dash(layer.backwardSteps)] : []),
      ...(gradient ? [dash(layer.gradientSteps)] : []),
      count(layer.physicalArrays),
      percent(result.utilization.byLayer[i]!.spatial),
      percent(result.utilization.byLayer[i]!.temporal),
      energy(result.energy.byLayerJ.find(({ name }) => name === layer.name)?.energyJ ?? 0),
    ]),
    style,
  );
  if (!crossbars) return layers;
  const passes = [backward ? 'B error' : '', gradient ? 'G gradient' : '']
    .filter((pass) => pass !== '')
    .map((pass) => `, ${pass}`)
    .join('');
  return `${layers}\n${style.dim(folded('copies: G, input vectors that go at once. steps: for one image, of F ' + `forward${passes}. arrays: physical, of the forward copies. spatial: cells that hold weights / cells built. ` + 'temporal: share of the time that the arrays are ' + 'busy', style.width))}`;
}

/** Characters from which components and passes stand beside each other. */
const ENERGY_WIDTH = 90;

function energyTable({ energy: e }: Result, style: Style): string {
  const rows = (parts: Record<string, number>): string[][] =>
    Object.entries(parts)
      .filter(([, joules]) => joules > 0)
      .sort((a, b) => b[1] - a[1])
      .map(([name, joules]) => [name, energy(joules), percent(joules / e.totalJ)]);
  const byComponent = rows(e.byComponentJ);
  const byPass = rows(e.byPassJ);
  const heads = [
    ['component', 'energy', 'share'],
    ['pass', 'energy', 'share'],
  ] as const;
  if (style.width < ENERGY_WIDTH)
    return [table(heads[0], byComponent, style), table(heads[1], byPass, style)].join('\n');
  const length = Math.max(byComponent.length, byPass.length);
  return table(
    heads.flat(),
    Array.from({ length }, (_, i) => [...(byComponent[i] ?? ['', '', '']), ...(byPass[i] ?? ['', '', ''])]),
    style,
  );
}

function stallLine({ stalls }: Result, style: Style): string {
  const waits = STALL_CAUSES.filter((cause) => stalls[cause] > 0).map((cause) => `${cause} ${time(stalls[cause])}`);
  return folded(`Stalls, summed over stages: ${waits.length === 0 ? 'none' : waits.join(', ')}`, style.width);
}

/** Says how many assumptions a result rests on. */
function placeholderNote({ placeholders, constants }: Result, style: Style): string {
  if (placeholders.length === 0) return `All ${constants.length} constants have a source.`;
  return style.dim(
    folded(
      `${placeholders.length} of ${constants.length} constants are placeholders (assumptions marked in the ` +
        `configs): ${placeholders.join(', ')}`,
      style.width,
    ),
  );
}
