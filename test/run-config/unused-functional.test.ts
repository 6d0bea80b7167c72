// Knobs of `functional`, `training` and `attack` that a command on numbers does not read are named.

import { describe, expect, it } from 'vitest';
import { attackOf } from '../../src/functional/attacks/methods.js';
import type { AttackTask } from '../../src/functional/attacks/victim.js';
import { streamOf } from '../../src/functional/streams.js';
import { ATTACK_METHODS, ATTACK_READS } from '../../src/run-config/training.js';
import { UNUSED_FUNCTIONAL } from '../../src/run-config/unused-functional.js';
import { attackSchema, unusedFunctional, type FunctionalCommand } from '../../src/run-config/index.js';
import { loaded } from '../helpers.js';
import { SMALL } from '../functional/attacks/small.js';

/** What is said of the last of some knobs. */
function said(command: FunctionalCommand, ...sets: string[]): string | null {
  const run = loaded('a3', ['network=digits-cnn', ...sets]);
  const own = unusedFunctional(run, command, (file) => file === `--set ${sets.at(-1)!}`);
  return own.length === 0 ? null : own.map(({ key, reason }) => `${key}: ${reason}`).join('; ');
}

const ADVERSARIAL = 'training.adversarial=true';
type Case = readonly [key: string, command: FunctionalCommand, sets: readonly string[], reason: string | null];

const CASES: readonly Case[] = [
  ['training', 'attack', ['training.epochs=2'], 'training.epochs: only train reads it'],
  ['test', 'evaluate', ['test={ kind: digits }'], 'test.kind: only train reads it'],
  ['attack', 'evaluate', ['attack.epsilon=0.1'], 'attack.epsilon: only attack and train read it'],
  ['attack', 'train', ['attack.epsilon=0.1'], 'attack.epsilon: training.adversarial is false'],
  ['attack', 'train', [ADVERSARIAL, 'attack.epsilon=0.1'], null],
  [
    'functional.backend',
    'train',
    ['functional.backend=integer'],
    'functional.backend: training.backend stands in its place',
  ],
  [
    'functional.backend',
    'attack',
    ['attack.backend=float32', 'functional.backend=integer'],
    'functional.backend: attack.backend stands in its place',
  ],
  ['functional.backend', 'attack', ['functional.backend=integer'], null],
  ['functional.backend', 'evaluate', ['attack.backend=float32', 'functional.backend=integer'], null],
  ['functional.trials', 'attack', ['functional.trials=3'], 'functional.trials: only evaluate reads it'],
  ['functional.trials', 'evaluate', ['functional.trials=3'], null],
  [
    'functional.format',
    'evaluate',
    ['functional.format=float16'],
    'functional.format: only backend minifloat reads it',
  ],
  ['functional.exponentBits', 'attack', ['attack.backend=posit', 'functional.exponentBits=1'], null],
  [
    'functional.exponentBits',
    'attack',
    ['functional.exponentBits=1'],
    'functional.exponentBits: only backend posit reads it',
  ],
  [
    'functional.noise',
    'train',
    ['functional.noise.stuckOn=0.1'],
    'functional.noise.stuckOn: only backend crossbar reads it',
  ],
  ['functional.noise', 'attack', ['functional.noise.stuckOn=0.1'], null],
  ...(
    [
      ['adcRange', 'unit'],
      ['signedInputs', 'offset'],
      ['subtraction', 'analog'],
      ['accumulation', 'analog'],
      ['offsetReference', 'digital'],
    ] as const
  ).map(
    ([knob, value]) =>
      [
        `functional.${knob}`,
        'evaluate',
        ['functional.backend=integer', `functional.${knob}=${value}`],
        `functional.${knob}: only backend crossbar reads it`,
      ] as const,
  ),
  ...(
    [
      ['per', 'channel'],
      ['rounding', 'nearest-even'],
      ['residuals', 'vector'],
    ] as const
  ).map(
    ([knob, value]) =>
      [
        `functional.${knob}`,
        'train',
        [`functional.${knob}=${value}`],
        `functional.${knob}: only backends integer and crossbar read it`,
      ] as const,
  ),
  [
    'functional.recurrent',
    'train',
    ['functional.recurrent.sumBits=8'],
    'functional.recurrent.sumBits: only backends integer and crossbar read it',
  ],
  [
    'functional.calibration',
    'train',
    ['functional.calibration.count=8'],
    'functional.calibration.count: only backends integer, crossbar and lognet read it',
  ],
  ['functional.calibration', 'evaluate', ['functional.backend=float32', 'functional.calibration.count=8'], null],
  [
    'training.epochs',
    'train',
    ['training.iterations=3', 'training.epochs=2'],
    'training.epochs: training.iterations says how many',
  ],
  [
    'training.momentum',
    'train',
    ['training.optimizer=adam', 'training.momentum=0.5'],
    'training.momentum: only training.optimizer sgd reads it',
  ],
  ['training.momentum', 'train', ['training.momentum=0.5'], null],
  ...['beta1', 'beta2', 'epsilon'].map(
    (knob) =>
      [
        `training.${knob}`,
        'train',
        [`training.${knob}=0.5`],
        `training.${knob}: only training.optimizer adam reads it`,
      ] as const,
  ),
  [
    'training.recalibrate',
    'train',
    ['training.recalibrate=5'],
    'training.recalibrate: only backends integer, crossbar and lognet read it',
  ],
  [
    'training.rounding',
    'train',
    ['training.rounding=nearest'],
    'training.rounding: only training.update fixed-point reads it',
  ],
  [
    'training.device.headroom',
    'train',
    ['training.device.headroom=2'],
    'training.device.headroom: only training.update device and fixed-point read it',
  ],
  ['training.device.headroom', 'train', ['training.update=fixed-point', 'training.device.headroom=2'], null],
  ...(
    [
      ['scheme', 'pair'],
      ['rounding', 'stochastic'],
      ['hidden', 'true'],
      ['verify', '2'],
      ['endurance', 'false'],
    ] as const
  ).map(
    ([knob, value]) =>
      [
        `training.device.${knob}`,
        'train',
        ['training.update=fixed-point', `training.device.${knob}=${value}`],
        `training.device.${knob}: only training.update device reads it`,
      ] as const,
  ),
  ...(['inputBits', 'converterBits'] as const).flatMap((knob): Case[] => [
    [
      `training.device.${knob}`,
      'train',
      ['training.update=fixed-point', `training.device.${knob}=4`],
      `training.device.${knob}: only training.update device reads it`,
    ],
    [
      `training.device.${knob}`,
      'train',
      ['training.update=device', 'training.backend=crossbar', `training.device.${knob}=4`],
      `training.device.${knob}: only backends float32 and float64 read it`,
    ],
    [
      `training.device.${knob}`,
      'train',
      ['training.update=device', 'training.device.scheme=pair', `training.device.${knob}=4`],
      `training.device.${knob}: only training.device.scheme single reads it`,
    ],
    [`training.device.${knob}`, 'train', ['training.update=device', `training.device.${knob}=4`], null],
  ]),
  [
    'training.device.rounding',
    'train',
    ['training.update=device', 'training.device.hidden=true', 'training.device.rounding=stochastic'],
    'training.device.rounding: training.device.hidden keeps the rest',
  ],
  [
    'training.adversarialShare',
    'train',
    ['training.adversarialShare=0.5'],
    'training.adversarialShare: training.adversarial is false',
  ],
  ['training.attackOn', 'train', ['training.attackOn=[a3]'], 'training.attackOn: training.adversarial is false'],
  ...(
    [
      ['backend', 'float32', 'training attacks the network that it trains'],
      ['gradientFrom', 'float', 'training attacks the network that it trains'],
      ['checkpoint.seconds', '3', 'training.checkpoint stands in its place'],
      ['seed', '3', 'training draws by workload.seed'],
    ] as const
  ).map(
    ([knob, value, reason]) =>
      [
        `attack.${knob.split('.')[0]!}`,
        'train',
        [ADVERSARIAL, `attack.${knob}=${value}`],
        `attack.${knob}: ${reason}`,
      ] as const,
  ),
  ['attack.target', 'attack', ['attack.target=3'], 'attack.target: attack.targeted is false'],
  ['attack.target', 'attack', ['attack.method=jsma', 'attack.target=3'], null],
  [
    'attack.randomStart',
    'attack',
    ['attack.start=a.npz', 'attack.randomStart=true'],
    'attack.randomStart: attack.start stands in its place',
  ],
  [
    'attack.printable',
    'attack',
    ['attack.method=rp2', 'attack.printable=[0, 1]'],
    'attack.printable: attack.nonPrintability is 0',
  ],
  ['', 'attack', ['attack.decay=0.5'], 'attack.decay: only mifgsm reads it, this is fgsm'],
  ['', 'attack', ['attack.method=cw', 'attack.epsilon=0.5'], expectedReaders('epsilon', 'cw')],
  ['', 'train', [ADVERSARIAL, 'attack.mask=a.png'], 'attack.mask: only rp2 reads it, this is fgsm'],
];

