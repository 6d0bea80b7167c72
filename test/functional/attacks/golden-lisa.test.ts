// RP2 on LISA-CNN against the authors' printed losses and a replay from a saved start; without ../shared on a small
// network of its form.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NetworkVictim } from '../../../src/functional/attacks/network-victim.js';
import { Rp2, type Rp2Options } from '../../../src/functional/attacks/rp2.js';
import { Executor } from '../../../src/functional/execute.js';
import { streamOf } from '../../../src/functional/streams.js';
import { logitsGraph } from '../../../src/functional/training/logits.js';
import { readTensors } from '../../../src/tensors/index.js';
import { loaded } from '../../helpers.js';
import { hasShared, sharedUrl } from '../../shared.js';
import { PLAIN_RP2 } from './rp2-options.js';

const data = sharedUrl('data/');
/** All 300 iterations instead of the first few. */
const WHOLE = hasShared && process.env.WHOLE === '1';

async function arrays(path: string): Promise<ReadonlyMap<string, { shape: readonly number[]; data: Float64Array }>> {
  const tensors = await readTensors(new Uint8Array(readFileSync(new URL(path, data))), path);
  return new Map(
    tensors.map(({ name, shape, data: values }) => [name, { shape, data: Float64Array.from(values, Number) }]),
  );
}

/** The authors' victims are stop signs, class 14; the target is a speed limit, class 12. */
const [LABEL, TARGET, VICTIMS] = [14, 12, hasShared ? 40 : 6];

/** LISA-CNN with the slice's channels. */
const SMALL = readFileSync('configs/networks/lisa-cnn.yaml', 'utf8')
  .replace('channels: 64', 'channels: 6')
  .replaceAll('channels: 128', 'channels: 8');

interface Replay {
  /** Of the slice: losses without noise and with the noise at the end. */
  readonly clean_loss: number;
  readonly final: { readonly loss: number; readonly success: number };
  readonly iterations: readonly (readonly [iteration: number, loss: number, misclassified: number, target: number])[];
}
const replayOf = (mask: string): Replay =>
  JSON.parse(readFileSync(new URL(`golden/rp2_lisa/rerun_${mask}.json`, data), 'utf8')) as Replay;

/** Printed by the authors, or computed for the slice: the clean loss, and loss and success of each mask. */
const right = hasShared
  ? { clean: 5.70886, stickers: { loss: 0.79035, success: 0.9 }, octagon: { loss: 0.12466, success: 1 } }
  : {
      clean: replayOf('stickers').clean_loss,
      stickers: replayOf('stickers').final,
      octagon: replayOf('octagon').final,
    };

/** The attack on the authors' victims within one of their masks, from some noise. */
async function attack(mask: 'stickers' | 'octagon', start: string, over: Partial<Rp2Options> = {}): Promise<Rp2> {
  const weights = await arrays('models/lisa_cnn/lisa_cnn.npz');
  const graph = logitsGraph(
    loaded('a3', ['network=signs.yaml'], {
      'signs.yaml': hasShared ? readFileSync('configs/networks/lisa-cnn.yaml', 'utf8') : SMALL,
    }).network.graph,
  );
  const executor = new Executor(
    graph,
    { keys: [...weights.keys()], get: (key) => weights.get(key.replace('fc4', 'fc'))! },
    { precision: 'float64' },
  );
  const stored = await arrays(`golden/rp2_lisa/rp2_${mask}.npz`);
  const clean = stored.get('victims_u8_nchw')!.data.map((pixel) => pixel / 255);
  const noise = start === 'none' ? new Float64Array(3 * 32 * 32) : stored.get(start)!.data;
  const task = {
    victim: new NetworkVictim(executor),
    ...{ clean, count: VICTIMS, range: [0, 1] as const, start: noise },
    labels: new Int32Array(VICTIMS).fill(LABEL),
    targets: new Int32Array(VICTIMS).fill(TARGET),
    stream: (name: string) => streamOf(1, name),
  };
  const pixels = stored.get('mask_u8_chw')!.data.map((value) => value / 255);
  return new Rp2(task, { ...PLAIN_RP2, ...over }, { channels: 3, height: 32, width: 32 }, pixels);
}

describe('RP2 on LISA-CNN', () => {
  it('the printed losses: 5.70886 clean; 0.79035 stickers and 0.12466 octagon with the published noise', async () => {
    expect((await attack('stickers', 'none')).state().loss).toBeCloseTo(right.clean, 5);
    for (const mask of ['stickers', 'octagon'] as const) {
      const { loss, success } = (await attack(mask, 'published_final_noise_chw')).state();
      expect(loss.toFixed(5)).toBe(right[mask].loss.toFixed(5));
      expect(success).toBe(right[mask].success);
    }
  });

  it.each(['stickers', 'octagon'] as const)(
    `%s: ${WHOLE ? 'all' : 'the first'} iterations of a replay from a saved start`,
    async (mask) => {
      const { iterations } = replayOf(mask);
      const run = await attack(mask, 'rerun_start_noise_chw');
      for (let i = 0; i < (WHOLE ? 300 : 2); i++) {
        const { loss, success } = run.step();
        // The replay is in float32.
        expect(Math.abs(loss / iterations[i]![1] - 1)).toBeLessThan(1e-4);
        expect(Math.abs(success - iterations[i]![3] / 100)).toBeLessThan(WHOLE ? 0.0251 : 1e-6);
      }
      if (WHOLE) expect(run.state().success).toBe(mask === 'stickers' ? 0.9 : 1);
    },
    WHOLE ? 600_000 : 60_000,
  );
});
