// Where the names of points stand in a scatter, so that they do not cover each other.

/** Places of a name at its point, as marks of text, in the order in which they are tried. */
export const LABEL_PLACES = [
  { name: 'right', mark: { align: 'left', dx: 8 } },
  { name: 'left', mark: { align: 'right', dx: -8 } },
  { name: 'above', mark: { align: 'center', dy: -13 } },
  { name: 'below', mark: { align: 'center', dy: 14 } },
] as const;

/** A place of a name. */
export type LabelPlace = (typeof LABEL_PLACES)[number]['name'];

/** Pixels of the plot within its padding, of a letter and half a line: near enough to keep names apart. */
const PLOT = { width: 240, height: 220 };
const LETTER = 5.6;
const HALF_LINE = 6;
/** Pixels from a point to its name, and half a point. */
const GAP = 8;
const POINT = 5;

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const meets = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** The first place for each name at which it covers neither a point nor a name; to the right where there is none. */
export function labelPlaces(
  points: readonly { name: string; x: number; y: number }[],
  logarithmic: boolean,
): LabelPlace[] {
  const xs = spread(
    points.map(({ x }) => x),
    PLOT.width,
    logarithmic,
  );
  const ys = spread(
    points.map(({ y }) => y),
    PLOT.height,
    logarithmic,
  );
  const dots = points.map((_, i): Box => around(xs[i]!, ys[i]!, POINT, POINT));
  const taken: Box[] = [];
  return points.map(({ name }, i) => {
    const half = (name.length * LETTER) / 2;
    const box: Record<LabelPlace, Box> = {
      right: around(xs[i]! + GAP + half, ys[i]!, half, HALF_LINE),
      left: around(xs[i]! - GAP - half, ys[i]!, half, HALF_LINE),
      above: around(xs[i]!, ys[i]! + 13, half, HALF_LINE),
      below: around(xs[i]!, ys[i]! - 13, half, HALF_LINE),
    };
    const free = LABEL_PLACES.find(
      ({ name: place }) =>
        !taken.some((other) => meets(box[place], other)) &&
        !dots.some((dot, other) => other !== i && meets(box[place], dot)),
    );
    const place = free?.name ?? 'right';
    taken.push(box[place]);
    return place;
  });
}

const around = (x: number, y: number, halfWidth: number, halfHeight: number): Box => ({
  left: x - halfWidth,
  right: x + halfWidth,
  top: y - halfHeight,
  bottom: y + halfHeight,
});

/** Values as pixels of an axis of this length, linear from 0 or logarithmic over their range. */
function spread(values: readonly number[], pixels: number, logarithmic: boolean): number[] {
  const scaled = logarithmic ? values.map(Math.log) : values;
  const least = logarithmic ? Math.min(...scaled) : 0;
  const range = Math.max(...scaled) - least;
  return scaled.map((value) => (range === 0 ? 0 : ((value - least) / range) * pixels));
}
