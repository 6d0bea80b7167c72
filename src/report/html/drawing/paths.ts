// The paths of a machine drawing: images, kept values, errors and gradients, from the stages that write a buffer to
// those that read it.

import { GREEN, ORANGE, PASSES } from '../charts/theme.js';
import { BOX_WIDTH, BUFFER, SMALL, TOP, UPPER, type Buffer, type Plan } from './layout.js';
import { arrow, label, line } from './shapes.js';

const FORWARD = PASSES.F!.color;
const BACKWARD = PASSES.B!.color;

/**
 * Where a buffer's box stands: kept values beside their forward stage (masks below neurons), errors under their row.
 */
export function bufferPlace(
  { left, rows, box, gap, compact }: Plan,
  row: number,
  kind: Buffer['kind'],
): { x: number; y: number; height: number } {
  const { y } = rows[row]!;
  if (kind === 'errors') return { x: left.B + 56, y: y + box + 2, height: gap - 4 };
  const height = compact ? 16 : BUFFER.height;
  return { x: left.middle, y: y + (kind === 'masks' ? height + 2 : 0), height };
}

/** All paths, drawn before the boxes. */
export function paths(plan: Plan): string[] {
  return [...images(plan), ...keptPaths(plan), ...errorPaths(plan), ...gradientPaths(plan), ...ends(plan)];
}

/** Down the layers: straight to the next, by a lane at the left to later ones. */
function images({ result, rows, left, box, lanes, laneX }: Plan): string[] {
  const x = left.F + 40;
  const parts = [
    arrow(
      [
        [x, UPPER + 20],
        [x, TOP],
      ],
      FORWARD,
    ),
    label(x - 32, UPPER + 14, 'images', { size: 11 }),
  ];
  rows.forEach(({ name, y }, i) => {
    const next = rows[i + 1];
    if (next === undefined) return;
    const reads = result.buffers.some(
      ({ layer, kind, readers }) => layer === name && kind === 'neurons' && readers.includes(`F${i + 2}`),
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
          [left.F, rows[from]!.y + box - 8],
          [lane, rows[from]!.y + box - 8],
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
  const { result, rows, left, lanes, laneX } = plan;
  const parts: string[] = [];
  rows.forEach(({ name }, i) => {
    for (const { kind } of result.buffers.filter(({ layer, kind: held }) => layer === name && held !== 'errors')) {
      const { y, height } = bufferPlace(plan, i, kind);
      parts.push(
        arrow(
          [
            [left.F + BOX_WIDTH, y + height / 2],
            [left.middle, y + height / 2],
          ],
          kind === 'masks' ? ORANGE : FORWARD,
          { width: 1 },
        ),
      );
    }
  });
  for (const { from, to, place, below } of lanes.kept) {
    const color = below ? ORANGE : FORWARD;
    const { y, height } = bufferPlace(plan, from, below ? 'masks' : 'neurons');
    const lane = laneX('kept', place);
    const start = y + height / 2;
    parts.push(
      line(
        [
          [left.middle + BUFFER.width, start],
          [lane, start],
          [lane, rows[Math.max(...to)]!.y + 6],
        ],
        color,
        { width: 1, dashed: true },
      ),
    );
    for (const reader of to)
      parts.push(
        arrow(
          [
            [lane, rows[reader]!.y + 6],
            [left.B, rows[reader]!.y + 6],
          ],
          color,
          { width: 1, dashed: true },
        ),
      );
  }
  return parts;
}

/** Up the layers: straight to the row above, by a lane at the right to earlier ones. */
function errorPaths(plan: Plan): string[] {
  const { result, rows, left, box, compact, lanes, laneX, stageOf } = plan;
  const x = left.B + 40;
  const parts: string[] = [];
  rows.forEach(({ name, y }, i) => {
    const errors = result.buffers.filter(({ layer, kind }) => layer === name && kind === 'errors');
    const place = bufferPlace(plan, i, 'errors');
    const own = stageOf('B', name);
    const next = rows[i + 1];
    if (next !== undefined && errors.some(({ writer }) => writer === `B${i + 2}`)) {
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
    if (own && result.arrays.physical > 0 && result.arrays.byLayer[i]!.backward.logical === 0 && !compact) {
      parts.push(
        arrow(
          [
            [left.B, y + 84],
            [left.F + BOX_WIDTH, y + 84],
          ],
          BACKWARD,
          { dashed: true, width: 1.5 },
        ),
        label(left.middle + 28, y + 80, 'shared arrays', { size: 9.5 }),
      );
    }
  });
  for (const { from, to, place } of lanes.errors) {
    const lane = laneX('errors', place);
    const buffer = bufferPlace(plan, from, 'errors');
    const end: [number, number] = stageOf('B', rows[from]!.name)
      ? [left.B + BOX_WIDTH, rows[from]!.y + box - 6]
      : [buffer.x + BUFFER.width, buffer.y + buffer.height / 2];
    parts.push(arrow([[lane, rows[Math.max(...to)]!.y + 10], [lane, end[1]], end], BACKWARD, { width: 1.5 }));
    for (const writer of to)
      parts.push(
        line(
          [
            [left.B + BOX_WIDTH, rows[writer]!.y + 10],
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
  const { result, rows, left, box, gap, stageOf } = plan;
  const x = left.G + BOX_WIDTH - 20;
  const parts: string[] = [];
  rows.forEach(({ name, y }, i) => {
    if (!stageOf('G', name)) return;
    if (result.buffers.some(({ layer, kind }) => layer === name && kind === 'errors')) {
      const { x: from, y: top, height } = bufferPlace(plan, i, 'errors');
      const middle = top + height / 2;
      parts.push(
        arrow(
          [
            [from + BUFFER.width, middle],
            [left.G - 12, middle],
            [left.G - 12, y + box / 2],
            [left.G, y + box / 2],
          ],
          GREEN,
          { width: 1.5 },
        ),
      );
    }
    parts.push(
      arrow(
        [
          [x, y],
          [x, i === 0 ? UPPER + SMALL : y - gap],
        ],
        GREEN,
        { head: i === 0 },
      ),
    );
  });
  return parts;
}

/** Through the output error at the bottom, and from the first layer to the perturbation at the top. */
function ends({ left, bottom, gap, box, has, rows, result }: Plan): string[] {
  const parts: string[] = [];
  const x = left.F + 40;
  const middle = (left.F + left.B) / 2;
  if (has('E')) {
    const y = bottom + SMALL / 2;
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
    for (const [i, { y: top }] of rows.entries()) {
      if (
        i < rows.length - 1 &&
        result.buffers.some(({ writer, readers }) => writer === `F${i + 1}` && readers.includes('E'))
      )
        parts.push(
          line(
            [
              [x - 12, top + box],
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
          [middle + BOX_WIDTH, y],
          [left.B + BOX_WIDTH - 40, y],
          [left.B + BOX_WIDTH - 40, last.y + box],
        ],
        BACKWARD,
      ),
    );
  }
  if (has('X')) {
    parts.push(
      arrow(
        [
          [left.B + 40, TOP],
          [left.B + 40, UPPER + SMALL],
        ],
        BACKWARD,
      ),
    );
    parts.push(
      arrow(
        [
          [left.B, UPPER + 10],
          [x + 14, UPPER + 10],
        ],
        PASSES.X!.color,
      ),
    );
  }
  return parts;
}
