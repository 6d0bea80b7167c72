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

/**
 * `count` values that cut N(0, 1) into equal shares, ascending: what so many draws are on average, without their
 * scatter. The distribution is summed up in steps of 1e-4 from -8 on (midpoint rule).
 */
export function normalQuantiles(count: number): Float64Array {
  const values = new Float64Array(count);
  const step = 1e-4;
  let [at, share, i] = [-8, 0, 0];
  while (i < count) {
    const more = (step * Math.exp(-((at + step / 2) ** 2) / 2)) / Math.sqrt(2 * Math.PI);
    for (; i < count && share + more >= (i + 0.5) / count; i++)
      values[i] = at + (step * ((i + 0.5) / count - share)) / more;
    [at, share] = [at + step, share + more];
  }
  return values;
}
