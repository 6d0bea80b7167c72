// PyTorch's .pt and .pth: the zip form (since 1.6) and the older sequence of pickles. Pickles are read as data and
// never executed.

import { MemoryBudget } from '../config/budget.js';
import { PickleCall, PickleGlobal, PickleReference, pickleText, type PickleValue } from './pickle-values.js';
import { readPickle } from './pickle.js';
import {
  DTYPE_BYTES,
  decodeElements,
  elementCount,
  memoryBytes,
  refuse,
  type DType,
  type Tensor,
  type TensorData,
} from './tensor.js';
import { isZip, unzip } from './zip.js';
import { messageOf } from '../config/typed.js';

const STORAGES: Record<string, DType> = {
  FloatStorage: 'f32',
  DoubleStorage: 'f64',
  HalfStorage: 'f16',
  BFloat16Storage: 'bf16',
  BoolStorage: 'bool',
  ByteStorage: 'u8',
  CharStorage: 'i8',
  ShortStorage: 'i16',
  IntStorage: 'i32',
  LongStorage: 'i64',
};
const TORCH_TYPES: Record<string, DType> = {
  float32: 'f32',
  float64: 'f64',
  float16: 'f16',
  bfloat16: 'bf16',
  bool: 'bool',
  uint8: 'u8',
  int8: 'i8',
  int16: 'i16',
  int32: 'i32',
  int64: 'i64',
  uint16: 'u16',
  uint32: 'u32',
  uint64: 'u64',
  float8_e4m3fn: 'f8e4m3',
  float8_e5m2: 'f8e5m2',
};
const TENSOR_CALLS = [
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor_v3',
  'torch._utils._rebuild_tensor',
];
const PARAMETER_CALLS = [
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_parameter_with_state',
  'torch.nn.parameter.Parameter',
];
/** All names that a file of plain tensors asks for. */
const ALLOWED = new Set([
  'collections.OrderedDict',
  '__builtin__.set',
  'builtins.set',
  'torch.Size',
  'torch.device',
  '_codecs.encode',
  'torch.storage.UntypedStorage',
  'torch.storage.TypedStorage',
  ...TENSOR_CALLS,
  ...PARAMETER_CALLS,
  ...Object.keys(STORAGES).map((name) => `torch.${name}`),
  ...Object.keys(TORCH_TYPES).map((name) => `torch.${name}`),
]);
const isAllowed = (path: string): boolean => ALLOWED.has(path);

/** Python's integers of the two headers of the older form. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_VERSION = 1001;

/** Elements of a storage by its key. */
type Storages = (key: string) => { readonly bytes: Uint8Array; readonly littleEndian: boolean };

/**
 * Reads the tensors of a state dict or of any nesting of dictionaries and lists; names are joined with dots, what is no
 * tensor is passed over.
 * @throws UserError for what is no such file, for pickles that name anything but tensors, and for sizes that do not fit
 * the data
 */
export function readPyTorch(
  bytes: Uint8Array,
  file: string,
  budget = MemoryBudget.ofFile(file, bytes.length),
): Tensor[] {
  try {
    const { value, storages } = isZip(bytes) ? openZip(bytes, file, budget) : openLegacy(bytes, budget);
    return collect(value, storages, { file, budget, decoded: new Map() });
  } catch (error) {
    return error instanceof Error && error.name === 'UserError'
      ? rethrow(error)
      : refuse(file, `is no PyTorch file of plain tensors: ${messageOf(error)}`);
  }
}

function rethrow(error: Error): never {
  throw error;
}

interface Opened {
  readonly value: PickleValue;
  readonly storages: Storages;
}

const takeFrom =
  (budget: MemoryBudget) =>
  (bytes: number): void => {
    budget.take(bytes, 'its pickle');
  };

function openZip(bytes: Uint8Array, file: string, budget: MemoryBudget): Opened {
  const entries = unzip(bytes, file, budget);
  const pickles = [...entries.keys()].filter((name) => /(^|\/)data\.pkl$/.test(name));
  const [name] = pickles;
  if (name === undefined || pickles.length > 1)
    throw new Error(`${pickles.length} entries data.pkl, expected one (TorchScript archives are not read)`);
  const folder = name.slice(0, -'data.pkl'.length);
  const order = entries.get(`${folder}byteorder`);
  const littleEndian = order === undefined || new TextDecoder().decode(order).trim() === 'little';
  const storages: Storages = (key) => {
    const path = `${folder}data/${key}`;
    const data = entries.get(path);
    if (data === undefined) throw new Error(`there is no storage "${key}"`);
    return { bytes: data, littleEndian };
  };
  return { value: readPickle(entries.get(name)!, isAllowed, 0, takeFrom(budget)).value, storages };
}

