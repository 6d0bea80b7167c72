// What stands at the edges of an array, by its transistors: column multiplexers, level shifters, row decoders.

import { atNode, logLog } from './between.js';

/** NMOS and PMOS on-currents (A/m) and gate capacitance (F/m, fringe apart) of a roadmap's transistors at a node. */
interface Transistor {
  n: number;
  p: number;
  gate: number;
  fringe: number;
}

/** Nodes (nm) with supply and transistors at 300 K: PTM models as NeuroSim V1.4 takes them. */
const TRANSISTORS: readonly { nm: number; supply: number; lp: Transistor; hp: Transistor }[] = [
  {
    nm: 22,
    supply: 0.85,
    lp: { n: 791.9, p: 600.2, gate: 5.245e-10, fringe: 8.004e-10 },
    hp: { n: 1500, p: 1320, gate: 3.287e-10, fringe: 4.532e-10 },
  },
  {
    nm: 32,
    supply: 0.9,
    lp: { n: 600.2, p: 400, gate: 8.375e-10, fringe: 6.857e-10 },
    hp: { n: 1410, p: 1220, gate: 3.768e-10, fringe: 4.714e-10 },
  },
  {
    nm: 45,
    supply: 1,
    lp: { n: 500.2, p: 300, gate: 8.931e-10, fringe: 8.85e-10 },
    hp: { n: 1270, p: 1080, gate: 4.091e-10, fringe: 4.958e-10 },
  },
  {
    nm: 65,
    supply: 1.1,
    lp: { n: 400, p: 238.7, gate: 1.193e-9, fringe: 9.621e-10 },
    hp: { n: 1120, p: 700, gate: 4.868e-10, fringe: 5.27e-10 },
  },
];

/** Effective over ideal resistance of a switching transistor (CACTI). */
const RESISTANCE = { lp: 1.77, hp: 1.54 };
/** Share of what stands behind it that a transmission gate may add (NeuroSim's IR-drop tolerance). */
const DROP = 0.25;
/** Gate pitch and height of a row of standard cells, in F (NeuroSim V1.4, planar). */
const PITCH = 3.8;
const HEIGHT = 28;

/** A node's transistors: ohm m of both kinds, F/m of gates and drains, V. */
interface Technology {
  n: number;
  p: number;
  gate: number;
  drain: number;
  supply: number;
}

/** Log-log between the nodes. @throws RangeError outside 22 to 65 nm. */
function technologyOf(node: number, roadmap: 'lp' | 'hp'): Technology {
  const place = atNode(TRANSISTORS, ({ nm }) => nm, node, 'transistors');
  const at = (read: (of: (typeof TRANSISTORS)[number]) => number): number => logLog(place, read);
  return {
    n: at((of) => (RESISTANCE[roadmap] * of.supply) / of[roadmap].n),
    p: at((of) => (RESISTANCE[roadmap] * of.supply) / of[roadmap].p),
    gate: at((of) => of[roadmap].gate + of[roadmap].fringe),
    drain: at((of) => of[roadmap].fringe / 2),
    supply: at((of) => of.supply),
  };
}

/** What a column multiplexer is sized by. */
export interface MuxPoint {
  /** Cells of a column that are driven at once. */ rows: number;
  /** ohm, lowest and highest of a cell; its access transistor adds `access` of the lowest. */ on: number;
  off: number;
  access: number;
  /** V */ readVoltage: number;
}

/**
 * The transmission gate of a line that shares a converter: as wide as it takes to add no more than a quarter of what
 * the driven cells of the column have together. Energy (J) of leading it to the converter: its NMOS gate switches, its
 * drains go to the read voltage. Area (mm2): both transistors folded at the gate pitch.
 * @param node m. @throws RangeError outside 22 to 65 nm.
 */
