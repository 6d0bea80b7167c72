// One meaning a colour: the look of every pass, component, cause of waiting, kept value and technology, in every chart
// and drawing. Passes are solid and strong, components pale (a hue a family, a pattern a member), causes of waiting
// patterns on grey, technologies deep. test/report/colors.test.ts looks at them with three deficiencies of colour
// sight.

import { componentWords } from '../result/component-words.js';
import { isOneOf, keysOf, leading } from '../config/typed.js';

/** Lines or dots over a colour. */
export type Pattern = 'solid' | 'rise' | 'fall' | 'cross' | 'dots' | 'level' | 'upright' | 'grid';

/** How a thing looks: a colour, and a pattern where the colour is shared. */
export interface Look {
  /** What a legend says. */
  title: string;
  /** `#rrggbb`. */
  color: string;
  pattern: Pattern;
}

/** What looks are given to. */
export type LookKind = 'pass' | 'component' | 'cause' | 'kept' | 'technology';

const look = (title: string, color: string, pattern: Pattern = 'solid'): Look => ({ title, color, pattern });

const BLUE = '#0072b2';
const VERMILLION = '#d55e00';

/** Passes of a stage. */
const PASSES: [string, Look][] = [
  ['F', look('forward', BLUE)],
  ['E', look('output error', '#3b3387')],
  ['B', look('backward', VERMILLION)],
  ['G', look('gradient', '#009e73')],
  ['U', look('update', '#921711')],
  ['X', look('perturbation', '#dc8bd8')],
  ['leakage', look('leakage', '#808080', 'dots')],
];

/** Families of components: a hue each, its members in the order of their patterns. */
const FAMILIES: [string, Record<string, Pattern>][] = [
  ['#e3ba6b', { crossbar: 'solid', weightMemory: 'dots' }],
  ['#f7ec8e', { adc: 'solid', integrateFire: 'rise', sampleHold: 'level', spinNeuron: 'cross' }],
  ['#dccfc6', { spikeDriver: 'fall', dac: 'upright' }],
  ['#9ac4ab', { mac: 'solid', shiftAdd: 'rise', verticalAdder: 'level', scatterAdder: 'dots', gradientAdder: 'cross' }],
  ['#c3dec9', { activation: 'solid', pooling: 'level', add: 'rise', optimizer: 'dots', vector: 'cross' }],
  ['#74b6fc', { buffer: 'solid', register: 'level', tileRegister: 'upright' }],
  ['#52dcfb', { bus: 'solid', router: 'cross', chipLink: 'rise', dispatch: 'dots', outsideMemory: 'level' }],
  ['#c4bcc6', { controller: 'grid' }],
];

const COMPONENTS: [string, Look][] = FAMILIES.flatMap(([color, members]) =>
  Object.entries(members).map(([name, pattern]): [string, Look] => [name, look(componentWords(name), color, pattern)]),
);

const IDLE = '#d8d8d8';

/** What a stage does with its time: work, and waiting by its cause. */
const CAUSES: [string, Look][] = [
  ['works', look('works', '#5c5c5c')],
  ['input', look('waits for input', IDLE, 'rise')],
  ['output', look('waits for room', IDLE, 'fall')],
  ['unit', look('waits for a shared unit', IDLE, 'cross')],
  ['lockstep', look('waits for the cycle', IDLE, 'dots')],
  ['batch', look('waits for the batch', IDLE, 'level')],
];

/** What buffers keep, in the colour of the pass that made it. */
const KEPT: [string, Look][] = [
  ['neurons', look('neurons', BLUE)],
  ['masks', look('masks', BLUE, 'rise')],
  ['errors', look('errors', VERMILLION)],
];

const RESISTIVE = '#582714';
const MAGNETIC = '#261c9a';
const CHARGE = '#0c4a45';

/** Technologies of cells and memories. */
const TECHNOLOGIES: [string, Look][] = [
  ['reram', look('ReRAM', RESISTIVE)],
  ['pcm', look('PCM', RESISTIVE, 'rise')],
  ['fefet', look('FeFET', RESISTIVE, 'dots')],
  ['stt-mram', look('STT-MRAM', MAGNETIC, 'cross')],
  ['spin', look('spin', MAGNETIC, 'level')],
  ['sram', look('SRAM', CHARGE, 'grid')],
  ['edram', look('eDRAM', CHARGE, 'fall')],
  ['dram', look('DRAM', CHARGE, 'upright')],
  ['none', look('digital', '#0a0a0a')],
];

const TABLE: Record<LookKind, ReadonlyMap<string, Look>> = {
  pass: new Map(PASSES),
  component: new Map(COMPONENTS),
  cause: new Map(CAUSES),
  kept: new Map(KEPT),
  technology: new Map(TECHNOLOGIES),
};

