// Knobs of `functional`, `training` and `attack` that a command does not read: what a method, an optimizer or a backend
// has no use for.

import type { FunctionalConfig } from './functional.js';
import { designNumbers } from './numbers.js';
import type { LoadedRun } from './load.js';
import {
  ATTACK_METHODS,
  ATTACK_READS,
  attackSchema,
  trainingSchema,
  type AttackConfig,
  type AttackMethod,
  type TrainingConfig,
} from './training.js';
import { unreadKnobs, type UnusedKnob } from './unused.js';

/** Commands that run a network on numbers. */
export type FunctionalCommand = 'evaluate' | 'train' | 'attack';

/** What rules look at. */
interface Asked {
  readonly command: FunctionalCommand;
  readonly training: TrainingConfig;
  readonly attack: AttackConfig;
  /** Backend that the network runs on. */
  readonly kind: FunctionalConfig['backend'];
}

/** Why a knob is not read; null where it is. */
type Rule = (asked: Asked) => string | null;

/** Words in a list: "a", "a and b", "a, b and c". */
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`;

/** "crossbar reads", "backends integer and crossbar read". */
const counted = (what: string, words: readonly string[]): string => {
  const several = words.length > 1;
  const head = what === '' ? '' : `${what}${several ? 's' : ''} `;
  return `${head}${listed(words)} read${several ? '' : 's'}`;
};

/** Read on some backends alone. */
const onBackends =
  (...kinds: readonly NonNullable<FunctionalConfig['backend']>[]): Rule =>
  ({ kind }) =>
    kinds.some((one) => one === kind) ? null : `only ${counted('backend', kinds)} it`;

/** Read by some commands alone. */
const by =
  (...commands: readonly FunctionalCommand[]): Rule =>
  ({ command }) =>
    commands.includes(command) ? null : `only ${counted('', commands)} it`;

const when =
  (reads: (asked: Asked) => boolean, reason: string): Rule =>
  (asked) =>
    reads(asked) ? null : reason;

const optimizer = (name: TrainingConfig['optimizer']): Rule =>
  when(({ training }) => training.optimizer === name, `only training.optimizer ${name} reads it`);

const update = (...updates: readonly TrainingConfig['update'][]): Rule =>
  when(({ training }) => updates.includes(training.update), `only training.update ${counted('', updates)} it`);

const adversarial = when(({ training }) => training.adversarial, 'training.adversarial is false');
const crossbar = onBackends('crossbar');
const integers = onBackends('integer', 'crossbar');
/** Backends whose numbers have ranges. */
const ranged = onBackends('integer', 'crossbar', 'lognet');
/** `evaluate` sets integers beside whatever it runs on. */
const beside =
  (rule: Rule): Rule =>
  (asked) =>
    asked.command === 'evaluate' ? null : rule(asked);
const integersBeside = beside(integers);
const rangedBeside = beside(ranged);

/** Rules by key, or by a group of keys; the first that gives a reason counts. */
export const UNUSED_FUNCTIONAL: readonly (readonly [key: string, rule: Rule])[] = [
  ['training', by('train')],
  ['test', by('train')],
  ['attack', by('attack', 'train')],
  [
    'attack',
    when(({ command, training }) => command === 'attack' || training.adversarial, 'training.adversarial is false'),
  ],
  ['functional.backend', when(({ command }) => command !== 'train', 'training.backend stands in its place')],
  [
    'functional.backend',
    when(
      ({ command, attack }) => command !== 'attack' || attack.backend === undefined,
      'attack.backend stands in its place',
    ),
  ],
  ['functional.trials', by('evaluate')],
  ['functional.format', onBackends('minifloat')],
  ['functional.exponentBits', onBackends('posit')],
  ['functional.noise', crossbar],
  ['functional.adcRange', crossbar],
  ['functional.signedInputs', crossbar],
  ['functional.subtraction', crossbar],
  ['functional.accumulation', crossbar],
  ['functional.offsetReference', crossbar],
  ['functional.per', integersBeside],
  ['functional.rounding', integersBeside],
  ['functional.residuals', integersBeside],
  ['functional.recurrent', integersBeside],
  ['functional.calibration', rangedBeside],
  ['training.epochs', when(({ training }) => training.iterations === undefined, 'training.iterations says how many')],
  ['training.momentum', optimizer('sgd')],
  ['training.beta1', optimizer('adam')],
  ['training.beta2', optimizer('adam')],
  ['training.epsilon', optimizer('adam')],
  ['training.recalibrate', ranged],
  ['training.rounding', update('fixed-point')],
  ['training.device.headroom', update('device', 'fixed-point')],
  ...['scheme', 'rounding', 'hidden', 'verify', 'endurance', 'inputBits', 'converterBits'].map(
    (knob) => [`training.device.${knob}`, update('device')] as const,
  ),
  ...['inputBits', 'converterBits'].flatMap((knob) => [
    [`training.device.${knob}`, onBackends('float32', 'float64')] as const,
    [
      `training.device.${knob}`,
      when(({ training }) => training.device.scheme === 'single', 'only training.device.scheme single reads it'),
    ] as const,
  ]),
  [
    'training.device.rounding',
    when(({ training }) => !training.device.hidden, 'training.device.hidden keeps the rest'),
  ],
  ['training.adversarialShare', adversarial],
  ['training.attackOn', adversarial],
  ['attack.backend', when(({ command }) => command === 'attack', 'training attacks the network that it trains')],
  ['attack.gradientFrom', when(({ command }) => command === 'attack', 'training attacks the network that it trains')],
  ['attack.checkpoint', when(({ command }) => command === 'attack', 'training.checkpoint stands in its place')],
  ['attack.seed', when(({ command }) => command === 'attack', 'training draws by workload.seed')],
  [
    'attack.target',
    when(({ attack: { method, targeted } }) => targeted || method === 'jsma', 'attack.targeted is false'),
  ],
  ['attack.randomStart', when(({ attack }) => attack.start === undefined, 'attack.start stands in its place')],
  ['attack.printable', when(({ attack }) => (attack.nonPrintability ?? 0) > 0, 'attack.nonPrintability is 0')],
];

/** Knobs that only some methods of attack read, with those methods. */
const OF_METHODS = new Map<string, AttackMethod[]>();
for (const method of ATTACK_METHODS)
  for (const knob of ATTACK_READS[method]) OF_METHODS.set(knob, [...(OF_METHODS.get(knob) ?? []), method]);

/**
 * Knobs that `own` files (or the command line) wrote and a command on numbers does not read: `functional`, `training`,
 * `test` and `attack`.
 */
export function unusedFunctional(
  run: LoadedRun,
  command: FunctionalCommand,
  own: (file: string) => boolean,
): UnusedKnob[] {
  const { config } = run;
  const training = config.training ?? trainingSchema.parse({});
  const attack = config.attack ?? attackSchema.parse({});
  const asked: Asked = { command, training, attack, kind: kindOf(run, command, training, attack) };
  const reasonOf = (path: readonly string[]): string | null => {
    const key = path.join('.');
    for (const [group, rule] of UNUSED_FUNCTIONAL) {
      const reason = key === group || key.startsWith(`${group}.`) ? rule(asked) : null;
      if (reason !== null) return reason;
    }
    const methods = path[0] === 'attack' ? OF_METHODS.get(path[1] ?? '') : undefined;
    return methods === undefined || methods.includes(attack.method)
      ? null
      : `only ${counted('', methods)} it, this is ${attack.method}`;
  };
  return unreadKnobs(run, own, reasonOf);
}

function kindOf(
  run: LoadedRun,
  command: FunctionalCommand,
  training: TrainingConfig,
  attack: AttackConfig,
): FunctionalConfig['backend'] {
  if (command === 'train') return training.backend ?? 'float32';
  return (command === 'attack' ? attack.backend : undefined) ?? designNumbers(run).backend;
}
