// ONNX files byte by byte (the fields of onnx.proto that models and tensors here need), without the project's writer.

const utf8 = new TextEncoder();

/** Base-128 digits of a whole number; negative ones as 64 bits. */
function varint(value) {
  let rest = BigInt.asUintN(64, BigInt(value));
  const out = [];
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Uint8Array.of(...out, Number(rest));
}

/** Several byte arrays as one. */
const joined = (parts) => Uint8Array.from(Buffer.concat(parts));
const int = (field, value) => joined([varint(field * 8), varint(value)]);
const block = (field, bytes) => joined([varint(field * 8 + 2), varint(bytes.length), bytes]);
const text = (field, value) => block(field, utf8.encode(value));
const float = (field, value) => joined([varint(field * 8 + 5), new Uint8Array(Float32Array.of(value).buffer)]);

/** Numbers of the element types of ONNX. */
const TYPES = { float: 1, int64: 7, bool: 9, double: 11 };
const ARRAYS = { float: Float32Array, int64: BigInt64Array, bool: Uint8Array, double: Float64Array };

/** A TensorProto. @param values null: they stand in another file */
export function tensorBytes(name, shape, values, type = 'float') {
  const head = [...shape.map((size) => int(1, size)), int(2, TYPES[type]), text(8, name)];
  if (values === null) {
    const entry = joined([text(1, 'location'), text(2, 'weights.bin')]);
    return joined([...head, block(13, entry), int(14, 1)]);
  }
  const own = ARRAYS[type].from(values, type === 'int64' ? BigInt : Number);
  return joined([...head, block(9, new Uint8Array(own.buffer))]);
}

function attribute(name, value) {
  if (typeof value === 'string') return joined([text(1, name), text(4, value), int(20, 3)]);
  if (value instanceof Uint8Array) return joined([text(1, name), block(5, value), int(20, 4)]);
  if (typeof value === 'object' && 'float' in value) return joined([text(1, name), float(2, value.float), int(20, 1)]);
  if (Array.isArray(value) && typeof value[0] === 'string')
    return joined([text(1, name), ...value.map((one) => text(9, one)), int(20, 8)]);
  if (Array.isArray(value)) return joined([text(1, name), ...value.map((one) => int(8, one)), int(20, 7)]);
  return joined([text(1, name), int(3, value), int(20, 2)]);
}

/** A node: operator, inputs, outputs, attributes (whole numbers, lists, strings, `{ float }`, tensors as bytes). */
const nodeBytes = ({ op, inputs, outputs, attributes = {}, name }) =>
  joined([
    ...inputs.map((one) => text(1, one)),
    ...outputs.map((one) => text(2, one)),
    text(3, name),
    text(4, op),
    ...Object.entries(attributes).map(([key, value]) => block(5, attribute(key, value))),
  ]);

function valueInfo(name, shape, type = 'float') {
  const dims = shape.map((size) => block(1, typeof size === 'string' ? text(2, size) : int(1, size)));
  const tensor = joined([int(1, TYPES[type]), block(2, joined(dims))]);
  return joined([text(1, name), block(2, block(1, tensor))]);
}

/**
 * A model. Inputs and outputs as [name, shape, type], initializers as [name, shape, values, type]; nodes without a name
 * are named by operator and number.
 */
export function modelBytes({ nodes, inputs, outputs, initializers = [], opset = 13, name = 'graph' }) {
  const graph = joined([
    ...nodes.map((one, i) => block(1, nodeBytes({ name: `${one.op}_${i}`, ...one }))),
    text(2, name),
    ...initializers.map((one) => block(5, tensorBytes(...one))),
    ...inputs.map((one) => block(11, valueInfo(...one))),
    ...outputs.map((one) => block(12, valueInfo(...one))),
  ]);
  return joined([int(1, 8), text(2, 'golden'), block(7, graph), block(8, int(2, opset))]);
}
