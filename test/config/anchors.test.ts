import { expect, it } from 'vitest';
import { loaded } from '../helpers.js';

it('keys that begin with x- hold anchors and are no knobs', () => {
  const file = 'x-size: &size 64\nextends: pipelayer\nnetwork: mnist-0\ncrossbar: { rows: *size, columns: *size }\n';
  const { config } = loaded('/mine/config.yaml', [], { '/mine/config.yaml': file });
  expect(config.crossbar.rows).toBe(64);
  expect(Object.keys(config)).not.toContain('x-size');
});
