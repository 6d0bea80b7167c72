// A layer that does not fit a chip, cut by columns into layers that do: each part computes its share of the outputs.

import type { Network, WeightLayer } from '../../workload/index.js';

/** What a network of split layers is: parts of a layer follow each other, the last does what joined the product. */
export function splitLayers(network: Network, partsOf: (layer: WeightLayer) => number): Network {
  const counts = network.layers.map(partsOf);
  if (counts.every((parts) => parts === 1)) return network;
  // By old number, 1..L: the number of the layer's last part.
  const lastOf = [0];
  for (const parts of counts) lastOf.push(lastOf.at(-1)! + parts);
  const layers = network.layers.flatMap((layer, i) => {
    const inputs = layer.inputs.map((input) => ({ ...input, producer: lastOf[input.producer]! }));
    const consumers = layer.consumers.flatMap((reader) =>
      Array.from({ length: counts[reader - 1]! }, (_, part) => lastOf[reader - 1]! + 1 + part),
    );
    return cut({ ...layer, inputs, consumers }, lastOf[i]! + 1, counts[i]!);
  });
  return { ...network, layers };
}

/** Parts of a layer, numbered from `first`; the last reads what the others gave and stores all. */
function cut(layer: WeightLayer, first: number, parts: number): WeightLayer[] {
  const last = first + parts - 1;
  return Array.from({ length: parts }, (_, part): WeightLayer => {
    const share = (total: number): number =>
      Math.floor((total * (part + 1)) / parts) - Math.floor((total * part) / parts);
    const cout = share(layer.cout);
    const ofColumns = (total: number): number => (total / layer.cout) * cout;
    const own = {
      ...layer,
      index: first + part,
      cout,
      columns: cout,
      macs: ofColumns(layer.macs),
      weights: ofColumns(layer.weights),
      biases: layer.biases === 0 ? 0 : cout,
      neurons: ofColumns(layer.neurons),
    };
    if (parts === 1) return own;
    if (part < parts - 1)
      return {
        ...own,
        name: `${layer.name}/${part + 1}`,
        masking: null,
        pooledNeurons: own.neurons,
        storedNeurons: own.neurons,
        pools: [],
        consumers: [last],
        isOutput: false,
        ...{ adds: 0, activations: 0, meeting: 0, operands: 0 },
        nodes: [],
      };
    const others = Array.from({ length: parts - 1 }, (__, other) => first + other);
    return {
      ...own,
      inputs: [...layer.inputs, ...others.map((producer) => ({ producer, pools: [], need: 'place' as const }))],
      operands: layer.operands + layer.neurons - own.neurons,
    };
  });
}
