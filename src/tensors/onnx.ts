// Weights of ONNX models: initializers and constants.

import { fromBinary } from '@bufbuild/protobuf';
import { MemoryBudget } from '../config/budget.js';
import { UserError } from '../config/errors.js';
import {
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  type GraphProto,
  type ModelProto,
  type TensorProto,
} from './generated/onnx_pb.js';
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
import { takeMessage } from './wire.js';
import { messageOf } from '../config/typed.js';

const T = TensorProto_DataType;
/** By the numbers of onnx.proto. */
const DTYPES = new Map<number, DType>([
  [T.FLOAT, 'f32'],
  [T.DOUBLE, 'f64'],
  [T.FLOAT16, 'f16'],
  [T.BFLOAT16, 'bf16'],
  [T.FLOAT8E4M3FN, 'f8e4m3'],
  [T.FLOAT8E5M2, 'f8e5m2'],
  [T.BOOL, 'bool'],
  [T.UINT8, 'u8'],
  [T.INT8, 'i8'],
  [T.UINT16, 'u16'],
  [T.INT16, 'i16'],
  [T.UINT32, 'u32'],
  [T.INT32, 'i32'],
  [T.UINT64, 'u64'],
  [T.INT64, 'i64'],
]);
const STRING: number = T.STRING;

/** An element type's short name by its number in onnx.proto. */
export const dtypeName = (number: number): string =>
  number === STRING ? 'string' : (DTYPES.get(number) ?? `type ${number}`);

/** True for element types of numbers and bool that are read. */
export const isNumeric = (number: number): boolean => DTYPES.has(number);

/** A model file. @throws UserError for what is no model */
export function parseOnnx(
  bytes: Uint8Array,
  file: string,
  budget = MemoryBudget.ofFile(file, bytes.length),
): ModelProto & { graph: GraphProto } {
  let model: ModelProto;
  try {
    takeMessage(bytes, ModelProtoSchema, budget);
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    if (error instanceof UserError) throw error;
    return refuse(file, `is no ONNX model: ${messageOf(error)}`);
  }
  const { graph, irVersion, opsetImport } = model;
  if (graph === undefined) return refuse(file, 'is no ONNX model: it has no graph');
  // The last field of most files: without it the file was cut off (onnx.proto: must be present from IR version 3).
  if (irVersion >= 3n && opsetImport.length === 0) return refuse(file, 'has no opset_import: truncated');
  return Object.assign(model, { graph });
}

/**
 * Reads the initializers and `Constant` nodes of a model's main graph. @throws UserError for what is no model, for
 * other element types, external data and lying shapes
 */
export function readOnnx(bytes: Uint8Array, file: string, budget = MemoryBudget.ofFile(file, bytes.length)): Tensor[] {
  const { graph } = parseOnnx(bytes, file, budget);
  const constants = graph.node
    .filter(({ opType }) => opType === 'Constant')
    .flatMap(({ output, attribute }) =>
      attribute.flatMap(({ name, t }) =>
        name === 'value' && t !== undefined ? [tensorOf(t, output[0] ?? t.name, file, budget)] : [],
      ),
    );
  return [...graph.initializer.map((tensor) => tensorOf(tensor, tensor.name, file, budget)), ...constants].filter(
    (tensor) => tensor !== undefined,
  );
}

/** Strings are passed over: they are no weights. */
function tensorOf(tensor: TensorProto, name: string, file: string, budget: MemoryBudget): Tensor | undefined {
  if (tensor.dataType === STRING) return undefined;
  const { dtype, shape, read } = onnxTensor(tensor, name, file);
  budget.take(elementCount(file, name, shape) * memoryBytes(dtype), `tensor "${name}"`);
  return read();
}

/** A tensor whose header was checked against its data, to be read when its numbers are needed. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** @throws UserError where its data is in a file that is not there */
  readonly read: () => Tensor;
}

