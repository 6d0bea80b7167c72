// The form of a validation file: published figures and where a run has them.

import type * as z from 'zod';
import { choice, list, object, real, text } from '../../config/index.js';

const measured = {
  run: text("Config that is run: preset or path (default: the group's)").optional(),
  set: list(text('key=value'), "Keys of the config that are set, as on the command line, after the group's").optional(),
  key: text('Path of the figure in the result: rollUp.core.powerW, layers[conv*].steps, actions[adc.convert].count'),
  reduce: choice(['only', 'sum', 'min', 'max'], 'What becomes of several values').default('only'),
};

const figure = object(
  {
    name: text('What is compared'),
    published: real('The published value, in `unit`'),
    unit: text('Unit of the published value, e.g. mW; none for counts and ratios').optional(),
    source: text("Where the value stands (default: the group's)").optional(),
    ...measured,
    over: object({ ...measured, key: measured.key.optional() }, 'The figure is divided by this one').optional(),
    tolerance: real('Largest difference / published; 0 is exact; without it the distance is reported, not judged', {
      min: 0,
      max: 1e9,
    }).optional(),
    note: text('Why there is a difference, or what the figure rests on').optional(),
  },
  'A published figure',
);

/** Schema of a file of `configs/targets`. */
export const validationSchema = object(
  {
    description: text('What is validated').optional(),
    source: text('Where the figures come from').optional(),
    groups: list(
      object(
        {
          title: text('Heading'),
          source: text('Source of its figures'),
          run: text('Config that is run: preset or path').optional(),
          set: list(text('key=value'), 'Keys of the config that are set, as on the command line').optional(),
          figures: list(figure, 'Published figures'),
        },
        'Figures under one heading',
      ),
      'Groups of figures',
    ),
  },
  'Published figures against simulated ones',
);

/** A checked validation file. */
export type Validation = z.output<typeof validationSchema>;
