// golden/timing: chains of units and lines of stages by the recurrences of docs/model.md, section 5.

import { drawing } from './random.mjs';

const CASES = 24;
const firstAndLast = (values) => (values.length <= 16 ? values : [...values.slice(0, 8), ...values.slice(-8)]);
/** Ticks from a few to many, so that units wait for each other in every order. */
const ticks = (draw) => [draw(1, 10), draw(1, 1000), draw(1, 200_000)][draw(0, 2)];

function chain(draw) {
  const units = Array.from({ length: draw(1, 7) }, () => {
    const latency = ticks(draw);
    return { latency, interval: draw(0, 1) === 0 ? latency : Math.max(1, Math.floor(latency / draw(2, 5))) };
  });
  const waves = draw(1, 60);
  // start(u, w) = max(finish(u - 1, w), start(u, w - 1) + interval(u))
  const starts = units.map(() => -Infinity);
  const finishes = Array.from({ length: waves }, () =>
    units.reduce((ready, { latency, interval }, u) => {
      starts[u] = Math.max(ready, starts[u] + interval);
      return starts[u] + latency;
    }, 0),
  );
  return { units, waves, finishOfWaves: firstAndLast(finishes), service: finishes.at(-1) };
}

function line(draw) {
  const service = Array.from({ length: draw(1, 7) }, () => ticks(draw));
  const capacity = service.slice(1).map(() => draw(1, 5));
  const images = draw(1, 200);
  // start(j, i) = max(finish(j - 1, i), finish(j, i - 1), finish(j + 1, i - capacity(j)))
  const finish = service.map(() => []);
  const at = (j, i) => finish[j]?.[i] ?? 0;
  for (let i = 0; i < images; i++)
    service.forEach((own, j) => {
      const room = j < capacity.length ? at(j + 1, i - capacity[j]) : 0;
      finish[j][i] = Math.max(at(j - 1, i), at(j, i - 1), room) + own;
    });
  const last = finish.at(-1);
  return {
    ...{ service, capacity, images, finishOfLastStage: firstAndLast(last), makespan: last.at(-1) },
    busy: service.map((own) => own * images),
  };
}

/** Chains and lines of both kinds. */
export function timingCases() {
  const draw = drawing(15);
  return {
    'golden/timing/chains.json': Array.from({ length: CASES }, () => chain(draw)),
    'golden/timing/pipelines.json': Array.from({ length: CASES }, () => line(draw)),
  };
}
