// `npm run bench:import`: whole processes that import an ONNX model and simulate inference of it, as JSON. Each model
// is made from its preset into a folder of its own; weights are zeros or stay outside the file.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diskPresets } from '../../src/config/files.node.js';
import { loadConfig } from '../../src/config/index.js';
import { networkOf } from '../../src/workload/index.js';
import { modelOf } from '../../test/onnx-models.js';

const bin = fileURLToPath(new URL('../../dist/cli/xbarflow.cjs', import.meta.url));
/** Arrays of a graph without weights stay outside the file from this size on. */
const SMALL = 4096;
const REPEATS = 5;

/** Medians of whole processes, seconds. */
interface ImportFigure {
  what: string;
  fileMb: number;
  wallS: number;
  /** Of the user and the system, all threads. */
  processorS: number;
}

/** Has a process say its processor time (microseconds) on descriptor 3 as it ends. */
const METER =
  'data:text/javascript,import{writeSync}from"node:fs";process.on("exit",()=>{const{user,system}=process.cpuUsage();' +
  'writeSync(3,String(user+system))})';

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

function importFigure(what: string, preset: string, largest: number, folder: string): ImportFigure {
  const file = join(folder, 'model.onnx');
  const bytes = modelOf(networkOf(loadConfig(diskPresets, ['networks'], preset)).graph, largest);
  writeFileSync(file, bytes);
  const walls: number[] = [];
  const processor: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    const began = performance.now();
    const { status, stderr, output } = spawnSync(
      process.execPath,
      ['--import', METER, bin, 'run', 'isaac', '--set', `network=${file}`],
      { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
    );
    walls.push((performance.now() - began) / 1000);
    if (status !== 0) throw new Error(`${what}: ${stderr}`);
    processor.push(Number(output[3]) / 1e6);
  }
  return { what, fileMb: bytes.length / 1e6, wallS: median(walls), processorS: median(processor) };
}

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-import-'));
try {
  const figures = [
    importFigure('ResNet-50, graph without weights', 'resnet-50', SMALL, folder),
    importFigure('ResNet-50 with its weights', 'resnet-50', Infinity, folder),
    importFigure('BERT-base, graph without weights', 'bert-base', SMALL, folder),
  ];
  console.log(JSON.stringify({ repeats: REPEATS, figures }, null, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
