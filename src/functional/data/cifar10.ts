// CIFAR-10's binary files: records of a label byte and 3 x 32 x 32 bytes (planes R, G, B).

import { refuse } from '../../tensors/tensor.js';
import type { RawDataset } from './dataset.js';

const PIXELS = 3 * 32 * 32;
const CLASSES = 10;

/** Reads a binary file. @throws UserError where it is no whole number of records, or a label is beyond 9 */
export function readCifar10(bytes: Uint8Array, file: string): RawDataset {
  const record = PIXELS + 1;
  const count = bytes.length / record;
  if (count < 1 || !Number.isInteger(count))
    return refuse(file, `has ${bytes.length} bytes, expected records of ${record}`);
  const data = new Uint8Array(count * PIXELS);
  const labels = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    labels[n] = bytes[n * record]!;
    if (labels[n]! >= CLASSES) return refuse(file, `record ${n}: label ${labels[n]!}, expected 0 to ${CLASSES - 1}`);
    data.set(bytes.subarray(n * record + 1, (n + 1) * record), n * PIXELS);
  }
  return { count, inputs: new Map([['', { shape: [3, 32, 32], data }]]), labels, labelsPerSample: 1 };
}
