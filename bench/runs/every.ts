// Every preset x network x mode, plain or with one knob turned: what each run costs, slowest first, and a hash of all
// its times and counts, so that two versions can be compared.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { diskPresets } from '../../src/config/files.node.js';
import { UserError, listPresets } from '../../src/config/index.js';
import { buildMachine } from '../../src/machine/machine.js';
import { runFlow } from '../../src/pipeline/index.js';
import { loadRun } from '../../src/run-config/index.js';

/** The knobs that are turned, one at a time. */
const TURNS: Record<string, string[]> = {
  plain: [],
  'shared bus': ['links.bus.used=true', 'links.bus.shared=true'],
  elastic: ['pipeline.advance=elastic'],
  rows: ['pipeline.granularity=row', 'pipeline.advance=elastic'],
  '2 entries': ['buffers.entries=2'],
  'batch 7': ['workload.batch=7'],
  '100,003 images': ['workload.images=100003'],
};

export interface EveryFigure {
  run: string;
  /** Processor seconds of the engine, and of config, machine and engine. */
  engineS: number;
  allS: number;
  events: number;
  /** Of every time and count of the flow's result. */
  hash: string;
}

/** Runs what is allowed of presets x networks x modes with the knobs of `turn`: every `of`th, from the `part`th on. */
export function everyFigure(turn: string, only = '', { part, of } = { part: 1, of: 1 }): EveryFigure[] {
  const figures: EveryFigure[] = [];
  let place = 0;
  for (const preset of listPresets(diskPresets, 'architectures')) {
    for (const network of listPresets(diskPresets, 'networks')) {
      for (const mode of ['inference', 'training', 'attack']) {
        const run = `${preset} ${network} ${mode}${turn === 'plain' ? '' : `, ${turn}`}`;
        if (!run.includes(only) || place++ % of !== part - 1) continue;
        const began = seconds();
        try {
          const sets = [`network=${network}`, `workload.mode=${mode}`, ...TURNS[turn]!];
          const { flow } = buildMachine(loadRun(diskPresets, preset, sets));
          const built = seconds();
          const { events, skippedEvents, ...facts } = runFlow(flow);
          const ended = seconds();
          const text = JSON.stringify(
            { ...facts, fastPath: null, events: events + skippedEvents },
            (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
          );
          figures.push({
            run,
            engineS: ended - built,
            allS: ended - began,
            events: Number(events),
            hash: createHash('sha256').update(text).digest('hex').slice(0, 16),
          });
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
        }
      }
    }
  }
  return figures;
}

const seconds = (): number => process.cpuUsage().user / 1e6;

const { values } = parseArgs({
  options: {
    turn: { type: 'string', multiple: true, default: ['plain'] },
    only: { type: 'string', default: '' },
    part: { type: 'string', default: '1/1' },
    out: { type: 'string' },
    compare: { type: 'string' },
    slowest: { type: 'string', default: '25' },
  },
});
const [part = 1, of = 1] = values.part.split('/').map(Number);
const figures = (values.turn.includes('all') ? Object.keys(TURNS) : values.turn).flatMap((turn) =>
  everyFigure(turn, values.only, { part, of }),
);
const sum = (of: (figure: EveryFigure) => number): number => figures.reduce((total, figure) => total + of(figure), 0);
console.log(
  `${figures.length} runs: ${sum(({ allS }) => allS).toFixed(1)} s, of which the engine ` +
    `${sum(({ engineS }) => engineS).toFixed(1)} s, ` +
    `${(sum(({ events }) => events) / 1e6).toFixed(1)} million events; ` +
    `${figures.filter(({ allS }) => allS > 0.75).length} over 0.75 s`,
);
figures.sort((a, b) => b.engineS - a.engineS);
for (const { run, engineS, events } of figures.slice(0, Number(values.slowest)))
  console.log(`${engineS.toFixed(3)} s  ${events.toString().padStart(11)} events  ${run}`);
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(figures, null, 1)}\n`);
if (values.compare !== undefined) {
  const before = new Map(
    (JSON.parse(readFileSync(values.compare, 'utf8')) as EveryFigure[]).map(({ run, hash }) => [run, hash]),
  );
  const differ = figures.filter(({ run, hash }) => before.has(run) && before.get(run) !== hash);
  const alike = figures.filter(({ run }) => before.has(run)).length;
  console.log(`${alike} runs compared with ${values.compare}, ${differ.length} differ`);
  for (const { run } of differ) console.log(`differs: ${run}`);
  if (differ.length > 0) process.exitCode = 1;
}
