// RP2 (Eykholt et al., CVPR 2018) by plain loops, picture after picture.

import { classOf, crossEntropy } from './nets.mjs';
import { Adam } from './steps.mjs';

const cut = (value, low, high) => Math.min(high, Math.max(low, value));
const normOf = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/**
 * One masked perturbation for all pictures (Eykholt et al. 2018): the mean cross entropy of transform(clip(x + M n))
 * with the target (or away from a label), lambda |M n|, non-printability and total variation. Rows: iteration, loss,
 * share of pictures at the target (or off the label).
 */
export function rp2(
  net,
  { clean, target, mask, start, count, away = false },
  { lambda, moves = null, printable = [], weight = 0, variation = 0 },
) {
  const [, height, width] = net.shapes[0];
  const noise = start.slice();
  const rule = new Adam(noise.length, 0.1);
  const rows = [];
  for (let round = 0; round <= count; round++) {
    const [dx, dy, brightness] = moves?.[round] ?? [0, 0, 1];
    const masked = noise.map((n, j) => n * mask[j]);
    const down = new Float64Array(noise.length);
    const state = { loss: 0, hits: 0 };
    for (const x of clean) {
      const put = x.map((value, j) => cut(value + masked[j], 0, 1));
      const free = x.map((value, j) => (value + masked[j] === put[j] ? 1 : 0));
      const source = (j) => {
        const [column, row] = [(j % width) - dx, (Math.floor(j / width) % height) - dy];
        return column < 0 || column >= width || row < 0 || row >= height ? -1 : j - dx - dy * width;
      };
      const bright = put.map((_, j) => (source(j) < 0 ? 0 : put[source(j)] * brightness));
      const view = bright.map((value) => cut(value, 0, 1));
      const values = net.all(view);
      const { loss, error } = crossEntropy(values.at(-1), target);
      const gradient = net.backward(values, error);
      const sign = away ? -1 : 1;
      state.loss += (sign * loss) / clean.length;
      const hit = classOf(moves === null ? values.at(-1) : net.logits(put)) === target;
      state.hits += (hit !== away ? 1 : 0) / clean.length;
      gradient.forEach((g, j) => {
        const at = source(j);
        if (at >= 0 && bright[j] === view[j]) down[at] += (sign * g * brightness * free[at] * mask[at]) / clean.length;
      });
    }
    const length = normOf(masked);
    const distances = (n) => printable.map((p) => n - p);
    const score = (n) => distances(n).reduce((product, gap) => product * Math.abs(gap), 1);
    const slope = (n) =>
      distances(n).reduce(
        (sum, gap, p) =>
          sum + Math.sign(gap) * distances(n).reduce((all, other, q) => (p === q ? all : all * Math.abs(other)), 1),
        0,
      );
    let cost = lambda * length;
    noise.forEach((n, j) => {
      down[j] += (lambda * masked[j] * mask[j]) / length;
      if (weight === 0 || mask[j] === 0) return;
      cost += weight * score(n);
      down[j] += weight * slope(n);
    });
    // Each value against its neighbours to the right and below.
    for (let j = 0; variation > 0 && j < noise.length; j++)
      for (const [next, inside] of [
        [j + 1, (j + 1) % width > 0],
        [j + width, (Math.floor(j / width) + 1) % height > 0],
      ]) {
        if (!inside) continue;
        cost += variation * Math.abs(masked[next] - masked[j]);
        down[next] += variation * mask[next] * Math.sign(masked[next] - masked[j]);
        down[j] -= variation * mask[j] * Math.sign(masked[next] - masked[j]);
      }
    rows.push([round, state.loss + cost, state.hits]);
    if (round < count) rule.move(noise, down);
  }
  return { rows, noise };
}
