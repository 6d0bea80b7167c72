// Laws of what stands at the edges of an array, of its wires, and of a clock that waits for converters.

import { BITS, HIGHEST, LOWEST, NODE, READ_VOLTAGE, num, type Law, type LawArgument, type LawValues } from './law.js';
import { LEVEL_SHIFTER_F2, levelShifter, muxOfLine, rowDecoderArea, settlingTime } from './periphery.js';

const CIRCUITS =
  "sizes of NeuroSim V1.4's circuits (Mux, LevelShifter, RowDecoder; standard cells of 28 F, gate pitch 3.8 F), PTM " +
  'transistors at 300 K, 22 to 65 nm';

const ROADMAP: LawArgument = {
  description: 'lp or hp',
  choice: ['lp', 'hp'],
  from: 'chip.roadmap',
  otherwise: 'lp',
};
const ROWS: LawArgument = { description: 'Cells of a column', number: true, from: 'crossbar.rows' };
const COLUMNS: LawArgument = { description: 'Cells of a row', number: true, from: 'crossbar.columns' };

const roadmapOf = (v: LawValues): 'lp' | 'hp' => (v.roadmap === 'hp' ? 'hp' : 'lp');

const mux = (result: 'energy' | 'area', description: string): Law => ({
  description,
  source: CIRCUITS,
  placeholder: false,
  result,
  arguments: {
    rows: ROWS,
    on: LOWEST,
    off: HIGHEST,
    access: { description: "Access transistor's share of the lowest resistance", share: true, otherwise: 0 },
    readVoltage: READ_VOLTAGE,
    node: NODE,
    roadmap: ROADMAP,
  },
  evaluate: (v) =>
    muxOfLine(
      {
        rows: num(v, 'rows'),
        on: num(v, 'on'),
        off: num(v, 'off'),
        access: num(v, 'access'),
        readVoltage: num(v, 'readVoltage'),
      },
      num(v, 'node'),
      roadmapOf(v),
    )[result],
});

const shifter = (action: 'follow' | 'shift', description: string): Law => ({
  description,
  source: CIRCUITS,
  placeholder: false,
  result: 'energy',
  arguments: {
    node: NODE,
    roadmap: ROADMAP,
    writeVoltage: { description: 'Write voltage', dimension: 'voltage', from: 'device.writeVoltage' },
    columns: COLUMNS,
  },
  evaluate: (v) =>
    levelShifter(num(v, 'node'), roadmapOf(v), { writeVoltage: num(v, 'writeVoltage'), columns: num(v, 'columns') })[
      action
    ],
});

/** Seconds of a conversion in NeuroSim's clock: 1.4 (its sensing factor) of a nanosecond a bit and one more. */
const sarSeconds = (bits: number): number => 1.4e-9 * (bits + 1) + 0.35e-9;

const sarRate = (result: 'sampleRate' | 'frequency', description: string): Law => ({
  description,
  source: 'NeuroSim V1.4, run: 8.75 ns with 5 bits, 12.95 ns with 8; the line through them, 1.4 ns a bit',
  placeholder: false,
  result,
  arguments: { bits: BITS },
  evaluate: (v) => 1 / sarSeconds(num(v, 'bits')),
});

/** Laws of the periphery by their names. */
export const PERIPHERY_LAWS: Record<string, Law> = {
  'mux-energy': mux('energy', 'Energy of leading a line to the converter that it shares'),
  'mux-area': mux('area', 'Area of the transmission gate of a line, sized by the driven cells of its column'),
  'level-shifter-follow-energy': shifter('follow', 'Energy of a driven line that passes its level shifter'),
  'level-shifter-energy': shifter('shift', 'Energy of lifting a line of cells of 1T1R to the write voltage and back'),
  'level-shifter-area': {
    description: "Area of a line's level shifter, silicon-calibrated (1.44 for its wires)",
    source: CIRCUITS,
    placeholder: false,
    result: 'area',
    arguments: { node: NODE },
    evaluate: (v) => LEVEL_SHIFTER_F2 * (num(v, 'node') * 1e3) ** 2,
  },
  'row-decoder-area': {
    description: 'Area of the row decoder of an array: a gate of three inputs and an inverter a row',
    source: CIRCUITS,
    placeholder: false,
    result: 'area',
    arguments: { rows: ROWS, node: NODE },
    evaluate: (v) => rowDecoderArea(num(v, 'rows'), num(v, 'node')),
  },
  'adc-sar-rate': sarRate('sampleRate', 'Conversions a second of a SAR converter by its sensing delay'),
  'adc-sar-clock': sarRate('frequency', 'A clock with a cycle for a conversion of a SAR converter'),
  'array-read-time': {
    description: 'Time of a read: the published one, or what wires take to settle where that is longer',
    source: 'wires of NeuroSim V1.3 by node, 0.2 fF/um, distributed; 7 to 130 nm',
    placeholder: false,
    result: 'time',
    arguments: {
      of: { description: 'The published time', dimension: 'time' },
      rows: ROWS,
      columns: COLUMNS,
      bits: { ...BITS, otherwise: 8 },
      pitch: { description: 'Pitch of the cells in F', number: true, otherwise: 4 },
      node: { ...NODE, otherwise: '32 nm' },
    },
    evaluate: (v) =>
      Math.max(
        num(v, 'of'),
        settlingTime(
          { rows: num(v, 'rows'), columns: num(v, 'columns'), bits: num(v, 'bits'), pitch: num(v, 'pitch') },
          num(v, 'node'),
        ),
      ),
  },
};
