// Values to quantize.

import seedrandom from 'seedrandom';

/** Standard normal values (Box and Muller), seeded. */
export function normal(count: number, stream: string): Float64Array {
  const random = seedrandom.alea(stream);
  return Float64Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}