export function muxOfLine(
  { rows, on, off, access, readVoltage }: MuxPoint,
  node: number,
  roadmap: 'lp' | 'hp',
): { energy: number; area: number } {
  const { n, p, gate, drain, supply } = technologyOf(node, roadmap);
  const conductance = (1 / (on * (1 + access)) + 1 / (off + on * access)) / 2;
  const resistance = DROP / (rows * conductance);
  const [widthN, widthP] = [n, p].map((ohm) => Math.max(node, ohm / (2 * resistance)));
  return {
    energy: gate * widthN! * supply ** 2 + 2 * drain * (widthN! + widthP!) * readVoltage ** 2,
    area: (widthN! + widthP!) * PITCH * node * 1e6,
  };
}

/**
 * F2 of the level shifter of a line: a low-voltage inverter (60 F of N, 106 F of P), two latches (128, 53) and a
 * high-voltage one (256, 433), folded into rows 70 F high, latches and pull-up 2.5 times as long, 1.44 for wires: 70 x
 * (15.2 + 2.5 x (2 x 15.2 + 45.6)) x 1.44.
 */
export const LEVEL_SHIFTER_F2 = HEIGHT * 2.5 * (15.2 + 2.5 * (2 * 15.2 + 45.6)) * 1.44;

/** F of the wordline beside a cell of 1T1R (12 F). */
const CELL_WIDTH = 12;
/** F/m of a wire. */
export const WIRE_CAPACITANCE = 0.2e-9;

/**
 * Joules of a level shifter: `follow` when a read passes its first stage (drain of the inverter, two gates of 64 F),
 * `shift` when it lifts its line, both ways, to the write voltage.
 * @param node m. @param columns cells along the line. @throws RangeError outside 22 to 65 nm.
 */
export function levelShifter(
  node: number,
  roadmap: 'lp' | 'hp',
  { writeVoltage, columns }: { readonly writeVoltage: number; readonly columns: number },
): { follow: number; shift: number } {
  const { gate, drain, supply } = technologyOf(node, roadmap);
  const first = (2 * 64 * node * gate + (30 + 53) * node * drain) * supply ** 2;
  const line = columns * CELL_WIDTH * node * WIRE_CAPACITANCE + (128 + 216) * node * drain;
  return { follow: first, shift: first + 2 * line * writeVoltage ** 2 };
}

/**
 * Square millimetres of a row decoder: a gate of three inputs and an inverter a row, six pitches of a row of standard
 * cells; predecoders (a ninth at 128 rows) are left out. @param node m.
 */
export const rowDecoderArea = (rows: number, node: number): number => rows * 6 * PITCH * HEIGHT * (node * 1e3) ** 2;

/** Node (nm) and ohm a metre of an array's wires (NeuroSim V1.3: width, aspect ratio, size effect). */
const WIRES: readonly (readonly [number, number])[] = [
  [7, 98e6],
  [14, 40.6e6],
  [22, 13.3e6],
  [32, 6.55e6],
  [45, 3.04e6],
  [65, 1.43e6],
  [130, 0.45e6],
];

/** Ohm a metre at a node, log-log between those that are known. @throws RangeError outside 7 to 130 nm. */
export const wireResistance = (node: number): number =>
  logLog(
    atNode(WIRES, ([nm]) => nm, node, 'wires of an array'),
    ([, resistance]) => resistance,
  );

/**
 * Seconds until an array has settled to half a step of `bits` bits: ln 2^(bits + 1) times the time constants of a
 * wordline and of a bitline, distributed wires of 0.2 fF/um with cells `pitch` F apart (r c l^2 / 2 each), and of the
 * column's capacitance behind the driver's end.
 * @param node m. @throws RangeError outside 7 to 130 nm.
 */
export function settlingTime(
  { rows, columns, bits, pitch }: { readonly rows: number; readonly columns: number; bits: number; pitch: number },
  node: number,
): number {
  const constant = (cells: number): number =>
    (wireResistance(node) * WIRE_CAPACITANCE * (cells * pitch * node) ** 2) / 2;
  return Math.LN2 * (bits + 1) * (constant(rows) + constant(columns));
}