/** Bytes of a file of external data by the name that a model gives; undefined where there is none. */
export type ExternalData = (location: string) => Uint8Array | undefined;

/** Checks a tensor's header. @throws UserError for other element types and shapes that its data does not fill */
export function onnxTensor(tensor: TensorProto, name: string, file: string, external?: ExternalData): StoredTensor {
  const dtype = DTYPES.get(tensor.dataType);
  if (dtype === undefined)
    return refuse(
      file,
      `tensor "${name}": element type ${T[tensor.dataType] ?? 'unknown'} (${tensor.dataType}) is not read`,
    );
  const shape = tensor.dims.map(Number);
  const count = elementCount(file, name, shape);
  const bytes = count * DTYPE_BYTES[dtype];
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL)
    return { dtype, shape, read: () => externalTensor(tensor, { name, dtype, shape }, { bytes, file, external }) };
  const wrong = (found: string): never => refuse(file, `tensor "${name}": shape [${shape.join(', ')}] ${found}`);
  if (tensor.rawData.length > 0 || count === 0) {
    if (tensor.rawData.length !== bytes) return wrong(`takes ${bytes} bytes, there are ${tensor.rawData.length}`);
    return { dtype, shape, read: () => ({ name, dtype, shape, data: decodeElements(dtype, tensor.rawData) }) };
  }
  const typed = typedLength(tensor, dtype);
  if (typed !== count) return wrong(`has ${count} elements, there are ${typed}`);
  return { dtype, shape, read: () => ({ name, dtype, shape, data: typedData(tensor, dtype) }) };
}

function externalTensor(
  tensor: TensorProto,
  header: { name: string; dtype: DType; shape: number[] },
  {
    bytes,
    file,
    external,
  }: { readonly bytes: number; readonly file: string; readonly external: ExternalData | undefined },
): Tensor {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  if (external === undefined)
    return refuse(file, `tensor "${header.name}": its data is in another file, which is not read`);
  const data = external(location);
  if (data === undefined)
    return refuse(file, `tensor "${header.name}": its data is in "${location}", which is not there`);
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? bytes);
  if (!Number.isSafeInteger(offset) || offset < 0 || length !== bytes || offset + length > data.length)
    return refuse(
      file,
      `tensor "${header.name}": bytes ${offset} to ${offset + length} of "${location}" (${data.length} bytes) do not ` +
        `hold its ${bytes} bytes`,
    );
  return { ...header, data: decodeElements(header.dtype, data.subarray(offset, offset + length)) };
}

function typedLength({ floatData, doubleData, int32Data, int64Data, uint64Data }: TensorProto, dtype: DType): number {
  const fields: Partial<Record<DType, { length: number }>> = {
    f32: floatData,
    f64: doubleData,
    i64: int64Data,
    u64: uint64Data,
    u32: uint64Data,
  };
  return (fields[dtype] ?? int32Data).length;
}

/** The typed fields: int32_data carries all that is narrower, floats as bit patterns (onnx.proto, TensorProto). */
function typedData({ floatData, doubleData, int32Data, int64Data, uint64Data }: TensorProto, dtype: DType): TensorData {
  switch (dtype) {
    case 'f32':
      return Float32Array.from(floatData);
    case 'f64':
      return Float64Array.from(doubleData);
    case 'i64':
      return BigInt64Array.from(int64Data);
    case 'u64':
      return BigUint64Array.from(uint64Data);
    case 'u32':
      return Uint32Array.from(uint64Data, Number);
    default: {
      const size = DTYPE_BYTES[dtype];
      const bytes = new Uint8Array(int32Data.length * size);
      const view = new DataView(bytes.buffer);
      int32Data.forEach((value, i) => {
        if (size === 1) view.setUint8(i, value);
        else if (size === 2) view.setUint16(2 * i, value, true);
        else view.setInt32(4 * i, value, true);
      });
      return decodeElements(dtype, bytes);
    }
  }
}
