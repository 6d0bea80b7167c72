// Sums of integers that stay exact beyond 2^53: doubles while they are small, flushed into bigints.

/** A fixed set of integer sums. Hot code adds to `local`; `flush` moves what is there into the exact totals. */
export class ExactSums {
  readonly local: Float64Array;
  readonly #totals: bigint[];

  constructor(count: number) {
    this.local = new Float64Array(count);
    this.#totals = Array.from({ length: count }, () => 0n);
  }

  flush(): void {
    for (let i = 0; i < this.local.length; i++) {
      const value = this.local[i]!;
      if (value === 0) continue;
      this.#totals[i]! += BigInt(value);
      this.local[i] = 0;
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
    return this.#totals[index]! + BigInt(this.local[index]!);
  }
}
