// Pictures that set ranges: the same for evaluation, training and attacks, of `data`'s file or of one of their own.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { calibrationSamples } from '../../src/experiment/evaluate/setup.js';
import { computationOf } from '../../src/experiment/functional/model.js';
import type { LoadedRun } from '../../src/run-config/index.js';
import { loaded } from '../helpers.js';
import { parametersOf } from '../functional/graphs.js';

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-calibration-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const at = (name: string): string => join(folder, name);
writeFileSync(at('data.csv'), '1,0,0\n0,-2,1\n4,0,0\n0,40,1\n');
writeFileSync(at('own.csv'), '3,0,0\n0,7,0\n-5,0,1\n');
writeFileSync(at('wide.csv'), '3,0,0,1\n');

const run = (calibration: string): LoadedRun =>
  loaded(
    'isaac',
    [
      'network=net.yaml',
      `data={ kind: csv, inputs: ${at('data.csv')}, from: 2, count: 2 }`,
      `functional.calibration=${calibration}`,
    ],
    { 'net.yaml': 'name: net\ninput: { features: 2 }\nlayers:\n  - { name: fc, type: dense, features: 2 }\n' },
  );

it.each([
  ['{}', 40, 4],
  ['{ count: 2 }', 2, 2],
  ['{ from: 1, count: 2 }', 4, 2],
  [`{ inputs: ${at('own.csv')} }`, 7, 3],
  [`{ inputs: ${at('own.csv')}, from: 2 }`, 5, 1],
])('%s: the largest input is %s, of %s samples, whatever part of the data is run', (calibration, largest, count) => {
  const one = run(calibration);
  const { graph } = one.network;
  expect(calibrationSamples(one, diskPresets, graph).count).toBe(count);
  const arrays = graph.nodes.flatMap(({ parameters }) =>
    [...parameters.values()].map(
      ({ key, shape }) =>
        [key, { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) }] as const,
    ),
  );
  const network = computationOf(one, { graph, parameters: parametersOf(new Map(arrays)) }, 'integer');
  expect(new Map(network.progress.ranges).get(graph.inputs[0]!)).toBe(largest);
});

it.each([
  ['{ from: 9 }', /functional\.calibration\.from: found 9, there are 4 samples/],
  [`{ inputs: ${at('own.csv')}, from: 3 }`, /functional\.calibration\.from: found 3, there are 3 samples/],
  [`{ inputs: ${at('none.csv')} }`, /none\.csv/],
  [`{ inputs: ${at('wide.csv')} }`, /functional\.calibration\.inputs: its samples are \[3\], the network reads \[2\]/],
])('%s is refused at its key', (calibration, message) => {
  const one = run(calibration);
  expect(() => calibrationSamples(one, diskPresets, one.network.graph)).toThrow(message);
});
