// `node bench/before-after.mjs [BEFORE [AFTER]] [--rounds N]`: what a change costs, without AFTER that of the working
// tree. Both builds run the same commands, turn and turn about, so that the machine's moods meet both; medians of
// processor time, which other work on the machine disturbs least, and what AFTER's are of BEFORE's.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BEFORE_THE_ROOMS, here, removeTrees, run, treeOf } from '../scripts/trees.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '7' } },
});
const [before = BEFORE_THE_ROOMS, after] = positionals;
const words = (text) => text.split(' ');
const EPOCH = words('run pipelayer --set network=vgg-d --set workload.images=1281167 --format json');
const EXACT = words('run pipelayer --set network=vgg-d --set workload.images=640 --exact --format json');

/** What is measured: processor seconds of a process (all threads, user and system), or a rate by them. */
const MEASURES = [
  { name: '--help, s', ask: () => ['--help'], figure: ({ seconds }) => seconds },
  { name: 'VGG-D training, one ImageNet epoch, s', ask: () => EPOCH, figure: ({ seconds }) => seconds },
  {
    name: 'exact simulation, million events/s',
    ask: () => EXACT,
    figure: ({ seconds, text }) => JSON.parse(text).simulator.events / 1e6 / seconds,
  },
  {
    name: 'sweep array-size with one worker, points/s',
    ask: (folder) => ['sweep', 'array-size', '--workers', '1', '--out', folder, '--format', 'csv'],
    figure: ({ seconds, folder }) =>
      (readFileSync(join(folder, 'results.csv'), 'utf8').trim().split('\n').length - 1) / seconds,
  },
];

/** Has a process say its processor time (microseconds) on descriptor 3 as it ends. */
const METER =
  'data:text/javascript,import{writeSync}from"node:fs";process.on("exit",()=>{const{user,system}=process.cpuUsage();' +
  'writeSync(3,String(user+system))})';

function measured(tree, { ask, figure }) {
  const { bin } = JSON.parse(readFileSync(join(tree, 'package.json'), 'utf8'));
  const folder = mkdtempSync(join(tmpdir(), 'before-after-'));
  try {
    const out = join(folder, 'out');
    const words = ['--import', METER, join(tree, bin.xbarflow), ...ask(out)];
    const { status, stdout, stderr, output } = spawnSync(process.execPath, words, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      maxBuffer: 2 ** 30,
    });
    if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
    return figure({ seconds: Number(output[3]) / 1e6, text: stdout, folder: out });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];

try {
  const old = treeOf(before);
  const own = after === undefined ? here : treeOf(after);
  for (const tree of [old, own]) run(tree, 'npm', 'run', '--silent', 'build');
  for (const measure of MEASURES) {
    const was = [];
    const is = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      was.push(measured(old, measure));
      is.push(measured(own, measure));
    }
    const [a, b] = [median(was), median(is)];
    const show = (all) =>
      `${median(all).toPrecision(4)} (${Math.min(...all).toPrecision(4)} to ${Math.max(...all).toPrecision(4)})`;
    console.log(
      `${measure.name}: ${before} ${show(was)}, ${after ?? 'now'} ${show(is)}: ${((b / a) * 100).toFixed(1)} %`,
    );
  }
} finally {
  removeTrees();
}
