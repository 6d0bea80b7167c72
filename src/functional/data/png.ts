// PNG pictures as planes of bytes.

import { decode } from 'fast-png';
import { refuse } from '../../tensors/tensor.js';

/** A picture: channels x height x width; grey 1 channel, colour 3 (alpha is left out). */
export interface Picture {
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly data: Uint8Array;
}

/** Reads a PNG of 8 or 16 bits (cut to 8) a sample. @throws UserError for what is no PNG */
export function readPng(bytes: Uint8Array, file: string): Picture {
  let image: ReturnType<typeof decode>;
  try {
    image = decode(bytes);
  } catch (error) {
    return refuse(file, `is no PNG: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { width, height, depth, palette } = image;
  const stored = image.channels;
  const colours = palette === undefined ? (stored >= 3 ? 3 : 1) : 3;
  const data = new Uint8Array(colours * width * height);
  const places = width * height;
  const value = (place: number, channel: number): number => {
    const raw = image.data[place * stored + (palette === undefined ? channel : 0)]!;
    if (palette !== undefined) return palette[raw]?.[channel] ?? 0;
    return depth === 16 ? raw >> 8 : depth === 8 ? raw : (raw * 255) / (2 ** depth - 1);
  };
  if (depth < 8 && palette === undefined) return refuse(file, `has ${depth} bits a sample, expected 8 or 16`);
  for (let c = 0; c < colours; c++) for (let p = 0; p < places; p++) data[c * places + p] = value(p, c);
  return { shape: [colours, height, width], data };
}

/** Pictures of one size as a data set. @throws UserError naming the first that differs */
export function stackPictures(pictures: readonly Picture[], files: readonly string[]): Uint8Array {
  const first = pictures[0]!;
  const size = first.data.length;
  const data = new Uint8Array(pictures.length * size);
  pictures.forEach((picture, i) => {
    if (picture.shape.join() !== first.shape.join())
      refuse(files[i]!, `is ${picture.shape.join('x')}, the first picture is ${first.shape.join('x')}`);
    data.set(picture.data, i * size);
  });
  return data;
}
