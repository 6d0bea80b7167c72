// Factors that a result carries, as derivations: no formula stands here, all of them come from the chain.

import { FACTORS } from '../../components/index.js';
import { InvariantError } from '../../kernel/index.js';
import type { Factor } from '../factors.js';
import {
  ceiling,
  difference,
  following,
  law,
  leaf,
  maximum,
  product,
  quotient,
  sum,
  type Derivation,
} from './derivation.js';
import type { Sources } from './sources.js';

const SAYS: ReadonlyMap<string, string> = new Map(Object.entries(FACTORS).map(([name, { says }]) => [name, says]));

/** What a factor is called: what its word says, or its own name (a layer). */
const nameOf = ({ name }: Factor): string => SAYS.get(name) ?? name;

/** Seconds of a tick. */
const TICK = 1e-12;

/** A time, in ticks: one that says so, or what is made of one. */
const isTime = ({ op, parts = [] }: Factor): boolean => op === 'ticks' || (op !== undefined && parts.some(isTime));

/** A factor as a derivation; `layer` has the network's facts that it rests on. Times are in seconds. */
export function derivationOf(sources: Sources, factor: Factor, layer: string): Derivation {
  const { value, from, op, parts: own = [] } = factor;
  const name = nameOf(factor);
  if (op === 'ticks' && from !== undefined) return sources.duration(from.slice('constants.'.length));
  if (from !== undefined && op === undefined) return sources.figure(from);
  if (op === undefined) return sources.network(layer, { name, value, says: '' });
  const parts = own.map((part) => derivationOf(sources, part, layer));
  const time = isTime(factor);
  const unit = time ? 's' : '';
  switch (op) {
    case 'product':
      return product(name, unit, parts);
    case 'sum':
      return sum(name, unit, parts);
    case 'difference':
      return difference(name, unit, { from: parts[0]!, less: parts[1]! });
    case 'quotient':
      return quotient(name, unit, { over: parts[0]!, under: parts[1]! });
    case 'maximum':
      return maximum(name, unit, parts);
    case 'ticks':
      return law(
        { name, unit, value: value * TICK, says: 'in whole picoseconds, on the edges of the clock where there is one' },
        parts,
      );
    case 'ceiling':
    case 'rounded':
      if (time) return law({ name, unit, value: value * TICK, says: 'in whole picoseconds' }, parts);
      return op === 'ceiling' ? ceiling(name, unit, parts[0]!) : following(op, { name, value, unit }, parts);
    case 'minimum':
    case 'levels':
      return following(op, { name, value, unit }, parts);
    case 'law':
      return law({ name, unit, value, says: name }, parts);
    case 'given':
      throw new InvariantError(`${name} is printed as given, without an operation`);
    default:
      return leaf('counted', { name, value, unit, says: name });
  }
}
