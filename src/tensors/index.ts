// Files of trained models: which reader takes which file.

import { readNpy, readNpz } from './numpy.js';
import { readPyTorch } from './pytorch.js';
import { readSafetensors } from './safetensors.js';
import { refuse, type Tensor } from './tensor.js';

export { writeNpz } from './numpy.js';
export { writeSafetensors } from './safetensors.js';
export { isFloat, storedType, type DType, type Tensor, type TensorData } from './tensor.js';

/** Endings of files that can be read. */
export const MODEL_ENDINGS = ['.pt', '.pth', '.th', '.bin', '.safetensors', '.npz', '.npy', '.onnx'] as const;

/**
 * Reads the tensors of a model by the file's ending; each has a name of its own. The reader of ONNX is loaded when it
 * is needed. @throws UserError for what cannot be read
 */
export async function readTensors(bytes: Uint8Array, file: string): Promise<Tensor[]> {
  const tensors = await readByEnding(bytes, file);
  const names = new Set<string>();
  for (const { name } of tensors) {
    if (names.has(name)) refuse(file, `two tensors have the name "${name}"`);
    names.add(name);
  }
  return tensors;
}

async function readByEnding(bytes: Uint8Array, file: string): Promise<Tensor[]> {
  const ending = /\.[^./\\]*$/.exec(file.toLowerCase())?.[0] ?? '';
  switch (ending) {
    case '.safetensors':
      return readSafetensors(bytes, file);
    case '.npz':
      return readNpz(bytes, file);
    case '.npy':
      return [readNpy(bytes, file, file.replace(/^.*[/\\]/, '').slice(0, -ending.length))];
    case '.onnx':
      return (await import('./onnx.js')).readOnnx(bytes, file);
    case '.pt':
    case '.pth':
    case '.th':
    case '.bin':
      return readPyTorch(bytes, file);
    default:
      return refuse(file, `cannot tell what file it is; expected one ending in ${MODEL_ENDINGS.join(', ')}`);
  }
}
