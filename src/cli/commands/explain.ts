// `xbarflow explain RESULT [KEY]`: how a figure of a run, or a ratio of a comparison, came about.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../../config/reading.node.js';
import { UserError, suggestion } from '../../config/index.js';
import { METRICS, knobDifferences, type Comparison } from '../../experiment/index.js';
import {
  ofFile,
  below,
  bookOf,
  checkParts,
  RESULT_SCHEMA,
  isResult,
  explain as explainFigure,
  explainChange,
  explanationText,
  listText,
  ratioText,
  type Book,
  type Extent,
  type Figure,
  type RatioExplanation,
} from '../../explain/index.js';
import { toCsv } from '../../report/index.js';
import type { Result } from '../../simulation/index.js';
import { command } from '../command.js';
import type { FlagsOf } from '../flag-types.js';
import { wholeFlag, type COMMON_FLAGS } from '../flags.js';
import { print, terminalStyle } from '../output.js';
import { isRecord } from '../../config/typed.js';

const ARGUMENTS = {
  result: {
    type: 'string',
    demandOption: true,
    describe: 'result.json, compare.json, a folder that --out wrote, or a point of a sweep: FOLDER#20',
  },
  key: {
    type: 'string',
    describe: 'A figure, e.g. energy.totalJ, layers.conv1.energy, stalls.unit (default: list them)',
  },
} as const;
const FLAGS = {
  design: {
    type: 'string',
    requiresArg: true,
    describe: 'Comparisons: explain the figure of one design instead of its ratio',
  },
  depth: { type: 'number', requiresArg: true, default: 4, describe: 'Levels of the tree' },
  all: { type: 'boolean', default: false, describe: 'All levels and all parts' },
  json: { type: 'boolean', default: false, describe: 'As --format json' },
} as const;
type ExplainFlags = FlagsOf<typeof COMMON_FLAGS & typeof ARGUMENTS & typeof FLAGS>;

const COMPARISON = 'xbarflow/compare@1';

type Explained = { results: [Result]; comparison: null } | { results: Result[]; comparison: Comparison };

/** A result or comparison from its file, or from the folder that `--out` wrote. */
function read(path: string): Explained {
  const file =
    existsSync(path) && statSync(path).isDirectory()
      ? ['result.json', 'compare.json'].map((name) => join(path, name)).find((name) => existsSync(name))
      : path;
  if (file === undefined)
    throw new UserError(
      `${path}: has no result.json and no compare.json, expected a folder that run or compare wrote with --out`,
    );
  if (!existsSync(file))
    throw new UserError(
      `${file}: there is no such file, expected a result.json or compare.json, or the folder that --out wrote`,
    );
  const given = readJson(file);
  const explained: Explained | null = isResult(given)
    ? { results: [given], comparison: null }
    : isComparison(given)
      ? { results: given.results, comparison: given }
      : null;
  if (explained === null) {
    const schema = isRecord(given) ? (given.schema ?? null) : null;
    throw new UserError(`${file}: schema: found ${JSON.stringify(schema)}, expected ${RESULT_SCHEMA} or ${COMPARISON}`);
  }
  for (const result of explained.results) checkParts(result, file);
  return explained;
}

const isComparison = (given: unknown): given is Comparison => isRecord(given) && given.schema === COMPARISON;

/** The result of a sweep's point, simulated again; undefined where a file or folder is named. */
async function pointResult(flags: ExplainFlags): Promise<Explained | undefined> {
  if (!flags.result.includes('#')) return undefined;
  const { pointName } = await import('../../experiment/sweep/point-run.js');
  if (pointName(flags.result) === undefined) return undefined;
  const { loadAnyNetwork, simulateLoaded } = await import('../runs.js');
  const run = await loadAnyNetwork(flags.result, { ...flags, set: [], shape: [], exact: false, check: false });
  return { results: [simulateLoaded(run, flags).result], comparison: null };
}

