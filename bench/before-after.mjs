// `node bench/before-after.mjs [BEFORE] [--rounds N]`: what a change costs. Both commits' builds run the same commands,
// turn and turn about, so that the machine's moods meet both; medians, and what the working tree takes of BEFORE's.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BEFORE_THE_ROOMS, here, removeTrees, run, treeOf } from '../scripts/trees.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '7' } },
});
const [before = BEFORE_THE_ROOMS] = positionals;
const words = (text) => text.split(' ');
const EPOCH = words('run pipelayer --set network=vgg-d --set workload.images=1281167 --format json');
const EXACT = words('run pipelayer --set network=vgg-d --set workload.images=640 --exact --format json');

/** What is measured: seconds of a run, or a rate from what it prints. */
const MEASURES = [
  { name: '--help, s', ask: () => ['--help'], figure: ({ seconds }) => seconds },
  { name: 'VGG-D training, one ImageNet epoch, s', ask: () => EPOCH, figure: ({ seconds }) => seconds },
  {
    name: 'exact simulation, million events/s',
    ask: () => EXACT,
    figure: ({ text }) => JSON.parse(text).simulator.eventsPerS / 1e6,
  },
  {
    name: 'sweep array-size with one worker, s',
    ask: (folder) => ['sweep', 'array-size', '--workers', '1', '--out', folder],
    figure: ({ seconds }) => seconds,
  },
];

function measured(tree, { ask, figure }) {
  const { bin } = JSON.parse(readFileSync(join(tree, 'package.json'), 'utf8'));
  const folder = mkdtempSync(join(tmpdir(), 'before-after-'));
  try {
    const start = performance.now();
    const text = execFileSync(process.execPath, [join(tree, bin.xbarflow), ...ask(join(folder, 'out'))], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 2 ** 30,
    });
    return figure({ seconds: (performance.now() - start) / 1000, text });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];

try {
  const old = treeOf(before);
  for (const tree of [old, here]) run(tree, 'npm', 'run', '--silent', 'build');
  for (const measure of MEASURES) {
    const was = [];
    const is = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      was.push(measured(old, measure));
      is.push(measured(here, measure));
    }
    const [a, b] = [median(was), median(is)];
    const show = (all) =>
      `${median(all).toPrecision(4)} (${Math.min(...all).toPrecision(4)} to ${Math.max(...all).toPrecision(4)})`;
    console.log(`${measure.name}: ${before} ${show(was)}, now ${show(is)}: ${((b / a) * 100).toFixed(1)} %`);
  }
} finally {
  removeTrees();
}
