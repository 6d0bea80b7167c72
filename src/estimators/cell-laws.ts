// Laws of cells and of arrays of them.

import { arrayAreaPerBit, arrayWriteEnergy, cellArea, cellReadEnergy, cellWriteEnergy } from './cells.js';
import { HIGHEST, LOWEST, NODE, READ_VOLTAGE, num, type Law } from './law.js';

/** Laws of cells by their names. */
export const CELL_LAWS: Record<string, Law> = {
  'cell-read-energy': {
    description: "Energy of reading a cell: V^2 G t at the mean conductance, or a series column's share",
    source: "Ohm's law on the device's resistances",
    placeholder: false,
    result: 'energy',
    arguments: {
      readVoltage: READ_VOLTAGE,
      on: LOWEST,
      off: HIGHEST,
      time: { description: 'Time of a slot', dimension: 'time', from: 'device.read.latency' },
      summation: {
        description: 'current or resistance',
        choice: ['current', 'resistance'],
        from: 'crossbar.summation',
      },
      rows: { description: 'Cells of a column', number: true, from: 'crossbar.rows' },
    },
    evaluate: (v) =>
      cellReadEnergy(
        { voltage: num(v, 'readVoltage'), on: num(v, 'on'), off: num(v, 'off') },
        num(v, 'time'),
        v.summation === 'resistance' ? 'resistance' : 'current',
        num(v, 'rows'),
      ),
  },
  'array-read-energy': {
    description:
      'Energy of reading an array, from that of another: as its cells, the share driven, and the time of a slot',
    source: 'V^2 G t of every driven cell',
    placeholder: false,
    result: 'energy',
    arguments: {
      of: { description: 'The published energy', dimension: 'energy' },
      rowsOf: { description: 'Its rows', number: true },
      columnsOf: { description: 'Its columns', number: true },
      densityOf: { description: 'Its share of ones', share: true, otherwise: 0.5 },
      timeOf: { description: 'Its time of a slot', dimension: 'time' },
      rows: { description: 'Cells of a column', number: true, from: 'crossbar.rows', ofLayer: 'rows' },
      columns: { description: 'Cells of a row', number: true, from: 'crossbar.columns' },
      density: {
        description: 'Share of rows that are driven',
        share: true,
        from: 'inputs.density',
        ofLayer: 'density',
      },
      time: { description: 'Time of a slot', dimension: 'time', from: 'device.read.latency' },
    },
    evaluate: (v) =>
      num(v, 'of') *
      ((num(v, 'rows') * num(v, 'columns')) / (num(v, 'rowsOf') * num(v, 'columnsOf'))) *
      (num(v, 'density') / num(v, 'densityOf')) *
      (num(v, 'time') / num(v, 'timeOf')),
  },
  'cell-write-energy': {
    description: 'Energy of one pulse on a cell: V^2 G t at the mean conductance',
    source: "MLP+NeuroSim V3.0 on the device's voltage and resistances",
    placeholder: false,
    result: 'energy',
    arguments: {
      writeVoltage: { description: 'Write voltage', dimension: 'voltage', from: 'device.writeVoltage' },
      on: LOWEST,
      off: HIGHEST,
      time: { description: 'Time of a pulse', dimension: 'time', from: 'device.write.latency' },
    },
    evaluate: (v) =>
      cellWriteEnergy({ voltage: num(v, 'writeVoltage'), on: num(v, 'on'), off: num(v, 'off') }, num(v, 'time')),
  },
  'cell-area': {
    description: 'Area of a cell by its F2 and the node',
    source: 'F2 of the device at the node of the chip',
    placeholder: false,
    result: 'area',
    arguments: { features: { description: 'Area in F2', number: true }, node: NODE },
    evaluate: (v) => cellArea(num(v, 'features'), num(v, 'node')),
  },
  'array-write-energy': {
    description: "Energy of writing a word of an array used as memory: its cells and the array's periphery",
    source: "NVMExplorer's STT-MRAM arrays: 64 cells and about 7.3 pJ",
    placeholder: false,
    result: 'energy',
    arguments: {
      bits: { description: 'Bits of the word', number: true, from: 'buffers.wordBits' },
      cell: { description: 'Energy of one bit', dimension: 'energy', from: 'device.write.energy' },
      periphery: { description: 'Energy of the periphery', dimension: 'energy' },
    },
    evaluate: (v) => arrayWriteEnergy(num(v, 'bits'), num(v, 'cell'), num(v, 'periphery')),
  },
  'array-write-time': {
    description: "Time of writing a word of an array used as memory: a pulse and the array's periphery",
    source: "NVMExplorer's STT-MRAM arrays: 0.4 to 0.6 ns beside the pulse",
    placeholder: false,
    result: 'time',
    arguments: {
      pulse: { description: 'Time of a pulse', dimension: 'time', from: 'device.write.latency' },
      periphery: { description: 'Time of the periphery', dimension: 'time' },
    },
    evaluate: (v) => num(v, 'pulse') + num(v, 'periphery'),
  },
  'array-area-per-bit': {
    description: 'Area a bit of an array used as memory: a cell and its share of the periphery',
    source: "NVMExplorer's STT-MRAM arrays: 0.178 mm2 beside the cells of 2 MB at 22 nm",
    placeholder: false,
    result: 'area',
    arguments: { cell: { description: 'Area of a cell', dimension: 'area', from: 'device.cellArea' }, node: NODE },
    evaluate: (v) => arrayAreaPerBit(num(v, 'cell'), num(v, 'node')),
  },
};
