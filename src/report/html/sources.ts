// What a result rests on: its constants with their sources, the assumptions among them, and the whole config.

import { count } from '../../config/numbers.js';
import { formatQuantity } from '../../config/index.js';
import type { Result, ResultConstant } from '../../simulation/index.js';
import { numberColumn, textCell, textColumn, typeset } from './cells.js';
import type { Cell, Section } from './sections.js';

/** The end of every report: constants, placeholders, sources, config. `path` is where the result stands in its file. */
export function sourcesSection(result: Result, path = '', id = 'sources'): Section {
  const { constants, placeholders, config } = result;
  const assumed =
    placeholders.length === 0
      ? 'All of them have a source.'
      : `${count(placeholders.length)} of them are placeholders: nothing is published, so a value was assumed ` +
        'as the note says; figures that rest on them hold for comparison more than as absolute values. To replace ' +
        'one, set its key in a config.';
  return {
    id,
    title: path === '' ? 'Config and sources' : `Config and sources: ${result.architecture}`,
    caption:
      `The run rests on ${count(constants.length)} constants. ${assumed} Where a figure comes from, down to counts, ` +
      'constants and their lines: xbarflow explain RESULT KEY, with the folder of this report and a key such as ' +
      'energy.totalJ.',
    figures: [],
    tables: [
      {
        id: `${id}-constants`,
        title: 'Constants',
        columns: [
          textColumn('key', 'key'),
          numberColumn('value', 'value'),
          textColumn('placeholder', 'placeholder'),
          textColumn('source', 'source or assumption'),
          textColumn('at', 'written in'),
        ],
        rows: constants.map((constant, i) => [
          textCell(constant.key),
          constantCell(constant, `${path}constants[${i}].value`),
          textCell(constant.placeholder ? 'placeholder' : ''),
          textCell([constant.source, constant.note].filter((part) => part !== null).join('; ')),
          textCell(constant.at),
        ]),
      },
    ],
    details: { title: 'The whole config, with presets resolved', text: JSON.stringify(config, null, 2) },
  };
}

function constantCell({ key, value }: ResultConstant, path: string): Cell {
  if (typeof value === 'object') {
    if ('seconds' in value)
      return { text: typeset(formatQuantity(value.seconds, 'time')), value: value.seconds, path: `${path}.seconds` };
    return { text: `${count(value.cycles)} cycles`, value: value.cycles, path: `${path}.cycles` };
  }
  const text = key.includes('.energy')
    ? formatQuantity(value, 'energy')
    : /[aA]rea$/.test(key)
      ? value > 0 && value < 1e-6
        ? `${Number((value * 1e12).toPrecision(4))} nm2`
        : formatQuantity(value, 'area')
      : key.endsWith('leakage')
        ? formatQuantity(value, 'power')
        : count(value);
  return { text: typeset(text), value, path };
}
