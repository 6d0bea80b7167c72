import { describe, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { UserError, listPresets } from '../../src/config/index.js';
import { simulate } from '../../src/simulation/index.js';
import { loaded } from '../helpers.js';

const REASONS =
  /training needs the neurons|expected layers of adder2d alone|row runs inference only|a product cannot compute it/;

describe('residual blocks, concatenated maps and an LSTM in every mode on every architecture', () => {
  it.each(listPresets(diskPresets, 'architectures'))('%s runs them, or says why not', (preset) => {
    let ran = 0;
    for (const network of ['resnet-18', 'gtsrb-cnn', 'lstm-small']) {
      for (const mode of ['inference', 'training', 'attack']) {
        const size =
          mode === 'attack' ? ['workload.batch=2', 'workload.iterations=2'] : ['workload.images=5', 'workload.batch=2'];
        try {
          const { time, energy, utilization, area, notes } = simulate(
            loaded(preset, [`network=${network}`, `workload.mode=${mode}`, ...size]),
          ).result;
          for (const figure of [time.totalS, energy.totalJ, utilization.effective, area.totalMm2])
            expect(Number.isFinite(figure) && figure > 0).toBe(true);
          expect(notes.map(({ code }) => code)).not.toContain('above-peak');
          expect(energy.poweredOnJ).toBeGreaterThanOrEqual(energy.activityJ);
          ran++;
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          expect(error.message).toMatch(REASONS);
        }
      }
    }
    expect(ran).toBeGreaterThanOrEqual(3);
  });
});

describe('configs to copy', () => {
  it.each(['runs', 'validation'].flatMap((kind) => listPresets(diskPresets, kind)))('%s runs', (run) => {
    const { result } = simulate(loaded(run));
    expect(result.energy.totalJ).toBeGreaterThan(0);
    expect(result.config.description).toBeTruthy();
  });
});
