// A network's tree as the text of a file.

import { stringify } from 'yaml';

/** YAML with a layer a line, as people write network files. */
export function networkText(tree: Readonly<Record<string, unknown>>): string {
  const { layers, ...head } = tree;
  const lines = (Array.isArray(layers) ? layers : []).map((layer) => `  - ${flow(layer)}`);
  return `${stringify(head, { lineWidth: 0 })}layers:\n${lines.join('\n')}\n`;
}

const flow = (layer: unknown): string =>
  stringify(layer, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trim();
