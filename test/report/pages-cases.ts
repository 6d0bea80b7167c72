// The pages that a browser looks at: each report, with the JSON that it shows.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskPresets } from '../../src/config/files.node.js';
import { COMPARED_TITLES, compareResults } from '../../src/experiment/index.js';
import { validatePublished } from '../../src/experiment/validate/index.js';
import { compareReport, reportHtml, runReport, validateReport } from '../../src/report/html/index.node.js';
import { timelineJson, type TimelineDocument } from '../../src/report/index.js';
import { recordTimeline, type Result } from '../../src/simulation/index.js';
import { folderWith, swept } from '../experiment/command.js';
import { denseChain, resultOf, simulated } from '../helpers.js';

export const HOSTILE = '<script>window.harmed = 1</script>';
export const HOSTILE_LAYER = '</script><img src=x onerror="window.harmed=2">';

/** A page, the JSON file that it shows, and where tables take numbers from that are not in it. */
interface Case {
  html: string;
  json: unknown;
  timeline?: TimelineDocument;
  /** Rows of `front.csv`. */
  front?: Record<string, string>[];
}

/** A run's page. */
export function runPage(label: string, sets: string[], files: Record<string, string> = {}): Case {
  const { result, machine } = simulated(label, sets, files);
  const timeline = timelineJson(machine, recordTimeline(machine));
  return { html: reportHtml(runReport(result, timeline)), json: result, timeline };
}

function comparePage(designs: [string, string][], sets: string[]): Case {
  const results = designs.map(([label, name]): Result => ({ ...resultOf(label, sets), architecture: name }));
  const comparison = compareResults(results);
  return {
    html: reportHtml(
      compareReport(
        comparison,
        COMPARED_TITLES,
        designs.map(([label]) => label),
      ),
    ),
    json: comparison,
  };
}

function validationPage(): Case {
  const figures = [
    ...validatePublished(diskPresets),
    {
      group: HOSTILE,
      part: 'end-to-end' as const,
      name: HOSTILE_LAYER,
      source: HOSTILE,
      unit: 'J',
      published: 2,
      simulated: 20,
      difference: 9,
      verdict: 'wrong' as const,
      tolerance: 0.05,
      judgement: 'WRONG, expected within 5 %',
      note: HOSTILE,
      command: HOSTILE,
      key: '',
    },
  ];
  return {
    html: reportHtml(
      validateReport(figures, { title: 'Validation', subtitle: '', caption: 'Published figures.', footer: '' }),
    ),
    json: { figures },
  };
}

