// A queue of records by time and priority in hierarchical timing wheels. A module lays its records out in its memory;
// of each this file knows the first 16 bytes. One queue a module.

// A record: next of its list (0: none), priority, key (a time; keys order as times do).
export const PRIORITY: usize = 4;
export const KEY: usize = 8;

// Six wheels of 1024 slots, a slot for each value of ten bits of the key. A record stands on the wheel of the highest
// digit in which its key differs from now: what stands on a lower wheel comes first. A slot is a list: first and last.
const WHEELS = 6;
const DIGIT = 10;
const SLOTS = 1024;
const HEADS: usize = 64;
/** Of each wheel 16 words that tell which slots hold records, and a word that tells which of those are not 0. */
const BITS: usize = HEADS + WHEELS * SLOTS * 8;
const SUMMARY: usize = BITS + WHEELS * 128;
/** The wheel of a key, by the leading zeros of how it differs from now: a byte each. */
const WHEEL: usize = SUMMARY + WHEELS * 8;
/** Where memory is the module's own; below 64 it is, too. */
export const OWN: usize = WHEEL + 128;

/** What `takeFar` says where records have moved: no record stands there. */
const SPREAD: usize = 1;

/** Key of the present time: none that is put in comes before it. */
let now: u64 = 0;
/** Wheels that hold records, a bit each. */
let wheels: i32 = 0;

// @ts-ignore: decorator
@inline
export function clock(): u64 {
  return now;
}

/** Sets the clock while nothing is pending. */
// @ts-ignore: decorator
@inline
export function setClock(key: u64): void {
  now = key;
}

/** Sets an empty queue up, whatever was in it. */
export function open(key: u64): void {
  empty();
  for (let zeros = 0; zeros < 64; zeros++) store<u8>(WHEEL + zeros, <u8>min((63 - zeros) / DIGIT, WHEELS - 1));
  store<u8>(WHEEL + 64, 0);
  now = key;
}

/** The wheel on which a record of this key stands. */
// @ts-ignore: decorator
@inline
function wheelOf(key: u64): usize {
  return <usize>load<u8>(WHEEL + <usize>clz(key ^ now));
}

/** Puts a record in. */
// @ts-ignore: decorator
@inline
export function insert(record: usize, key: u64): void {
  if ((key ^ now) < <u64>SLOTS) insertNear(record, key);
  else insertFar(record, key);
}

/** Puts a record on the first wheel, where a slot is one key: in its list behind those of its priority. */
// @ts-ignore: decorator
@inline
function insertNear(record: usize, key: u64): void {
  const slot = <usize>key & (SLOTS - 1);
  const head = HEADS + (slot << 3);
  const last = <usize>load<u32>(head, 4);
  if (last != 0 && load<i32>(record, PRIORITY) < load<i32>(last, PRIORITY)) {
    insertBefore(record, head);
    return;
  }
  store<u32>(record, 0);
  store<u32>(head, <u32>record, 4);
  if (last != 0) {
    store<u32>(last, <u32>record);
    return;
  }
  store<u32>(head, <u32>record);
  mark(0, slot);
}

/** Puts a record at the end of its slot's list. */
function insertFar(record: usize, key: u64): void {
  const wheel = wheelOf(key);
  const slot = <usize>(key >> (wheel * DIGIT)) & (SLOTS - 1);
  const head = HEADS + (wheel << 13) + (slot << 3);
  const last = <usize>load<u32>(head, 4);
  store<u32>(record, 0);
  store<u32>(head, <u32>record, 4);
  if (last != 0) {
    store<u32>(last, <u32>record);
    return;
  }
  store<u32>(head, <u32>record);
  mark(wheel, slot);
}

/** Notes that a slot holds records. */
// @ts-ignore: decorator
@inline
function mark(wheel: usize, slot: usize): void {
  const word = BITS + (wheel << 7) + ((slot >> 6) << 3);
  store<u64>(word, load<u64>(word) | (<u64>1 << (slot & 63)));
  const summary = SUMMARY + (wheel << 3);
  store<u32>(summary, load<u32>(summary) | (1 << <u32>(slot >> 6)));
  wheels |= 1 << <i32>wheel;
}

function insertBefore(record: usize, head: usize): void {
  const own = load<i32>(record + PRIORITY);
  let before = head;
  let after = <usize>load<u32>(head);
  while (load<i32>(after + PRIORITY) <= own) {
    before = after;
    after = <usize>load<u32>(after);
  }
  store<u32>(record, <u32>after);
  store<u32>(before, <u32>record);
}

/** Moves a slot's records down, now that time has come to its span. */
function spread(wheel: usize, slot: usize, head: usize): void {
  let record = <usize>load<u32>(head);
  clearSlot(wheel, slot, head);
  const shift = wheel * DIGIT;
  now = (load<u64>(record + KEY) >> shift) << shift;
  while (record != 0) {
    const next = <usize>load<u32>(record);
    insert(record, load<u64>(record + KEY));
    record = next;
  }
}

