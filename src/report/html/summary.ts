// The figures that everybody asks for first.

import type { Result } from '../../simulation/index.js';
import {
  areaCell,
  countCell,
  energyCell,
  gopsCell,
  lifespanCell,
  numberColumn,
  plainCell,
  shareCell,
  textCell,
  textColumn,
  timeCell,
  typeset,
  unitCell,
} from './cells.js';
import { count } from '../../config/numbers.js';
import { percent, time } from '../words.js';
import { stageLabel } from './charts/gantt.js';
import type { Cell, Section } from './sections.js';

/** What takes most of the energy and the area, and which stage is slowest. */
function sentence({ energy, area, stages, constants, placeholders }: Result): string {
  const most = (parts: Record<string, number>, total: number): string => {
    const [name, value] = Object.entries(parts).reduce((a, b) => (b[1] > a[1] ? b : a), ['nothing', 0]);
    return `${name}${total > 0 ? ` (${percent(value / total)})` : ''}`;
  };
  const slowest = stages.reduce((a, b) => (b.serviceS > a.serviceS ? b : a));
  const rests =
    placeholders.length === 0
      ? `All ${count(constants.length)} constants behind them have a source.`
      : `${count(placeholders.length)} of the ${count(constants.length)} constants behind them are ` +
        'placeholders, assumptions that the last section lists.';
  return (
    `Most energy goes to ${most(energy.byComponentJ, energy.totalJ)}, most area to ` +
    `${most(area.byComponentMm2, area.totalMm2)}; the slowest stage is ${stageLabel(slowest)} with ` +
    `${typeset(time(slowest.serviceS))} for one ` +
    `image${slowest.stallsS.unit > 0 ? ', waits for shared units included' : ''}. ${rests}`
  );
}

/** The first section of a run's report. */
export function summarySection(result: Result): Section {
  const {
    time: times,
    throughput,
    energy,
    power,
    area,
    efficiency,
    arrays,
    utilization,
    storage,
    endurance,
    device,
  } = result;
  const cycles: [string, Cell][] =
    times.logicalCycles === null
      ? []
      : [
          ['logical cycles', countCell(times.logicalCycles, 'time.logicalCycles')],
          ['mean length of a cycle', timeCell(times.logicalCycleS, 'time.logicalCycleS')],
        ];
  const rows: [string, Cell][] = [
    ['time of the run', timeCell(times.totalS, 'time.totalS')],
    ['time for an image', timeCell(times.perImageS, 'time.perImageS')],
    ['first result after', timeCell(times.firstResultS, 'time.firstResultS')],
    ...cycles,
    ['images a second', plainCell(throughput.imagesPerS, '', 'throughput.imagesPerS')],
    ['throughput', gopsCell(throughput.gops, '', 'throughput.gops')],
    ['energy of the run', energyCell(energy.totalJ, 'energy.totalJ')],
    ['energy for an image', energyCell(energy.perImageJ, 'energy.perImageJ')],
    ['leakage', energyCell(energy.leakageJ, 'energy.leakageJ')],
    ['mean power', unitCell(power.averageW, 'W', 'power.averageW')],
    ['area', areaCell(area.totalMm2, 'area.totalMm2')],
    ['energy efficiency', gopsCell(efficiency.gopsPerW, '/W', 'efficiency.gopsPerW')],
    ['area efficiency', gopsCell(efficiency.gopsPerMm2, '/mm2', 'efficiency.gopsPerMm2')],
    ['physical arrays', countCell(arrays.physical, 'arrays.physical')],
    ...(endurance === null || endurance.firstWornS === null
      ? []
      : [['first cells worn out after', lifespanCell(endurance.firstWornS, 'endurance.firstWornS')] as [string, Cell]]),
    ...(device === null || device.drift === null
      ? []
      : [
          ['5 % of conductance lost after', lifespanCell(device.drift.lost5PercentS, 'device.drift.lost5PercentS')] as [
            string,
            Cell,
          ],
        ]),
    ['effective utilization', shareCell(utilization.effective, 'utilization.effective')],
    ['neuron buffers', unitCell(storage.neuronBits, 'bit', 'storage.neuronBits')],
    ['mask buffers', unitCell(storage.maskBits, 'bit', 'storage.maskBits')],
    ['error buffers', unitCell(storage.errorBits, 'bit', 'storage.errorBits')],
  ];
  return {
    id: 'summary',
    title: 'Summary',
    caption:
      `${sentence(result)} Throughput counts two operations for each multiply-accumulate of the forward pass, ` +
      `whatever else a training or an attack computes.\n\nEvery number on this page is in result.json at full ` +
      `precision; a table's heading sorts it, its button saves it with exact values in SI units (areas in mm²).`,
    figures: [],
    tables: [
      {
        id: 'summary-figures',
        title: 'Main figures',
        columns: [textColumn('what', 'what'), numberColumn('value', 'value')],
        rows: rows.map(([what, value]) => [textCell(what), value]),
      },
    ],
  };
}
