// `--shape`: sizes of symbolic dimensions reach all that reads the network; names that no network has are refused.

import { create, toBinary } from '@bufbuild/protobuf';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunFlags } from '../../src/cli/flags.js';
import { loadAnyNetworks } from '../../src/cli/runs.js';
import { shapesOf } from '../../src/cli/shapes.js';
import { modelOf } from '../../src/experiment/functional/model.js';
import { ModelProtoSchema, TensorProto_DataLocation } from '../../src/tensors/generated/onnx_pb.js';
import { xbarflow } from '../experiment/command.js';

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-shapes-'));
const NUMBERS = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const file = join(folder, 'm.onnx');
writeFileSync(join(folder, 'w.bin'), NUMBERS);
// x [batch, features] times w [4, 2], whose numbers stand beside the model.
writeFileSync(
  file,
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ version: 17n }],
      graph: {
        name: 'm',
        node: [{ name: 'n', opType: 'MatMul', input: ['x', 'w'], output: ['y'] }],
        initializer: [
          {
            ...{ name: 'w', dims: [4n, 2n], dataType: 1, dataLocation: TensorProto_DataLocation.EXTERNAL },
            externalData: [{ key: 'location', value: 'w.bin' }],
          },
        ],
        input: [
          {
            name: 'x',
            type: {
              value: {
                case: 'tensorType',
                value: {
                  elemType: 1,
                  shape: {
                    dim: ['batch', 'features'].map((value) => ({ value: { case: 'dimParam' as const, value } })),
                  },
                },
              },
            },
          },
        ],
        output: [{ name: 'y' }],
      },
    }),
  ),
);

const FLAGS: Omit<RunFlags, 'shape' | 'set'> = {
  ...{ format: 'table', quiet: true, debug: false, exact: false, check: false },
  ...{ out: undefined, seed: undefined, maxMemory: undefined, 'max-memory': undefined },
};
const load = (configs: readonly string[], shape: string[]) =>
  loadAnyNetworks(configs, { ...FLAGS, shape, set: [`network=${file}`] });

describe('--shape', () => {
  it('gives sizes to what simulates and to what computes, with the numbers that stand beside the model', async () => {
    const [run] = await load(['isaac'], ['features=4']);
    expect(run!.network.layers[0]).toMatchObject({ weights: 8 });
    const { graph, parameters } = await modelOf(run!);
    const [weights] = graph.nodes[0]!.parameters.values();
    expect([...parameters!.get(weights!.key).data]).toEqual([...NUMBERS]);
  });

  it.each([
    [['features=4', 'fatures=4'], 'no network here has this dimension; expected one of batch, x.0, features, x.1'],
    [['features=4', 'x.2=1'], 'no network here has this dimension; expected one of batch, x.0, features, x.1'],
  ])('%j is refused', async (shape, words) => {
    await expect(load(['isaac', 'pipelayer'], shape)).rejects.toThrow(`--shape ${shape[1]!}: ${words}`);
  });

  it('may name what one network of several has', async () => {
    writeFileSync(join(folder, 'own.yaml'), `extends: isaac\nnetwork: ${file}\n`);
    const loaded = await loadAnyNetworks([join(folder, 'own.yaml'), 'pipelayer'], {
      ...FLAGS,
      ...{ shape: ['features=4'], set: [] },
    });
    expect(loaded).toHaveLength(2);
  });

  it.each([
    [['run', 'isaac', '--set', 'network=matrix-128'], 'no network here has symbolic dimensions'],
    [['sweep', 'array-size', '--dry-run'], 'no network here has symbolic dimensions'],
    [['import', file, '--shape', 'features=4'], 'expected one of batch, x.0, features, x.1'],
    [['quantize', file, '--method', 'symmetric'], '--shape: has no effect without --data'],
  ])('of nothing is refused: %j', { timeout: 30_000 }, (args, words) => {
    const { status, stderr } = xbarflow([...args, '--shape', 'batsh=1']);
    expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
  });

  it('takes a name once, and whole numbers', () => {
    expect([...shapesOf(['a=1', 'b.0=2', 'c=d=3'])]).toEqual([
      ['a', 1],
      ['b.0', 2],
      ['c=d', 3],
    ]);
    for (const wrong of [['a=1', 'a=2'], ['a=0x3'], ['a=1e3'], ['a= 1'], ['a='], ['=1'], ['a=0']])
      expect(() => shapesOf(wrong), wrong.join()).toThrow(/^--shape /);
  });
});