// @ts-ignore: decorator
@inline
function clearSlot(wheel: usize, slot: usize, head: usize): void {
  store<u64>(head, 0);
  const word = BITS + (wheel << 7) + ((slot >> 6) << 3);
  const left = load<u64>(word) & ~(<u64>1 << (slot & 63));
  store<u64>(word, left);
  if (left != 0) return;
  const summary = SUMMARY + (wheel << 3);
  const words = load<u32>(summary) & ~(1 << <u32>(slot >> 6));
  store<u32>(summary, words);
  if (words == 0) wheels &= ~(1 << <i32>wheel);
}

/** The first slot that holds records, on the first wheel that does. */
// @ts-ignore: decorator
@inline
function firstSlot(wheel: usize): usize {
  const group = <usize>ctz(load<u32>(SUMMARY + (wheel << 3)));
  return (group << 6) + <usize>ctz(load<u64>(BITS + (wheel << 7) + (group << 3)));
}

/** Takes the earliest record off the wheels, and the clock to it; 0: there is none. */
// @ts-ignore: decorator
@inline
export function take(): usize {
  return takeBefore(u64.MAX_VALUE);
}

/** Takes the earliest record where it comes before `limit`; 0: there is none, and the clock is before it. */
// @ts-ignore: decorator
@inline
export function takeBefore(limit: u64): usize {
  while (wheels != 0) {
    if (!(wheels & 1)) {
      const far = takeFar(limit);
      if (far == SPREAD) continue;
      return far;
    }
    const slot = firstSlot(0);
    const head = HEADS + (slot << 3);
    const record = <usize>load<u32>(head);
    const key = load<u64>(record, KEY);
    if (key >= limit) return 0;
    const following = <usize>load<u32>(record);
    if (following == 0) clearSlot(0, slot, head);
    else store<u32>(head, <u32>following);
    now = key;
    return record;
  }
  return 0;
}

/** Takes the earliest record where the first wheel holds none, or SPREAD: its slot's records are further down now. */
function takeFar(limit: u64): usize {
  const wheel = <usize>ctz(wheels);
  const slot = firstSlot(wheel);
  const head = HEADS + (wheel << 13) + (slot << 3);
  const record = <usize>load<u32>(head);
  const key = load<u64>(record, KEY);
  if (load<u32>(record) != 0) {
    const shift = wheel * DIGIT;
    if ((key >> shift) << shift >= limit) return 0;
    spread(wheel, slot, head);
    return SPREAD;
  }
  if (key >= limit) return 0;
  clearSlot(wheel, slot, head);
  now = key;
  return record;
}

/** Takes a record off, wherever it stands. */
export function remove(record: usize): void {
  const key = load<u64>(record, KEY);
  const wheel = wheelOf(key);
  const slot = <usize>(key >> (wheel * DIGIT)) & (SLOTS - 1);
  const head = HEADS + (wheel << 13) + (slot << 3);
  const next = load<u32>(record);
  let before = head;
  while (<usize>load<u32>(before) != record) before = <usize>load<u32>(before);
  store<u32>(before, next);
  if (next != 0) return;
  if (before == head) clearSlot(wheel, slot, head);
  else store<u32>(head, <u32>before, 4);
}

/** Key of the earliest record, or u64.MAX_VALUE. */
export function earliest(): u64 {
  if (wheels == 0) return u64.MAX_VALUE;
  const wheel = <usize>ctz(wheels);
  let record = <usize>load<u32>(HEADS + (wheel << 13) + (firstSlot(wheel) << 3));
  let first = u64.MAX_VALUE;
  for (; record != 0; record = <usize>load<u32>(record)) first = min(first, load<u64>(record, KEY));
  return first;
}

/** Sets the clock to a later key, before which no record is. */
export function advance(key: u64): void {
  const wheel = wheelOf(key);
  now = key;
  if (wheel == 0) return;
  const slot = <usize>(key >> (wheel * DIGIT)) & (SLOTS - 1);
  const head = HEADS + (wheel << 13) + (slot << 3);
  let record = <usize>load<u32>(head);
  if (record == 0) return;
  clearSlot(wheel, slot, head);
  while (record != 0) {
    const next = <usize>load<u32>(record);
    insert(record, load<u64>(record, KEY));
    record = next;
  }
}

/** Takes all records off. */
export function empty(): void {
  while (wheels != 0) {
    const wheel = <usize>ctz(wheels);
    const slot = firstSlot(wheel);
    clearSlot(wheel, slot, HEADS + (wheel << 13) + (slot << 3));
  }
}