function openLegacy(bytes: Uint8Array, budget: MemoryBudget): Opened {
  const read = (start: number): { value: PickleValue; end: number } =>
    readPickle(bytes, isAllowed, start, takeFrom(budget));
  const magic = read(0);
  if (magic.value !== LEGACY_MAGIC) throw new Error('neither a zip archive nor the magic number of the older form');
  const version = read(magic.end);
  if (version.value !== LEGACY_VERSION)
    throw new Error(`version ${pickleText(version.value)}, expected ${LEGACY_VERSION}`);
  const system = read(version.end);
  const littleEndian = !(system.value instanceof Map && system.value.get('little_endian') === false);
  const main = read(system.end);
  const keys = read(main.end);
  if (!Array.isArray(keys.value)) throw new Error('no list of storages');
  const sizes = new Map<string, { count: number; bytes: number }>();
  walk(main.value, '', (_, value) => {
    const reference = value instanceof PickleCall ? value.args[0] : undefined;
    if (reference instanceof PickleReference) {
      const { key, dtype, count } = storageOf(reference);
      if (dtype !== undefined) sizes.set(key, { count, bytes: count * DTYPE_BYTES[dtype] });
    }
  });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = new Map<string, Uint8Array>();
  let at = keys.end;
  for (const item of keys.value) {
    const key = pickleText(item);
    const size = sizes.get(key);
    if (at + 8 > bytes.length) throw new Error('truncated');
    const count = Number(view.getBigUint64(at, true));
    // A storage that no tensor uses does not tell its element size: nothing behind it can be found.
    if (size === undefined) throw new Error(`storage "${key}" belongs to no tensor`);
    if (count !== size.count) throw new Error(`storage "${key}" says ${count} elements, its tensors say ${size.count}`);
    if (at + 8 + size.bytes > bytes.length) throw new Error(`storage "${key}" is truncated`);
    data.set(key, bytes.subarray(at + 8, at + 8 + size.bytes));
    at += 8 + size.bytes;
  }
  const storages: Storages = (key) => {
    const found = data.get(key);
    if (found === undefined) throw new Error(`there is no storage "${key}"`);
    return { bytes: found, littleEndian };
  };
  return { value: main.value, storages };
}

/** ('storage', type, key, location, number of elements, view). */
function storageOf({ id }: PickleReference): { key: string; dtype: DType | undefined; count: number } {
  if (!Array.isArray(id) || id[0] !== 'storage' || !(id[1] instanceof PickleGlobal) || typeof id[4] !== 'number')
    throw new Error('a reference to something else than a storage');
  if (id[5] !== undefined && id[5] !== null) throw new Error('a view of a storage, as PyTorch before 0.4 wrote them');
  const type = id[1].path.replace(/^torch\./, '');
  return { key: pickleText(id[2]), dtype: Object.hasOwn(STORAGES, type) ? STORAGES[type] : undefined, count: id[4] };
}

const MOST_DEPTH = 100;
/** Shared lists in lists can stand for more items than there are atoms. */
const MOST_ITEMS = 10_000_000;

/** Visits every call under its dotted name. */
function walk(
  value: PickleValue,
  name: string,
  visit: (name: string, value: PickleValue) => void,
  { depth = 0, visited = { items: 0 } }: { readonly depth?: number; readonly visited?: { items: number } } = {},
): void {
  if (depth > MOST_DEPTH) throw new Error(`nested deeper than ${MOST_DEPTH} levels`);
  if (++visited.items > MOST_ITEMS) throw new Error(`more than ${MOST_ITEMS} items`);
  const below = (key: PickleValue): string => (name === '' ? pickleText(key) : `${name}.${pickleText(key)}`);
  if (value instanceof PickleCall && PARAMETER_CALLS.includes(value.path))
    walk(value.args[0] ?? null, name, visit, { depth: depth + 1, visited });
  else if (value instanceof PickleCall) visit(name, value);
  else if (value instanceof Map)
    for (const [key, item] of value) walk(item, below(key), visit, { depth: depth + 1, visited });
  else if (Array.isArray(value))
    value.forEach((item, i) => {
      walk(item, below(i), visit, { depth: depth + 1, visited });
    });
}

