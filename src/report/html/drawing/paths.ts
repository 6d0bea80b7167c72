// The paths of a machine drawing: images, kept values, errors and gradients, from the stages that write a buffer to
// those that read it.

import { lookOf } from '../../colors.js';
import type { Buffer, Plan } from './layout.js';
import { arrow, label, line } from './shapes.js';

const FORWARD = lookOf('pass', 'F').color;
const BACKWARD = lookOf('pass', 'B').color;
const GRADIENT = lookOf('pass', 'G').color;
const PERTURBED = lookOf('pass', 'X').color;

/**
 * Where a buffer's box stands: kept values beside their forward stage (masks below neurons), errors under their row.
 */
export function bufferPlace(
  { left, rows, form }: Plan,
  row: number,
  kind: Buffer['kind'],
): { x: number; y: number; height: number } {
  const { y } = rows[row]!;
  const { box, bufferHeight: height, boxWidth, bufferWidth } = form;
  if (kind === 'errors') return { x: left.B + (boxWidth - bufferWidth) / 2, y: y + box + 3, height };
  return { x: left.middle, y: y + (kind === 'masks' ? height + 3 : 0), height };
}

/** All paths, drawn before the boxes. */
export function paths(plan: Plan): string[] {
  return [
    ...images(plan),
    ...keptPaths(plan),
    ...errorPaths(plan),
    ...gradientPaths(plan),
    ...ends(plan),
    ...blocks(plan),
  ];
}

/** Down the layers: straight to the next, by a lane at the left to later ones. */
function images({ result, rows, left, form, lanes, laneX, rowOf, rowOfStage }: Plan): string[] {
  const x = left.F + 30;
  const { box, upper, top, text } = form;
  const parts = [
    arrow(
      [
        [x, upper + 16],
        [x, top],
      ],
      FORWARD,
    ),
    label(x - 22, upper + 12, 'images', { size: text }),
  ];
  rows.forEach(({ y }, i) => {
    const next = rows[i + 1];
    if (next === undefined) return;
    const reads = result.buffers.some(
      ({ layer, kind, readers }) =>
        kind === 'neurons' && rowOf(layer) === i && readers.some((reader) => rowOfStage(reader) === i + 1),
    );
    if (reads)
      parts.push(
        arrow(
          [
            [x, y + box],
            [x, next.y],
          ],
          FORWARD,
        ),
      );
  });
  for (const { from, to, place } of lanes.forward) {
    const lane = laneX('forward', place);
    parts.push(
      line(
        [
          [left.F, rows[from]!.y + box - 10],
          [lane, rows[from]!.y + box - 10],
          [lane, rows[Math.max(...to)]!.y + 10],
        ],
        FORWARD,
        { width: 1.5 },
      ),
    );
    for (const reader of to)
      parts.push(
        arrow(
          [
            [lane, rows[reader]!.y + 10],
            [left.F, rows[reader]!.y + 10],
          ],
          FORWARD,
          { width: 1.5 },
        ),
      );
  }
  return parts;
}

/** From a forward stage into its buffers, and from these to the backward stages that read them. */
function keptPaths(plan: Plan): string[] {
  const { result, rows, left, lanes, laneX, form } = plan;
  const parts: string[] = [];
  rows.forEach(({ name }, i) => {
    for (const { kind } of result.buffers.filter(({ layer, kind: held }) => layer === name && held !== 'errors')) {
      const { y, height } = bufferPlace(plan, i, kind);
      parts.push(
        arrow(
          [
            [left.F + form.boxWidth, y + height / 2],
            [left.middle, y + height / 2],
          ],
          FORWARD,
          { width: 1 },
        ),
      );
    }
  });
  for (const { from, to, place, below } of lanes.kept) {
    const { y, height } = bufferPlace(plan, from, below ? 'masks' : 'neurons');
    const lane = laneX('kept', place);
    const start = y + height / 2;
    parts.push(
      line(
        [
          [left.middle + form.bufferWidth, start],
          [lane, start],
          [lane, rows[Math.max(...to)]!.y + 8],
        ],
        FORWARD,
        { width: 1, dashed: true },
      ),
    );
    for (const reader of to)
      parts.push(
        arrow(
          [
            [lane, rows[reader]!.y + 8],
            [left.B, rows[reader]!.y + 8],
          ],
          FORWARD,
          { width: 1, dashed: true },
        ),
      );
  }
  return parts;
}

