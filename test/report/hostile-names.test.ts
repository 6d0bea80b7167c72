// Names that break lines, expressions and markup are drawn like others.

import { expect, it } from 'vitest';
import { compareResults } from '../../src/experiment/index.js';
import { STYLES } from '../../src/report/html/figure-styles.js';
import { figureSvg } from '../../src/report/html/draw.js';
import { compareReport, runReport } from '../../src/report/html/index.node.js';
import { figuresOf } from '../../src/report/html/sections.js';
import { timelineJson } from '../../src/report/index.js';
import { recordTimeline } from '../../src/simulation/index.js';
import { simulated } from '../helpers.js';

const NAMES = ['a\u2028b', '"];alert(1)//', '</script><script>', '=cmd|x', '\u001b[2J\n'];

it('every chart of every hostile name is drawn', async () => {
  const network =
    'name: net\ninput: { features: 16 }\nlayers:\n' +
    NAMES.map((name) => `  - { name: ${JSON.stringify(name)}, type: dense, features: 8 }\n`).join('');
  const run = (name: string) =>
    simulated('/case/run.yaml', [], {
      '/case/net.yaml': network,
      '/case/run.yaml':
        `extends: pipelayer\nname: ${JSON.stringify(name)}\nnetwork: ` +
        `/case/net.yaml\nworkload: { images: 16, batch: 8 }\n`,
    });
  const runs = NAMES.slice(0, 2).map(run);
  const { result, machine } = runs[0]!;
  const pages = [
    runReport(result, timelineJson(machine, recordTimeline(machine))),
    compareReport(
      compareResults(
        runs.map((one) => one.result),
        0,
      ),
      new Map(),
      ['a', 'b'],
    ),
  ];
  for (const figure of pages.flatMap(figuresOf)) {
    const svg = await figureSvg(figure, STYLES.ieee);
    const odd = /.{40}(<script|[\u0000-\u0008\u001b\u2028]).{20}/s.exec(svg)?.[0] ?? null;
    expect([figure.id, svg.startsWith('<svg'), odd]).toEqual([figure.id, true, null]);
  }
});
