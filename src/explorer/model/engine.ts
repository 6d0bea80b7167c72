// What a worker of the page does: loads and simulates designs and answers questions about them. Knows no DOM.

import { UserError, formatQuantity, type Presets } from '../../config/index.js';
import { parsedOnce, withFiles } from '../../config/memory.js';
import { METRICS, MODEL_VERSION, bundledPresets, knobDifferences, recordTimeline, type Result } from '../../index.js';
import { TOLD_HEADLINES, causeSentence, differenceSentence } from '../../experiment/cause-sentences.js';
import { bookOf, explain, ofFile } from '../../explain/index.js';
import { dimensionOfKey, loadRun, traceOf, unusedBy, unusedKnobs, type LoadedRun } from '../../run-config/index.js';
import { buildMachine, simulate } from '../../simulation/index.js';
import { boardOf } from './board.js';
import { catalogueOf } from './catalogue.js';
import { learnsDigits } from './digits-graph.js';
import { documentOf, type Simulated as Figures } from './documents.js';
import { faultOf, titleOfKey } from './faults.js';
import { givenResult } from './given.js';
import { Glances, pointOf } from './glance.js';
import type { Answers, Ask, Causes, Design, Fault, GivenFiles, Outcome, Point } from './protocol.js';
import { InvariantError } from '../../kernel/index.js';
import { RAIL } from './knobs.js';
import { readAs } from './reading.js';
import { largestFirst, rowsOf, type KnobsView, type MachineView } from './view.js';
import { both, isRecord } from '../../config/typed.js';

/** A design with its figures; its run is null where only a result was given. */
interface Simulated extends Figures {
  run: LoadedRun | null;
}

/** Designs of which the last answer is kept: both machines, and what they were a step ago. */
const MOST_KEPT = 4;
/** Designs whose headlines are kept. */
const MOST_POINTS = 200;
/** Bases whose knobs are kept. */
const MOST_STANDARDS = 64;
/** Overrides that say what runs, not on what: a ghost tick shows the base under the same work. */
const WORK = ['network', 'workload.mode'];

/** The presets of the package, for workers that load designs again and again. */
export const workerPresets = async (): Promise<Presets> => parsedOnce(await bundledPresets());

/** The engine over presets: all that follows a slider. Answers are plain data. */
export class Engine {
  readonly #bundled: Presets;
  readonly #kept = new Map<string, Simulated>();
  readonly #standards = new Map<string, Readonly<Record<string, string>>>();
  readonly #glances = new Glances();
  readonly #points = new Map<string, Point | null>();

  constructor(bundled: Presets) {
    this.#bundled = bundled;
  }

