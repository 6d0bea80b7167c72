// Where each stage's time goes: a row a stage, a column for each part that any has.

import { folded, type Style } from '../../explain/style.js';
import { TIME_PARTS, type Result } from '../../simulation/index.js';
import { percent, time } from '../words.js';
import { table } from './table.js';

/** Digits of a share of a table. */
const SHARE = 1000;

/** Shares of each stage's service by what it spends them on. */
export function timeTable({ stages }: Result, style: Style): string {
  const served = stages.filter(({ serviceS }) => serviceS > 0);
  const shown = TIME_PARTS.filter((part) => served.some(({ partsS }) => partsS[part] > 0));
  const share = (seconds: number, of: number): string =>
    seconds === 0 ? '' : percent(Math.round((SHARE * seconds) / of) / SHARE);
  const rows = served.map(({ name, layer, serviceS, partsS }) => [
    layer === '' ? name : `${name} ${layer}`,
    time(serviceS),
    ...shown.map((part) => share(partsS[part], serviceS)),
  ]);
  const meanings =
    'one service: of an image (U, X, W: of a batch). Its shares: latencies of the chain once, and the interval of ' +
    'the unit that sets the pace for each further wave. array: reads, lines driven. waits: for units of other stages';
  return `${table(['stage', 'one service', ...shown], rows, style)}\n${style.dim(folded(meanings, style.width))}`;
}
