// What an attack is asked to do, from a config: pictures, classes, masks, all checked before it starts.

import { MemoryBudget } from '../../config/budget.js';
import { diskPresets } from '../../config/files.node.js';
import { readWhole } from '../../config/reading.node.js';
import { readPng } from '../../functional/data/png.js';
import { attackOf, NEEDS_TARGET, onePixelOptions, UNTARGETED } from '../../functional/attacks/methods.js';
import type { PictureShape } from '../../functional/attacks/rp2.js';
import type { AttackRun, AttackTask } from '../../functional/attacks/victim.js';
import { failure, type AttackConfig, type LoadedRun } from '../../run-config/index.js';
import { readTensors } from '../../tensors/index.js';
import { planesOf } from './pictures.js';

/** Largest file of a mask or of starting points, bytes. */
const LARGEST = 2 ** 31;
/** What candidates of a one-pixel attack take, unless `--max-memory` says otherwise. */
const POPULATION_BYTES = 2 ** 30;

/** An attack that a config describes, ready for pictures of one shape. */
export interface PreparedAttack {
  readonly knobs: AttackConfig;
  readonly range: readonly [low: number, high: number];
  /** Starts the attack on pictures. @param names prefix of its streams of random draws */
  start(task: Pick<AttackTask, 'victim' | 'clean' | 'count' | 'labels' | 'stream'>): {
    run: AttackRun;
    task: AttackTask;
  };
}

/** What must be known of the network and of the pictures. */
export interface AttackSubject {
  readonly classes: number;
  /** Of one picture. */
  readonly shape: readonly number[];
  /** Pictures that are attacked at once. */
  readonly count: number;
  /** Distance of neighbouring values of a picture; null: none. */
  readonly step: number | null;
}

/** @throws ConfigError at the key that does not fit the network or its pictures */
export async function prepareAttack(
  run: LoadedRun,
  knobs: AttackConfig,
  { classes, shape, count, step }: AttackSubject,
): Promise<PreparedAttack> {
  const fail = failure(run.loaded);
  const planes = planesOf(shape);
  const plane = planes.height * planes.width;
  const size = shape.reduce((product, length) => product * length, 1);
  const range = pairOf(run, ['attack', 'range'], knobs.range, 'value of a picture, e.g. [0, 1]');
  const { transforms, nonPrintability, printable } = knobs;
  if (transforms !== undefined)
    pairOf(run, ['attack', 'transforms', 'brightness'], transforms.brightness, 'brightness, e.g. [0.7, 1.3]');
  if (knobs.method === 'rp2' && (nonPrintability ?? 0) > 0 && (printable ?? []).length === 0)
    fail(['attack', 'printable'], 'this key is missing: attack.nonPrintability asks how far from them values are');
  checkTargets(run, knobs, classes);
  for (const key of ['epsilon', 'noiseLimit', 'theta'] as const) {
    const value = knobs[key];
    if (step !== null && value !== undefined && Math.abs(value) < step * (1 - 1e-9))
      fail(
        ['attack', key],
        `found ${value}, below the distance of two neighbouring values of a picture, ${Number(step.toPrecision(4))}: ` +
          'no picture could change',
      );
  }
  if (knobs.pixels !== undefined && knobs.pixels > plane)
    fail(['attack', 'pixels'], `found ${knobs.pixels}, a picture has ${plane}`);
  const side = Math.max(planes.height, planes.width);
  if (knobs.transforms !== undefined && knobs.transforms.shift > side)
    fail(['attack', 'transforms', 'shift'], `found ${knobs.transforms.shift}, a picture has ${side} pixels a side`);
  checkPopulation(run, knobs, { count, channels: planes.channels });
  const mask = knobs.mask === undefined ? null : await arrayOf(run, knobs.mask, 'mask', planes);
  if (mask !== null && ![size, plane].includes(mask.length))
    fail(['attack', 'mask'], `has ${mask.length} values, expected ${plane === size ? '' : `${plane} or `}${size}`);
  const beyond = mask?.findIndex((value) => value < 0 || value > 1) ?? -1;
  if (beyond >= 0)
    fail(['attack', 'mask'], `element ${beyond} is ${mask![beyond]!}, expected shares from 0 (nothing there) to 1`);
  if (mask?.every((value) => value === 0) === true)
    fail(['attack', 'mask'], 'is 0 everywhere: no picture could change; expected a share above 0 somewhere');
  const start = knobs.start === undefined ? null : await arrayOf(run, knobs.start, 'start', planes);
  const starts = knobs.method === 'rp2' ? [size, plane] : [count * size];
  if (start !== null && !starts.includes(start.length))
    fail(['attack', 'start'], `has ${start.length} values, expected ${[...new Set(starts)].join(' or ')}`);
  return {
    knobs,
    range,
    start: (given) => {
      checkRange(run, given.clean, { size, range });
      const targets = targetsOf(knobs, given.labels, classes);
      const task: AttackTask = { ...given, targets, range, start };
      return { task, run: attackOf(task, knobs, { shape: planes, mask }) };
    },
  };
}

