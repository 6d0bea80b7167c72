// `npm run bench`: kernel and whole-process benchmarks as JSON. `--write` keeps the figures in bench/figures.json and
// makes docs/performance.md from them.

import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { holdFigures } from './kernel/hold.js';
import { numericsFigures } from './numerics/formats.js';
import { performancePage } from './page.js';
import { equalityFigures } from './runs/equality.js';
import { growthFigures, timeEmptyProcess, timeProcess } from './runs/process.js';

const args = (text: string): string[] => text.split(' ');

const figures = {
  date: new Date().toISOString().slice(0, 10),
  machine:
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} ` +
    `GiB, Node ${process.versions.node}`,
  hold: holdFigures([1e2, 1e3, 1e4, 1e5, 1e6]),
  processes: [
    timeEmptyProcess(15),
    timeProcess('help', ['--help'], 15),
    timeProcess(
      'VGG-8 inference',
      args('run pipelayer --set network=vgg-8 --set workload.mode=inference --format json'),
      5,
    ),
    timeProcess(
      'VGG-D training, one ImageNet epoch (1,281,167 images)',
      args('run pipelayer --set network=vgg-d --set workload.images=1281167 --format json'),
      5,
    ),
    timeProcess(
      'VGG-D training on units that all passes share',
      args('run digital-int8 --set network=vgg-d --set workload.mode=training --format json'),
      3,
    ),
    timeProcess(
      'VGG-D training, 6,400 images, event by event',
      args('run pipelayer --set network=vgg-d --set workload.images=6400 --exact --format json'),
      1,
    ),
    timeProcess('the main job (npm start)', args('demo --out results/bench-demo'), 3),
  ],
  equality: equalityFigures(),
  growth: growthFigures(),
  numerics: numericsFigures(),
};
export type Figures = typeof figures;

console.log(JSON.stringify(figures, null, 2));
if (process.argv.includes('--write')) {
  writeFileSync(new URL('figures.json', import.meta.url), `${JSON.stringify(figures, null, 2)}\n`);
  writeFileSync(new URL('../docs/performance.md', import.meta.url), performancePage(figures));
}
