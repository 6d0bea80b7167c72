// The machine as a drawing, from its result alone: layers down, forward, backward and gradient stages side by side,
// buffers between them.

import type { Pass } from '../../../machine/machine-types.js';
import type { Result } from '../../../simulation/index.js';
import { count } from '../../../config/numbers.js';
import type { Drawing, Figure } from '../sections.js';
import { stageBoxes } from './boxes.js';
import { bufferBoxes } from './buffer-boxes.js';
import { planOf, type DrawingOptions, type Plan } from './layout.js';
import { paths } from './paths.js';
import { drawing, label } from './shapes.js';

/** A drawing of the machine of a result, with its form for paper. */
export function machineFigure(result: Result, id = 'machine', options: DrawingOptions = {}): Figure {
  const plan = planOf(result, options);
  const onPaper = planOf(result, { ...options, paper: true });
  return {
    id,
    title: `${result.architecture} on ${result.network}`,
    ...drawn(plan),
    ...(options.paper === true ? {} : { paper: { ...drawn(onPaper), caption: caption(onPaper) } }),
    caption: caption(plan),
  };
}

function drawn(plan: Plan): Drawing {
  const { result, width, height, rows, form } = plan;
  return {
    width,
    height,
    cuts: rows.slice(1).map(({ y }) => y - form.gap / 2),
    svg: drawing(
      width,
      height,
      `The machine ${result.architecture} on ${result.network}: stages, arrays, buffers and paths`,
      [...headings(plan), ...paths(plan), ...stageBoxes(plan), ...bufferBoxes(plan)],
    ),
  };
}

function caption({ result, has, form, arrays: { slices, signs }, lanes, rows, options }: Plan): string {
  const arrays =
    result.arrays.physical === 0
      ? 'There are no crossbars: the stages take turns on shared digital units.'
      : form.name === 'roomy'
        ? 'A square is one array: ' +
          `${signs === 2 ? 'full for positive, pale for negative weights, ' : ''}side by side the slices ` +
          `of a weight's bits; cards behind it are tiles and copies (G).`
        : `In brackets copies × tiles of a layer, or their number; each is ${count(slices * signs)} physical ` +
          `arrays${signs === 2 ? ', for the slices of positive and of negative weights' : ''}.`;
  const masks = result.buffers.some(({ kind }) => kind === 'masks');
  const over = result.buffers.some(({ peakEntries, capacityEntries }) => peakEntries > capacityEntries);
  const keptKinds = `d outputs${masks ? ', m masks' : ''}${has('B') ? ', e errors' : ''}`;
  return [
    'Blue: forward, down the ' +
      `layers${lanes.forward.length > 0 ? '; lines at the left go to layers that do not follow' : ''}.`,
    ...(has('B')
      ? [
          'Orange: backward, up again with the errors ' +
            `e${lanes.errors.length > 0 ? '; lines at the right go to layers that do not follow' : ''}.`,
        ]
      : []),
    ...(has('G') ? ['Green: gradients, from kept outputs d and errors e.'] : []),
    arrays,
    'Steps: waves of input vectors for one image. The bar at the foot of a box, and its percentage, is the share of ' +
      `the run in which the stage works${result.stalls.unit > 0 ? ' (waits for shared units not counted)' : ''}.`,
    `Small boxes: what is kept (${keptKinds}), entries × size of an entry, a bar as long as their bits` +
      (over ? ', an open one for the most that was taken at once where that is more' : '') +
      `${lanes.kept.length > 0 ? '; dashed lines lead to the backward stages that need it' : ''}.`,
    ...(has('B') && result.arrays.physicalByUse.backward === 0 && result.arrays.physical > 0
      ? ['Dashed orange: the backward pass takes turns on the forward arrays, read the other way round.']
      : []),
    ...(rows.some(({ block }) => block !== null)
      ? ['Brackets × n: the block of layers stands n times; the first is drawn, errors and gradients with it.']
      : []),
    ...(options.reference === undefined || options.reference === result
      ? []
      : [`Boxes with a second frame differ from ${options.reference.architecture}'s.`]),
  ].join(' ');
}

function headings({ result, has, left, width, form }: Plan): string[] {
  const y = form.top - 10;
  const at = (x: number, pass: Pass, text: string): string[] =>
    has(pass) ? [label(x + 40, y, text, { bold: true, size: form.head })] : [];
  return [
    ...at(left.F, 'F', 'forward'),
    label(left.middle, y, 'kept', { bold: true, size: form.head }),
    ...at(left.B, 'B', 'backward'),
    ...at(left.G, 'G', 'gradient'),
    label(4, 14, result.architecture, { bold: true, size: form.head + 1, room: width - 10 }),
  ];
}
