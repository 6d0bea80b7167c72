// Fronts of several objectives: dominance, ranks, hypervolume, knee. All objectives are minimized; negate what is to grow.

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
export function nonDominated(points: readonly Costs[]): number[] {
  // In this order a point can only be dominated by one before it, and the front so far suffices to tell.
  const order = points.map((_, i) => i).sort((a, b) => compareCosts(points[a]!, points[b]!));
  const front: number[] = [];
  for (const i of order) if (!front.some((j) => dominates(points[j]!, points[i]!))) front.push(i);
  return front.sort((a, b) => a - b);
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

function compareCosts(a: Costs, b: Costs): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/** The volume between the points and a reference that is worse than all that counts (exact; by slicing the last objective). */
export function hypervolume(points: readonly Costs[], reference: Costs): number {
  const inside = points.filter((point) => point.every((cost, i) => cost < reference[i]!));
  if (inside.length === 0) return 0;
  const last = reference.length - 1;
  if (last === 0) return reference[0]! - Math.min(...inside.map(([cost]) => cost!));
  const front = nonDominated(inside).map((i) => inside[i]!).sort((a, b) => a[last]! - b[last]!);
  let volume = 0;
  for (let i = 0; i < front.length; i++) {
    const depth = (front[i + 1]?.[last] ?? reference[last]!) - front[i]![last]!;
    if (depth > 0) volume += depth * hypervolume(front.slice(0, i + 1).map((point) => point.slice(0, last)), reference.slice(0, last));
  }
  return volume;
}

/** Share of each objective between the best and the worst of the points: 0 best, 1 worst. */
export function normalized(points: readonly Costs[]): number[][] {
  const dimensions = points[0]?.length ?? 0;
  const low = Array.from({ length: dimensions }, (_, i) => points.reduce((least, point) => Math.min(least, point[i]!), Infinity));
  const high = Array.from({ length: dimensions }, (_, i) => points.reduce((most, point) => Math.max(most, point[i]!), -Infinity));
  return points.map((point) => point.map((cost, i) => (high[i] === low[i] ? 0 : (cost - low[i]!) / (high[i]! - low[i]!))));
}

/**
 * Index of a front's knee: the point farthest below the line (plane) through the ends of the front, each objective scaled to 0..1.
 * Where no point lies below it, the one nearest to it. Undefined without points.
 */
export function kneeOf(front: readonly Costs[]): number | undefined {
  const sums = normalized(front).map((point) => point.reduce((sum, share) => sum + share, 0));
  let best: number | undefined;
  sums.forEach((sum, i) => { if (best === undefined || sum < sums[best]!) best = i; });
  return best;
}
