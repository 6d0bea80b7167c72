import { describe, expect, it } from 'vitest';
import { TOLD_HEADLINES, causeSentence, differenceSentence } from '../../src/experiment/cause-sentences.js';
import { knobDifferences } from '../../src/experiment/compare.js';
import type { Result } from '../../src/simulation/index.js';
import { resultOf } from '../helpers.js';

const ATTACK = ['network=lisa-cnn', 'workload.mode=attack', 'workload.iterations=10'];
const INFERENCE = ['network=lenet-5', 'workload.mode=inference'];
const TRAINING = ['network=mnist-a', 'workload.mode=training', 'workload.images=640'];

const named = (name: string, result: Result) => ({ name, result });
/** The sentences of B against A: time, energy, area, utilization. */
const told = (a: Result, b: Result): string[] =>
  TOLD_HEADLINES.map((key) => causeSentence(key, named('B', b), named('A', a)));
const differ = (a: Result, b: Result): string =>
  differenceSentence(named('B', b), named('A', a), knobDifferences(b, a));

const pipelayer = resultOf('pipelayer', ATTACK);
const shared = resultOf('a3-shared', ATTACK);
const a3 = resultOf('a3', ATTACK);
const isaac = resultOf('isaac', INFERENCE);

/** Joules of an action of a component, in one pass or in all. */
const joules = ({ actions }: Result, what: string, pass?: string): number =>
  actions.reduce(
    (sum, one) =>
      `${one.component} ${one.action}` === what && (pass === undefined || one.pass === pass) ? sum + one.energyJ : sum,
    0,
  );

