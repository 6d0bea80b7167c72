// Adversarial training: the attack inside the loop of training, and what it costs on each design.

import type { NetworkVictim, Normalization } from '../../functional/attacks/network-victim.js';
import type { Passes } from '../../functional/attacks/victim.js';
import type { Values } from '../../functional/operators/values.js';
import { streamOf } from '../../functional/streams.js';
import type { LabelledBatch } from '../../functional/training/trainer.js';
import type { AdversarialDesign } from '../../report/html/training-report.js';
import type { LoadedRun, TrainingConfig } from '../../run-config/index.js';
import type { PreparedAttack } from './attack-task.js';
import { rawPictures, readPictures } from './pictures.js';
import { attackCost, costOrReason, onDesign, trainingCost, type Cost } from './timing.js';

/** What is said of adversarial training. */
export interface AdversarialSummary {
  method: string;
  /** Pictures of a batch that are attacked, and passes (forward and back) that they take. */
  pictures: number;
  passes: number;
  designs: AdversarialDesign[];
  /** Designs that have no such timing, with the reason. */
  untimed: { name: string; reason: string }[];
}

/** Attacks the first pictures of a batch on the network as it stands. @returns the batch to train on */
export function attackedBatch(
  batch: LabelledBatch,
  attack: PreparedAttack,
  victim: NetworkVictim,
  { share, seed, iteration, normalization }: AttackPlace,
): LabelledBatch {
  const count = Math.round(share * batch.count);
  if (count === 0) return batch;
  const read = batch.inputs.get(victim.input)!;
  const clean = rawPictures(read.data.subarray(0, count * victim.size), victim.shape, normalization);
  const labels = batch.truth.labels.subarray(0, count);
  const { run } = attack.start({
    victim,
    clean,
    count,
    labels,
    stream: (name) => streamOf(seed, `adversarial ${iteration} ${name}`),
  });
  while (run.iteration < run.total) {
    run.step();
  }
  const data = Float64Array.from(read.data);
  data.set(readPictures(run.adversarial(), victim.shape, normalization));
  const values: Values = { shape: read.shape, data };
  return { ...batch, inputs: new Map([...batch.inputs, [victim.input, values]]) };
}

/** Where in training an attack stands. */
export interface AttackPlace {
  readonly share: number;
  readonly seed: number;
  readonly iteration: number;
  readonly normalization: Normalization | null;
}

/** Time and energy of a batch with its attack: on the run's own design, and with the attack on others. */
export function adversarialSummary(
  run: LoadedRun,
  training: TrainingConfig,
  { knobs }: PreparedAttack,
  { passes, pictures }: { readonly passes: Passes; readonly pictures: number },
): AdversarialSummary {
  const { batch, attackOn } = training;
  const named = (of: LoadedRun): string => of.config.name ?? of.label;
  const summary: AdversarialSummary = {
    method: knobs.method,
    pictures,
    passes: passes.gradient + passes.forward,
    designs: [],
    untimed: [],
  };
  const own = costOrReason(() => trainingCost(run, batch));
  const designs = [run, ...attackOn.map((name) => onDesign(run, name))];
  for (const design of designs) {
    const attack = costOrReason(() => attackCost(design, knobs.method, passes, pictures));
    const itself = design === run ? own : costOrReason(() => trainingCost(design, batch));
    const trained = itself.cost ?? own.cost;
    if (attack.cost === null || trained === null) {
      summary.untimed.push({ name: named(design), reason: attack.reason ?? own.reason ?? '' });
      continue;
    }
    const trainer = itself.cost === null ? named(run) : named(design);
    summary.designs.push(designOf(trainer, named(design), trained, attack.cost));
  }
  return summary;
}

function designOf(training: string, attack: string, trained: Cost, attacked: Cost): AdversarialDesign {
  return {
    training,
    attack,
    trainingS: trained.timeS,
    attackS: attacked.timeS,
    trainingJ: trained.energyJ,
    attackJ: attacked.energyJ,
    attackTimeShare: attacked.timeS / (attacked.timeS + trained.timeS),
    attackEnergyShare: attacked.energyJ / (attacked.energyJ + trained.energyJ),
  };
}