function expectedReaders(knob: string, method: string): string {
  return `attack.${knob}: only fgsm, bim, pgd, mifgsm and universal read it, this is ${method}`;
}

describe('knobs that a command on numbers does not read', () => {
  it.each(CASES)('%s %s %s', (_, command, sets, reason) => {
    expect(said(command, ...sets)).toBe(reason);
  });

  it('every rule is tried', () => {
    expect(UNUSED_FUNCTIONAL.map(([key]) => key).filter((key) => !CASES.some(([own]) => own === key))).toEqual([]);
  });

  it.each(ATTACK_METHODS)('%s reads the knobs that its list has, and no others', (method) => {
    const read = new Set<string>();
    const targets = method === 'jsma' ? Int32Array.of(1) : null;
    const task: AttackTask = {
      ...{ victim: SMALL, clean: Float64Array.of(0.2, 0.7), count: 1, labels: Int32Array.of(0), targets },
      ...{ range: [0, 1], start: null, stream: (name: string) => streamOf(1, name) },
    };
    const knobs = new Proxy(attackSchema.parse({ method }), {
      get(tree, key, self): unknown {
        if (typeof key === 'string') read.add(key);
        return Reflect.get(tree, key, self);
      },
    });
    const inputs = { shape: { channels: 1, height: 1, width: 2 }, mask: null };
    attackOf(task, knobs, inputs);
    // Files are read before the method starts.
    const files = ['mask', 'start'];
    expect([...read].filter((key) => key !== 'method').sort()).toEqual(
      ATTACK_READS[method].filter((key) => !files.includes(key)).sort(),
    );
  });
});
