// `npm run onnx:agree`: every operator that is imported, at random shapes and attributes, against onnxruntime: shapes
// and values. Writes docs/onnx-agreement.md. It needs onnxruntime-node, which is no dependency (291 MB):
//   npm install --prefix FOLDER --ignore-scripts onnxruntime-node@1.30.0; ONNXRUNTIME=FOLDER npm run onnx:agree

import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../../../src/config/index.js';
import { Executor } from '../../../src/functional/execute.js';
import { fromFileLayout, toFileLayout } from '../../functional/file-layout.js';
import type { Values } from '../../../src/functional/operators/values.js';
import { importOnnx, SUPPORTED_OPERATORS } from '../../../src/workload/onnx/index.js';
import { Draw } from './draw.js';
import { inputName, modelOfCase, typedArray, type Element, type OperatorCase } from './model.js';
import { CONTRIB_CASES } from './contrib-cases.js';
import { PRODUCT_CASES } from './product-cases.js';
import { VECTOR_CASES } from './vector-cases.js';

/** Largest difference to a value v: onnxruntime computes in single precision. */
const toleranceOf = (value: number): number => 2e-5 + 2e-5 * Math.abs(value);
/**
 * Integers of scales that are computed in single precision, or rounded with their zero point added: a step where a
 * quotient lies between two.
 */
const STEPS: ReadonlySet<string> = new Set([
  'DynamicQuantizeLinear',
  ...['Add', 'Mul', 'AveragePool', 'GlobalAveragePool'].map((type) => `com.microsoft.QLinear${type}`),
]);

/** What is used of onnxruntime-node. */
interface Runtime {
  InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: object): Promise<Record<string, RuntimeTensor>>; release(): Promise<void> }>;
  };
  Tensor: new (type: string, data: unknown, dims: readonly number[]) => object;
}
interface RuntimeTensor {
  dims: readonly number[];
  data: ArrayLike<number | bigint | boolean>;
}

const TYPES: Record<Element, string> = {
  f32: 'float32',
  i64: 'int64',
  i32: 'int32',
  u8: 'uint8',
  i8: 'int8',
  bool: 'bool',
};

function runtime(): Runtime {
  const folder = resolve(process.env.ONNXRUNTIME ?? '.');
  const load = createRequire(join(folder, 'node_modules', 'any.js'));
  try {
    // Cast: the package is not installed where types are checked.
    return load('onnxruntime-node') as Runtime;
  } catch {
    console.error(
      `no onnxruntime-node in ${folder}: npm install --prefix FOLDER --ignore-scripts ` +
        'onnxruntime-node@1.30.0, then ONNXRUNTIME=FOLDER npm run onnx:agree',
    );
    process.exit(2);
  }
}

/** onnxruntime's outputs by name; null where it does not take the model. */
async function theirs(ort: Runtime, model: Uint8Array, one: OperatorCase): Promise<Map<string, Values> | null> {
  const feeds: Record<string, object> = {};
  one.inputs.forEach((input, i) => {
    if (input?.constant !== false) return;
    feeds[inputName(i)] = new ort.Tensor(TYPES[input.element], typedArray(input.element, input.data), input.dims);
  });
  try {
    const options = { graphOptimizationLevel: 'disabled', logSeverityLevel: 4, intraOpNumThreads: 1 };
    const session = await ort.InferenceSession.create(model, options);
    const made = await session.run(feeds);
    await session.release();
    return new Map(
      Object.entries(made).map(([name, { dims, data }]) => [
        name,
        { shape: dims.map(Number), data: Float64Array.from(data, Number) },
      ]),
    );
  } catch {
    return null;
  }
}

/** Our outputs by name, in the file's layout. @throws UserError where the model is refused */
function ours(model: Uint8Array, one: OperatorCase): Map<string, Values> {
  const { graph, parameters } = importOnnx(model, 'case');
  const inputs = new Map(
    graph.inputs.map((id) => {
      const tensor = graph.tensors[id]!;
      const { dims, data } = one.inputs[Number(tensor.name.slice(1))]!;
      return [tensor.name, fromFileLayout(tensor, { shape: [...dims], data: Float64Array.from(data) })];
    }),
  );
  const made = new Executor(graph, parameters, { precision: 'float64' }).forward(inputs);
  const names = one.outputs.filter((name) => name !== '');
  return new Map(
    graph.outputs.map((id, i) => {
      const tensor = graph.tensors[id]!;
      return [names[i]!, toFileLayout(tensor, made.get(tensor.name)!)];
    }),
  );
}

