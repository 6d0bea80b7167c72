// The first screen of a run's page: the verdict in the words of the terminal, the main figures folded below.

import { formatEngineering, formatQuantity } from '../../config/index.js';
import { plainNumber } from '../../config/numbers.js';
import type { Uncertainty } from '../../result/uncertainty-types.js';
import type { Result } from '../../simulation/index.js';
import { headlines, restsText, shareWords } from '../verdict-words.js';
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
} from './table-cells.js';
import type { Cell, Lead, Section } from './sections.js';

/** The verdict; with intervals over the assumptions where they were drawn. */
export function verdictSection(result: Result, uncertainty: Uncertainty | null): Section {
  return {
    id: 'verdict',
    title: 'Verdict',
    lead: leadOf(result, uncertainty),
    caption:
      '* rests on placeholder constants by 1 % or more; the assumptions are listed at the end. Throughput and ' +
      'efficiency count two operations for each multiply-accumulate of the forward pass, whatever else a training or ' +
      'an attack computes. Every number on this page is in result.json at full precision; folded tables open with a ' +
      'click, sort by their headings and save as CSV in SI units (areas in mm²).',
    figures: [],
    tables: [mainFigures(result)],
  };
}

const written = (value: number, unit: string): string =>
  unit === 's'
    ? formatQuantity(value, 'time')
    : unit === 'J'
      ? formatQuantity(value, 'energy')
      : `${plainNumber(value)} ${unit}`.trim();

/** The headlines, what sets each, how far from the ideal, what to try. */
export function leadOf(result: Result, uncertainty: Uncertainty | null): Lead {
  const { verdict, notes } = result;
  const bracketOf = (path: string): string => {
    const interval = uncertainty?.headlines.find(({ key }) => key === path);
    if (interval === undefined) return '';
    const { low, high, unit } = interval;
    return low === high
      ? 'the same over all assumptions'
      : typeset(`${written(low, unit)} to ${written(high, unit)} over its assumptions (95 %)`);
  };
  const { idealShare, idealS, peak } = verdict;
  return {
    headlines: headlines(result).map(({ label, figure, beside, assumed, path }) => ({
      label,
      figure: {
        text: typeset(assumed ? figure.replace(/\*$/, '') : figure),
        value: valueAt(result, path),
        ...(assumed ? { assumed } : {}),
        path,
      },
      beside: typeset(beside),
      bracket: bracketOf(path),
    })),
    says: [
      { label: 'time set by', text: verdict.timeSetBy },
      { label: 'energy goes to', text: verdict.energyGoesTo },
      { label: 'area is', text: verdict.areaIs },
      { label: 'assumed *', text: restsText(result) },
      ...notes.map(({ text }) => ({ label: 'note', text })),
    ].map(({ label, text }) => ({ label, text: typeset(text) })),
    bars: [
      {
        label: 'of ideal',
        share: idealShare,
        text: typeset(
          `${shareWords(idealShare)} of the steady state alone, without fill, drain and waits: ` +
            formatQuantity(Number(idealS.toPrecision(4)), 'time'),
        ),
      },
      ...(peak === null
        ? []
        : [
            {
              label: 'of peak',
              share: peak.gopsShare,
              text: `${shareWords(peak.gopsShare)} of the arrays' ${formatEngineering(peak.gops * 1e9, 'OPS')}`,
            },
            {
              label: 'of peak by watt',
              share: peak.gopsPerWShare,
              text:
                `${shareWords(peak.gopsPerWShare)} of the chip's ${plainNumber(peak.gopsPerW)} GOPS/W` +
                (peak.gopsPerWShare > 1 ? ' (idle units draw nothing here)' : ''),
            },
          ]),
    ],
    next: verdict.next.map(({ command, why }) => ({ command, why: typeset(why) })),
  };
}

/** The number at `energy.totalJ`. */
function valueAt(result: Result, path: string): number | null {
  const value = path
    .split('.')
    .reduce<unknown>(
      (at, key) =>
        typeof at === 'object' && at !== null ? Object.entries(at).find(([name]) => name === key)?.[1] : undefined,
      result,
    );
  return typeof value === 'number' ? value : null;
}

function mainFigures(result: Result): Section['tables'][number] {
  const { time, throughput, energy, power, area, efficiency, arrays, utilization, storage, endurance, device } = result;
  const row = (what: string, cell: Cell): [string, Cell] => [what, cell];
  const rows = [
    row('time of the run', timeCell(time.totalS, 'time.totalS')),
    row('time for an image', timeCell(time.perImageS, 'time.perImageS')),
    row('first result after', timeCell(time.firstResultS, 'time.firstResultS')),
    ...(time.logicalCycles === null
      ? []
      : [
          row('logical cycles', countCell(time.logicalCycles, 'time.logicalCycles')),
          row('mean length of a cycle', timeCell(time.logicalCycleS, 'time.logicalCycleS')),
        ]),
    row('images a second', plainCell(throughput.imagesPerS, '', 'throughput.imagesPerS')),
    row('throughput', gopsCell(throughput.gops, '', 'throughput.gops')),
    row('energy of the run', energyCell(energy.totalJ, 'energy.totalJ')),
    row('energy for an image', energyCell(energy.perImageJ, 'energy.perImageJ')),
    row('leakage', energyCell(energy.leakageJ, 'energy.leakageJ')),
    row('mean power', unitCell(power.averageW, 'W', 'power.averageW')),
    row('area', areaCell(area.totalMm2, 'area.totalMm2')),
    row('power density', plainCell(power.averageW / area.totalMm2, 'W/mm²')),
    row('energy efficiency', gopsCell(efficiency.gopsPerW, '/W', 'efficiency.gopsPerW')),
    row('area efficiency', gopsCell(efficiency.gopsPerMm2, '/mm2', 'efficiency.gopsPerMm2')),
    row('physical arrays', countCell(arrays.physical, 'arrays.physical')),
    ...(endurance === null || endurance.firstWornS === null
      ? []
      : [
          row('first cells worn out after', lifespanCell(endurance.firstWornS, 'endurance.firstWornS')),
          ...endurance.scenarios.map(({ ratedWrites, firstWornS }, i) =>
            row(
              `... rated ${formatEngineering(ratedWrites, 'writes')} (assumed)`,
              lifespanCell(firstWornS, `endurance.scenarios.${i}.firstWornS`),
            ),
          ),
        ]),
    ...(device === null || device.drift === null
      ? []
      : [row('5 % of conductance lost after', lifespanCell(device.drift.lost5PercentS, 'device.drift.lost5PercentS'))]),
    row('effective utilization', shareCell(utilization.effective, 'utilization.effective')),
    row('neuron buffers', unitCell(storage.neuronBits, 'bit', 'storage.neuronBits')),
    row('mask buffers', unitCell(storage.maskBits, 'bit', 'storage.maskBits')),
    row('error buffers', unitCell(storage.errorBits, 'bit', 'storage.errorBits')),
  ];
  return {
    id: 'summary-figures',
    title: 'Main figures',
    columns: [textColumn('what', 'what'), numberColumn('value', 'value')],
    rows: rows.map(([what, value]) => [textCell(what), value]),
  };
}