describe('a sentence of cause', () => {
  it('names, of PipeLayer against A3 with shared arrays, waves in turns, reads and cells', () => {
    const [time = '', energy = '', area = '', use = ''] = told(pipelayer, shared);
    expect(time).toMatch(/^B takes 0\.3\d+ of A's time because its slowest stage has 86 waves an image /);
    expect(time).toMatch(/ \(B1 and F1 of conv1 in turns\), A's 256 \(B2 of conv2\)\.$/);
    const saved = joules(pipelayer, 'crossbar read') - joules(shared, 'crossbar read');
    const all = pipelayer.energy.totalJ - shared.energy.totalJ;
    expect(energy).toContain('reads of cells (backward) take');
    expect(energy).toContain(`${Math.round((100 * saved) / all)} % of the saving`);
    // By far the most of it in the backward pass, as the sentence says.
    const backward = joules(pipelayer, 'crossbar read', 'B') - joules(shared, 'crossbar read', 'B');
    expect(backward / saved).toBeGreaterThan(0.9);
    expect(area).toMatch(/integrate-and-fire circuits take .* of the saving: there are 0\.1\d+ times as many\.$/);
    expect(use).toMatch(/^B has 4\.\d+ times A's utilization because 80\.8 % of its cells hold/);
    expect(differ(pipelayer, shared)).toMatch(
      /^A and B differ in 3 knobs: .*weights\.copies \(A dedicated, B shared\)/,
    );
  });

  it('says of PipeLayer against A3 that times are the same, and what outweighs the saving', () => {
    const [time = '', energy = ''] = told(pipelayer, a3);
    expect(time).toBe('A and B take the same time within 0.1 %.');
    const less = joules(pipelayer, 'crossbar read', 'B') - joules(a3, 'crossbar read', 'B');
    expect(less).toBeGreaterThan(pipelayer.energy.totalJ - a3.energy.totalJ);
    expect(energy).toMatch(/more than the whole saving: there are 0\.5 times as many\.$/);
  });

  it('turns round with the machines', () => {
    const [time = '', energy = ''] = told(shared, pipelayer);
    expect(time).toMatch(/^B takes 3\.\d+ times A's time because .* 256 waves .* \(B2 of conv2\), A's 86 \(B1 and F1/);
    expect(energy).toMatch(/of the rise: there are 41\.\d times as many\.$/);
  });

  it('tells what one design has and the other has not: reads at rest, multiply-accumulate units, written cells', () => {
    const digital = resultOf('digital-int8', INFERENCE);
    const [time = '', energy = ''] = told(isaac, digital);
    expect(time).toMatch(/^B takes 0\.0\d+ of A's time because a wave of its slowest stage takes .*, A's 1\.6 us/);
    expect(energy).toMatch(/idle converters take 0 J instead of .*: B has none\.$/);
    const trained = told(resultOf('pipelayer', TRAINING), resultOf('digital-int8', TRAINING));
    expect(trained[1]).toMatch(/because writes of cells take 0 J instead of .* of the saving: B has none\.$/);
    expect(trained[2]).toMatch(/multiply-accumulate units take .* instead of 0 mm2, .*: A has none\.$/);
  });

  it('is of the one part that a knob moves: converters, waves, the pipeline', () => {
    const twice = resultOf('isaac', [...INFERENCE, 'sensing.columnsPerConverter=64']);
    expect(told(isaac, twice)[2]).toMatch(/its converters take .*: there are 2 times as many\.$/);
    expect(differ(isaac, twice)).toBe('A and B differ in one knob: sensing.columnsPerConverter (A 128, B 64).');
    const fewer = resultOf('isaac', [...INFERENCE, 'sensing.bits=6']);
    expect(told(isaac, fewer)[2]).toMatch(/its converters take .*: each takes 0\.\d+ times as much\.$/);
    const trained = resultOf('pipelayer', TRAINING);
    const [slow = ''] = told(trained, resultOf('pipelayer', [...TRAINING, 'pipeline.enabled=false']));
    expect(slow).toMatch(/^B takes \d\.\d+ times A's time because filling, draining and waiting take .* instead of/);
    const [written = ''] = told(trained, resultOf('pipelayer', [...TRAINING, 'device.write.latency=10 ms']));
    expect(written).toMatch(/because the updates between batches take .* instead of/);
    const constant = resultOf('pipelayer', [...ATTACK, 'device.read.energy=5 pJ']);
    expect(told(pipelayer, constant)[1]).toMatch(/because reads of cells .*: each costs \d\.\d+ times as much\.$/);
    expect(differ(pipelayer, constant)).toBe('A and B differ in no knob of the design.');
  });

  it('is none of the same design, and no time or energy of unlike work', () => {
    expect(told(pipelayer, resultOf('pipelayer', ATTACK))).toEqual(['', '', '', '']);
    expect(differ(pipelayer, resultOf('pipelayer', ATTACK))).toBe('A and B are the same design on the same work.');
    const longer = resultOf('pipelayer', ATTACK.with(2, 'workload.iterations=20'));
    expect(told(pipelayer, longer).slice(0, 2)).toEqual(['', '']);
    expect(differ(pipelayer, longer)).toContain('the work is unlike: A attack on lisa-cnn, 10 iterations');
  });

  it('says ratios as they are, to three digits, of every pair of presets, in one short line', () => {
    const presets = ['isaac', 'puma', 'prime', 'celia', 'pipelayer', 'digital-int8', 'spindle'];
    const results = presets.map((name) => resultOf(name, INFERENCE));
    for (const a of results)
      for (const b of results)
        for (const sentence of a === b ? [] : told(a, b)) {
          expect(sentence).toMatch(/^[^.].*\.$/);
          expect(sentence).not.toMatch(/->|NaN|Infinity|undefined/);
          expect(sentence.length).toBeLessThan(200);
        }
    const [a, b] = [results[0]!, results[4]!];
    expect(told(a, b)[0]).toContain(`B takes ${Number((b.time.totalS / a.time.totalS).toPrecision(3))} times A's`);
    expect(told(a, b)[2]).toContain(`B takes ${Number((b.area.totalMm2 / a.area.totalMm2).toPrecision(3))} of A's`);
  });
});