  /** Answers a question. Faults of the user are part of the answer; others are thrown. */
  answer(ask: Ask): Answers[keyof Answers] {
    switch (ask.kind) {
      case 'catalogue':
        return catalogueOf(this.#bundled, MODEL_VERSION);
      case 'simulate':
        return this.#pair(ask.designs, ask.files);
      case 'glance': {
        const begun = performance.now();
        const points = both(ask.designs, (design) => this.#point(design, ask.files));
        return { points, tookMs: performance.now() - begun };
      }
      case 'explain':
        return this.#explain(ask);
      case 'figures':
        return [...bookOf(this.simulated(ask.design, ask.files).result).values()].map(({ key, value, unit, says }) => ({
          key,
          value,
          unit,
          says,
        }));
      case 'settings':
        return this.#settings(ask);
      case 'board':
        return this.#board(ask);
      case 'points':
        return ask.designs.map((design) => this.#point(design, ask.files));
      case 'document':
        return this.#document(ask);
      case 'reads':
        return readAs(ask.name, ask.text);
      case 'numbers':
      case 'accuracy':
      case 'import':
      case 'page':
        throw new InvariantError(`the late worker answers ${ask.kind}`);
    }
  }

  /** The presets with files of the user's before them. */
  presets(files: GivenFiles): Presets {
    const texts = Object.entries(files).filter((one): one is [string, string] => typeof one[1] === 'string');
    return withFiles(this.#bundled, Object.fromEntries(texts));
  }

  #load({ base, sets }: Design, files: GivenFiles): LoadedRun {
    return loadRun(this.presets(files), base, sets);
  }

  /** The simulation of a design, as `xbarflow run` makes it. @throws UserError for a wrong config */
  simulated(design: Design, files: GivenFiles): Simulated {
    const key = keyOf(design, files);
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known;
    }
    const simulated = this.#frozen(design, files) ?? this.#run(design, files);
    this.#kept.set(key, simulated);
    for (const old of this.#kept.keys()) if (this.#kept.size > MOST_KEPT) this.#kept.delete(old);
    return simulated;
  }

  #run(design: Design, files: GivenFiles): Simulated {
    const run = this.#load(design, files);
    return { run, ...simulate(run, { trace: traceOf(this.presets(files), run) }) };
  }

  /** A result that was given as a machine: its figures stand, whatever runs beside it. @throws UserError for a knob */
  #frozen({ base, sets }: Design, files: GivenFiles): Simulated | null {
    const result = givenResult(files[base], base);
    if (result === null) return null;
    const knob = sets.map(keyOfSet).find((key) => !WORK.includes(key));
    if (knob !== undefined)
      throw new UserError(
        `${base}: ${knob} cannot change: a result's figures stand as they were; choose ${result.label} to move knobs`,
      );
    return { run: null, result, machine: null };
  }

  #pair(designs: readonly [Design, Design], files: GivenFiles): Answers['simulate'] {
    const tries = both(designs, (design) => attempt(() => this.simulated(design, files)));
    const outcomes = both(tries, (tried, i): Outcome =>
      tried.fault === null
        ? { view: ofFile(designs[i].base, () => this.#view(tried.value, designs[i], files)), fault: null }
        : { view: null, fault: tried.fault, knobs: this.#knobsOfBase(designs[i], files) },
    );
    const [a, b] = tries;
    const results = a.fault === null && b.fault === null ? ([a.value.result, b.value.result] as const) : null;
    return {
      outcomes,
      causes: results === null ? NO_CAUSES : causesOf(...results),
    };
  }

  #view({ run, result }: Simulated, design: Design, files: GivenFiles): MachineView {
    const { time, energy, area, utilization, verdict } = result;
    const knobs = run === null ? railTexts(result.config) : knobsOf(run, railTexts);
    return {
      name: result.architecture,
      label: result.label,
      network: result.network,
      mode: result.mode,
      configHash: result.configHash,
      work: verdict.work,
      time: { value: time.totalS, assumed: verdict.assumed.time.share },
      energy: { value: energy.totalJ, assumed: verdict.assumed.energy.share },
      area: { value: area.totalMm2, assumed: verdict.assumed.area.share },
      utilization: { value: utilization.effective, assumed: 0 },
      logicalCycles: time.logicalCycles,
      logicalCycleS: time.logicalCycleS,
      images: result.images,
      batch: result.batch,
      timeSetBy: verdict.timeSetBy,
      energyGoesTo: verdict.energyGoesTo,
      areaIs: verdict.areaIs,
      notes: result.notes.map(({ text }) => text),
      ...rowsOf(result),
      learns: run !== null && learnsDigits(run.network),
      energyByComponent: largestFirst(energy.byComponentJ),
      knobs,
      standard: run === null ? knobs : this.#standard(design, files),
      frozen: run === null,
      unused: run === null ? {} : this.#unused(run, files),
    };
  }

  /** All knobs of both designs, and where their constants come from. */
  #settings({ designs, files }: Extract<Ask, { kind: 'settings' }>): Answers['settings'] {
    const tries = both(designs, (design) => attempt(() => this.simulated(design, files)));
    const constants = tries.flatMap(({ value }) => value?.result.constants ?? []);
    return {
      knobs: both(tries, ({ value }) =>
        value === null
          ? {}
          : {
              ...Object.fromEntries(value.result.constants.map(({ key, value: own }) => [key, textOf(own, key)])),
              ...(value.run === null ? knobTexts(value.result.config) : knobsOf(value.run, knobTexts)),
            },
      ),
      sources: Object.fromEntries(
        constants.map(({ key, source, placeholder, note }) => [
          key,
          [placeholder ? 'placeholder' : '', source ?? '', note ?? ''].filter((part) => part !== '').join('; '),
        ]),
      ),
    };
  }

  /** Why knobs that were set, and those of the rail, have no effect. */
  #unused(run: LoadedRun, files: GivenFiles): Readonly<Record<string, string>> {
    const presets = this.presets(files);
    const written = unusedKnobs(run, (file) => presets.files.read(file) === undefined);
    const reasonOf = unusedBy(run);
    const ofRail = RAIL.flatMap(({ keys: [key = ''] }) => {
      const reason = reasonOf(key.split('.'));
      return reason === null ? [] : [[key, reason] as const];
    });
    return Object.fromEntries([...ofRail, ...written.map(({ key, reason }) => [key, reason] as const)]);
  }