/** Candidates of two generations are held at once. @throws UserError where they take too much memory */
function checkPopulation(run: LoadedRun, knobs: AttackConfig, of: { count: number; channels: number }): void {
  if (knobs.method !== 'onepixel') return;
  const { population, pixels } = onePixelOptions(knobs);
  const budget = new MemoryBudget(`${population} candidates of ${pixels} pixels`, run.maxMemory ?? POPULATION_BYTES);
  budget.take(2 * Float64Array.BYTES_PER_ELEMENT * of.count * population * pixels * (2 + of.channels));
}

/** @throws ConfigError for what is no [lowest, highest] of something */
function pairOf(run: LoadedRun, key: string[], values: readonly number[], of: string): [number, number] {
  const [low, high] = values;
  if (values.length !== 2 || low === undefined || high === undefined || !(low < high))
    return failure(run.loaded)(key, `found ${JSON.stringify(values)}, expected [lowest, highest] ${of}`);
  return [low, high];
}

/** Share of a range by which pictures may lie beyond it: what single precision loses on the way to the network. */
const ROUNDING = 1e-5;

/** A picture beyond the range would be cut to it, further than epsilon. @throws ConfigError for one */
function checkRange(
  run: LoadedRun,
  clean: Float64Array,
  { size, range: [low, high] }: { readonly size: number; readonly range: readonly [number, number] },
): void {
  const slack = ROUNDING * (high - low);
  const beyond = clean.findIndex((value) => value < low - slack || value > high + slack);
  if (beyond >= 0)
    failure(run.loaded)(
      ['attack', 'range'],
      `found [${low}, ${high}], but picture ${Math.floor(beyond / size)} has the value ` +
        `${Number(clean[beyond]!.toPrecision(4))}; expected all values of the data within`,
    );
}

/** @throws ConfigError for a class that there is not, or a method that knows no target */
function checkTargets(run: LoadedRun, { method, targeted, target }: AttackConfig, classes: number): void {
  const fail = failure(run.loaded);
  if (targeted && UNTARGETED.has(method)) fail(['attack', 'targeted'], `${method} knows no target, expected false`);
  if (target !== 'next' && target >= classes)
    fail(['attack', 'target'], `found ${target}, the network has the classes 0 to ${classes - 1}`);
}

/** The class that each picture is to become; null: any but its label. */
function targetsOf({ method, targeted, target }: AttackConfig, labels: Int32Array, classes: number): Int32Array | null {
  if (!targeted && !NEEDS_TARGET.has(method)) return null;
  return target === 'next' ? labels.map((label) => (label + 1) % classes) : labels.map(() => target);
}

/** Axes from which on an array's last two are rows and columns of pixels; with fewer its numbers stand in a row. */
const PICTURE_AXES = { mask: 2, start: 3 };

/** The one array of a file. @throws ConfigError where it is not there, or its pixels lie otherwise than a picture's */
async function arrayOf(
  run: LoadedRun,
  written: string,
  key: 'start' | 'mask',
  { height, width }: PictureShape,
): Promise<Float64Array> {
  const { file, line } = run.loaded.origins.at(['attack', key]);
  const path = diskPresets.files.resolve(written, line > 0 ? file : undefined);
  const bytes = readWhole(path, LARGEST);
  if (key === 'mask' && path.toLowerCase().endsWith('.png')) {
    const { data, shape } = readPng(bytes, path, MemoryBudget.ofFile(path, bytes.length, run.maxMemory));
    checkSides(shape);
    return Float64Array.from(data, (pixel) => pixel / 255);
  }
  const tensors = await readTensors(bytes, path, run.maxMemory);
  const found = tensors.find(({ name }) => name === key) ?? (tensors.length === 1 ? tensors[0] : undefined);
  if (found === undefined)
    return failure(run.loaded)(
      ['attack', key],
      `${path} has ${tensors.length} arrays, expected one, or one named "${key}"`,
    );
  if (found.shape.length >= PICTURE_AXES[key]) checkSides(found.shape);
  const values = Float64Array.from(found.data, Number);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    return failure(run.loaded)(
      ['attack', key],
      `${path}: element ${wrong} is ${values[wrong]!}, expected a finite number`,
    );
  return values;

  function checkSides(shape: readonly number[]): void {
    const [rows, columns] = (shape.at(-1) === 1 ? shape.slice(0, -1) : shape).slice(-2);
    if (height > 1 && width > 1 && (rows !== height || columns !== width))
      failure(run.loaded)(
        ['attack', key],
        `has shape [${shape.join(', ')}], expected [..., ${height}, ${width}]: rows and columns last`,
      );
  }
}