/** What is wrong with our outputs; null where nothing is. */
function fault(found: ReadonlyMap<string, Values>, right: ReadonlyMap<string, Values>, step: number): string | null {
  for (const [name, { shape, data }] of right) {
    const own = found.get(name);
    if (own?.shape.join() !== shape.join()) return `${name}: shape [${own?.shape.join()}], right [${shape.join()}]`;
    const at = data.findIndex((value, i) => {
      const mine = own.data[i]!;
      return !(Object.is(mine, value) || mine === value || Math.abs(mine - value) <= toleranceOf(value) + step);
    });
    if (at >= 0) return `${name}: element ${at} is ${own.data[at]!}, right ${data[at]!}`;
  }
  return null;
}

interface Row {
  operator: string;
  agree: number;
  /** onnxruntime takes no such model. */
  untold: number;
  disagree: string | null;
}

async function row(ort: Runtime, operator: string, make: (draw: Draw) => OperatorCase, runs: number): Promise<Row> {
  const counts = { agree: 0, untold: 0 };
  const checked = await fc.check(
    fc.asyncProperty(fc.gen(), async (gen) => {
      const one = make(new Draw(gen));
      const model = modelOfCase(one);
      const right = await theirs(ort, model, one);
      if (right === null) {
        counts.untold++;
        return;
      }
      let wrong: string | null;
      try {
        wrong = fault(ours(model, one), right, Number(STEPS.has(operator)));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        wrong = error.message;
      }
      if (wrong !== null) throw new Error(`${wrong}; ${describe(one)}`);
      counts.agree++;
    }),
    { numRuns: runs, seed: SEED },
  );
  const text = checked.errorInstance instanceof Error ? checked.errorInstance.message : 'failed';
  return { operator, ...counts, disagree: checked.failed ? text : null };
}

function describe({ type, opset, attributes, inputs }: OperatorCase): string {
  const said = JSON.stringify(attributes, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));
  const read = inputs.map((input) => {
    if (input === null) return '-';
    const data = input.data.length <= 8 ? ` ${input.data.join(' ')}` : '';
    return `${input.constant ? 'const ' : ''}${input.element}[${input.dims.join()}]${data}`;
  });
  return `${type} of opset ${opset} ${said} of ${read.join(', ')}`;
}

const lineOf = ({ operator, agree, untold, disagree }: Row): string =>
  `| ${operator} | ${agree} | ${untold} | ${disagree ?? 'none'} |`;

const SEED = 16;
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '200' }, only: { type: 'string' }, write: { type: 'boolean' } },
});
const ort = runtime();
const rows: Row[] = [];
const own = CONTRIB_CASES.map(([type, make]) => [type, make, 'com.microsoft.'] as const);
for (const [type, make, domain = ''] of [...PRODUCT_CASES, ...VECTOR_CASES, ...own]) {
  const operator = `${domain}${type}`;
  if (values.only !== undefined && !values.only.split(',').includes(operator)) continue;
  const found = await row(ort, operator, (draw) => make(draw, type), Number(values.runs));
  rows.push(found);
  if (found.disagree !== null) console.error(`${operator}: ${found.disagree}`);
}
const tried = new Set(rows.map(({ operator }) => operator));
const untried = SUPPORTED_OPERATORS.filter((operator) => !tried.has(operator));
const disagreeing = rows.filter(({ disagree }) => disagree !== null);
const total = (key: 'agree' | 'untold'): number => rows.reduce((sum, one) => sum + one[key], 0);
const summary =
  `${rows.length} operators, ${total('agree').toLocaleString('en')} cases agree, ${disagreeing.length} operators ` +
  `disagree; ${total('untold').toLocaleString('en')} cases onnxruntime itself refuses`;
console.log(summary);
if (values.write === true)
  writeFileSync(
    new URL('../../../docs/onnx-agreement.md', import.meta.url),
    `# Operators against ONNX Runtime

Made by \`ONNXRUNTIME=FOLDER npm run onnx:agree -- --write\`. Each operator that is imported, alone in a model, at
random shapes, attributes and opsets (fast-check, seed ${SEED}, ${values.runs} cases): inferred shapes, and values in
double precision, against onnxruntime-node 1.30.0 in single precision, within 2e-5 absolute and relative.

${summary}.
Not tried (of later opsets, or of onnxruntime alone): ${untried.join(', ')}.
DynamicQuantizeLinear, QLinearAdd, QLinearMul and the QLinear pools may differ by a step where a quotient lies between
two. Left out where onnxruntime departs from
ONNX: Resize and Upsample by scales that change no size (it copies), LpPool with \`auto_pad\`.

| operator | cases that agree | refused by onnxruntime | disagreement |
|---|---|---|---|
${rows.map(lineOf).join('\n')}
`,
  );
process.exit(disagreeing.length > 0 ? 1 : 0);