/** Up the layers: straight to the row above, by a lane at the right to earlier ones. */
function errorPaths(plan: Plan): string[] {
  const { result, rows, left, form, lanes, laneX, stageOf, rowOf, rowOfStage } = plan;
  const { box, boxWidth, bufferWidth, text } = form;
  const x = left.B + 18;
  const parts: string[] = [];
  rows.forEach(({ name, y, layers }, i) => {
    const errors = result.buffers.filter(({ layer, kind }) => rowOf(layer) === i && kind === 'errors');
    const place = bufferPlace(plan, i, 'errors');
    const own = stageOf('B', name);
    const next = rows[i + 1];
    if (next !== undefined && errors.some(({ writer }) => rowOfStage(writer) === i + 1)) {
      parts.push(
        own
          ? arrow(
              [
                [x, next.y],
                [x, y + box],
              ],
              BACKWARD,
            )
          : arrow(
              [
                [x, next.y],
                [x, place.y + place.height / 2],
                [place.x, place.y + place.height / 2],
              ],
              BACKWARD,
            ),
      );
    }
    if (
      own &&
      result.arrays.physical > 0 &&
      result.arrays.byLayer[layers[0]!]!.backward.logical === 0 &&
      form.name === 'roomy'
    ) {
      parts.push(
        arrow(
          [
            [left.B, y + 92],
            [left.F + boxWidth, y + 92],
          ],
          BACKWARD,
          { dashed: true, width: 1.5 },
        ),
        label(left.middle + 28, y + 88, 'shared arrays', { size: text }),
      );
    }
  });
  for (const { from, to, place } of lanes.errors) {
    const lane = laneX('errors', place);
    const buffer = bufferPlace(plan, from, 'errors');
    const end: [number, number] = stageOf('B', rows[from]!.name)
      ? [left.B + boxWidth, rows[from]!.y + box - 10]
      : [buffer.x + bufferWidth, buffer.y + buffer.height / 2];
    parts.push(arrow([[lane, rows[Math.max(...to)]!.y + 10], [lane, end[1]], end], BACKWARD, { width: 1.5 }));
    for (const writer of to)
      parts.push(
        line(
          [
            [left.B + boxWidth, rows[writer]!.y + 10],
            [lane, rows[writer]!.y + 10],
          ],
          BACKWARD,
          { width: 1.5 },
        ),
      );
  }
  return parts;
}

/** From the errors of a layer to its gradient stage, and from there to the update. */
function gradientPaths(plan: Plan): string[] {
  const { result, rows, left, form, stageOf } = plan;
  const { box, gap, boxWidth, bufferWidth, upper, small } = form;
  const x = left.G + boxWidth - 16;
  const parts: string[] = [];
  rows.forEach(({ name, y }, i) => {
    if (!stageOf('G', name)) return;
    if (result.buffers.some(({ layer, kind }) => layer === name && kind === 'errors')) {
      const { x: from, y: top, height } = bufferPlace(plan, i, 'errors');
      const middle = top + height / 2;
      parts.push(
        arrow(
          [
            [from + bufferWidth, middle],
            [left.G - 10, middle],
            [left.G - 10, y + box / 2],
            [left.G, y + box / 2],
          ],
          GRADIENT,
          { width: 1.5 },
        ),
      );
    }
    parts.push(
      arrow(
        [
          [x, y],
          [x, i === 0 ? upper + small : y - gap],
        ],
        GRADIENT,
        { head: i === 0 },
      ),
    );
  });
  return parts;
}

/** Through the output error at the bottom, and from the first layer to the perturbation at the top. */
function ends({ left, bottom, form, has, rows, rowOf, result }: Plan): string[] {
  const { gap, box, boxWidth, small, upper, top } = form;
  const parts: string[] = [];
  const x = left.F + 30;
  const middle = (left.F + left.B) / 2;
  if (has('E')) {
    const y = bottom + small / 2;
    const last = rows[rows.length - 1]!;
    parts.push(
      arrow(
        [
          [x, bottom - gap],
          [x, y],
          [middle, y],
        ],
        FORWARD,
      ),
    );
    for (const [i, { y: below }] of rows.entries()) {
      if (
        i < rows.length - 1 &&
        result.buffers.some(
          ({ layer, kind, readers }) => kind === 'neurons' && rowOf(layer) === i && readers.includes('E'),
        )
      )
        parts.push(
          line(
            [
              [x - 12, below + box],
              [x - 12, y],
              [x, y],
            ],
            FORWARD,
            { width: 1.5 },
          ),
        );
    }
    parts.push(
      arrow(
        [
          [middle + boxWidth, y],
          [left.B + boxWidth - 30, y],
          [left.B + boxWidth - 30, last.y + box],
        ],
        BACKWARD,
      ),
    );
  }
  if (has('X')) {
    parts.push(
      arrow(
        [
          [left.B + 30, top],
          [left.B + 30, upper + small],
        ],
        BACKWARD,
      ),
      arrow(
        [
          [left.B, upper + 8],
          [x + 14, upper + 8],
        ],
        PERTURBED,
      ),
    );
  }
  return parts;
}

/** Brackets at the left of blocks of layers that repeat. */
function blocks({ rows, form }: Plan): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const { y, block } of rows) {
    if (block === null) continue;
    if (block.first) from = y;
    if (!block.last) continue;
    const to = y + form.box;
    parts.push(
      line(
        [
          [10, from],
          [5, from],
          [5, to],
          [10, to],
        ],
        'currentColor',
        { width: 1 },
      ),
      label(8, from - 4, `× ${block.times}`, { size: form.text, bold: true }),
    );
  }
  return parts;
}
