// What a pickle can hold, as data.

/** A name that the pickle asks for, `module.name`. */
export class PickleGlobal {
  constructor(readonly path: string) {}
}

/** A listed function or class with its arguments; `state` where the pickle sets one. */
export class PickleCall {
  state: PickleValue = null;
  constructor(
    readonly path: string,
    readonly args: readonly PickleValue[],
  ) {}
}

/** A reference to data outside of the pickle. */
export class PickleReference {
  constructor(readonly id: PickleValue) {}
}

/** What a pickle can hold. Dictionaries (ordered or not) are maps, tuples and lists arrays, sets sets. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>
  | PickleGlobal
  | PickleCall
  | PickleReference;

/** A string or number as text; `?` for anything else, which names nothing. */
export const pickleText = (value: PickleValue | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