  /** Knobs as a design's base has them, for a design with a fault. */
  #knobsOfBase(design: Design, files: GivenFiles): KnobsView {
    const given = attempt(() => givenResult(files[design.base], design.base)).value;
    const knobs = given === null ? this.#standard(design, files) : railTexts(given.config);
    return { knobs, standard: knobs, unused: {}, frozen: given !== null };
  }

  /** Knobs of the base under the same work; where it does not run it, under its own; none of a broken base. */
  #standard({ base, sets }: Design, files: GivenFiles): Readonly<Record<string, string>> {
    const design = { base, sets: sets.filter((set) => WORK.includes(keyOfSet(set))) };
    const key = keyOf(design, files);
    let knobs = this.#standards.get(key);
    if (knobs === undefined) {
      const run =
        attempt(() => this.#load(design, files)).value ?? attempt(() => this.#load({ base, sets: [] }, files)).value;
      knobs = run === null ? {} : knobsOf(run, railTexts);
      this.#standards.set(key, knobs);
      for (const old of this.#standards.keys()) if (this.#standards.size > MOST_STANDARDS) this.#standards.delete(old);
    }
    return knobs;
  }

  #explain({ design, key, files }: Extract<Ask, { kind: 'explain' }>): Answers['explain'] {
    const tried = attempt(() => explain(bookOf(this.simulated(design, files).result), key));
    return tried.fault === null ? { explanation: tried.value, fault: null } : { explanation: null, fault: tried.fault };
  }

  #board({ design, from, cycles, files }: Extract<Ask, { kind: 'board' }>): Answers['board'] {
    const window = [
      `simulation.timeline.from=${from}`,
      ...(cycles === null ? [] : [`simulation.timeline.cycles=${cycles}`]),
    ];
    const tried = attempt(() => {
      if (givenResult(files[design.base], design.base) !== null)
        throw new UserError(`${design.base}: a result holds figures, no events`);
      const machine = buildMachine(this.#load({ ...design, sets: [...design.sets, ...window] }, files));
      return boardOf(machine, recordTimeline(machine));
    });
    return tried.fault === null ? { board: tried.value, fault: null } : { board: null, fault: tried.fault };
  }

  /** The headlines of a design; null where it has a fault. What was asked lately is known: often one machine moves. */
  #point(design: Design, files: GivenFiles): Point | null {
    const key = keyOf(design, files);
    let point = this.#points.get(key);
    if (point === undefined) point = this.#newPoint(design, files);
    this.#points.delete(key);
    this.#points.set(key, point);
    for (const old of this.#points.keys()) if (this.#points.size > MOST_POINTS) this.#points.delete(old);
    return point;
  }

  #newPoint(design: Design, files: GivenFiles): Point | null {
    return attempt(() => {
      const frozen = this.#frozen(design, files);
      return frozen === null
        ? this.#glances.point(design, this.presets(files), filesKey(files))
        : pointOf(frozen.result);
    }).value;
  }

  #document({ what, design, files }: Extract<Ask, { kind: 'document' }>): Answers['document'] {
    const tried = attempt(() => documentOf(what, this.simulated(design, files)));
    return tried.fault === null ? { document: tried.value, fault: null } : { document: null, fault: tried.fault };
  }
}

