// Tables for people: a result, in engineering notation, as wide as the terminal.

import { formatEngineering, formatQuantity } from '../../config/index.js';
import { count, plainNumber } from '../../config/numbers.js';
import { folded, type Style } from '../../explain/style.js';
import { STALL_CAUSES, type Result } from '../../simulation/index.js';
import { area, energy, lifespan, percent, time } from '../words.js';
import { operatorTable } from './operator-table.js';
import { table } from './table.js';
import { timeTable } from './time-table.js';
import { WIDE, nextLines, notesInFull, verdictLines } from './verdict-lines.js';

/** What a run says on a terminal: its verdict; in full also its figures, layers, energy and stalls. */
export function runTables(result: Result, style: Style, full = false): string {
  const tables = full
    ? [
        summary(result, style),
        layerTable(result, style),
        operatorTable(result, style),
        timeTable(result, style),
        energyTable(result, style),
        stallLine(result, style),
      ]
    : [];
  const assumed = full
    ? [notesInFull(result, style), placeholderNote(result, style)].filter((text) => text !== '')
    : [];
  const gap = full || style.width >= WIDE ? '\n\n' : '\n';
  return [verdictLines(result, style), ...tables, ...assumed, nextLines(result, style, full)].join(gap);
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
  const bits = storage.maskBitCycles ?? 0;
  const neurons = formatEngineering(storage.neuronCycles, 'neurons x cycles');
  const masks = bits > 0 ? `, masks and indices ${formatEngineering(bits, 'bits x cycles')}` : '';
  return [['neuron storage', `${neurons}${masks}`]];
}

/** What the cells keep and how long they last. */
function cellRows({ device, endurance, sensing }: Result): string[][] {
  if (device === null || endurance === null || sensing === null) return [];
  const { retentionS, refresh, drift, pulsesPerWrite } = device;
  const pulses = `${count(pulsesPerWrite)} pulse${pulsesPerWrite === 1 ? '' : 's'} a write`;
  const current =
    sensing.lineCurrentA === null ? '' : `, at most ${formatQuantity(sensing.lineCurrentA, 'current')} a line`;
  const rows = [['cells', `${device.name}, ${pulses}${current}`]];
  if (device.levels !== null) {
    const { levels, closestSigmas, misread, placeholder } = device.levels;
    const closest =
      closestSigmas === null
        ? ''
        : `, the closest ${count(Number(closestSigmas.toPrecision(3)))} sigma from their threshold`;
    rows.push([
      'levels',
      `${count(levels)}${closest}; ${percent(misread)} are read as another${placeholder ? ' (placeholder)' : ''}`,
    ]);
  }
  if (retentionS !== null) {
    const rewriting =
      refresh === null
        ? ''
        : `; to refresh all weights as often takes ${energy(refresh.energyJ)} a time, ` +
          `${formatQuantity(refresh.averageW, 'power')} on average`;
    rows.push(['state kept', `${lifespan(retentionS)}${device.placeholder ? ' (placeholder)' : ''}${rewriting}`]);
  }
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
  for (const cells of ['weights', 'gradients', 'operands', 'buffers'] as const) {
    const wear = endurance[cells];
    if (wear !== null)
      rows.push([
        `lifetime of ${cells}`,
        `${wear.lifetimeS === null ? 'no rating' : `${lifespan(wear.lifetimeS)} at this rate`}: ` +
          `${count(wear.writesPerCell)} writes a cell in this run${wear.lifetimeS === null ? '' : rating}`,
      ]);
  }
  if (endurance.scenarios.length > 0)
    rows.push([
      'first worn out',
      endurance.scenarios
        .map((one) => `${lifespan(one.firstWornS)} at ${formatEngineering(one.ratedWrites, 'writes')}`)
        .join(', ') + ' (the rating is assumed)',
    ]);
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
  const meanings =
    `copies: G, input vectors that go at once. steps: for one image, of F forward${passes}. arrays: physical, of ` +
    'the forward copies. spatial: cells that hold weights / cells built. temporal: share of the time that the ' +
    'arrays are busy';
  return `${layers}\n${style.dim(folded(meanings, style.width))}`;
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
