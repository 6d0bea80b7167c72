// Memory of the WebAssembly module, handed out for one job after the other.

import type { Gathered } from './jobs.js';

const PAGE = 65536;
/** The compiler's own data lie below. */
const BASE = PAGE;

/** Numbers that are copied into the memory. */
export type Words = Float32Array | Float64Array | Int32Array | Int16Array | Uint16Array | Uint8Array;

/** Addresses of vectors: element r of vector v stands at `data` + size x (starts[v] + offsets[r]). */
export type Placed = Readonly<Record<'data' | 'starts' | 'offsets', number>>;

/** Least and largest of a list that is not empty. */
function ends(list: Int32Array): [least: number, most: number] {
  let [least, most] = [list[0]!, list[0]!];
  for (let i = 1; i < list.length; i++) {
    if (list[i]! < least) least = list[i]!;
    if (list[i]! > most) most = list[i]!;
  }
  return [least, most];
}

/** Memory that is handed out from the start anew for each job. */
export class Arena {
  #next = BASE;

  constructor(readonly memory: WebAssembly.Memory) {}

  start(): void {
    this.#next = BASE;
  }

  /** Room for so many bytes; what stands in it is whatever was there. */
  room(bytes: number): number {
    const at = this.#next;
    this.#next = (at + bytes + 15) & ~15;
    const missing = this.#next - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return at;
  }

  zeroed(bytes: number): number {
    const at = this.room(bytes);
    new Uint8Array(this.memory.buffer, at, bytes).fill(0);
    return at;
  }

  copy(words: Words): number {
    const at = this.room(words.byteLength);
    new Uint8Array(this.memory.buffer, at, words.byteLength).set(
      new Uint8Array(words.buffer, words.byteOffset, words.byteLength),
    );
    return at;
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  doubles(at: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, at, length);
  }

  /** Copies the stretch of the data that vectors lie in, with where they lie. */
  place({ data, starts, offsets }: Gathered<Int32Array | Float32Array | Float64Array>): Placed {
    const [firstStart, lastStart] = ends(starts);
    const [firstOffset, lastOffset] = ends(offsets);
    const first = firstStart + firstOffset;
    const at = this.copy(data.subarray(first, lastStart + lastOffset + 1));
    return { data: at - first * data.BYTES_PER_ELEMENT, starts: this.copy(starts), offsets: this.copy(offsets) };
  }
}
