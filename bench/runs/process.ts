// Whole processes, as a user starts them: wall time, events a second, peak memory.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Result } from '../../src/simulation/index.js';

const bin = fileURLToPath(new URL('../../dist/cli/xbarflow.cjs', import.meta.url));

export interface ProcessFigure {
  what: string;
  command: string;
  /** Median wall time of the whole process, seconds. */
  wallS: number;
  /**
   * Simulated events (skipped ones are not counted), events a second of the process, peak memory. Absent where nothing
   * is simulated.
   */
  events?: number;
  eventsPerS?: number;
  peakRssBytes?: number;
  /** Physical arrays of the simulated machine. */
  arrays?: number;
}

/** Median wall time of Node with these arguments, seconds, and what it printed. */
function timeNode(args: readonly string[], repeats: number): { wallS: number; text: string } {
  const walls: number[] = [];
  let text = '';
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    const done = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
    walls.push((performance.now() - start) / 1000);
    if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.stderr}`);
    text = done.stdout;
  }
  return { wallS: walls.sort((a, b) => a - b)[repeats >> 1]!, text };
}

/** Times a process that does nothing: what every other one takes at least, here and now. */
export function timeEmptyProcess(repeats: number): ProcessFigure {
  return { what: 'Node alone', command: 'node -e 0', wallS: timeNode(['-e', '0'], repeats).wallS };
}

/** Times one command line; the simulation's own figures come from its result. */
export function timeProcess(what: string, args: readonly string[], repeats = 3): ProcessFigure {
  const { wallS, text } = timeNode([bin, ...args], repeats);
  const figure = { what, command: `xbarflow ${args.join(' ')}`, wallS };
  if (!args.includes('json')) return figure;
  const { simulator, arrays } = JSON.parse(text) as Result;
  return {
    ...figure,
    events: simulator.events,
    eventsPerS: simulator.events / wallS,
    peakRssBytes: simulator.peakRssBytes,
    arrays: arrays.physical,
  };
}

/** A network of equal conv layers: `layers` of them, `width` channels on a `size` x `size` image. */
const chain = (layers: number, width: number, size: number): string =>
  JSON.stringify({
    name: `chain-${layers}-${width}`,
    input: { channels: 3, height: size, width: size },
    layers: Array.from({ length: layers }, (_, i) => ({
      name: `conv${i + 1}`,
      type: 'conv2d',
      channels: width,
      kernel: 3,
      padding: 1,
    })),
  });

export interface GrowthFigure extends ProcessFigure {
  axis: 'images' | 'layers' | 'arrays';
  /** Images, weight layers, physical arrays. */
  value: number;
}

/** Growth: the same run with ever more images, layers, arrays. */
export function growthFigures(): GrowthFigure[] {
  const folder = mkdtempSync(join(tmpdir(), 'xbarflow-bench-'));
  try {
    const network = (layers: number, width: number, size: number): string => {
      const path = join(folder, `chain-${layers}-${width}.json`);
      writeFileSync(path, chain(layers, width, size));
      return `network=${path}`;
    };
    const run = (axis: GrowthFigure['axis'], what: string, value: number, sets: readonly string[]): GrowthFigure => {
      const figure = timeProcess(what, [
        'run',
        'pipelayer',
        ...sets.flatMap((set) => ['--set', set]),
        '--format',
        'json',
      ]);
      return {
        ...figure,
        command: figure.command.replaceAll(`${folder}/`, ''),
        axis,
        value: axis === 'arrays' ? figure.arrays! : value,
      };
    };
    return [
      ...[1e2, 1e3, 1e4, 1e5, 1e6, 1e7].map((images) =>
        run('images', `VGG-D training, ${images} images`, images, ['network=vgg-d', `workload.images=${images}`]),
      ),
      ...[2, 5, 10, 20, 50, 100, 200].map((layers) =>
        run('layers', `${layers} conv layers, training`, layers, [network(layers, 64, 16), 'workload.images=6400']),
      ),
      ...[
        [128, 1],
        [256, 1],
        [256, 8],
        [256, 64],
        [256, 512],
        [256, 4096],
      ].map(([channels = 0, copies = 0]) =>
        run('arrays', `2 conv layers of ${channels} channels, ${copies} copies each, inference`, copies, [
          network(2, channels, 64),
          'workload.mode=inference',
          'workload.images=6400',
          `mapping.replication={ scheme: given, byLayer: { conv*: ${copies} } }`,
        ]),
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
