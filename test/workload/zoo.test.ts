// The zoo of ONNX networks: every count of every node, against counts made independently from torch's own operations.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sharedUrl } from '../shared.js';
import { importOnnx } from '../../src/workload/onnx/index.js';
import { importReport } from '../../src/workload/import-report.js';

const ZOO = fileURLToPath(sharedUrl('data/models/zoo'));

interface ZooNode {
  node: string;
  op: string;
  class?: string;
  form?: string;
  rows: number;
  cols: number;
  groups: number;
  positions: number;
  macs: number;
  weight_params: number;
  bias_params: number;
  output_elements: number;
  output_shape?: number[];
  window_places_inside?: number;
  scatter?: { macs: number };
  directions: number;
  steps: number;
  input_matrix: { rows: number; cols: number };
  state_matrix: { rows: number };
}
interface Counts {
  multiply: ZooNode[];
  other: ZooNode[];
  totals: { macs: number; weight_params: number; bias_params: number };
}

describe('zoo: every count of counts.json', () => {
  const names = (JSON.parse(readFileSync(`${ZOO}/index.json`, 'utf8')) as { network: string }[]).map(
    ({ network }) => network,
  );
  it.each(names)('%s', (name) => {
    const counts = JSON.parse(readFileSync(`${ZOO}/${name}/counts.json`, 'utf8')) as Counts;
    const model = importOnnx(readFileSync(`${ZOO}/${name}/${name}.onnx`), name, { shapes: new Map([['batch', 1]]) });
    const report = importReport(model.graph, model.opset, model.nodes);
    const nodes = new Map(report.nodes.map((node) => [node.name, node]));
    expect(report.nodes.length).toBe(counts.multiply.length + counts.other.length);
    for (const want of counts.multiply) {
      const found = nodes.get(want.node)!;
      const recurrent = want.form === 'recurrent';
      expect({ ...found, name: want.node }).toMatchObject({
        operator: want.op,
        place: want.form === 'activations' ? 'dynamic' : 'crossbar',
        rows: recurrent ? want.input_matrix.rows + want.state_matrix.rows : want.rows,
        columns: recurrent ? want.input_matrix.cols : want.cols,
        groups: recurrent ? want.directions : want.groups,
        positions: recurrent ? want.steps : want.positions,
        macs: want.macs,
        parameters: want.weight_params,
        biases: want.bias_params,
        elements: want.output_elements,
      });
      if (want.scatter !== undefined) expect(found.macsScatter).toBe(want.scatter.macs);
    }
    for (const want of counts.other) {
      const found = nodes.get(want.node)!;
      expect(found.operator, want.node).toBe(want.op);
      expect(found.elements, want.node).toBe(want.output_elements);
      if (want.class === 'pool') expect(found.windowPlaces, want.node).toBe(want.window_places_inside);
      if (want.class === 'constant') expect(found.place, want.node).toBe('folded');
      if (want.output_shape !== undefined) expect(found.shape.join(), want.node).toBe(want.output_shape.join());
    }
    expect(report.totals).toEqual({
      macs: counts.totals.macs,
      parameters: counts.totals.weight_params,
      biases: counts.totals.bias_params,
    });
  });
});
