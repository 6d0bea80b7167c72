// Pickles read as data. Nothing is executed: a pickle may only name what is on the caller's list, and names of the list
// stand for themselves.

import { integerLine, long } from './pickle-integers.js';
import { PickleCall, PickleGlobal, PickleReference, pickleText, type PickleValue } from './pickle-values.js';

/** Where a pickle ended, for what follows it. */
export interface PickleResult {
  readonly value: PickleValue;
  readonly end: number;
}

/** Steps of a pickle; a tensor takes about 60. */
const MOST_STEPS = 10_000_000;
/** Memory of a list, call or remembered value, and of a dictionary or set, bytes. */
const OBJECT_BYTES = 24;
const TABLE_BYTES = 200;

const MARK = Symbol('mark');
type Slot = PickleValue | typeof MARK;

/**
 * @param take hears of the memory that values need, and may refuse it
 * @throws Error with a message for the user: truncated or malformed pickles, names that are not allowed, opcodes that
 * plain data do not need
 */
export function readPickle(
  bytes: Uint8Array,
  allowed: (path: string) => boolean,
  start: number,
  take: (bytes: number) => void,
): PickleResult {
  return new Interpreter(bytes, allowed, start, take).run();
}

class Interpreter {
  private readonly view: DataView;
  private readonly stack: Slot[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly allowed: (path: string) => boolean,
    private at: number,
    private readonly claim: (bytes: number) => void,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleResult {
    for (let steps = 0; ; steps++) {
      if (steps > MOST_STEPS) throw new Error(`pickle: more than ${MOST_STEPS} steps`);
      const code = this.take(1)[0]!;
      if (code === 0x2e) {
        const value = this.pop();
        if (this.stack.length > 0) throw new Error('pickle: something is left on the stack');
        return { value, end: this.at };
      }
      this.step(code);
    }
  }

  private take(length: number): Uint8Array {
    if (length < 0 || this.at + length > this.bytes.length) throw new Error(`pickle: truncated at byte ${this.at}`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  private number(size: 1 | 2 | 4 | 8, signed = false): number {
    const at = this.at;
    this.take(size);
    if (size === 1) return this.view.getUint8(at);
    if (size === 2) return this.view.getUint16(at, true);
    if (size === 4) return signed ? this.view.getInt32(at, true) : this.view.getUint32(at, true);
    const value = Number(this.view.getBigUint64(at, true));
    return value <= this.bytes.length ? value : -1;
  }

  private text(length: number): string {
    return new TextDecoder().decode(this.take(length));
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    const text = this.text(end < 0 ? -1 : end - this.at);
    this.take(1);
    return text;
  }

  private push(value: PickleValue): void {
    if (typeof value === 'object' && value !== null)
      this.claim(value instanceof Map || value instanceof Set ? TABLE_BYTES : OBJECT_BYTES);
    this.stack.push(value);
  }

  private pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === MARK) throw new Error('pickle: empty stack');
    return value;
  }

  private top(): PickleValue {
    const value = this.pop();
    this.push(value);
    return value;
  }

  private popMark(): PickleValue[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw new Error('pickle: no mark');
    const values = this.stack.splice(mark).slice(1);
    return values.filter((value) => value !== MARK);
  }

  private global(module: PickleValue, name: PickleValue): void {
    const path = `${pickleText(module)}.${pickleText(name)}`;
    if (!this.allowed(path))
      throw new Error(`pickle asks for ${JSON.stringify(path)}, which plain tensors do not need; nothing was executed`);
    this.push(new PickleGlobal(path));
  }

  private call(args: PickleValue, callable: PickleValue): void {
    if (!(callable instanceof PickleGlobal) || !Array.isArray(args))
      throw new Error('pickle: a call of what is no listed name');
    if (callable.path === 'collections.OrderedDict') this.push(new Map(pairs(args[0] ?? [])));
    else if (callable.path.endsWith('builtin__.set') || callable.path === 'builtins.set')
      this.push(new Set(Array.isArray(args[0]) ? args[0] : []));
    else this.push(new PickleCall(callable.path, args));
  }

  private setItems(target: PickleValue, items: PickleValue[]): void {
    if (!(target instanceof Map) || items.length % 2 === 1) throw new Error('pickle: items for what is no dictionary');
    for (let i = 0; i < items.length; i += 2) target.set(items[i]!, items[i + 1]!);
    this.push(target);
  }

  private append(target: PickleValue, items: PickleValue[]): void {
    if (target instanceof Set) for (const item of items) target.add(item);
    else if (Array.isArray(target)) for (const item of items) target.push(item);
    else throw new Error('pickle: items for what is no list');
    this.push(target);
  }

  private build(target: PickleValue, state: PickleValue): void {
    // Attributes of a dictionary (`_metadata` of a state dict) are not its items.
    if (target instanceof PickleCall) target.state = state;
    else if (!(target instanceof Map)) throw new Error('pickle: state for what is no object');
    this.push(target);
  }

  private remember(index: number, value: PickleValue): void {
    this.claim(OBJECT_BYTES);
    this.memo.set(index, value);
  }

  private recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw new Error(`pickle: nothing is remembered as ${index}`);
    this.push(value);
  }

