import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dot, exactAccumulator, multiplyAdd } from '../../src/numerics/accumulators.js';
import { toDecimal } from '../../src/numerics/formats/dyadic.js';
import { standardFloat } from '../../src/numerics/formats/minifloat.js';
import { posit } from '../../src/numerics/formats/posit.js';

describe('4.734612 x 5.417242 + z', () => {
  const float32 = standardFloat('float32');
  const [a, b] = [float32.encode(4.734612), float32.encode(5.417242)];

  it('float32, z = -25.648539: two roundings lose all digits that one rounding and the exact sum keep', () => {
    const z = float32.encode(-25.648539);
    const { twoRoundings, oneRounding, exact } = multiplyAdd(float32, { a, b, z });
    const [x, y, c] = [Math.fround(4.734612), Math.fround(5.417242), Math.fround(-25.648539)];
    expect(float32.decode(twoRoundings)).toBe(Math.fround(Math.fround(x * y) + c));
    // The product of two float32 is exact in a double, and so is this difference.
    expect(float32.decode(oneRounding)).toBe(Math.fround(x * y + c));
    expect(twoRoundings).not.toBe(oneRounding);
    expect(Number(toDecimal(exact!))).toBe(x * y + c);
    expect(dot(float32, [a, z], [b, float32.encode(1)], { how: exactAccumulator(float32, 2) })).toBe(oneRounding);
  });

  it.each(
    [
      standardFloat('float32'),
      standardFloat('float16'),
      standardFloat('bfloat16'),
      standardFloat('float8_e4m3fn'),
      posit({ bits: 32, exponentBits: 2 }),
      posit({ bits: 16, exponentBits: 1 }),
      posit({ bits: 8, exponentBits: 1 }),
    ].map((format) => [format.name, format] as const),
  )('%s: the rows of docs/numerics.md', (_name, format) => {
    const page = readFileSync(new URL('../../docs/numerics.md', import.meta.url), 'utf8');
    for (const z of [0, 0.001, -25.648539]) {
      const { twoRoundings, oneRounding, exact } = multiplyAdd(format, {
        a: format.encode(4.734612),
        b: format.encode(5.417242),
        z: format.encode(z),
      });
      expect(page).toContain(
        `| ${format.name} | ${z} | ${format.decode(twoRoundings)} | ${format.decode(oneRounding)} | ` +
          `${toDecimal(exact!)} |`,
      );
    }
  });

  it('posit<16,1>: the quire-like accumulator rounds once', () => {
    const format = posit({ bits: 16, exponentBits: 1 });
    const [p, q, z] = [4.734612, 5.417242, -25.65].map((value) => format.encode(value));
    const { oneRounding, exact } = multiplyAdd(format, { a: p!, b: q!, z: z! });
    expect(format.encodeExact(exact!)).toBe(oneRounding);
  });
});
