import { describe, expect, it } from 'vitest';
import { resolveLaws, withDevice } from '../../src/run-config/index.js';
import { diskPresets } from '../../src/config/files.node.js';
import { loadConfig, type Loaded, type Tree } from '../../src/config/index.js';

describe('laws of many configs on one base', () => {
  const base = withDevice(diskPresets, loadConfig(diskPresets, ['architectures', 'circuits'], 'digital-int8'));
  const at = (node: number): Loaded => ({
    ...base,
    tree: { ...base.tree, chip: { ...(base.tree.chip as Tree), node: `${node} nm` } },
  });
  const components = (loaded: Loaded): Tree => resolveLaws(loaded).loaded.tree.components as Tree;

  it('give one object where they come out equal, and another where they do not', () => {
    const first = components(at(28));
    const other = components(at(45));
    expect(components(at(28))).toBe(first);
    expect(components(at(45))).toBe(other);
    expect(other.buffer).not.toEqual(first.buffer);
    // No law there.
    expect(other.mac).toBe(first.mac);
  });

  it('are right for more configs than are kept', () => {
    const nodes = Array.from({ length: 100 }, (_, i) => 22 + i / 10);
    const fresh = (node: number): Tree => {
      const loaded = at(node);
      return components({ ...loaded, tree: structuredClone(loaded.tree) });
    };
    for (const node of [...nodes, ...nodes]) expect(components(at(node))).toEqual(fresh(node));
  });
});
