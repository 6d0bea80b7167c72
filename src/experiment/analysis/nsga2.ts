// NSGA-II (Deb, Pratap, Agarwal, Meyarivan, IEEE Trans. Evol. Comp. 2002): seeded search for a front. Genes are shares
// from 0 to 1.

import seedrandom from 'seedrandom';
import { frontsOf, type Costs } from './pareto.js';

/** What the search tries and what came of it. */
export interface Individual {
  genes: readonly number[];
  /** Null where it could not be evaluated. */
  costs: Costs | null;
  /** How far it is from what is allowed; 0 where it is allowed. */
  violation: number;
}

/** What an evaluation says of some genes. */
export type Judgement = Pick<Individual, 'costs' | 'violation'>;

/** How long and how widely NSGA-II searches. */
export interface Nsga2Options {
  population: number;
  generations: number;
  seed: number;
  /** By gene: true where neighbouring shares are near each other; the others are only swapped and drawn anew. */
  ordered: readonly boolean[];
  /** Judges a generation; the order of its answers is that of the genes. */
  evaluate: (genes: readonly (readonly number[])[], generation: number) => Promise<readonly Judgement[]>;
}

/** Distribution indices of crossover and mutation, and the chance of a crossover, as in the paper. */
const ETA_CROSSOVER = 15;
const ETA_MUTATION = 20;
const CROSSOVER = 0.9;

/** The last population, its best first. The same seed gives the same search. */
export async function nsga2({ population, generations, seed, ordered, evaluate }: Nsga2Options): Promise<Individual[]> {
  const random = seedrandom.alea(`nsga2:${seed}`);
  const size = population + (population % 2);
  const judged = async (genes: number[][], generation: number): Promise<Individual[]> => {
    const judgements = await evaluate(genes, generation);
    return genes.map((some, i) => ({ genes: some, ...judgements[i]! }));
  };
  let parents = select(
    await judged(
      Array.from({ length: size }, () => ordered.map(() => random())),
      0,
    ),
    size,
  );
  for (let generation = 1; generation < generations; generation++) {
    const children: number[][] = [];
    while (children.length < size) {
      const pair = cross(tournament(parents, random), tournament(parents, random), ordered, random);
      children.push(...pair.map((genes) => mutate(genes, ordered, random)));
    }
    parents = select([...parents.map(({ individual }) => individual), ...(await judged(children, generation))], size);
  }
  return parents.map(({ individual }) => individual);
}

interface Ranked {
  individual: Individual;
  rank: number;
  crowding: number;
}

/** The best by front, within a front the loneliest. */
function select(all: readonly Individual[], size: number): Ranked[] {
  const chosen: Ranked[] = [];
  let rank = 0;
  for (const front of constrainedFronts(all)) {
    const crowding = crowdingOf(front);
    const ranked = front
      .map((individual, i) => ({ individual, rank, crowding: crowding[i]! }))
      .sort((a, b) => b.crowding - a.crowding);
    chosen.push(...ranked.slice(0, size - chosen.length));
    if (chosen.length === size) break;
    rank++;
  }
  return chosen;
}

/** Fronts of what is allowed, then the rest by its violation; what could not be evaluated comes last. */
function constrainedFronts(all: readonly Individual[]): Individual[][] {
  const allowed = all.filter(({ costs, violation }) => costs !== null && violation === 0);
  const rest = all.filter((individual) => !allowed.includes(individual));
  const costsOf = allowed.map(({ costs }) => costs ?? []);
  const worth = ({ costs, violation }: Individual): number => (costs === null ? Infinity : violation);
  const violations = [...new Set(rest.map(worth))].sort((a, b) => a - b);
  return [
    ...frontsOf(costsOf).map((front) => front.map((i) => allowed[i]!)),
    ...violations.map((violation) => rest.filter((individual) => worth(individual) === violation)),
  ];
}

/**
 * Crowding distance: how far the neighbours on the front are, summed over objectives; the ends are infinitely lonely.
 */
export function crowdingOf(front: readonly Pick<Individual, 'costs'>[]): number[] {
  const distance = front.map(() => 0);
  const costs = front.map(({ costs: of }) => of ?? []);
  for (let k = 0; k < (costs[0]?.length ?? 0); k++) {
    const order = front.map((_, i) => i).sort((a, b) => costs[a]![k]! - costs[b]![k]!);
    const least = costs[order[0]!]![k]!;
    const most = costs[order.at(-1)!]![k]!;
    distance[order[0]!] = Infinity;
    distance[order.at(-1)!] = Infinity;
    if (most === least) continue;
    for (let i = 1; i < order.length - 1; i++)
      distance[order[i]!]! += (costs[order[i + 1]!]![k]! - costs[order[i - 1]!]![k]!) / (most - least);
  }
  return distance;
}

function tournament(parents: readonly Ranked[], random: () => number): readonly number[] {
  const draw = (): Ranked => parents[Math.floor(random() * parents.length)]!;
  const a = draw();
  const b = draw();
  return (a.rank < b.rank || (a.rank === b.rank && a.crowding > b.crowding) ? a : b).individual.genes;
}

/** Simulated binary crossover of ordered genes, swaps of the others. */
function cross(
  a: readonly number[],
  b: readonly number[],
  ordered: readonly boolean[],
  random: () => number,
): [number[], number[]] {
  const first = [...a];
  const second = [...b];
  if (random() > CROSSOVER) return [first, second];
  ordered.forEach((isOrdered, i) => {
    if (random() > 0.5) return;
    if (!isOrdered) {
      [first[i], second[i]] = [second[i]!, first[i]!];
      return;
    }
    const u = random();
    const spread = u <= 0.5 ? (2 * u) ** (1 / (ETA_CROSSOVER + 1)) : (1 / (2 * (1 - u))) ** (1 / (ETA_CROSSOVER + 1));
    const sum = a[i]! + b[i]!;
    const difference = spread * (a[i]! - b[i]!);
    first[i] = share((sum + difference) / 2);
    second[i] = share((sum - difference) / 2);
  });
  return [first, second];
}

/** Polynomial mutation of ordered genes, a new draw for the others; one gene a child on average. */
function mutate(genes: readonly number[], ordered: readonly boolean[], random: () => number): number[] {
  return genes.map((gene, i) => {
    if (random() >= 1 / genes.length) return gene;
    const u = random();
    if (ordered[i] !== true) return u;
    const step = u < 0.5 ? (2 * u) ** (1 / (ETA_MUTATION + 1)) - 1 : 1 - (2 * (1 - u)) ** (1 / (ETA_MUTATION + 1));
    return share(gene + step);
  });
}

const share = (value: number): number => Math.min(1, Math.max(0, value));
