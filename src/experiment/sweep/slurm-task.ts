// One task of a job array: runs its points into the sweep's folder. Started by Slurm as `node slurm-task.js FOLDER
// ARRAY`.

import { readFileSync } from 'node:fs';
import { presetsOf } from './base-presets.js';
import { Evaluator, evaluateSlice, measureOf } from './evaluate.js';
import { valuesOf } from './point-list.js';
import { PointResolver } from './resolver.js';
import { SweepStore } from './store.js';
import { checkedPoint } from './stored.js';

const [folder = '', array = ''] = process.argv.slice(2);
const task = Number(process.env.SLURM_ARRAY_TASK_ID);
const restart = process.env.SLURM_RESTART_COUNT ?? '0';

const store = new SweepStore(folder);
const info = store.info();
if (info === undefined) throw new Error(`${folder} holds no sweep`);
const list = store.path('slurm', `${array}.json`);
const tasks: unknown = JSON.parse(readFileSync(list, 'utf8'));
const mine: unknown = Array.isArray(tasks) ? tasks[task] : undefined;
if (!Array.isArray(mine)) throw new Error(`array ${array} has no task ${process.env.SLURM_ARRAY_TASK_ID ?? ''}`);
const points = mine.map((point) => checkedPoint(point, list));

// A task that Slurm started again after a lost node finds what its first life wrote.
const recorded = restart === '0' ? undefined : store.outcomes();
const presets = await presetsOf(info.base);
const evaluator = new Evaluator(new PointResolver(presets, info.base), await measureOf(presets, info.base));
let left = points
  .filter(({ key }) => recorded?.status(key) === undefined)
  .map((point) => ({ key: point.key, values: valuesOf(point) }));
for (let part = 0; left.length > 0; part++) {
  const work = { part: `${array}-${task}-${restart}-${part}`, points: left, judges: [] };
  left = left.slice((await evaluateSlice(store, evaluator, work)).points);
}