/** What has no look of its own: grey, told apart by pattern and label. */
const OTHER = '#c9c9c9';
const SPARE: readonly Pattern[] = ['solid', 'rise', 'fall', 'cross', 'dots', 'level', 'upright', 'grid'];

/** The names that have a look, in the order of the table. */
export const lookNames = (kind: LookKind): string[] => [...TABLE[kind].keys()];

/** The look of a thing. One that the table does not know is grey, with a pattern that follows from its name. */
export function lookOf(kind: LookKind, name: string): Look {
  const known = TABLE[kind].get(name);
  if (known !== undefined) return known;
  const sum = Array.from(name).reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return look(name, OTHER, SPARE[sum % SPARE.length]);
}

/** What deep colours are on a dark page, where they would not be seen: white letters are read on them as before. */
const ON_DARK: Record<string, string> = {
  '#3b3387': '#8a58e6',
  '#921711': '#b1412e',
  '#5c5c5c': '#717171',
  [RESISTIVE]: '#a45c51',
  [MAGNETIC]: '#425bd3',
  [CHARGE]: '#3c737a',
  '#0a0a0a': '#f1f1f1',
};

/** A colour as a dark page shows it. */
export const onDark = (color: string): string => ON_DARK[color] ?? color;

/** Rules of a style sheet by which what is drawn in deep colours is lighter, for a dark page. */
export const darkRules = (): string =>
  Object.entries(ON_DARK)
    .flatMap(([deep, light]) => ['fill', 'stroke'].map((paint) => `[${paint}="${deep}"] { ${paint}: ${light}; }`))
    .join('\n  ');

/** An SVG paint: the colour, or the id of a pattern that `patternDefs` defines. */
export const paintOf = ({ color, pattern }: Look): string =>
  pattern === 'solid' ? color : `url(#paint-${pattern}-${color.slice(1)})`;

/** A colour scale over names, in the order of the table; names that it does not know come last. */
export function lookScale(kind: LookKind, names: Iterable<string>): { domain: string[]; range: string[] } {
  const present = new Set(names);
  const known = lookNames(kind).filter((name) => present.has(name));
  const looks = [...known, ...[...present].filter((name) => !TABLE[kind].has(name))].map((name) => lookOf(kind, name));
  return { domain: looks.map(({ title }) => title), range: looks.map(paintOf) };
}

/** Side of a pattern's tile in pixels. */
const TILE = 6;

const STROKES: Record<Exclude<Pattern, 'solid'>, string> = {
  rise: 'M-1 1L1 -1M0 6L6 0M5 7L7 5',
  fall: 'M-1 5L1 7M0 0L6 6M5 -1L7 1',
  cross: 'M0 0L6 6M6 0L0 6',
  dots: 'M3 2v2M2 3h2',
  level: 'M0 3H6',
  upright: 'M3 0V6',
  grid: 'M0 3H6M3 0V6',
};

/** Relative luminance of a colour, 0 to 1 (WCAG 2). */
export function luminance(color: string): number {
  const channels = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const [r, g, b] = leading(3, channels);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Ink that is read on a colour: black or white. */
export const inkOn = (color: string): string => (luminance(color) > 0.18 ? '#000000' : '#ffffff');

/** `<pattern>` elements for all paints that an SVG or a spec names; they belong into a `<defs>`. */
export function patternDefs(text: string): string {
  const ids = new Set([...text.matchAll(/url\(#(paint-([a-z]+)-([\da-f]{6}))\)/g)].map(([, id]) => id!));
  return [...ids]
    .map((id) => {
      const [, pattern, hex] = leading(3, id.split('-'));
      if (!isOneOf(keysOf(STROKES), pattern)) return '';
      return (
        `<pattern id="${id}" width="${TILE}" height="${TILE}" patternUnits="userSpaceOnUse">` +
        `<rect width="${TILE}" height="${TILE}" fill="#${hex}"/><path d="${STROKES[pattern]}" fill="none" ` +
        `stroke="${inkOn(`#${hex}`)}" stroke-opacity="0.65" stroke-width="1.2"/></pattern>`
      );
    })
    .join('');
}

/** A text with its patterns as plain colours, a shade a pattern, for programs that have no patterns. */
export function flatPaints(text: string): string {
  return text.replace(/url\(#paint-([a-z]+)-([\da-f]{6})\)/g, (_, pattern: Pattern, hex: string) => {
    const share = 1 - 0.09 * SPARE.indexOf(pattern);
    const channels = [0, 2, 4].map((at) => Math.round(Number.parseInt(hex.slice(at, at + 2), 16) * share));
    return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
  });
}
