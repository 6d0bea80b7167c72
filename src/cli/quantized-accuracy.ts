// Accuracy of a quantized model on a config's data, as `xbarflow quantize --data` says it.

import { diskPresets } from '../config/files.node.js';
import type { QuantizedModel } from '../experiment/quantize.js';
import type { Accuracy, LayerAccuracies } from '../experiment/study/layers.js';
import { withAnyNetwork } from '../run-config/any-network.node.js';
import { loadRun } from '../run-config/index.js';
import type { Tensor } from '../tensors/index.js';
import { checkShapes } from './shapes.js';

/** Node reads no larger file at once. */
export const LARGEST_FILE = 2 ** 31 - 1;

/** What the command line says of it. */
interface AccuracyFlags {
  readonly model: string;
  readonly data: string | undefined;
  readonly images: number | undefined;
  readonly shapes: ReadonlyMap<string, number>;
  readonly maxMemory: number | undefined;
}

/** Accuracy of the model as it was and quantized; null without --data. @throws UserError where they do not fit */
export async function accuraciesOf(
  flags: AccuracyFlags,
  original: readonly Tensor[],
  { tensors, layers }: QuantizedModel,
): Promise<LayerAccuracies | null> {
  const { data, images, model: file, shapes, maxMemory } = flags;
  if (data === undefined) return null;
  const symbols = new Set<string>();
  const loaded = await withAnyNetwork((presets) => loadRun(presets, data, []), { shapes, maxMemory, symbols });
  const run = { ...loaded, maxMemory, shapes };
  const { layerAccuracies } = await import('../experiment/study/layers.js');
  const names = layers.map(({ name }) => name);
  const scored = layerAccuracies(run, diskPresets, { file, original, tensors, names, images, symbols });
  checkShapes(shapes, symbols);
  return scored;
}

const accuracyText = ({ accuracy, nats }: Accuracy): string =>
  `${(100 * accuracy).toFixed(2)} % (${nats.toFixed(4)} nats)`;

/** What a table says below its rows. */
export const accuracyLine = ({ images, float, quantized }: LayerAccuracies): string =>
  `${images} samples: ${accuracyText(float)} as it was, ${accuracyText(quantized)} quantized; by tensor: it alone`;