  private step(code: number): void {
    switch (code) {
      case 0x80: // PROTO
        if (this.number(1) > 5) throw new Error('pickle: a protocol beyond 5');
        return;
      case 0x95: // FRAME
        this.take(8);
        return;
      case 0x28: // MARK
        this.stack.push(MARK);
        return;
      case 0x30: // POP
        if (this.stack.pop() === undefined) throw new Error('pickle: empty stack');
        return;
      case 0x31: // POP_MARK
        this.popMark();
        return;
      case 0x32: // DUP
        this.push(this.top());
        return;
      case 0x4e: // NONE
        this.push(null);
        return;
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        this.push(code === 0x88);
        return;
      case 0x4a: // BININT
        this.push(this.number(4, true));
        return;
      case 0x4b: // BININT1
        this.push(this.number(1));
        return;
      case 0x4d: // BININT2
        this.push(this.number(2));
        return;
      case 0x49: // INT
        this.push(integerLine(this.line()));
        return;
      case 0x4c: // LONG
        this.push(integerLine(this.line().replace(/L$/, '')));
        return;
      case 0x8a: // LONG1
        this.push(long(this.take(this.number(1))));
        return;
      case 0x8b: // LONG4
        this.push(long(this.take(this.number(4, true))));
        return;
      case 0x46: // FLOAT
        this.push(Number(this.line()));
        return;
      case 0x47: // BINFLOAT
        this.push(new DataView(this.take(8).slice().buffer).getFloat64(0));
        return;
      case 0x58: // BINUNICODE
        this.push(this.text(this.number(4)));
        return;
      case 0x8c: // SHORT_BINUNICODE
        this.push(this.text(this.number(1)));
        return;
      case 0x8d: // BINUNICODE8
        this.push(this.text(this.number(8)));
        return;
      case 0x56: // UNICODE
        this.push(this.line());
        return;
      case 0x54: // BINSTRING
        this.push(this.text(this.number(4, true)));
        return;
      case 0x55: // SHORT_BINSTRING
        this.push(this.text(this.number(1)));
        return;
      case 0x53: // STRING
        this.push(this.line().replace(/^(['"])(.*)\1$/s, '$2'));
        return;
      case 0x42: // BINBYTES
        this.push(this.take(this.number(4)));
        return;
      case 0x43: // SHORT_BINBYTES
        this.push(this.take(this.number(1)));
        return;
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        this.push(this.take(this.number(8)));
        return;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        this.push([]);
        return;
      case 0x7d: // EMPTY_DICT
        this.push(new Map());
        return;
      case 0x8f: // EMPTY_SET
        this.push(new Set());
        return;
      case 0x6c: // LIST
      case 0x74: // TUPLE
        this.push(this.popMark());
        return;
      case 0x91: // FROZENSET
        this.push(new Set(this.popMark()));
        return;
      case 0x64: // DICT
        this.setItems(new Map(), this.popMark());
        return;
      case 0x85: // TUPLE1, TUPLE2, TUPLE3
      case 0x86:
      case 0x87:
        this.push(Array.from({ length: code - 0x84 }, () => this.pop()).reverse());
        return;
      case 0x61: {
        // APPEND
        const item = this.pop();
        this.append(this.pop(), [item]);
        return;
      }
      case 0x65: // APPENDS
      case 0x90: {
        // ADDITEMS
        const items = this.popMark();
        this.append(this.pop(), items);
        return;
      }
      case 0x73: {
        // SETITEM
        const [value, key] = [this.pop(), this.pop()];
        this.setItems(this.pop(), [key, value]);
        return;
      }
      case 0x75: {
        // SETITEMS
        const items = this.popMark();
        this.setItems(this.pop(), items);
        return;
      }
      case 0x71: // BINPUT
        this.remember(this.number(1), this.top());
        return;
      case 0x72: // LONG_BINPUT
        this.remember(this.number(4), this.top());
        return;
      case 0x70: // PUT
        this.remember(Number(this.line()), this.top());
        return;
      case 0x94: // MEMOIZE
        this.remember(this.memo.size, this.top());
        return;
      case 0x68: // BINGET
        this.recall(this.number(1));
        return;
      case 0x6a: // LONG_BINGET
        this.recall(this.number(4));
        return;
      case 0x67: // GET
        this.recall(Number(this.line()));
        return;
      case 0x63: {
        // GLOBAL
        const module = this.line();
        this.global(module, this.line());
        return;
      }
      case 0x93: {
        // STACK_GLOBAL
        const name = this.pop();
        this.global(this.pop(), name);
        return;
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const args = this.pop();
        this.call(args, this.pop());
        return;
      }
      case 0x62: {
        // BUILD
        const state = this.pop();
        this.build(this.pop(), state);
        return;
      }
      case 0x51: // BINPERSID
        this.push(new PickleReference(this.pop()));
        return;
      case 0x50: // PERSID
        this.push(new PickleReference(this.line()));
        return;
      default:
        throw new Error(
          `pickle: opcode 0x${code.toString(16).padStart(2, '0')} at byte ${this.at - 1} is not one of plain data`,
        );
    }
  }
}

/** The pairs of a list of two-element lists. */
function pairs(list: PickleValue): [PickleValue, PickleValue][] {
  if (!Array.isArray(list)) throw new Error('pickle: a dictionary from what is no list');
  return list.map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw new Error('pickle: a dictionary from what are no pairs');
    return [pair[0]!, pair[1]!];
  });
}
