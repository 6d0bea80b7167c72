// Integers of pickles, whatever size they have.

/** Decimal text as an integer; protocol 0 writes booleans as 00 and 01. */
export function integerLine(text: string): number | bigint | boolean {
  if (text === '00' || text === '01') return text === '01';
  if (!/^-?\d{1,400}$/.test(text)) throw new Error('pickle: malformed integer');
  return narrow(BigInt(text));
}

/** Two's complement, least significant byte first. */
export function long(bytes: Uint8Array): number | bigint {
  if (bytes.length > 256) throw new Error('pickle: an integer beyond 2,048 bits');
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return narrow(BigInt.asIntN(8 * bytes.length, value));
}

const narrow = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