/** Of machines that are not both simulated. */
const NO_CAUSES: Causes = { sameWork: true, differ: '', headlines: {} };

/** Why B's headlines differ from A's. */
function causesOf(a: Result, b: Result): Causes {
  const [theirs, ours] = [
    { name: 'A', result: a },
    { name: 'B', result: b },
  ] as const;
  const headlines = TOLD_HEADLINES.map((key) => {
    const metric = METRICS.find((one) => one.key === key);
    const same = metric === undefined || metric.value(a) === metric.value(b);
    const told = { sentence: causeSentence(key, ours, theirs), figures: same ? '' : metric.cause(b, a) };
    return [key, told] as const;
  });
  return {
    sameWork: a.verdict.work === b.verdict.work,
    differ: differenceSentence(
      ours,
      theirs,
      knobDifferences(b, a).map((one) => ({ ...one, key: titleOfKey(one.key) })),
    ),
    headlines: Object.fromEntries(headlines),
  };
}

const keyOfSet = (set: string): string => set.slice(0, set.indexOf('='));

/** Names the files that stand beside the presets. */
const filesKey = (files: GivenFiles): string =>
  JSON.stringify(
    Object.entries(files).map(([name, content]) => [name, typeof content === 'string' ? content : content.length]),
  );

const keyOf = ({ base, sets }: Design, files: GivenFiles): string => JSON.stringify([base, sets, filesKey(files)]);

/** What came out, or the user's fault in its own words. */
export function attempt<T>(work: () => T): { value: T; fault: null } | { value: null; fault: Fault } {
  try {
    return { value: work(), fault: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { value: null, fault: faultOf(error) };
  }
}

/** The knobs of a run; what depends on the mode is filled in. */
const knobsOf = (
  { config, workload: { images, batch } }: LoadedRun,
  texts: (config: LoadedRun['config']) => Record<string, string>,
): Record<string, string> => ({
  ...texts(config),
  'workload.images': String(images),
  'workload.batch': String(batch),
});

/** Every knob of a resolved config by its dotted key, quantities with their unit. */
function knobTexts(config: unknown): Record<string, string> {
  const texts = new Map<string, string>();
  const walk = (value: unknown, path: readonly string[]): void => {
    if (value === undefined) return;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
      return;
    }
    texts.set(path.join('.'), textOf(value, path.join('.')));
  };
  walk(config, []);
  return Object.fromEntries(texts);
}

/** A knob as text, a quantity with its unit. */
function textOf(value: unknown, key: string): string {
  const dimension = typeof value === 'number' ? dimensionOfKey(key) : undefined;
  if (dimension !== undefined) return formatQuantity(Number(value), dimension);
  // Latencies stand as they were written.
  if (isRecord(value) && typeof value.seconds === 'number') return formatQuantity(value.seconds, 'time');
  if (isRecord(value) && typeof value.cycles === 'number') return `${value.cycles} cycles`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The knobs of the rail, as `knobTexts` has them: a slider's step carries no others. */
function railTexts(config: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const key of RAIL.flatMap(({ keys }) => keys)) {
    let value = config;
    for (const part of key.split('.')) value = isRecord(value) ? value[part] : undefined;
    if (value !== undefined) texts[key] = textOf(value, key);
  }
  return texts;
}
