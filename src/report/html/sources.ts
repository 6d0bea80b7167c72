// What results rest on: assumptions in sight, all constants with their sources once for all designs, the whole config.

import { count } from '../../config/numbers.js';
import { formatQuantity } from '../../config/index.js';
import { dimensionOfKey } from '../../run-config/index.js';
import { assumedBehind } from '../../result/verdict-cost.js';
import type { Result, ResultConstant } from '../../simulation/index.js';
import { shareWords } from '../verdict-words.js';
import { numberColumn, textCell, textColumn, typeset } from './table-cells.js';
import type { Cell, Section, TableData } from './sections.js';

/** Where the results stand in the JSON file of the page. */
const pathOf = (results: readonly Result[], design: number): string =>
  results.length === 1 ? '' : `results[${design}].`;

/** The end of every report: assumptions, constants, sources, config. */
export function sourcesSection(results: readonly Result[]): Section {
  const keys = [...new Set(results.flatMap(({ constants }) => constants.map(({ key }) => key)))];
  const assumed = keys.filter((key) =>
    results.some(({ constants }) => constants.some((constant) => constant.key === key && constant.placeholder)),
  );
  return {
    id: 'sources',
    title: 'Assumptions and sources',
    caption:
      `${results.length === 1 ? 'The run rests' : 'The designs rest'} on ${count(keys.length)} constants. ` +
      (assumed.length === 0
        ? 'All of them have a source.'
        : `${count(assumed.length)} of them are placeholders: nothing is published, so a value was assumed; figures ` +
          'that rest on them hold for comparison more than as absolute values. To replace one, set its key in a ' +
          'config.') +
      ' Where a figure comes from, down to counts, constants and their lines: xbarflow explain RESULT KEY, with the ' +
      'folder of this report and a key such as energy.totalJ.',
    figures: [],
    tables: [...(assumed.length === 0 ? [] : [assumptionTable(results, assumed)]), constantTable(results, keys)],
    details: {
      title: 'The whole config, with presets resolved',
      text: results
        .map(({ architecture, config }) =>
          results.length === 1
            ? JSON.stringify(config, null, 2)
            : `${architecture}\n${JSON.stringify(config, null, 2)}`,
        )
        .join('\n\n'),
    },
  };
}

/** A column a design: the constant's value there. */
const valueColumns = (results: readonly Result[]) =>
  results.length === 1
    ? [numberColumn('value', 'value')]
    : results.map(({ architecture }) => numberColumn(architecture, architecture));

const valueCells = (results: readonly Result[], key: string): Cell[] =>
  results.map(({ constants }, design) => {
    const at = constants.findIndex((constant) => constant.key === key);
    return at < 0
      ? { text: '-', value: null }
      : constantCell(constants[at]!, `${pathOf(results, design)}constants[${at}].value`, results.length > 1);
  });

const noteOf = (results: readonly Result[], key: string, of: (constant: ResultConstant) => string): string =>
  [...new Set(results.flatMap(({ constants }) => constants.filter((constant) => constant.key === key).map(of)))]
    .filter((text) => text !== '')
    .join('; ');

/** What a constant is taken from, and what there is to say of it. */
const basis = ({ source, note }: ResultConstant): string => [source, note].filter((part) => part !== null).join('; ');

/** The placeholders alone, in sight, with what rests on each; the weightiest first. */
function assumptionTable(results: readonly Result[], keys: readonly string[]): TableData {
  const behind = results.map(assumedBehind);
  const sharesOf = (key: string): [figure: string, share: number][] =>
    (['time', 'energy', 'area'] as const).map((figure) => [
      figure,
      Math.max(...behind.map((shares) => shares[figure].get(key) ?? 0)),
    ]);
  const most = (key: string): number => Math.max(...sharesOf(key).map(([, share]) => share));
  const behindText = (key: string): string =>
    sharesOf(key)
      .filter(([, share]) => share > 0)
      .map(([figure, share]) => `${shareWords(Math.min(1, share))} of the ${figure}`)
      .join(', ');
  return {
    id: 'assumptions',
    title: 'Assumptions',
    open: true,
    columns: [
      textColumn('key', 'key'),
      ...valueColumns(results),
      textColumn('behind', results.length === 1 ? 'is behind' : 'is behind, at most'),
      textColumn('note', 'assumption'),
    ],
    rows: [...keys]
      .sort((a, b) => most(b) - most(a))
      .map((key) => [
        textCell(key),
        ...valueCells(results, key),
        textCell(behindText(key) || 'none of the three'),
        textCell(typeset(noteOf(results, key, basis))),
      ]),
  };
}

const constantTable = (results: readonly Result[], keys: readonly string[]): TableData => ({
  id: 'constants',
  title: 'All constants',
  columns: [
    textColumn('key', 'key'),
    ...valueColumns(results),
    textColumn('source', 'source or assumption'),
    textColumn('at', 'written in'),
  ],
  rows: keys.map((key) => [
    textCell(key),
    ...valueCells(results, key),
    textCell(
      typeset(
        noteOf(results, key, (constant) =>
          [...(constant.placeholder ? ['placeholder'] : []), basis(constant)].filter((part) => part !== '').join('; '),
        ),
      ),
    ),
    textCell(noteOf(results, key, ({ at }) => at)),
  ]),
});

/** What constants without a unit count. */
const COUNTED: Record<string, string> = { 'device.endurance': 'writes', 'device.write.pulses': 'pulses' };

function constantCell({ key, value, placeholder }: ResultConstant, path: string, marks: boolean): Cell {
  const mark = marks && placeholder ? { assumed: true } : {};
  if (typeof value === 'object') {
    if ('seconds' in value)
      return {
        text: typeset(formatQuantity(value.seconds, 'time')),
        value: value.seconds,
        path: `${path}.seconds`,
        ...mark,
      };
    return { text: `${count(value.cycles)} cycles`, value: value.cycles, path: `${path}.cycles`, ...mark };
  }
  const dimension = dimensionOfKey(key);
  const text =
    dimension === undefined
      ? `${count(value)} ${COUNTED[key] ?? ''}`.trim()
      : dimension === 'area' && value > 0 && value < 1e-6
        ? `${Number((value * 1e12).toPrecision(4))} nm2`
        : formatQuantity(value, dimension);
  return { text: typeset(text), value, path, ...mark };
}