function explainRead({ results, comparison }: Explained, flags: ExplainFlags): void {
  const { design } = flags;
  const names = results.map(({ architecture }) => architecture);
  if (design !== undefined && !names.includes(design))
    throw new UserError(
      `--design ${design}: is not in ${flags.result}, expected one of ${names.join(', ')}${suggestion(design, names)}`,
    );
  const single = comparison === null ? results[0] : results.find(({ architecture }) => architecture === design);
  if (single !== undefined) explainOne(bookOf(single), flags);
  else if (comparison !== null) explainRatios(comparison, flags);
}

const extentOf = ({ all, depth }: ExplainFlags): Extent =>
  all ? { depth: Infinity, parts: Infinity } : { depth, parts: 6 };

function explainOne(book: Book, flags: ExplainFlags): void {
  const style = terminalStyle();
  const { key } = flags;
  const branch = key === undefined ? [...book.values()] : book.has(key) ? [] : below(book, key);
  if (branch.length > 0) {
    printList(branch, flags, () => listText(branch, style, key !== undefined || flags.all));
    return;
  }
  const explanation = explainFigure(book, key!);
  if (flags.format === 'json') print(JSON.stringify(explanation, null, 2));
  else if (flags.format === 'csv')
    print(
      toCsv(
        Object.entries({ [explanation.key]: explanation.derivation, ...explanation.figures }).map(
          ([name, { value, unit, op, says, parts }]) => ({
            key: name,
            value,
            unit,
            op,
            says,
            parts: parts.map((part) => part.name).join(' '),
          }),
        ),
      ),
    );
  else print(explanationText(explanation, style, extentOf(flags)));
}

function explainRatios(comparison: Comparison, flags: ExplainFlags): void {
  const baseline = comparison.results.find(({ architecture }) => architecture === comparison.baseline)!;
  const book = bookOf(baseline);
  const { key } = flags;
  if (key === undefined) {
    const figures = METRICS.flatMap((metric) => [...book.values()].filter((figure) => figure.key === metric.key));
    printList(
      figures,
      flags,
      () =>
        `${listText(figures, terminalStyle(), true)}\nand every figure of a result; values are of ` +
        comparison.baseline,
    );
    return;
  }
  const explained = comparison.results
    .filter((result) => result !== baseline)
    .map((result): RatioExplanation => {
      const { places } = result;
      return {
        schema: 'xbarflow/explain-ratio@1',
        design: result.architecture,
        baseline: baseline.architecture,
        ...explainChange(bookOf(result), book, key),
        knobs: knobDifferences(result, baseline).map((knob) => ({
          ...knob,
          baselineAt: baseline.places.config[knob.key] ?? null,
          at: places.config[knob.key] ?? null,
        })),
      };
    });
  if (flags.format === 'json') print(JSON.stringify(explained, null, 2));
  else if (flags.format === 'csv')
    print(
      toCsv(
        explained.map(({ key: figure, design, change }) => ({
          key: figure,
          design,
          baseline: change.baseline,
          value: change.value,
          ratio: change.ratio,
        })),
      ),
    );
  else print(explained.map((ratio) => ratioText(ratio, terminalStyle(), extentOf(flags))).join('\n\n'));
}

function printList(figures: readonly Figure[], { format }: ExplainFlags, text: () => string): void {
  const rows = figures.map(({ key, value, unit, says }) => ({ key, value, unit, says }));
  if (format === 'json') print(JSON.stringify(rows, null, 2));
  else if (format === 'csv') print(toCsv(rows));
  else print(text());
}

/** `xbarflow explain`. */
export const explainCommand = command({
  usage: 'explain <result> [key]',
  describe: 'How a figure came about: counts, energy or time of each action, constants with their sources',
  order: 80,
  arguments: ARGUMENTS,
  flags: FLAGS,
  run: async (given) => {
    wholeFlag('depth', given.depth, 0);
    const flags = given.json ? ({ ...given, format: 'json' } as const) : given;
    const point = await pointResult(flags);
    ofFile(flags.result, () => {
      explainRead(point ?? read(flags.result), flags);
    });
  },
});
