// The report of a training run: losses, accuracy, writes, time and energy by epoch, lifetime, the attack's share.

import { chart } from './charts/lite.js';
import { VERSION } from '../../config/version.js';
import { DASH_LEGEND, INK } from './charts/theme.js';
import type { Cell, Figure, ReportPage, Section, TableData } from './sections.js';
import {
  countCell,
  energyCell,
  lifespanCell,
  numberColumn,
  plainCell,
  shareCell,
  textCell,
  textColumn,
  timeCell,
} from './table-cells.js';

/** One epoch: shares of one, pulses of the busiest cell so far, seconds and joules of the epoch on the hardware. */
export interface EpochFigures {
  epoch: number;
  loss: number;
  accuracy: number;
  testAccuracy: number | null;
  writesPerCell: number;
  timeS: number | null;
  energyJ: number | null;
}

/** What the attack inside a batch of training costs where it runs on one design and training on one. */
export interface AdversarialDesign {
  /** Design that trains, and the one that attacks: another where the first cannot. */
  training: string;
  attack: string;
  /** Of one batch, without the attack and of it. */
  trainingS: number;
  attackS: number;
  trainingJ: number;
  attackJ: number;
  /** Shares that the attack takes of both together. */
  attackTimeShare: number;
  attackEnergyShare: number;
}

/** A training run, as its JSON has it. */
export interface TrainingFigures {
  backend: string;
  update: string;
  images: number;
  parameters: number;
  iterations: readonly { iteration: number; loss: number }[];
  epochs: readonly EpochFigures[];
  /** Until the busiest cell has had its rated writes; null without a rating or timing. */
  lifetimeS: number | null;
  adversarial: { method: string; pictures: number; passes: number; designs: readonly AdversarialDesign[] } | null;
}

/** Puts the report together. */
export function trainingReport(title: string, training: TrainingFigures): ReportPage {
  const { backend, update, images, parameters, adversarial } = training;
  return {
    title,
    subtitle: `${images} samples, ${parameters} parameters, products on ${backend}, updates ${update}`,
    sections: [trainingSection(training), ...(adversarial === null ? [] : [attackSection(adversarial)])],
    footer: `xbarflow ${VERSION}`,
  };
}

function trainingSection({ iterations, epochs, lifetimeS }: TrainingFigures): Section {
  const energy = (value: number | null, path: string): Cell =>
    value === null ? textCell('-') : energyCell(value, path);
  const table: TableData = {
    id: 'epochs',
    title: 'Epochs',
    open: true,
    columns: [
      numberColumn('epoch', 'epoch'),
      numberColumn('loss', 'loss'),
      numberColumn('accuracy', 'accuracy'),
      numberColumn('testAccuracy', 'test'),
      numberColumn('writesPerCell', 'writes a cell'),
      numberColumn('timeS', 'time'),
      numberColumn('energyJ', 'energy'),
    ],
    rows: epochs.map((epoch, i) => {
      const path = (key: string): string => `epochs[${i}].${key}`;
      return [
        countCell(epoch.epoch + 1),
        plainCell(epoch.loss, '', path('loss')),
        shareCell(epoch.accuracy, path('accuracy')),
        shareCell(epoch.testAccuracy, path('testAccuracy')),
        countCell(epoch.writesPerCell, path('writesPerCell')),
        timeCell(epoch.timeS, path('timeS')),
        energy(epoch.energyJ, path('energyJ')),
      ];
    }),
  };
  const life = lifespanCell(lifetimeS, 'lifetimeS').text;
  return {
    id: 'training',
    title: 'Training',
    caption:
      'Losses are those of each batch before its update; accuracy that of the batches of an epoch as they came, and ' +
      'of the test samples after it. Writes are the pulses that the busiest cell has had; time and energy those of ' +
      `the epoch on the hardware.${lifetimeS === null ? '' : `\n\nAt this rate the busiest cell lasts ${life}.`}`,
    beside: true,
    figures: [lossFigure(iterations), accuracyFigure(epochs)],
    tables: [table],
  };
}

const lossFigure = (values: TrainingFigures['iterations']): Figure => ({
  id: 'loss',
  title: 'Loss by iteration',
  caption: 'The mean loss of each batch before its update.',
  spec: chart({
    description: 'Line: loss of each batch by iteration',
    data: { values: [...values] },
    height: 200,
    mark: { type: 'line', strokeWidth: 1.2, color: INK },
    encoding: {
      x: { field: 'iteration', type: 'quantitative', axis: { title: 'iteration', tickMinStep: 1, format: 'd' } },
      y: { field: 'loss', type: 'quantitative', axis: { title: 'loss', tickCount: 5 } },
    },
  }),
});

const accuracyFigure = (epochs: readonly EpochFigures[]): Figure => ({
  id: 'accuracy',
  title: 'Accuracy by epoch',
  caption: 'The share of samples that the network names rightly: of the epoch as they came, and of the test.',
  spec: chart({
    description: 'Lines: accuracy by epoch, of training and of test samples',
    data: {
      values: epochs.flatMap(({ epoch, accuracy, testAccuracy }) => [
        { epoch: epoch + 1, samples: 'training', accuracy },
        ...(testAccuracy === null ? [] : [{ epoch: epoch + 1, samples: 'test', accuracy: testAccuracy }]),
      ]),
    },
    height: 200,
    layer: [
      {
        mark: { type: 'line', strokeWidth: 1.6, color: INK },
        // Points of their own layer: dashes of a mark with points have an empty legend.
        encoding: { strokeDash: { field: 'samples', type: 'nominal', title: null, legend: DASH_LEGEND } },
      },
      {
        mark: { type: 'point', filled: true, color: INK },
        encoding: { detail: { field: 'samples', type: 'nominal' } },
      },
    ],
    encoding: {
      x: { field: 'epoch', type: 'quantitative', axis: { title: 'epoch', tickMinStep: 1, format: 'd' } },
      y: {
        field: 'accuracy',
        type: 'quantitative',
        scale: { zero: false },
        axis: { title: 'right', format: '.0%', tickCount: 5 },
      },
    },
  }),
});

function attackSection({ method, pictures, passes, designs }: NonNullable<TrainingFigures['adversarial']>): Section {
  return {
    id: 'adversarial',
    title: 'The attack inside training',
    caption: `Each batch is attacked before it is trained on: ${method}, ${passes} passes on ${pictures} pictures.`,
    figures: [],
    tables: [
      {
        id: 'shares',
        title: 'What the attack takes of a batch',
        open: true,
        columns: [
          textColumn('training', 'trains'),
          textColumn('attack', 'attacks'),
          numberColumn('training_s', 'time of a batch'),
          numberColumn('attack_s', 'its attack'),
          numberColumn('time_share', 'share'),
          numberColumn('training_J', 'energy of a batch'),
          numberColumn('attack_J', 'its attack'),
          numberColumn('energy_share', 'share'),
        ],
        rows: designs.map((design, i) => {
          const path = (key: string): string => `adversarial.designs[${i}].${key}`;
          return [
            textCell(design.training),
            textCell(design.attack),
            timeCell(design.trainingS, path('trainingS')),
            timeCell(design.attackS, path('attackS')),
            shareCell(design.attackTimeShare, path('attackTimeShare')),
            energyCell(design.trainingJ, path('trainingJ')),
            energyCell(design.attackJ, path('attackJ')),
            shareCell(design.attackEnergyShare, path('attackEnergyShare')),
          ];
        }),
      },
    ],
  };
}