/** What the tensors of a file share. */
interface Shared {
  file: string;
  budget: MemoryBudget;
  /** Elements of whole storages that views gather from, by storage and type. */
  decoded: Map<string, TensorData>;
}

function collect(value: PickleValue, storages: Storages, shared: Shared): Tensor[] {
  const tensors: Tensor[] = [];
  walk(value, '', (name, call) => {
    if (call instanceof PickleCall && TENSOR_CALLS.includes(call.path))
      tensors.push(rebuild(name, call, storages, shared));
  });
  return tensors;
}

const isCountList = (value: PickleValue | undefined): value is number[] =>
  Array.isArray(value) && value.every((size) => typeof size === 'number' && Number.isSafeInteger(size) && size >= 0);

/** Arguments: storage, offset, size, stride, requires_grad, hooks [, element type in v3]. */
function rebuild(
  name: string,
  { path, args }: PickleCall,
  storages: Storages,
  { file, budget, decoded }: Shared,
): Tensor {
  const [reference, offset, size, stride] = args;
  if (
    !(reference instanceof PickleReference) ||
    typeof offset !== 'number' ||
    !isCountList(size) ||
    !isCountList(stride) ||
    size.length !== stride.length ||
    !Number.isSafeInteger(offset) ||
    offset < 0
  ) {
    return refuse(file, `tensor "${name}": malformed`);
  }
  const storage = storageOf(reference);
  const type =
    path.endsWith('_v3') && args[6] instanceof PickleGlobal ? args[6].path.replace(/^torch\./, '') : undefined;
  const dtype = type === undefined ? storage.dtype : Object.hasOwn(TORCH_TYPES, type) ? TORCH_TYPES[type] : undefined;
  if (dtype === undefined) return refuse(file, `tensor "${name}": an element type that is not read`);
  const { bytes, littleEndian } = storages(storage.key);
  const width = DTYPE_BYTES[dtype];
  const held = Math.floor(bytes.length / width);
  const count = elementCount(file, name, size);
  const last = size.reduce((at, n, axis) => at + (n - 1) * stride[axis]!, offset);
  if (count > 0 && last >= held)
    return refuse(file, `tensor "${name}": sizes [${size.join(', ')}] reach element ${last} of a storage of ${held}`);
  // A broadcast view has more elements than its storage; so many more are a lie.
  if (count > Math.max(held, 1 << 24))
    return refuse(file, `tensor "${name}": ${count} elements of a storage of ${held}`);
  const contiguous = size.every(
    (n, axis) => n <= 1 || stride[axis] === size.slice(axis + 1).reduce((product, m) => product * m, 1),
  );
  const from = (start: number, end: number): TensorData => {
    budget.take((end - start) * memoryBytes(dtype), `tensor "${name}"`);
    return decodeElements(dtype, bytes.subarray(start * width, end * width), littleEndian);
  };
  const whole = (): TensorData => {
    const key = `${storage.key} ${dtype}`;
    const data = decoded.get(key) ?? from(0, held);
    decoded.set(key, data);
    budget.take(count * memoryBytes(dtype), `tensor "${name}"`);
    return data;
  };
  const data =
    count === 0
      ? from(0, 0)
      : contiguous
        ? from(offset, offset + count)
        : gather(whole(), { offset, size, stride, count });
  return { name, dtype, shape: size, data };
}

/** Elements of a view in row-major order. */
function gather<Data extends TensorData>(
  storage: Data,
  {
    offset,
    size,
    stride,
    count,
  }: {
    readonly offset: number;
    readonly size: readonly number[];
    readonly stride: readonly number[];
    readonly count: number;
  },
): Data {
  // Cast: a typed array is made by its own constructor.
  const Elements = storage.constructor as new (length: number) => Data;
  const result = new Elements(count);
  const index = new Array<number>(size.length).fill(0);
  let at = offset;
  for (let i = 0; i < count; i++) {
    result[i] = storage[at]!;
    for (let axis = size.length - 1; axis >= 0; axis--) {
      at += stride[axis]!;
      if (++index[axis]! < size[axis]!) break;
      at -= size[axis]! * stride[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
