// Places of keys and values by their path: a tree that copies share until one of them changes it.

import type { Origin } from './errors.js';

interface Node {
  /** Who may change the node; all others change a copy. */
  owner: object;
  origin: Origin | undefined;
  /** Null where nothing stands below: most nodes are values. */
  children: Map<string, Node> | null;
}

/** Places of keys and values by their path. */
export class Origins {
  readonly #rootOrigin: Origin;
  #owner: object = {};
  #root: Node = { owner: this.#owner, origin: undefined, children: null };

  constructor(root: Origin) {
    this.#rootOrigin = root;
  }

  set(path: readonly PropertyKey[], origin: Origin): void {
    this.#own(path).origin = origin;
  }

  /** The place of a path, or of its nearest parent that has one. */
  at(path: readonly PropertyKey[]): Origin {
    let nearest = this.#rootOrigin;
    let node: Node | undefined = this.#root;
    for (const key of path) {
      node = node.children?.get(String(key));
      if (node === undefined) break;
      nearest = node.origin ?? nearest;
    }
    return nearest;
  }

  /** Takes over the places at and below a path. */
  adopt(path: readonly PropertyKey[], from: Origins): void {
    const taken = from.#at(path);
    from.#owner = {};
    const parent = this.#own(path.slice(0, -1));
    const last = String(path.at(-1));
    if (taken === undefined) parent.children?.delete(last);
    else childrenOf(parent).set(last, taken);
  }

  /** Every place by its path, keys joined by `/`, in the order in which they were set. */
  *entries(): Generator<[string, Origin]> {
    yield* entriesOf(this.#root, '');
  }

  /** The same places one key deeper. */
  under(key: string): Origins {
    const deeper = new Origins(this.#rootOrigin);
    childrenOf(deeper.#root).set(key, this.#root);
    this.#owner = {};
    return deeper;
  }

  /** The same places. @param root what answers for keys that stand nowhere */
  copy(root = this.#rootOrigin): Origins {
    const copy = new Origins(root);
    copy.#root = this.#root;
    this.#owner = {};
    return copy;
  }

  #at(path: readonly PropertyKey[]): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const key of path) node = node?.children?.get(String(key));
    return node;
  }

  /** The node of a path, made where there is none; it and those above it are this tree's own. */
  #own(path: readonly PropertyKey[]): Node {
    if (this.#root.owner !== this.#owner) this.#root = owned(this.#root, this.#owner);
    let node = this.#root;
    for (const key of path) {
      const name = String(key);
      const children = childrenOf(node);
      let next = children.get(name);
      if (next?.owner !== this.#owner) {
        next = owned(next, this.#owner);
        children.set(name, next);
      }
      node = next;
    }
    return node;
  }
}

const owned = (node: Node | undefined, owner: object): Node => ({
  owner,
  origin: node?.origin,
  children: node?.children ? new Map(node.children) : null,
});

const childrenOf = (node: Node): Map<string, Node> => (node.children ??= new Map<string, Node>());

function* entriesOf({ origin, children }: Node, path: string): Generator<[string, Origin]> {
  if (origin !== undefined) yield [path, origin];
  for (const [key, child] of children ?? []) yield* entriesOf(child, path === '' ? key : `${path}/${key}`);
}
