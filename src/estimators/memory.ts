// SRAM and eDRAM by size, width and node: a table of CACTI 7 runs (32 nm, one bank, one port, 350 K), between its
// points log-linear, scaled to the node to first order.

import { logLog, placeOf, type Place } from './between.js';
import { scaleArea, scaleEnergy, scaleLeakage } from './digital.js';

/** Technology of a memory's cells. */
export const MEMORY_KINDS = ['sram', 'sram-lstp', 'edram'] as const;
/** A kind of memory. */
export type MemoryKind = (typeof MEMORY_KINDS)[number];

/** An access and an instance of a memory. */
export interface MemoryFigures {
  /** s */ accessTime: number;
  /** J */ readEnergy: number;
  /** J; eDRAM: CACTI's figure counts a whole row, so the read energy stands for it. */ writeEnergy: number;
  /** W */ leakage: number;
  /** mm2 */ area: number;
}

interface Row {
  bytes: number;
  width: number;
  /** ns, pJ, pJ, W, mm2 */
  figures: readonly [number, number, number, number, number];
}

const KI = 1024;
const row = (bytes: number, width: number, ...figures: [number, number, number, number, number]): Row => ({
  bytes,
  width,
  figures,
});

const CACTI: Record<MemoryKind, readonly Row[]> = {
  sram: [
    row(2 * KI, 64, 0.157, 1.42, 2.09, 0.82e-3, 0.0043),
    row(2 * KI, 256, 0.155, 4.64, 6.32, 0.8e-3, 0.008),
    row(4 * KI, 64, 0.199, 1.81, 3.22, 1.62e-3, 0.0076),
    row(8 * KI, 64, 0.215, 3.33, 3.92, 2.99e-3, 0.0149),
    row(8 * KI, 256, 0.215, 5.88, 13.2, 3.02e-3, 0.0178),
    row(16 * KI, 64, 0.249, 6.36, 5.3, 5.53e-3, 0.0289),
    row(32 * KI, 64, 0.321, 9.69, 7.68, 11e-3, 0.0537),
    row(32 * KI, 256, 0.321, 14.4, 25.9, 11e-3, 0.0592),
    row(64 * KI, 256, 0.417, 27.8, 32.8, 20.1e-3, 0.114),
    row(128 * KI, 256, 0.568, 37.1, 42.1, 40.3e-3, 0.273),
    row(256 * KI, 256, 0.798, 55, 60, 80.6e-3, 0.59),
    row(KI * KI, 256, 1.47, 117, 109, 307e-3, 2.12),
  ],
  'sram-lstp': [
    row(2 * KI, 64, 0.646, 1.71, 2.61, 0.57e-6, 0.0043),
    row(2 * KI, 256, 0.619, 6.22, 8.37, 0.56e-6, 0.008),
    row(4 * KI, 64, 0.812, 2.15, 4, 1.13e-6, 0.0076),
    row(8 * KI, 64, 0.851, 3.97, 4.9, 2.1e-6, 0.0149),
    row(8 * KI, 256, 0.851, 7.61, 16.8, 2.1e-6, 0.0178),
    row(16 * KI, 64, 0.92, 7.57, 6.67, 3.8e-6, 0.0289),
    row(32 * KI, 64, 1.18, 9.49, 8.59, 7.6e-6, 0.0537),
    row(32 * KI, 256, 1.17, 18, 33.1, 7.6e-6, 0.0592),
    row(64 * KI, 256, 1.32, 35.1, 42.8, 14e-6, 0.114),
    row(128 * KI, 256, 1.65, 49, 56.8, 28e-6, 0.273),
    row(256 * KI, 256, 2.05, 79.7, 76.1, 54e-6, 0.59),
    row(KI * KI, 256, 3.3, 163, 156, 214e-6, 2.12),
  ],
  edram: [
    row(16 * KI, 64, 0.997, 7.1, 7.1, 9e-6, 0.013),
    row(32 * KI, 64, 1.14, 10.5, 10.5, 10.6e-6, 0.0299),
    row(32 * KI, 256, 0.934, 22.2, 22.2, 31.7e-6, 0.0187),
    row(64 * KI, 256, 1.1, 34.9, 34.9, 33.6e-6, 0.0614),
    row(128 * KI, 256, 1.29, 51.8, 51.8, 123e-6, 0.0934),
    row(256 * KI, 256, 1.64, 67.1, 67.1, 247e-6, 0.212),
    row(KI * KI, 256, 2.33, 142, 142, 967e-6, 0.674),
  ],
};

/** Node of the table, m. */
const CACTI_NODE = 32e-9;

/** A row of the table, or what it has between two. */
const between = (place: Place<Row>): Row => {
  const at = (i: 0 | 1 | 2 | 3 | 4): number => logLog(place, ({ figures }) => figures[i]);
  return { ...place.low, figures: [at(0), at(1), at(2), at(3), at(4)] };
};

/** Widths of the table, bits. */
const WIDTHS = [64, 256] as const;

/** Figures of a size and a width, between those of the table. */
function figuresOf(kind: MemoryKind, bytes: number, width: number): Row['figures'] {
  const place = placeOf(WIDTHS, (bits) => bits, width);
  if (place === null) throw new RangeError(`no ${kind} of ${width} bits in the table, expected 64 to 256 bits`);
  const ofWidths = [place.low, place.high].map((bits) => CACTI[kind].filter((r) => r.width === bits));
  const [low, high] = ofWidths.map((rows) => placeOf(rows, (r) => r.bytes, bytes));
  if (!low || !high) {
    const [least, most] = [0, -1].map((at) => ofWidths.map((rows) => rows.at(at)!.bytes / KI));
    throw new RangeError(
      `a memory of kind ${kind}, ${width} bits wide, is in the table from ${Math.max(...least!)} KiB to ` +
        `${Math.min(...most!)} KiB, found ${bytes / KI} KiB`,
    );
  }
  return between({ low: between(low), high: between(high), share: place.share }).figures;
}

/**
 * Figures of a memory of `capacity` bits and a port of `width` bits (64 to 256) at a node: energy follows C V^2, area
 * the square of the node, leakage width and supply; the access time stays that of 32 nm, since wires do not get faster
 * with the node.
 * @param node m.
 * @throws RangeError outside the table (64 to 256 bits wide; 2 KiB to 1 MiB, eDRAM from 16 KiB, narrow ports less) and
 * outside 7 to 130 nm.
 */
export function memoryFigures(kind: MemoryKind, capacity: number, width: number, node = CACTI_NODE): MemoryFigures {
  const [ns, read, write, watts, mm2] = figuresOf(kind, capacity / 8, width);
  return {
    accessTime: ns * 1e-9,
    readEnergy: scaleEnergy(read * 1e-12, CACTI_NODE, node),
    writeEnergy: scaleEnergy(write * 1e-12, CACTI_NODE, node),
    leakage: scaleLeakage(watts, CACTI_NODE, node),
    area: scaleArea(mm2, CACTI_NODE, node),
  };
}
