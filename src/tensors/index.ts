// Files of trained models: which reader takes which file.

import { MemoryBudget } from '../config/budget.js';
import { readNpy, readNpz } from './numpy.js';
import { readPyTorch } from './pytorch.js';
import { readSafetensors } from './safetensors.js';
import { refuse, type Tensor } from './tensor.js';

export { checkArchiveNames, writeNpz } from './numpy.js';
export { writeSafetensors } from './safetensors.js';
export { isFloat, storedType, type Tensor, type TensorData } from './tensor.js';

/** Endings of files that can be read. */
export const MODEL_ENDINGS = ['.pt', '.pth', '.th', '.bin', '.safetensors', '.npz', '.npy', '.onnx'] as const;

/**
 * Reads the tensors of a model by the file's ending; each has a name of its own. The reader of ONNX is loaded when it
 * is needed. @param maxMemory bytes that its tensors may take (default: 8 times the file's, at least 256 MiB).
 * @throws UserError for what cannot be read
 */
export async function readTensors(bytes: Uint8Array, file: string, maxMemory?: number): Promise<Tensor[]> {
  const tensors = await readGuarded(bytes, file, MemoryBudget.ofFile(file, bytes.length, maxMemory));
  const names = new Set<string>();
  for (const { name } of tensors) {
    if (name.length > MOST_NAME) refuse(file, `a tensor has a name of ${name.length} characters`);
    if (names.has(name)) refuse(file, `two tensors have the name "${name}"`);
    names.add(name);
  }
  return tensors;
}

/** Longest name of a tensor. */
const MOST_NAME = 2000;

/** Readers call themselves for what stands within each other; files may say more levels than a stack has. */
async function readGuarded(bytes: Uint8Array, file: string, budget: MemoryBudget): Promise<Tensor[]> {
  try {
    return await readByEnding(bytes, file, budget);
  } catch (error) {
    if (error instanceof RangeError) return refuse(file, `is nested too deeply, or too large: ${error.message}`);
    throw error;
  }
}

async function readByEnding(bytes: Uint8Array, file: string, budget: MemoryBudget): Promise<Tensor[]> {
  const ending = /\.[^./\\]*$/.exec(file.toLowerCase())?.[0] ?? '';
  switch (ending) {
    case '.safetensors':
      return readSafetensors(bytes, file, budget);
    case '.npz':
      return readNpz(bytes, file, budget);
    case '.npy':
      return [readNpy(bytes, file, file.replace(/^.*[/\\]/, '').slice(0, -ending.length), budget)];
    case '.onnx':
      return (await import('./onnx.js')).readOnnx(bytes, file, budget);
    case '.pt':
    case '.pth':
    case '.th':
    case '.bin':
      return readPyTorch(bytes, file, budget);
    default:
      return refuse(file, `cannot tell what file it is; expected one ending in ${MODEL_ENDINGS.join(', ')}`);
  }
}
