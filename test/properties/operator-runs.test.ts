// Random runs with every kind of operator, packed groups, products of activations on both places, layers in turns.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ConfigError } from '../../src/config/index.js';
import type { LoadedRun } from '../../src/run-config/index.js';
import { simulate, type Result } from '../../src/simulation/index.js';
import { loaded } from '../helpers.js';
import { sequenceNetwork, sequenceSteps } from '../machine/networks.js';
import { isDigital, loadRandom, randomCase } from './random-runs.js';

const resultOf = (run: LoadedRun, simulation: { exact?: boolean; check?: boolean } = {}): Result =>
  simulate({ ...run, config: { ...run.config, simulation: { ...run.config.simulation, ...simulation } } }).result;
const facts = (result: Result): unknown => ({ ...result, simulator: null, config: null });

const knobs = fc.record({
  preset: fc.constantFrom('isaac', 'pipelayer', 'a3', 'a3-shared', 'digital-int8'),
  mode: fc.constantFrom('inference', 'training', 'attack'),
  advance: fc.constantFrom('elastic', 'lockstep'),
  on: fc.constantFrom('digital', 'crossbar'),
  groups: fc.constantFrom('separate', 'packed'),
  shared: fc.boolean(),
  images: fc.integer({ min: 1, max: 20 }),
  batch: fc.integer({ min: 1, max: 5 }),
});

it('norms, softmax, products of activations, moves: fast equals event by event in every mode', () => {
  fc.assert(
    fc.property(sequenceSteps, knobs, (steps, { preset, mode, advance, on, groups, shared, images, batch }) => {
      const digital = preset === 'digital-int8';
      const sets = [
        ...['network=random.json', `workload.mode=${mode}`, `workload.batch=${batch}`, 'pipeline.granularity=image'],
        mode === 'attack' ? `workload.iterations=${images}` : `workload.images=${images}`,
        `pipeline.advance=${digital ? 'elastic' : advance}`,
        `dynamic.on=${digital || mode !== 'inference' ? 'digital' : on}`,
        `vector.shared=${shared}`,
        ...(mode === 'training' ? ['neurons=kept'] : []),
        ...(digital ? [] : [`mapping.groups=${groups}`, 'crossbar.rows=16', 'crossbar.columns=32']),
        ...(digital ? [] : ['sensing.columnsPerConverter=1']),
      ];
      const run = loaded(preset, sets, { 'random.json': sequenceNetwork(steps) });
      const [fast, exact] = [resultOf(run), resultOf(run, { exact: true, check: true })];
      expect(facts(fast)).toEqual(facts(exact));
    }),
    { seed: 2026, numRuns: 60 },
  );
});

it('layers in turns: fast equals event by event; every weight is written once a batch', () => {
  let turns = 0;
  fc.assert(
    fc.property(randomCase, fc.double({ min: 0.2, max: 0.9, noNaN: true }), ({ knobs: given, network }, share) => {
      if (isDigital(given)) return;
      const plain = loadRandom(
        {
          ...given,
          mode: 'inference',
          chip: null,
          buffers: { ...given.buffers, entries: undefined },
          pipeline: { ...given.pipeline, enabled: true, granularity: 'image' },
        },
        network,
      );
      const arrays = Math.max(1, Math.floor(share * resultOf(plain).arrays.physical));
      const run: LoadedRun = {
        ...plain,
        workload: { ...plain.workload, batch: given.batch },
        config: {
          ...plain.config,
          mapping: { ...plain.config.mapping, overflow: 'reload', groups: given.biasRow ? 'packed' : 'separate' },
          chip: { ...plain.config.chip, tiles: undefined, arrays },
        },
      };
      try {
        const [fast, exact] = [resultOf(run), resultOf(run, { exact: true, check: true })];
        expect(facts(fast)).toEqual(facts(exact));
        const loads = fast.stages.filter(({ pass }) => pass === 'W');
        if (loads.length === 0) return;
        turns++;
        const batches = Math.ceil(plain.workload.images / given.batch);
        for (const { starts } of loads) expect(starts).toBe(batches);
        const cells = fast.placements.reduce((sum, { programmedCells, copies }) => sum + programmedCells * copies, 0);
        const written = fast.actions.filter(({ component, action }) => component === 'crossbar' && action === 'write');
        expect(written.reduce((sum, { count }) => sum + Number(count), 0)).toBe(batches * cells);
      } catch (error) {
        // A layer with groups or steps that the chip does not hold is not cut.
        if (!(error instanceof ConfigError) || !error.message.includes('does not hold layer')) throw error;
      }
    }),
    { seed: 2027, numRuns: 120 },
  );
  expect(turns).toBeGreaterThan(40);
});
