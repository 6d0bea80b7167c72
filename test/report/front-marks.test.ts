// What the legend of a sweep's front tells apart looks apart.

import { expect, it } from 'vitest';
import { frontFigures } from '../../src/report/html/charts/sweep.js';

interface Scale {
  domain: string[];
  range: string[];
}

it('each kind of point has a colour and a shape of its own in the legend', () => {
  const objectives = ['energy.totalJ', 'area.totalMm2'].map((key) => ({ key, title: key, unit: '', goal: 'minimize' }));
  const points = [1, 2, 3, 4, 5].map((index) => ({
    index,
    figures: { 'energy.totalJ': index, 'area.totalMm2': 6 - index },
    feasible: index !== 5,
    values: {},
  }));
  const view = { points, front: [1, 2, 3], knee: 2, columns: [], objectives };
  // Cast: what the chart reads of a sweep.
  const [figure] = frontFigures(view as unknown as Parameters<typeof frontFigures>[0]);
  // Cast: the layer of points stands alone with these scales.
  const { spec } = figure as unknown as {
    spec: { layer: { encoding: { color?: { scale: Scale }; shape?: { scale: Scale } } }[] };
  };
  const { color, shape } = spec.layer.find(({ encoding }) => encoding.shape !== undefined)!.encoding;
  expect(shape!.scale.domain).toEqual(['point', 'not feasible', 'front', 'knee']);
  const looks = shape!.scale.range.map((form, i) => `${color!.scale.range[i]!} ${form}`);
  expect(new Set(looks).size).toBe(4);
});
