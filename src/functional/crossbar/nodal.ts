// The exact currents of a crossbar with wires that resist: nodal analysis of the whole network.

import { InvariantError } from '../../kernel/index.js';
import { leading } from '../../config/typed.js';

/** A crossbar of cells between wordlines driven at their left ends and bitlines held at ground at their lower ends. */
export interface ResistiveNetwork {
  readonly rows: number;
  readonly columns: number;
  /** S, row-major. */
  readonly conductances: Float64Array;
  /** ohm between neighbouring cells of a wordline, and between driver and first cell. */
  readonly wordline: number;
  /** ohm between neighbouring cells of a bitline, and between last cell and ground. */
  readonly bitline: number;
  /** Called for each row, for whoever shows progress. */
  readonly watch?: (() => void) | undefined;
}

const TOLERANCE = 1e-13;
const MOST_ITERATIONS = 4000;

/**
 * Transfer conductances of the network, S, row-major: current into bitline j's end per volt on wordline i, all other
 * ends at ground. Currents are linear in voltages, so they say all; by reciprocity they hold for transposed reads too.
 * Wordline voltages are eliminated, bitline voltages follow by conjugate gradients, preconditioned by the bitlines
 * (badcrossbar solves the same equations: Joksas and Mehonic, SoftwareX 2020).
 */
export function transferConductances(network: ResistiveNetwork): Float64Array {
  const { rows, columns, conductances, wordline, bitline, watch } = network;
  if (wordline === 0 && bitline === 0) return conductances.slice();
  // A wire without resistance is one of a billionth of the other's.
  const least = Math.max(wordline, bitline) * 1e-9;
  const gw = 1 / Math.max(wordline, least);
  const gb = 1 / Math.max(bitline, least);
  const solver = new BitlineSolver({ rows, columns, g: conductances, gw, gb });
  const transfer = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    watch?.();
    const voltages = solver.solve(i);
    for (let j = 0; j < columns; j++) transfer[i * columns + j] = gb * voltages[(rows - 1) * columns + j]!;
  }
  return transfer;
}

/** Where the nodes of chains stand in a list. */
interface ChainPlaces {
  /** Nodes of a chain. */
  readonly nodes: number;
  readonly chains: number;
  /** From node to node. */
  readonly step: number;
  /** From chain to chain. */
  readonly next: number;
  /** Conductance between neighbours. */
  readonly link: number;
}

/** Chains of equal conductances with loads: tridiagonal systems, factored once (Thomas). */
class Chains {
  readonly #upper: Float64Array;
  readonly #pivot: Float64Array;

  readonly #places: ChainPlaces;

  /** @param loads by node @param drivenAt the end with one more link to a source or ground */
  constructor(places: ChainPlaces, loads: Float64Array, drivenAt: 'first' | 'last') {
    const { nodes, chains, step, next, link } = places;
    this.#places = places;
    this.#upper = new Float64Array(nodes * chains);
    this.#pivot = new Float64Array(nodes * chains);
    for (let c = 0; c < chains; c++)
      for (let n = 0; n < nodes; n++) {
        const at = c * next + n * step;
        const links =
          (n > 0 ? 1 : 0) + (n < nodes - 1 ? 1 : 0) + (n === (drivenAt === 'first' ? 0 : nodes - 1) ? 1 : 0);
        const diagonal = loads[at]! + links * link;
        const pivot = n === 0 ? diagonal : diagonal - link * this.#upper[at - step]!;
        this.#pivot[at] = 1 / pivot;
        this.#upper[at] = link / pivot;
      }
  }

  /** Solves in place. */
  solve(x: Float64Array): void {
    const { nodes, chains, step, next, link } = this.#places;
    const upper = this.#upper;
    const pivot = this.#pivot;
    for (let c = 0; c < chains; c++) {
      const first = c * next;
      const last = first + (nodes - 1) * step;
      x[first]! *= pivot[first]!;
      for (let at = first + step; at <= last; at += step) x[at] = (x[at]! + link * x[at - step]!) * pivot[at]!;
      for (let at = last - step; at >= first; at -= step) x[at]! += upper[at]! * x[at + step]!;
    }
  }
}

