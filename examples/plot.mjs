// A chart from results: energy by component over the bits of a cell, drawn as SVG without a browser.
import { writeFileSync } from 'node:fs';
import * as vega from 'vega';
import { compile } from 'vega-lite';
import { load, simulate } from 'xbarflow';

const [, , file = 'plot.svg'] = process.argv;
const values = [];
for (const cellBits of [1, 2, 4]) {
  const run = await load('pipelayer', {
    set: ['network=lenet-5', 'workload.images=64', `crossbar.cellBits=${cellBits}`],
  });
  const { energy } = simulate(run).result;
  for (const [component, joules] of Object.entries(energy.byComponentJ)) values.push({ cellBits, component, joules });
}

const { spec } = compile({
  data: { values },
  mark: 'bar',
  encoding: {
    x: { field: 'cellBits', type: 'ordinal', title: 'bits of a cell' },
    y: { field: 'joules', type: 'quantitative', title: 'energy (J)' },
    color: { field: 'component', type: 'nominal' },
  },
});
const view = new vega.View(vega.parse(spec), { renderer: 'none' });
writeFileSync(file, await view.toSVG());
console.log(`wrote ${file}`);
