// RP2 on LISA-CNN against the authors' printed losses and a replay from a saved start (needs ../shared).

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NetworkVictim } from '../../../src/functional/attacks/network-victim.js';
import { Rp2, type Rp2Options } from '../../../src/functional/attacks/rp2.js';
import { Executor } from '../../../src/functional/execute.js';
import { streamOf } from '../../../src/functional/streams.js';
import { logitsGraph } from '../../../src/functional/training/logits.js';
import { readTensors } from '../../../src/tensors/index.js';
import { loaded } from '../../helpers.js';
import { PLAIN_RP2 } from './rp2-options.js';

const data = new URL('../../../../shared/data/', import.meta.url);
const here = existsSync(data);
/** All 300 iterations instead of the first few. */
const WHOLE = process.env.WHOLE === '1';

async function arrays(path: string): Promise<ReadonlyMap<string, { shape: readonly number[]; data: Float64Array }>> {
  const tensors = await readTensors(new Uint8Array(readFileSync(new URL(path, data))), path);
  return new Map(
    tensors.map(({ name, shape, data: values }) => [name, { shape, data: Float64Array.from(values, Number) }]),
  );
}

/** The authors' victims are stop signs, class 14; the target is a speed limit, class 12. */
const [LABEL, TARGET, VICTIMS] = [14, 12, 40];

/** The attack on the authors' victims within one of their masks, from some noise. */
async function attack(mask: 'stickers' | 'octagon', start: string, over: Partial<Rp2Options> = {}): Promise<Rp2> {
  const weights = await arrays('models/lisa_cnn/lisa_cnn.npz');
  const graph = logitsGraph(loaded('a3', ['network=lisa-cnn']).network.graph);
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

describe.skipIf(!here)('RP2 on LISA-CNN (needs ../shared)', () => {
  it('the printed losses: 5.70886 clean; 0.79035 stickers and 0.12466 octagon with the published noise', async () => {
    expect((await attack('stickers', 'none')).state().loss).toBeCloseTo(5.70886, 5);
    const [stickers, octagon] = [
      (await attack('stickers', 'published_final_noise_chw')).state(),
      (await attack('octagon', 'published_final_noise_chw')).state(),
    ];
    expect(stickers.loss.toFixed(5)).toBe('0.79035');
    expect(stickers.success).toBe(0.9);
    expect(octagon.loss.toFixed(5)).toBe('0.12466');
    expect(octagon.success).toBe(1);
  });

  it.each(['stickers', 'octagon'] as const)(
    `%s: ${WHOLE ? 'all' : 'the first'} iterations of a replay from a saved start`,
    async (mask) => {
      const { iterations } = JSON.parse(readFileSync(new URL(`golden/rp2_lisa/rerun_${mask}.json`, data), 'utf8')) as {
        iterations: [iteration: number, loss: number, misclassified: number, target: number][];
      };
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
