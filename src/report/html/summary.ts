// The figures that everybody asks for first.

import type { Result } from '../../simulation/index.js';
import { areaCell, countCell, energyCell, gopsCell, numberColumn, shareCell, textCell, textColumn, timeCell, unitCell } from './cells.js';
import type { Cell, Figure, Section } from './sections.js';

/** The first section of a run's report, beside its drawing. */
export function summarySection(result: Result, figures: Figure[]): Section {
  const { time, throughput, energy, power, area, efficiency, arrays, utilization, storage } = result;
  const cycles: [string, Cell][] = time.logicalCycles === null ? [] : [['logical cycles', countCell(time.logicalCycles, 'time.logicalCycles')], ['mean length of a cycle', timeCell(time.logicalCycleS, 'time.logicalCycleS')]];
  const rows: [string, Cell][] = [
    ['time of the run', timeCell(time.totalS, 'time.totalS')],
    ['time for an image', timeCell(time.perImageS, 'time.perImageS')],
    ['first result after', timeCell(time.firstResultS, 'time.firstResultS')],
    ...cycles,
    ['images a second', unitCell(throughput.imagesPerS, 'images/s', 'throughput.imagesPerS')],
    ['throughput', gopsCell(throughput.gops, '', 'throughput.gops')],
    ['energy of the run', energyCell(energy.totalJ, 'energy.totalJ')],
    ['energy for an image', energyCell(energy.perImageJ, 'energy.perImageJ')],
    ['leakage', energyCell(energy.leakageJ, 'energy.leakageJ')],
    ['mean power', unitCell(power.averageW, 'W', 'power.averageW')],
    ['area', areaCell(area.totalMm2, 'area.totalMm2')],
    ['energy efficiency', gopsCell(efficiency.gopsPerW, '/W', 'efficiency.gopsPerW')],
    ['area efficiency', gopsCell(efficiency.gopsPerMm2, '/mm2', 'efficiency.gopsPerMm2')],
    ['physical arrays', countCell(arrays.physical, 'arrays.physical')],
    ['effective utilization', shareCell(utilization.effective, 'utilization.effective')],
    ['neuron buffers', unitCell(storage.neuronBits, 'bit', 'storage.neuronBits')],
    ['mask buffers', unitCell(storage.maskBits, 'bit', 'storage.maskBits')],
    ['error buffers', unitCell(storage.errorBits, 'bit', 'storage.errorBits')],
  ];
  return {
    id: 'summary', title: 'Summary',
    caption: 'Throughput counts two operations for each multiply-accumulate of the forward pass. Every number on this page is in result.json at full precision; the CSV files have it too.',
    figures,
    tables: [{ id: 'summary-figures', title: 'Main figures', columns: [textColumn('what', 'what'), numberColumn('value', 'value')], rows: rows.map(([what, value]) => [textCell(what), value]) }],
  };
}
