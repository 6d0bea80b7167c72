import { describe, expect, it } from 'vitest';
import {
  inkOn,
  lookNames,
  lookOf,
  lookScale,
  luminance,
  onDark,
  paintOf,
  patternDefs,
} from '../../src/report/colors.js';
import type { Look, LookKind } from '../../src/report/colors.js';
import { PAGE_STYLE } from '../../src/report/html/style.js';
import { STALL_CAUSES } from '../../src/simulation/index.js';

type Triple = [number, number, number];
type Matrix = [Triple, Triple, Triple];

/** What eyes see of linear RGB (Machado, Oliveira and Fernandes, IEEE TVCG 15(6), 2009, severity 1.0). */
const SIGHT: Record<string, Matrix> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const times = (matrix: Matrix, v: Triple): Triple =>
  matrix.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as Triple;

function linear(color: string): Triple {
  return [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as Triple;
}

/** Oklab (Ottosson 2020) of linear RGB: equal distances look alike; 0.02 is about what is just seen. */
function oklab(rgb: Triple): Triple {
  const inside = rgb.map((x) => Math.min(1, Math.max(0, x))) as Triple;
  const lms = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    inside,
  ).map(Math.cbrt) as Triple;
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    lms,
  );
}

const distance = (a: string, b: string, sight: Matrix): number =>
  Math.hypot(...oklab(times(sight, linear(a))).map((value, i) => value - oklab(times(sight, linear(b)))[i]!));

const KINDS: Record<LookKind, string[]> = {
  pass: lookNames('pass'),
  component: lookNames('component'),
  cause: lookNames('cause'),
  kept: lookNames('kept'),
  technology: lookNames('technology'),
};
/** Distance from which two fills of the same pattern are told apart at a glance: four times what is just seen. */
const APART = 0.08;
/** The same for kinds that never share a legend. */
const OTHER_KINDS = 0.04;

const PAGES: [string, (color: string) => string][] = [
  ['a light page', (color) => color],
  ['a dark page', onDark],
];
const cases = Object.entries(SIGHT).flatMap(([name, sight]) =>
  PAGES.map(([page, shown]) => [name, page, sight, shown] as const),
);

describe.each(cases)('colours seen with %s on %s', (_, _page, sight, shown) => {
  const look = (kind: LookKind, name: string): Look => {
    const own = lookOf(kind, name);
    return { ...own, color: shown(own.color) };
  };

  it.each(Object.entries(KINDS))('tell each %s from the others, by colour or by pattern', (kind, names) => {
    const looks = names.map((name): [string, Look] => [name, look(kind as LookKind, name)]);
    for (const [i, [name, a]] of looks.entries())
      for (const [other, b] of looks.slice(i + 1))
        if (a.pattern === b.pattern)
          expect(distance(a.color, b.color, sight), `${name} and ${other}`).toBeGreaterThan(APART);
  });

  it('tell a solid pass from a solid component, cause or technology', () => {
    const solid = (kind: LookKind): [string, Look][] =>
      KINDS[kind]
        .map((name): [string, Look] => [name, look(kind, name)])
        .filter(([, { pattern }]) => pattern === 'solid');
    const kinds = (['pass', 'component', 'cause', 'technology'] as const).map((kind) => [kind, solid(kind)] as const);
    for (const [kind, looks] of kinds)
      for (const [other, others] of kinds)
        if (kind < other)
          for (const [name, a] of looks)
            for (const [name2, b] of others)
              expect(distance(a.color, b.color, sight), `${kind} ${name}, ${other} ${name2}`).toBeGreaterThan(
                OTHER_KINDS,
              );
  });
});

/** Contrast of two colours (WCAG 2). */
const contrast = (a: string, b: string): number => {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
};

describe('on a dark page', () => {
  const paper = /prefers-color-scheme: dark\) {\s*:root {[^}]*--paper: (#[\da-f]{6})/.exec(PAGE_STYLE)![1]!;

  it.each(Object.entries(KINDS))(
    'each %s stands out by 3:1 (WCAG 1.4.11), and its ink is read on it',
    (kind, names) => {
      for (const name of names) {
        const { color } = lookOf(kind as LookKind, name);
        expect(contrast(onDark(color), paper), name).toBeGreaterThanOrEqual(3);
        // Digital units have no letters on them.
        if (name !== 'none') expect(contrast(onDark(color), inkOn(color)), name).toBeGreaterThan(4.5);
      }
    },
  );

  it('the style sheet has every lighter colour', () => {
    for (const [kind, names] of Object.entries(KINDS))
      for (const name of names) {
        const { color } = lookOf(kind as LookKind, name);
        if (onDark(color) === color) continue;
        for (const paint of ['fill', 'stroke'])
          expect(PAGE_STYLE).toContain(`[${paint}="${color}"] { ${paint}: ${onDark(color)}; }`);
      }
  });
});

describe('the table of looks', () => {
  it('knows every cause of waiting; a component that it does not know is grey', () => {
    expect(lookOf('component', 'a new one').color).toBe('#c9c9c9');
    expect(STALL_CAUSES.filter((name) => !lookNames('cause').includes(name))).toEqual([]);
  });

  it('gives no look twice, but for what is kept, which has the colour of its pass', () => {
    const paints = (['pass', 'component', 'cause', 'technology'] as const).flatMap((kind) =>
      KINDS[kind].map((name) => paintOf(lookOf(kind, name))),
    );
    expect(new Set(paints).size).toBe(paints.length);
    expect(lookOf('kept', 'neurons').color).toBe(lookOf('pass', 'F').color);
    expect(lookOf('kept', 'errors').color).toBe(lookOf('pass', 'B').color);
  });

  it('keeps its order in every scale, whatever the order of the names', () => {
    expect(lookScale('pass', ['G', 'F', 'B']).domain).toEqual(['forward', 'backward', 'gradient']);
    expect(lookScale('component', ['mine', 'buffer', 'crossbar']).domain).toEqual(['crossbar', 'buffer', 'mine']);
  });

  it('defines each pattern that a text names once, in ink that is seen on its colour', () => {
    const paint = paintOf(lookOf('cause', 'input'));
    const defs = patternDefs(`<rect fill="${paint}"/><rect fill="${paint}"/><rect fill="#0072b2"/>`);
    expect(defs.match(/<pattern /g)).toHaveLength(1);
    expect(defs).toContain(`id="${paint.slice(5, -1)}"`);
    for (const [kind, names] of Object.entries(KINDS))
      for (const name of names) {
        const { color } = lookOf(kind as LookKind, name);
        const [light, dark] = [luminance(color), luminance(inkOn(color))].sort((a, b) => b - a) as [number, number];
        expect((light + 0.05) / (dark + 0.05), name).toBeGreaterThan(4.5);
      }
  });
});
