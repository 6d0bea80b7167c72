// Whole evaluations, as a user starts them: wall time, processor time of all threads, peak memory, by number of images.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const bin = path('../../dist/cli/xbarflow.cjs');
/** Writes what the process used to the file that XBARFLOW_USAGE names. */
const usage = path('usage.mjs');

/** One evaluation. */
export interface EvaluationFigure {
  readonly what: string;
  readonly images: number;
  readonly wallS: number;
  readonly processorS: number;
  readonly peakRssBytes: number;
  /** Top-1 of the hardware: mean over trials. */
  readonly accuracy: number;
}

const NOISE = [
  'functional.noise.programming={ deviation: 0.02, relativeTo: range }',
  'functional.noise.read={ deviation: 0.01, relativeTo: range }',
];
const CASES: readonly (readonly [what: string, config: string, images: readonly number[], sets: readonly string[]])[] =
  [
    ['LeNet-5 on MNIST, ideal devices', 'lenet-5.yaml', [1250, 2500, 5000, 10_000], []],
    ['LeNet-5 on MNIST, variation and read noise', 'lenet-5.yaml', [2500, 10_000], NOISE],
    ['ResNet-20 on CIFAR-10, ideal devices', 'resnet-20.yaml', [500, 1000, 2000], []],
  ];

/** Evaluations on two worker threads; empty where ../shared is missing. @param share of the images, for a quick look */
export function evaluationFigures(share = 1): EvaluationFigure[] {
  if (!existsSync(path('../../../shared/data/models'))) return [];
  const folder = mkdtempSync(join(tmpdir(), 'xbarflow-bench-'));
  try {
    return CASES.flatMap(([what, config, counts, sets]) =>
      counts.map((count): EvaluationFigure => {
        const images = Math.max(1, Math.round(count * share));
        const used = join(folder, 'usage.json');
        const args = ['evaluate', path(config), '--images', String(images), '--workers', '2', '--format', 'json'];
        const start = performance.now();
        const done = spawnSync(
          process.execPath,
          ['--import', usage, bin, ...args, '--shape', 'batch=1', ...sets.flatMap((set) => ['--set', set])],
          { encoding: 'utf8', env: { ...process.env, XBARFLOW_USAGE: used } },
        );
        const wallS = (performance.now() - start) / 1000;
        if (done.status !== 0) throw new Error(`${what}: ${done.stderr}`);
        const result = JSON.parse(done.stdout) as { accuracy: { hardware: { mean: number } } };
        const own = JSON.parse(readFileSync(used, 'utf8')) as { processorS: number; peakRssBytes: number };
        return { what, images, wallS, ...own, accuracy: result.accuracy.hardware.mean };
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
