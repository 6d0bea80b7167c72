// Two textbook lines built from the kernel's parts: a chain of pipelined servers, and stages with bounded buffers
// between them.

import { Buffers } from './buffers.js';
import type { Observer } from './observer.js';
import { Servers } from './servers.js';
import { Simulator } from './simulator.js';

/** A pipelined unit: ticks from start to result, and ticks from one start to the next. */
export interface Unit {
  latency: number;
  interval: number;
}

const ARRIVE = 0;
const FINISH = 1;

/** @throws RangeError where a value is no whole number of at least `least`. */
function checkWhole(what: string, values: readonly number[], least: number): void {
  for (const value of values)
    if (!(Number.isSafeInteger(value) && value >= least))
      throw new RangeError(`${what}: found ${value}, expected a whole number of at least ${least}`);
}

/**
 * Sends `waves` clients, all there at tick 0, through a chain of units:
 * start(u,w) = max(finish(u-1,w), start(u,w-1) + interval(u)), finish = start + latency (docs/model.md section 5).
 * @returns the finish tick of each wave at the last unit.
 * @throws RangeError for ticks or waves that are no whole numbers, or a chain without units.
 */
export function runChain(units: readonly Unit[], waves: number, observer: Observer | null = null): Float64Array {
  checkWhole('units', [units.length], 1);
  checkWhole(
    'latency',
    units.map(({ latency }) => latency),
    0,
  );
  checkWhole(
    'interval',
    units.map(({ interval }) => interval),
    0,
  );
  checkWhole('waves', [waves], 0);
  const simulator = new Simulator(observer);
  const servers = new Servers(units.length);
  const finishes = new Float64Array(waves);
  let issued = 0;
  let done = 0;
  if (waves > 0) simulator.schedule(0, 0, ARRIVE, 0);
  simulator.run((_code, u) => {
    const { latency, interval } = units[u]!;
    const start = servers.request(u, simulator.now, interval);
    observer?.service(u, 0, { start, release: start + interval, finish: start + latency, step: u });
    if (u === 0 && ++issued < waves) simulator.schedule(start + interval - simulator.now, 0, ARRIVE, 0);
    if (u === units.length - 1) finishes[done++] = start + latency;
    else simulator.schedule(start + latency - simulator.now, 1 + u, ARRIVE, u + 1);
  });
  return finishes;
}

/** Service ticks of a chain for `waves` waves on units that nobody else uses: the last wave's finish in `runChain`. */
export function chainService(units: readonly Unit[], waves: number): number {
  let latency = 0;
  let interval = 0;
  for (const unit of units) {
    latency += unit.latency;
    interval = Math.max(interval, unit.interval);
  }
  return waves === 0 ? 0 : latency + (waves - 1) * interval;
}

/** A line of stages; `capacity[j]` is the size of the buffer behind stage j (none behind the last). */
export interface StageLine {
  service: readonly number[];
  capacity: readonly number[];
  images: number;
}

/**
 * Runs a line of stages with fixed service times and bounded buffers, all images there at tick 0:
 * start(j,i) = max(finish(j-1,i), finish(j,i-1), finish(j+1, i-capacity(j))) (docs/model.md section 5, `elastic`).
 * @returns the finish ticks of the last stage, the makespan and the busy ticks of each stage.
 * @throws RangeError for ticks or images that are no whole numbers, a line without stages, or a buffer too few or
 * without an entry.
 */
export function runStages(
  line: StageLine,
  observer: Observer | null = null,
): { finishes: Float64Array; makespan: number; busy: Float64Array } {
  const { service, images } = line;
  checkWhole('stages', [service.length], 1);
  checkWhole('service', service, 0);
  checkWhole('images', [images], 0);
  if (line.capacity.length < service.length - 1)
    throw new RangeError(
      `capacity: found ${line.capacity.length} buffers, expected one behind each of the ${service.length} ` +
        'stages but the last',
    );
  checkWhole(
    'capacity',
    line.capacity.filter((entries) => entries !== Infinity),
    1,
  );
  const last = service.length - 1;
  const simulator = new Simulator(observer);
  const buffers = new Buffers(line.capacity, observer);
  const started = new Float64Array(service.length);
  const finished = new Float64Array(service.length);
  const busy = new Float64Array(service.length);
  const finishes = new Float64Array(images);

  const tryStart = (j: number): void => {
    if (j < 0 || j > last || started[j]! > finished[j]! || started[j]! === images) return;
    if (j > 0 && finished[j - 1]! === started[j]!) return;
    if (j < last && !buffers.hasRoom(j)) return;
    if (j < last) buffers.reserve(j, simulator.now);
    started[j]!++;
    simulator.schedule(service[j]!, j, FINISH, j);
  };

  tryStart(0);
  simulator.run((_code, j) => {
    busy[j]! += service[j]!;
    if (j === last) finishes[finished[j]!] = simulator.now;
    finished[j]!++;
    if (j < last) buffers.publish(j, simulator.now);
    if (j > 0) buffers.release(j - 1, simulator.now);
    tryStart(j - 1);
    tryStart(j);
    tryStart(j + 1);
  });
  return { finishes, makespan: simulator.now, busy };
}
