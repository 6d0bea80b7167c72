// Names that nobody has yet, for what is made of a file whose names may be alike.

/** Gives names out; many that are wanted alike cost no search. */
export class FreshNames {
  readonly #taken: Set<string>;
  /** The last number behind each name. */
  readonly #last = new Map<string, number>();
  readonly #joint: string;

  /** @param joint what stands between a name and its number, as in `conv_2`; @param taken names that are in use */
  constructor(joint: string, taken: readonly string[] = []) {
    this.#taken = new Set(taken);
    this.#joint = joint;
  }

  /** The wanted name, or it with the first number from 2 that makes it one of its own. */
  take(wanted: string): string {
    let name = wanted;
    let k = this.#last.get(wanted) ?? 1;
    while (this.#taken.has(name)) name = `${wanted}${this.#joint}${++k}`;
    if (k > 1) this.#last.set(wanted, k);
    this.#taken.add(name);
    return name;
  }

  /** Gives a name back: the next who wants it gets it. */
  release(name: string): void {
    this.#taken.delete(name);
  }
}
