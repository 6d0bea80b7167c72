// Draws of the scripts that make golden vectors: the same numbers on every machine.

/** Whole numbers from `from` to `to`, out of a seed (mulberry32). */
export function drawing(seed) {
  let state = seed;
  return (from, to) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    const share = ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    return from + Math.floor(share * (to - from + 1));
  };
}
