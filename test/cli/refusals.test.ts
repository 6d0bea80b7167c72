import { describe, expect, it } from 'vitest';
import { xbarflow } from '../experiment/command.js';

describe('what runs in inference only', () => {
  it.each([
    [
      ['network=lenet-5', 'chip.arrays=100', 'mapping.overflow=reload'],
      '--set mapping.overflow=reload: mapping.overflow: found reload, which runs inference only, but training takes ' +
        'more arrays',
    ],
    [
      ['network=transformer-base', 'dynamic.on=crossbar'],
      '--set dynamic.on=crossbar: dynamic.on: found crossbar, but operator "encoder1_scores" writes operands into ' +
        'arrays in inference only; expected digital for training',
    ],
  ])('%j: exit 2, one line', { timeout: 60_000 }, (sets, message) => {
    const { status, stdout, stderr } = xbarflow(['run', 'pipelayer', ...sets.flatMap((set) => ['--set', set])]);
    expect([status, stdout, stderr.trim()]).toEqual([2, '', message]);
  });
});
