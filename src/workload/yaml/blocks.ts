// Repeated blocks of a network file, written out: names of their layers, and what they read.

import type { FileLayer, LayerFile, NetworkFile } from './schema.js';

/** The most layers that a network may have. */
export const MOST_LAYERS = 100_000;

/** A layer, and where the file has it. */
export interface PlacedLayer {
  readonly file: LayerFile;
  /** Path of keys in the file's tree. */
  readonly path: readonly (string | number)[];
}

type Repeat = Extract<FileLayer, { type: 'repeat' }>;

/** Layers with every block written out, and the layer whose output a block's name stands for. */
export interface WrittenOut {
  readonly layers: readonly PlacedLayer[];
  readonly ends: ReadonlyMap<string, string>;
}

/**
 * Writes blocks out: layer `add` of repetition 3 of `block` becomes `block3_add`. Inside a block `input` is what the
 * repetition reads: the one before it, the first what `from` of the block says.
 * @param fail reports a fault at the path of a layer of the file
 */
export function writtenOut(
  network: NetworkFile,
  fail: (path: readonly (string | number)[], message: string) => never,
): WrittenOut {
  const layers: PlacedLayer[] = [];
  const ends = new Map<string, string>();
  network.layers.forEach((file, index) => {
    const path = ['layers', index];
    if (file.type !== 'repeat') {
      layers.push({ file, path });
      return;
    }
    if (layers.length + file.times * file.layers.length > MOST_LAYERS)
      fail([...path, 'times'], `the network would have more than ${MOST_LAYERS} layers`);
    if (ends.has(file.name)) fail([...path, 'name'], 'another layer has this name');
    const first = file.from ?? layers.at(-1)?.file.name;
    for (const layer of repeated(file, path, first)) layers.push(layer);
    ends.set(file.name, layers.at(-1)!.file.name);
  });
  for (const [index, { file }] of layers.entries())
    if (ends.has(file.name)) fail([...layers[index]!.path, 'name'], 'another layer has this name');
  if (ends.size === 0) return { layers, ends };
  return {
    layers: layers.map(({ file, path }) => ({ file: { ...file, ...readThrough(file.from, ends) }, path })),
    ends,
  };
}

function* repeated(
  { name, times, layers }: Repeat,
  path: readonly (string | number)[],
  first: string | undefined,
): Generator<PlacedLayer> {
  const own = new Set(layers.map((layer) => layer.name));
  let before = first ?? 'input';
  for (let time = 1; time <= times; time++) {
    const inside = (read: string): string => {
      if (own.has(baseOf(read))) return `${name}${time}_${read}`;
      return read === 'input' ? before : read;
    };
    for (const [k, layer] of layers.entries()) {
      const from =
        layer.from === undefined
          ? k === 0
            ? before
            : `${name}${time}_${layers[k - 1]!.name}`
          : typeof layer.from === 'string'
            ? inside(layer.from)
            : layer.from.map(inside);
      yield { file: { ...layer, name: `${name}${time}_${layer.name}`, from }, path: [...path, 'layers', k] };
    }
    before = `${name}${time}_${layers.at(-1)!.name}`;
  }
}

/** The name of a layer of which a text names an output (`split:1`). */
const baseOf = (read: string): string => read.replace(/:\d+$/, '');

/** The tensor that a text names, a block's name read as its last layer's. */
export const endOf = (read: string, ends: ReadonlyMap<string, string>): string => {
  const end = ends.get(baseOf(read));
  return end === undefined ? read : end + read.slice(baseOf(read).length);
};

function readThrough(from: LayerFile['from'], ends: ReadonlyMap<string, string>): Pick<LayerFile, 'from'> {
  if (from === undefined) return {};
  return { from: typeof from === 'string' ? endOf(from, ends) : from.map((read) => endOf(read, ends)) };
}
