// Fronts of several objectives: dominance, ranks, hypervolume, knee. All objectives are minimized; negate what is to
// grow.

import { leading } from '../../config/typed.js';

/** The objectives of a point, each to be minimized. */
export type Costs = readonly number[];

/** True where `a` is nowhere worse than `b` and somewhere better. */
export function dominates(a: Costs, b: Costs): boolean {
  let better = false;
  for (let i = 0; i < a.length; i++) {
    if (a[i]! > b[i]!) return false;
    if (a[i]! < b[i]!) better = true;
  }
  return better;
}

/** Indices of the points that no other dominates, in their order; equal points all count. */
export const nonDominated = (points: readonly Costs[]): number[] =>
  nonDominatedOf(
    Array.from(points[0] ?? [], (_, k) => Float64Array.from(points, (costs) => costs[k]!)),
    points.length,
  );

/** The same of points as columns. @param columns of each objective the costs of all points */
export function nonDominatedOf(columns: readonly Float64Array[], points: number): number[] {
  // In this order a point can only be dominated by one before it, and the front so far suffices to tell.
  const order = Uint32Array.from({ length: points }, (_, i) => i).sort((a, b) => {
    for (const costs of columns) if (costs[a] !== costs[b]) return costs[a]! - costs[b]!;
    return a - b;
  });
  const at: number[] = [];
  const front: Costs[] = [];
  for (const i of order) {
    const costs = columns.map((of) => of[i]!);
    if (front.some((other) => dominates(other, costs))) continue;
    front.push(costs);
    at.push(i);
  }
  return at.sort((a, b) => a - b);
}

/** Fronts after each other: the non-dominated points, then those of the rest, and so on. */
export function frontsOf(points: readonly Costs[]): number[][] {
  const fronts: number[][] = [];
  let left = points.map((_, i) => i);
  while (left.length > 0) {
    const front = nonDominated(left.map((i) => points[i]!)).map((at) => left[at]!);
    fronts.push(front);
    const taken = new Set(front);
    left = left.filter((i) => !taken.has(i));
  }
  return fronts;
}

/**
 * The volume between the points and a reference that is worse than all that counts (exact; by slices along the last
 * objective).
 */
export function hypervolume(points: readonly Costs[], reference: Costs): number {
  const last = reference.length - 1;
  const inside = points
    .filter((point) => point.every((cost, i) => cost < reference[i]!))
    .sort((a, b) => a[last]! - b[last]!);
  if (last === 0) return inside.length === 0 ? 0 : reference[0]! - inside[0]![0]!;
  const slice =
    last === 1 ? new Line(reference[0]!) : last === 2 ? new Staircase(reference) : new Slices(reference.slice(0, last));
  let volume = 0;
  inside.forEach((point, i) => {
    slice.add(point);
    const depth = (inside[i + 1]?.[last] ?? reference[last]!) - point[last]!;
    if (depth > 0) volume += depth * slice.size();
  });
  return volume;
}

/** What points of fewer objectives dominate, as points are added. */
interface Slice {
  add(point: Costs): void;
  size(): number;
}

class Line implements Slice {
  readonly #end: number;
  #least: number;

  constructor(end: number) {
    this.#end = end;
    this.#least = end;
  }

  add([cost]: Costs): void {
    this.#least = Math.min(this.#least, cost!);
  }

  size(): number {
    return this.#end - this.#least;
  }
}

/** The area of two objectives, under steps that fall from left to right. */
class Staircase implements Slice {
  readonly #reference: Costs;
  readonly #steps: Costs[] = [];

  constructor(reference: Costs) {
    this.#reference = reference;
  }

  add(point: Costs): void {
    const [x, y] = leading(2, point);
    const steps = this.#steps;
    let at = steps.findIndex((step) => step[0]! >= x);
    if (at < 0) at = steps.length;
    if (at > 0 && steps[at - 1]![1]! <= y) return;
    if (steps[at]?.[0] === x && steps[at]![1]! <= y) return;
    let covered = 0;
    while (at + covered < steps.length && steps[at + covered]![1]! >= y) covered++;
    steps.splice(at, covered, point);
  }

  size(): number {
    let area = 0;
    this.#steps.forEach(([x, y], i) => {
      area += ((this.#steps[i + 1]?.[0] ?? this.#reference[0]!) - x!) * (this.#reference[1]! - y!);
    });
    return area;
  }
}

/** More objectives, from the start each time. */
class Slices implements Slice {
  readonly #reference: Costs;
  readonly #points: Costs[] = [];

  constructor(reference: Costs) {
    this.#reference = reference;
  }

  add(point: Costs): void {
    this.#points.push(point.slice(0, this.#reference.length));
  }

  size(): number {
    return hypervolume(this.#points, this.#reference);
  }
}

/**
 * Each objective of some points in units of a front's spread: 0 its best, 1 its worst; beyond where all of the front is
 * equal, infinitely far.
 */
export function scaledBy(front: readonly Costs[], points: readonly Costs[]): number[][] {
  const dimensions = front[0]?.length ?? 0;
  const low = Array.from({ length: dimensions }, (_, i) =>
    front.reduce((least, point) => Math.min(least, point[i]!), Infinity),
  );
  const high = Array.from({ length: dimensions }, (_, i) =>
    front.reduce((most, point) => Math.max(most, point[i]!), -Infinity),
  );
  return points.map((point) => point.map((cost, i) => (cost === low[i] ? 0 : (cost - low[i]!) / (high[i]! - low[i]!))));
}

/**
 * Index of a front's knee: the point farthest below the line (plane) through the ends of the front, each objective
 * scaled to 0..1.
 * Where no point lies below it, the one nearest to it. Undefined without points.
 */
export function kneeOf(front: readonly Costs[]): number | undefined {
  const sums = scaledBy(front, front).map((point) => point.reduce((sum, share) => sum + share, 0));
  let best: number | undefined;
  sums.forEach((sum, i) => {
    if (best === undefined || sum < sums[best]!) best = i;
  });
  return best;
}
