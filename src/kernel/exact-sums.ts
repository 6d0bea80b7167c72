// Sums of integers that stay exact beyond 2^53: doubles while they are small, flushed into bigints.

/** A fixed set of integer sums. `add` is for hot code; `flush` moves what it added into the exact totals. */
export class ExactSums {
  readonly #local: Float64Array;
  readonly #totals: bigint[];

  constructor(count: number) {
    this.#local = new Float64Array(count);
    this.#totals = new Array<bigint>(count).fill(0n);
  }

  /** Adds to a sum; what is added between two flushes must stay below 2^53. */
  add(index: number, value: number): void {
    this.#local[index]! += value;
  }

  /** Adds to a sum a value of any size. */
  addExact(index: number, value: bigint): void {
    this.#totals[index]! += value;
  }

  flush(): void {
    const local = this.#local;
    for (let i = 0; i < local.length; i++) {
      const value = local[i]!;
      if (value === 0) continue;
      this.#totals[i]! += BigInt(value);
      local[i] = 0;
    }
  }

  /** The exact totals, flushed. */
  snapshot(): bigint[] {
    this.flush();
    return [...this.#totals];
  }

  /** Adds `times` times what came since `before` (a jump over equal periods). */
  repeatSince(before: readonly bigint[], times: bigint): void {
    this.flush();
    for (let i = 0; i < before.length; i++) this.#totals[i]! += (this.#totals[i]! - before[i]!) * times;
  }

  total(index: number): bigint {
    return this.#totals[index]! + BigInt(this.#local[index]!);
  }
}
