// PNG pictures as planes of bytes. A picture says its size in a few bytes: what it would take is counted first.

import { decode, type DecodedPng } from 'fast-png';
import { Unzlib } from 'fflate';
import type { MemoryBudget } from '../../config/budget.js';
import { UserError } from '../../config/index.js';
import { refuse } from '../../tensors/tensor.js';

/** A picture: channels x height x width; grey 1 channel, colour 3 (alpha is left out). */
export interface Picture {
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly data: Uint8Array;
}

/** Samples of a pixel by PNG's colour type. */
const SAMPLES = new Map([
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4],
]);
/** Chunks that make up a picture; others (profiles, texts) may unpack to anything, and are not read. */
const READ = ['IHDR', 'PLTE', 'IDAT', 'IEND'];
const SIGNATURE = 8;
/** Places of a header's fields. */
const [PLACE_OF_DEPTH, PLACE_OF_TYPE, PLACE_OF_INTERLACE] = [24, 25, 28];
/** The colour type of pictures with a palette. */
const PALETTE = 3;
/** Length, type and checksum of a chunk. */
const CHUNK = 12;
/** Deflate cannot pack tighter than this. */
const MOST_RATIO = 1032;

interface Header {
  /** Bytes of its filtered lines, as deflate packs them. */
  readonly lines: number;
  /** Bytes of its planes. */
  readonly planes: number;
}

/** The sizes that a picture says. */
function headerOf(bytes: Uint8Array, file: string): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < SIGNATURE + 13 + CHUNK || view.getUint32(12) !== 0x49484452)
    return refuse(file, 'is no PNG: it has no header');
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const samples = SAMPLES.get(bytes[PLACE_OF_TYPE]!) ?? 0;
  // Interlaced pictures have up to seven times as many lines, each with its filter.
  const lines = height * Math.ceil((width * samples * bytes[PLACE_OF_DEPTH]!) / 8) + 7 * (height + 1);
  return { lines, planes: width * height * (samples < 3 && bytes[PLACE_OF_TYPE] !== PALETTE ? 1 : 3) };
}

/** A picture's own chunks alone, and the bytes of its packed lines. */
function pictureOf(bytes: Uint8Array, file: string): { own: Uint8Array; packed: Uint8Array[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts = [bytes.subarray(0, SIGNATURE)];
  const packed: Uint8Array[] = [];
  for (let at = SIGNATURE; at < bytes.length;) {
    const end = at + CHUNK + (at + 8 <= bytes.length ? view.getUint32(at) : Infinity);
    if (end > bytes.length) return refuse(file, 'is no PNG: it is cut off');
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (READ.includes(type)) parts.push(bytes.subarray(at, end));
    if (type === 'IDAT') packed.push(bytes.subarray(at + 8, end - 4));
    if (type === 'IEND') break;
    at = end;
  }
  const own = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let to = 0;
  for (const part of parts) {
    own.set(part, to);
    to += part.length;
  }
  return { own, packed };
}

/** Unpacks and forgets, to see that there is no more than said. */
function checkPacked(packed: readonly Uint8Array[], most: number, file: string): void {
  let length = 0;
  const stream = new Unzlib((part) => {
    length += part.length;
    if (length > most) refuse(file, 'is no PNG: it holds more than its pixels');
  });
  packed.forEach((part, i) => {
    stream.push(part, i === packed.length - 1);
  });
}

/**
 * Reads a PNG of 8 or 16 bits (cut to 8) a sample.
 * @throws UserError for what is no PNG, or would take more than the budget
 */
export function readPng(bytes: Uint8Array, file: string, budget: MemoryBudget): Picture {
  let image: ReturnType<typeof decode>;
  const { lines, planes } = headerOf(bytes, file);
  budget.take(2 * lines + planes, file);
  const { own, packed } = pictureOf(bytes, file);
  const most = MOST_RATIO * packed.reduce((sum, { length }) => sum + length, 0);
  try {
    // Of most pictures the packed bytes say that they cannot hold too much.
    if (most > budget.left) checkPacked(packed, lines, file);
    image = decode(own, { checkCrc: true });
  } catch (error) {
    if (error instanceof UserError) throw error;
    return refuse(file, `is no PNG: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { width, height, depth, palette } = image;
  const stored = image.channels;
  const places = width * height;
  if (palette !== undefined || bytes[PLACE_OF_TYPE] === PALETTE)
    return { shape: [3, height, width], data: coloured(image, file, bytes[PLACE_OF_INTERLACE] !== 0) };
  if (depth < 8) return refuse(file, `has ${depth} bits a sample, expected 8 or 16`);
  const colours = stored >= 3 ? 3 : 1;
  const data = new Uint8Array(colours * places);
  for (let c = 0; c < colours; c++)
    for (let p = 0; p < places; p++) {
      const raw = image.data[p * stored + c]!;
      data[c * places + p] = depth === 16 ? raw >> 8 : raw;
    }
  return { shape: [colours, height, width], data };
}

/** Planes of a picture whose pixels are numbers of colours, packed into bytes line by line. @throws UserError */
function coloured({ data, width, height, depth, palette }: DecodedPng, file: string, interlaced: boolean): Uint8Array {
  if (palette === undefined) return refuse(file, 'is no PNG: its palette is missing');
  if (interlaced && depth < 8) return refuse(file, `is interlaced with ${depth} bits a pixel, expected 8`);
  const places = width * height;
  const planes = new Uint8Array(3 * places);
  const line = Math.ceil((width * depth) / 8);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const index = (data[y * line + (bit >> 3)]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
      const colour =
        palette[index] ?? refuse(file, `is no PNG: it has ${palette.length} colours, none of number ${index}`);
      for (let c = 0; c < 3; c++) planes[c * places + y * width + x] = colour[c]!;
    }
  return planes;
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
