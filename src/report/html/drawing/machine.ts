// The machine as a drawing, from its result alone: layers down, forward, backward and gradient stages side by side,
// buffers between them.

import type { Result } from '../../../simulation/index.js';
import { count } from '../../../config/numbers.js';
import { ORANGE } from '../charts/theme.js';
import type { Figure } from '../sections.js';
import { bufferBoxes, stageBoxes, tint } from './boxes.js';
import { planOf, type Plan } from './layout.js';
import { paths } from './paths.js';
import { box, drawing, label } from './shapes.js';

/** Pixels below which the legend has a line of its own. */
const NARROW = 600;

/** A drawing of the machine of a result. */
export function machineFigure(result: Result, id = 'machine'): Figure {
  const plan = planOf(result);
  const { width, height, rows, gap } = plan;
  const parts = [...legend(plan), ...headings(plan), ...paths(plan), ...stageBoxes(plan), ...bufferBoxes(plan)];
  return {
    id,
    title: `${result.architecture} on ${result.network}`,
    width,
    height,
    cuts: rows.slice(1).map(({ y }) => y - gap / 2),
    svg: drawing(
      width,
      height,
      `The machine ${result.architecture} on ${result.network}: stages, arrays, buffers and paths`,
      parts,
    ),
    caption: caption(plan),
  };
}

function caption({ result, has, form, compact, lanes }: Plan): string {
  const arrays =
    result.arrays.physical === 0
      ? 'There are no crossbars: the stages take turns on shared digital units.'
      : compact
        ? `A logical array is ${count(form.slices * form.signs)} physical ` +
          `ones${form.signs === 2 ? ', for the slices of positive and of negative weights' : ''}; G is the ` +
          'number of copies of a layer.'
        : 'A square is one array: ' +
          `${form.signs === 2 ? 'full for positive, pale for negative weights, ' : ''}side by side the slices ` +
          `of a weight's bits; cards behind it are tiles and copies (G).`;
  const masks = result.buffers.some(({ kind }) => kind === 'masks');
  const keptKinds = `d outputs${masks ? ', m masks' : ''}${has('B') ? ', e errors' : ''}`;
  return [
    'Blue: forward, down the ' +
      `layers${lanes.forward.length > 0 ? '; lines at the left go to layers that do not follow' : ''}.`,
    ...(has('B')
      ? [
          'Red: backward, up again with the errors ' +
            `e${lanes.errors.length > 0 ? '; lines at the right go to layers that do not follow' : ''}.`,
        ]
      : []),
    ...(has('G') ? ['Green: gradients, from kept outputs d and errors e.'] : []),
    arrays,
    `Small boxes: what is kept (${keptKinds}), entries × size of an entry` +
      (compact ? '' : ', a tick for each entry') +
      `${lanes.kept.length > 0 ? '; dashed lines lead to the backward stages that need it' : ''}.`,
    ...(has('B') && result.arrays.physicalByUse.backward === 0 && result.arrays.physical > 0
      ? ['Dashed red: the backward pass takes turns on the forward arrays, read the other way round.']
      : []),
    ...(has('X') ? ['Pink: the perturbation of the attacked image.'] : []),
    ...(has('U') ? ['Pink: the update of the weights, once a batch.'] : []),
    'Fill: share of the run in which the stage ' +
      `works${result.stalls.unit > 0 ? ' (waits for shared units not counted)' : ''}.`,
  ].join(' ');
}

function legend({ width }: Plan): string[] {
  const x = width - 210;
  const y = width < NARROW ? 24 : 6;
  return [
    label(x - 6, y + 10, 'stage works 0 %', { size: 10, anchor: 'end' }),
    ...Array.from({ length: 10 }, (_, i) =>
      box(x + i * 14, y, 14, 12, { fill: ORANGE, fillOpacity: tint((i + 0.5) / 10) }),
    ),
    label(x + 146, y + 10, '100 %', { size: 10 }),
  ];
}

function headings({ result, has, left, width }: Plan): string[] {
  const at = (x: number, pass: string, text: string): string[] =>
    has(pass) ? [label(x + 52, 92, text, { bold: true, size: 12 })] : [];
  return [
    ...at(left.F, 'F', 'forward'),
    label(left.middle, 92, 'kept in buffers', { bold: true, size: 12 }),
    ...at(left.B, 'B', 'backward'),
    ...at(left.G, 'G', 'gradient'),
    label(4, 16, result.architecture, {
      bold: true,
      size: 13,
      fits: Math.floor((width - (width < NARROW ? 10 : 340)) / 9),
    }),
  ];
}