/** The report that the command writes for a sweep. */
function sweepPage(axes: string, objectives: string, flags: string[] = []): Case {
  const files = folderWith({
    'sweep.yaml':
      `name: ${JSON.stringify(HOSTILE)}\nconfig: pipelayer\nset: { network: mnist-0, workload: { mode: ` +
      `inference, images: 8 } }\naxes:\n${axes}\nobjectives: ${objectives}\n`,
  });
  const out = join(files, 'out');
  swept([join(files, 'sweep.yaml'), '--out', out, '--workers', '1', ...flags]);
  const [head, ...lines] = readFileSync(join(out, 'front.csv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return {
    html: readFileSync(join(out, 'report.html'), 'utf8'),
    json: JSON.parse(readFileSync(join(out, 'analysis.json'), 'utf8')),
    front: lines.map((cells) => Object.fromEntries(head!.map((key, i) => [key, cells[i]!]))),
  };
}

const LONG_NAME = 'a design whose name is longer than any axis has room for, number';
const HOSTILE_LAYERS = [
  HOSTILE_LAYER,
  'a & b "quoted" \'single\'',
  '\u202ereversed',
  '\u05e9\u05dc\u05d5\u05dd',
  '=1+1,2;',
  'long '.repeat(40).trim(),
  '"]}}\\',
  '${1}`',
];
const hostileNetwork =
  `name: ${JSON.stringify(HOSTILE)}\ninput: { features: 30 }\nlayers:\n` +
  HOSTILE_LAYERS.map((name) => `  - { name: ${JSON.stringify(name)}, type: dense, features: 5 }\n`).join('');
const DENSITIES = '  - { key: inputs.density, values: [0.1, 0.3, 0.5, 0.7] }';
/** Each page's kind; of each kind the first is looked at for readers of any kind, others differ in data only. */
export const CASES: [string, () => Case][] = [
  [
    'PipeLayer training a small VGG',
    () =>
      runPage('pipelayer', ['network=vgg-8', 'workload.images=8', 'workload.batch=4', 'simulation.timeline.cycles=20']),
  ],
  ['A3 attacking LISA-CNN on shared arrays', () => runPage('a3-shared', ['workload.iterations=2'])],
  ['A3 attacking LISA-CNN, elastic', () => runPage('a3', ['pipeline.advance=elastic', 'workload.iterations=2'])],
  ['ISAAC inferring VGG-8 by rows', () => runPage('isaac', ['network=vgg-8'])],
  [
    'a network with branches',
    () => runPage('pipelayer', ['network=resnet-18', 'workload.mode=inference', 'workload.images=4']),
  ],
  [
    'a deep network',
    () =>
      runPage('pipelayer', ['network=/mine/net.yaml', 'workload.mode=inference', 'workload.images=2'], {
        '/mine/net.yaml': denseChain(26),
      }),
  ],
  ['one layer', () => runPage('pipelayer', ['network=/mine/net.yaml'], { '/mine/net.yaml': denseChain(1) })],
  ['an LSTM', () => runPage('pipelayer', ['network=lstm-small', 'workload.mode=inference'])],
  ['a digital design', () => runPage('digital-int8', ['network=lenet-5'])],
  [
    'a comparison',
    () =>
      comparePage(
        [
          ['pipelayer', 'pipelayer'],
          ['a3', 'a3'],
          ['a3-shared', HOSTILE],
        ],
        ['network=lisa-cnn', 'workload.mode=attack', 'workload.iterations=2'],
      ),
  ],
  [
    'nine designs',
    () =>
      comparePage(
        ['pipelayer', 'a3', 'a3-shared', 'isaac', 'prime', 'puma', 'celia', 'digital-int8', 'lognet'].map((label) => [
          label,
          label,
        ]),
        ['network=lenet-5', 'workload.mode=inference', 'workload.images=4'],
      ),
  ],
  [
    'two equal designs with long names',
    () =>
      comparePage(
        [
          ['pipelayer', `${LONG_NAME} 1`],
          ['pipelayer', `${LONG_NAME} 2`],
        ],
        ['network=mnist-0', 'workload.images=4', 'workload.batch=2'],
      ),
  ],
  ['a validation', validationPage],
  [
    'a network named <script>',
    () =>
      runPage('pipelayer', ['network=/mine/net.yaml', 'workload.images=4', 'workload.batch=2'], {
        '/mine/net.yaml': hostileNetwork,
      }),
  ],
  [
    'a sweep of two objectives',
    () =>
      sweepPage(
        `${DENSITIES}\n  - { key: crossbar.rows, values: [64, 128] }`,
        '{ energy.perImageJ: minimize, area.totalMm2: minimize }',
      ),
  ],
  [
    'a sweep of three objectives',
    () =>
      sweepPage(
        `${DENSITIES}\n  - { key: crossbar.cellBits, values: [1, 4] }`,
        '{ energy.perImageJ: minimize, area.totalMm2: minimize, utilization.spatial: maximize }',
      ),
  ],
  [
    'a search',
    () =>
      sweepPage(
        DENSITIES.replace('values: [0.1, 0.3, 0.5, 0.7]', 'range: { from: 0.1, to: 0.9, count: 9 }'),
        '{ energy.perImageJ: minimize, time.perImageS: minimize }\noptimize: { population: 4, generations: 2 }',
        ['--optimize'],
      ),
  ],
];
