// ONNX files that cannot be run: one line with file, node and what is supported, exit status 2.

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from '../../src/tensors/generated/onnx_pb.js';
import { readForeign } from '../../src/workload/foreign.node.js';
import { importOnnx } from '../../src/workload/onnx/index.js';
import { xbarflow } from '../experiment/command.js';
import { reals } from './onnx-agree/draw.js';
import { modelOfCase } from './onnx-agree/model.js';

const x = { ...reals([1, 2], [1, 2]), constant: false };
const alone = (type: string): Uint8Array =>
  modelOfCase({ type, opset: 13, attributes: {}, inputs: [x], outputs: ['y'] });

describe('refused, one line with file and node', () => {
  it.each(['Loop', 'If', 'Scan', 'NonMaxSuppression'])('%s, by its name', (type) => {
    const line = new RegExp(
      `^m\\.onnx: node "node" \\(${type}\\): the operator ${type} is not supported; supported are .+$`,
    );
    expect(() => importOnnx(alone(type), 'm.onnx')).toThrow(line);
  });

  it('an axis that is none', () => {
    const model = modelOfCase({ type: 'Concat', opset: 13, attributes: { axis: 7n }, inputs: [x, x], outputs: ['y'] });
    expect(() => importOnnx(model, 'm.onnx')).toThrow(/^m\.onnx: node "node" \(Concat\): .*axis.*$/);
  });

  it('external data outside the folder of the model: by a path or by a link', () => {
    const folder = mkdtempSync(join(tmpdir(), 'xbarflow-faults-'));
    const inside = join(folder, 'model');
    mkdirSync(inside);
    writeFileSync(join(folder, 'secret.bin'), Buffer.alloc(8));
    symlinkSync(join(folder, 'secret.bin'), join(inside, 'link.bin'));
    for (const location of ['../secret.bin', 'link.bin']) {
      const inputs = [x, reals([1, 2], [2, 1])];
      const model = fromBinary(
        ModelProtoSchema,
        modelOfCase({ type: 'MatMul', opset: 13, attributes: {}, inputs, outputs: ['y'] }),
      );
      const weight = model.graph!.initializer[0]!;
      weight.rawData = new Uint8Array(0);
      weight.dataLocation = TensorProto_DataLocation.EXTERNAL;
      weight.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: location })];
      const file = join(inside, 'm.onnx');
      writeFileSync(file, toBinary(ModelProtoSchema, model));
      const { parameters } = readForeign(file);
      expect(() => parameters!.get('x1')).toThrow(`its data is in "${location}", outside its folder`);
    }
  });

  it('through the command line: status 2, one line, nothing on standard output', { timeout: 60_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'xbarflow-faults-'));
    const file = join(folder, 'm.onnx');
    writeFileSync(file, alone('Loop'));
    const { status, stdout, stderr } = xbarflow(['run', 'isaac', '--set', `network=${file}`]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain('m.onnx: node "node" (Loop): the operator Loop is not supported; supported are');
  });
});
