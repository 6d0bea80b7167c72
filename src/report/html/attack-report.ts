// The report of one attack on a design or on several: what it did to the network, its pictures, the designs side by
// side.

import { chart } from './charts/lite.js';
import { VERSION } from '../../config/version.js';
import type { Distortion, Iteration } from '../../functional/attacks/victim.js';
import { energyCell, numberColumn, plainCell, shareCell, textCell, textColumn, timeCell } from './table-cells.js';
import { shortName } from './charts/scales.js';
import { DASH_LEGEND, INK } from './charts/theme.js';
import { pictureFigures, type DesignPictures } from './attack-pictures.js';
import { compareReport, type ComparedResults } from './compare-report.js';
import type { Figure, ReportPage, Section } from './sections.js';

/** What an attack did on one design: shares of one, means over the pictures. */
export interface AttackFigures {
  method: string;
  backend: string;
  images: number;
  cleanAccuracy: number;
  success: number;
  robustAccuracy: number;
  distortion: Distortion;
  iterations: readonly Iteration[];
  /** Null where the design has no timing of attacks. */
  perExample: { timeS: number; energyJ: number } | null;
}

/** An attack on several designs, as `attack.json` has it. */
export interface AttackedView {
  designs: readonly { architecture: string; attack: AttackFigures }[];
  comparison: ComparedResults | null;
}

/** Puts the report together; `titles` names the metrics of the comparison in their order. */
export function attackReport(
  { designs, comparison }: AttackedView,
  pictures: readonly DesignPictures[],
  titles: ReadonlyMap<string, string>,
): ReportPage {
  const { method, backend, images } = designs[0]!.attack;
  const page: ReportPage =
    comparison === null
      ? { title: '', subtitle: '', sections: [], footer: `xbarflow ${VERSION}` }
      : compareReport(comparison, titles);
  return {
    ...page,
    title: `${method} on ${designs.map(({ architecture }) => architecture).join(', ')}`,
    subtitle: `${images} pictures, computed on ${backend}; time and energy of the same passes`,
    sections: [attackSection(designs), ...picturesSection(pictures), ...page.sections],
  };
}

function attackSection(designs: AttackedView['designs']): Section {
  const rows = designs.map(({ architecture, attack }, i) => {
    const path = (key: string): string => (designs.length === 1 ? key : `designs[${i}].attack.${key}`);
    const { perExample } = attack;
    return [
      textCell(architecture),
      shareCell(attack.success, path('success')),
      shareCell(attack.cleanAccuracy, path('cleanAccuracy')),
      shareCell(attack.robustAccuracy, path('robustAccuracy')),
      plainCell(attack.distortion.linf, '', path('distortion.linf')),
      plainCell(attack.distortion.l2, '', path('distortion.l2')),
      timeCell(perExample?.timeS ?? null, path('perExample.timeS')),
      perExample === null ? textCell('-') : energyCell(perExample.energyJ, path('perExample.energyJ')),
    ];
  });
  return {
    id: 'attack',
    title: 'The attack',
    caption:
      'Success is the share of the pictures that end as the attacker wants; accuracy that of the pictures that the ' +
      'network names rightly. Forward and error passes are computed on each design; an example takes its share of ' +
      'the time and energy of all passes.',
    figures: [successFigure(designs)],
    tables: [
      {
        id: 'attacked',
        title: 'The attack on each design',
        columns: [
          textColumn('design', 'design'),
          numberColumn('success', 'success'),
          numberColumn('clean_accuracy', 'accuracy, clean'),
          numberColumn('robust_accuracy', 'under attack'),
          numberColumn('linf', 'L-inf, mean'),
          numberColumn('l2', 'L2, mean'),
          numberColumn('example_s', 'time an example'),
          numberColumn('example_J', 'energy an example'),
        ],
        rows,
        open: true,
      },
    ],
  };
}

function picturesSection(pictures: readonly DesignPictures[]): Section[] {
  const figures = pictureFigures(pictures);
  if (figures.length === 0) return [];
  return [
    {
      id: 'pictures',
      title: 'What the network sees',
      caption: 'Pictures before and after the attack, as the network reads them. Designs that agree share a figure.',
      figures,
      tables: [],
    },
  ];
}

/** Success by iteration: a line for the designs that go alike, lines told apart by dashes and by the legend. */
function successFigure(designs: AttackedView['designs']): Figure {
  const lines = new Map<string, { names: string[]; iterations: readonly Iteration[] }>();
  for (const { architecture, attack } of designs) {
    const course = JSON.stringify(attack.iterations.map(({ iteration, success }) => [iteration, success]));
    const line = lines.get(course) ?? { names: [], iterations: attack.iterations };
    line.names.push(shortName(architecture));
    lines.set(course, line);
  }
  const values = [...lines.values()].flatMap(({ names, iterations }) =>
    iterations.map(({ iteration, success }) => ({ design: names.join(', '), iteration, success })),
  );
  return {
    id: 'success',
    title: 'Success by iteration',
    caption:
      'The share of the pictures that are fooled after each iteration, on each design; designs that go alike share a ' +
      'line.',
    spec: chart({
      description: 'Lines: share of fooled pictures by iteration, one for each design',
      data: { values },
      height: 200,
      mark: { type: 'line', strokeWidth: 1.6, color: INK, interpolate: 'step-after' },
      encoding: {
        x: { field: 'iteration', type: 'quantitative', axis: { title: 'iteration', tickMinStep: 1, format: 'd' } },
        y: {
          field: 'success',
          type: 'quantitative',
          scale: { domain: [0, 1] },
          axis: { title: 'fooled', format: '.0%', tickCount: 5 },
        },
        strokeDash: { field: 'design', type: 'nominal', title: null, legend: DASH_LEGEND },
        tooltip: [
          { field: 'design' },
          { field: 'iteration', type: 'quantitative' },
          { field: 'success', type: 'quantitative', format: '.1%' },
        ],
      },
    }),
  };
}