/** An array with its wires; conductances in siemens. */
interface ArrayWires {
  readonly rows: number;
  readonly columns: number;
  /** Of cells, [row][column]. */
  readonly g: Float64Array;
  /** Of a segment of a wordline, of a bitline. */
  readonly gw: number;
  readonly gb: number;
}

/** The system of the bitlines' voltages with the wordlines eliminated. */
class BitlineSolver {
  readonly #wordlines: Chains;
  readonly #bitlines: Chains;
  readonly #x: Float64Array;
  readonly #r: Float64Array;
  readonly #z: Float64Array;
  readonly #p: Float64Array;
  readonly #q: Float64Array;
  readonly #w: Float64Array;

  readonly #array: ArrayWires;

  constructor(array: ArrayWires) {
    const { rows, columns, g, gw, gb } = array;
    const size = rows * columns;
    this.#array = array;
    this.#wordlines = new Chains({ nodes: columns, chains: rows, step: 1, next: columns, link: gw }, g, 'first');
    this.#bitlines = new Chains({ nodes: rows, chains: columns, step: columns, next: 1, link: gb }, g, 'last');
    [this.#x, this.#r, this.#z, this.#p, this.#q, this.#w] = leading(
      6,
      Array.from({ length: 6 }, () => new Float64Array(size)),
    );
  }

  /** Voltages of the bitline nodes with 1 V on wordline `i`. */
  solve(i: number): Float64Array {
    const { g, columns, gw } = this.#array;
    const x = this.#x;
    const r = this.#r;
    const z = this.#z;
    const p = this.#p;
    const q = this.#q;
    // Right side: G (Lw + G)^-1 gw e_i, which lies on row i.
    r.fill(0);
    r[i * columns] = gw;
    this.#wordlines.solve(r);
    for (let at = 0; at < r.length; at++) r[at]! *= g[at]!;
    x.fill(0);
    z.set(r);
    this.#bitlines.solve(z);
    p.set(z);
    let rz = dot(r, z);
    const goal = rz * TOLERANCE * TOLERANCE;
    for (let iteration = 0; rz > goal; iteration++) {
      if (iteration === MOST_ITERATIONS)
        throw new InvariantError(`nodal analysis: no solution within ${MOST_ITERATIONS} iterations`);
      this.#apply(p, q);
      const alpha = rz / dot(p, q);
      for (let at = 0; at < x.length; at++) {
        x[at]! += alpha * p[at]!;
        r[at]! -= alpha * q[at]!;
      }
      z.set(r);
      this.#bitlines.solve(z);
      const next = dot(r, z);
      const beta = next / rz;
      rz = next;
      for (let at = 0; at < p.length; at++) p[at] = z[at]! + beta * p[at]!;
    }
    return x;
  }

  /** q = (Lb + G) p - G (Lw + G)^-1 G p. */
  #apply(p: Float64Array, q: Float64Array): void {
    const { rows, columns, g, gb } = this.#array;
    const w = this.#w;
    for (let at = 0; at < p.length; at++) w[at] = g[at]! * p[at]!;
    this.#wordlines.solve(w);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        const at = i * columns + j;
        const above = i > 0 ? p[at]! - p[at - columns]! : 0;
        const below = i < rows - 1 ? p[at]! - p[at + columns]! : p[at]!;
        q[at] = gb * (above + below) + g[at]! * (p[at]! - w[at]!);
      }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * Conductances in series with the wires of their own path alone (MNSIM's first order): `columns` segments of the
 * wordline to cell (i, j) and those of the bitline from it to the ground.
 */
export function seriesConductances(network: ResistiveNetwork): Float64Array {
  const { rows, columns, conductances, wordline, bitline } = network;
  return conductances.map((g, at) => {
    const i = Math.floor(at / columns);
    const j = at - i * columns;
    return g / (1 + g * ((j + 1) * wordline + (rows - i) * bitline));
  });
}
