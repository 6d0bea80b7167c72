// Types of flags: declared as data, read as values.

import type { InferredOptionTypes, Options, PositionalOptions } from 'yargs';

/** Flags and arguments by name, as yargs takes them; data alone, no functions. */
export type FlagSet = Readonly<Record<string, Options>>;

/** Arguments by name, in the order of the usage. */
export type ArgumentSet = Readonly<Record<string, Options & PositionalOptions>>;

/** `dry-run` as `dryRun`. */
type Camel<K> = K extends `${infer A}-${infer B}` ? `${A}${Capitalize<Camel<B> & string>}` : K;

/** The values of flags, under their names and in camel case. */
export type FlagsOf<F extends FlagSet> = {
  [K in keyof InferredOptionTypes<F> as K | Camel<K>]: InferredOptionTypes<F>[K];
};
