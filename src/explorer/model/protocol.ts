// What page and worker say to each other: plain data.

import type { Explanation } from '../../index.js';
import type { NumbersView } from './numbers-view.js';
import type { KnobsView, MachineView } from './view.js';
import type { Board } from './board.js';

/** A machine with its work, as `load` takes it: a base and its overrides. */
export interface Design {
  base: string;
  /** `key=value`, as `--set` of the command line. */
  sets: readonly string[];
}

/** Texts and bytes that were pasted or dropped, by name. */
export type GivenFiles = Readonly<Record<string, string | Uint8Array>>;

/** What can be chosen, and what every knob means. */
export interface Catalogue {
  version: string;
  architectures: Choice[];
  networks: Choice[];
  devices: Choice[];
  knobs: KnobDoc[];
}

/** A preset. */
export interface Choice {
  name: string;
  description: string;
}

/** A key of the config schema. */
export interface KnobDoc {
  key: string;
  description: string;
  /** Values where it is a choice. */
  choices: readonly string[] | null;
  /** The schema's default, as text; null without one. */
  standard: string | null;
}

/** What a run may do, as the schema lists it; nothing before the catalogue is there. */
export const modesOf = (catalogue: Catalogue | null): readonly string[] =>
  catalogue?.knobs.find(({ key }) => key === 'workload.mode')?.choices ?? [];

/** A wrong config. */
export interface Fault {
  /** In the words of the command line. */
  message: string;
  /** The same without place, key and causes. */
  detail: string;
  /** Dotted key that is wrong; null where no one key is. */
  key: string | null;
  /** The file that has it, and the line, from 1; null where none has. */
  at: { file: string; line: number } | null;
  /** Knobs that it comes with, as key and value; null where a file says the value. */
  causes: readonly { key: string; value: string | null }[];
}

/** A simulated design, or why it could not be. */
export type Outcome = { view: MachineView; fault: null } | { view: null; fault: Fault; knobs: KnobsView };

/** Headlines of a point of a curve; null where the value does not fit the design. */
export interface Point {
  timeS: number;
  energyJ: number;
  areaMm2: number;
  utilization: number;
}

/** The field of a point by headline. */
export const FIELDS = { time: 'timeS', energy: 'energyJ', area: 'areaMm2', utilization: 'utilization' } as const;

/** How often a design's network is right. */
export interface Accuracy {
  /** Share of samples on the hardware, 0 to 1. */
  share: number;
  /** The same in exact numbers. */
  exact: number;
  /** Of what network, on what samples. */
  says: string;
}

/** The accuracy of a design, or why none is known. */
export type Known = { accuracy: Accuracy; fault: null } | { accuracy: null; fault: Fault };

/** What points are worked out for: each drops its own when it asks anew. */
export type PointsFor = 'curve' | 'map' | 'pins';

/** What the page asks of a worker. `files` stand beside each, since workers come and go. */
export type Ask =
  | { kind: 'catalogue' }
  | { kind: 'glance'; designs: readonly [Design, Design]; files: GivenFiles }
  | { kind: 'simulate'; designs: readonly [Design, Design]; files: GivenFiles }
  | { kind: 'explain'; design: Design; key: string; files: GivenFiles }
  | { kind: 'settings'; designs: readonly [Design, Design]; files: GivenFiles }
  | { kind: 'figures'; design: Design; files: GivenFiles }
  | { kind: 'board'; design: Design; from: number; cycles: number | null; files: GivenFiles }
  | { kind: 'points'; for: PointsFor; designs: readonly Design[]; files: GivenFiles }
  | { kind: 'numbers'; design: Design; picture: number; files: GivenFiles }
  | { kind: 'accuracy'; designs: readonly [Design, Design]; files: GivenFiles }
  | { kind: 'import'; name: string; bytes: Uint8Array }
  | { kind: 'reads'; name: string; text: string }
  | { kind: 'page'; designs: Pair; machine: 0 | 1 | null; charts: readonly string[]; files: GivenFiles }
  | { kind: 'document'; what: DocumentKind; design: Design; files: GivenFiles };

type Pair = readonly [Design, Design];

/** Data to take home. */
export type DocumentKind = 'result' | 'layers' | 'energy' | 'timeline';

/** A file to take home. */
export interface TakenHome {
  name: string;
  /** Its MIME type. */
  type: string;
  text: string;
}

/** What a worker answers, by the question's kind. */
export interface Answers {
  catalogue: Catalogue;
  /** Headlines at once; null of a design that has a fault. `tookMs`: what the worker needed. */
  glance: { points: readonly [Point | null, Point | null]; tookMs: number };
  simulate: { outcomes: readonly [Outcome, Outcome]; causes: Causes };
  explain: { explanation: Explanation | null; fault: Fault | null };
  /** Resolved knobs by dotted key, as text, and sources of constants. */
  settings: {
    knobs: readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>];
    sources: Readonly<Record<string, string>>;
  };
  figures: { key: string; value: number; unit: string; says: string }[];
  board: { board: Board | null; fault: Fault | null };
  points: (Point | null)[];
  document: { document: TakenHome; fault: null } | { document: null; fault: Fault };
  page: { document: TakenHome; fault: null } | { document: null; fault: Fault };
  /** What a file is (`layers`: another program's file of them); null, and why, where the page has no use for it. */
  reads: { is: 'layers' | 'network' | 'evaluation' | 'machine'; fault: null } | { is: null; fault: string };
  numbers: { view: NumbersView; fault: null } | { view: null; fault: Fault };
  accuracy: readonly [Known, Known];
  import: { text: string; fault: null } | { text: null; fault: Fault };
}

/** Why B differs from A. */
export interface Causes {
  /** They ran the same work. */
  sameWork: boolean;
  /** In what they differ: a sentence; '' where one is not simulated. */
  differ: string;
  /** By headline: a sentence, and the figures behind it. */
  headlines: Readonly<Record<string, { sentence: string; figures: string }>>;
}

/** A question with its number; the answer has the same. */
export interface Numbered {
  id: number;
  ask: Ask;
}

/** An answer, or the program's own fault. */
export type Reply = { id: number; answer: Answers[keyof Answers] } | { id: number; broken: string };
