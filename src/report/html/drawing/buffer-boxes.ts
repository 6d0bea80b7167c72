// The buffers of a machine drawing: small boxes whose bars are as long as they hold bits.

import { formatQuantity } from '../../../config/index.js';
import { count } from '../../../config/numbers.js';
import { lookOf, paintOf } from '../../colors.js';
import { bitsOf, type Buffer, type Plan } from './layout.js';
import { bufferPlace } from './paths.js';
import { box, described, label, type Rectangle } from './shapes.js';

/** All buffers of the layers that are drawn; errors of one layer from several readers of its output share a box. */
export function bufferBoxes(plan: Plan): string[] {
  return plan.rows.flatMap(({ name }, i) =>
    (['neurons', 'masks', 'errors'] as const).flatMap((kind) => {
      const own = plan.result.buffers.filter((buffer) => buffer.layer === name && buffer.kind === kind);
      if (own.length === 0) return [];
      const { x, y, height } = bufferPlace(plan, i, kind);
      return [bufferBox(plan, { x, y, height }, own)];
    }),
  );
}

/** Height of a bar. */
const BAR = 5;

/** Buffers: name, entries × size of an entry, and a bar of bits; where more was held than built for, behind it. */
function bufferBox(plan: Plan, { x, y, height }: Omit<Rectangle, 'width'>, buffers: readonly Buffer[]): string {
  const { form, fullBits, options } = plan;
  const { name, kind, layer, capacityEntries, peakEntries, entryBits } = buffers[0]!;
  const sum = (of: (buffer: Buffer) => number): number => buffers.reduce((total, buffer) => total + of(buffer), 0);
  const capacity = sum((buffer) => buffer.capacityEntries * buffer.entryBits);
  const fullest = sum(bitsOf);
  const entries = sum((buffer) => buffer.capacityEntries);
  const size = formatQuantity(entryBits, 'capacity', 3);
  const over = peakEntries > capacityEntries;
  const length = (bits: number): number => Math.max(1, ((form.bufferWidth - 10) * Math.min(bits, fullBits)) / fullBits);
  const bar = { x: x + 5, y: y + height - BAR - 3, height: BAR };
  const look = lookOf('kept', kind);
  const differs = differsFrom(options.reference, buffers[0]!);
  return described(
    `${buffers.map((buffer) => buffer.name).join(', ')}: ${kind} of ${layer}, ${count(capacityEntries)} ` +
      `entries of ${size}${buffers.length > 1 ? ' each' : ''}; ${formatQuantity(capacity, 'capacity', 3)} in all; ` +
      `at most ${count(peakEntries)} entries taken at once${differs ? '; differs' : ''}`,
    [
      ...(differs
        ? [
            box(
              { x: x - 3, y: y - 3, width: form.bufferWidth + 6, height: height + 6 },
              { stroke: 'currentColor', radius: 6 },
            ),
          ]
        : []),
      box({ x, y, width: form.bufferWidth, height }, { fill: 'var(--paper, #fff)', stroke: look.color, radius: 4 }),
      label(x + 4, y + 11, `${name.split('.')[0]!}: ${count(entries)} × ${size}`, {
        size: form.text,
        room: form.bufferWidth - 8,
      }),
      ...(over ? [box({ ...bar, width: length(fullest) }, { stroke: look.color })] : []),
      box({ ...bar, width: length(capacity) }, { fill: paintOf(look) }),
    ],
  );
}

/** True where the same buffer of another design holds another number of entries or bits. */
function differsFrom(reference: Plan['options']['reference'], { name, capacityEntries, entryBits }: Buffer): boolean {
  if (reference === undefined) return false;
  const other = reference.buffers.find((buffer) => buffer.name === name);
  return other === undefined || other.capacityEntries !== capacityEntries || other.entryBits !== entryBits;
}
