// What a page loads when it is asked for: numbers in arrays, models of other programs, reports.

import { UserError } from '../../config/index.js';
import { both } from '../../config/typed.js';
import { Engine, attempt } from './engine.js';
import { givenResult } from './given.js';
import { imported } from './imported.js';
import { NumbersEngine } from './numbers.js';
import type { Answers, Ask, Design, GivenFiles, Known } from './protocol.js';
import { reportOf } from './report-page.js';

/** Designs whose accuracy is kept. */
const MOST_ACCURACIES = 64;

/** The engine with all that may wait. */
export class LateEngine extends Engine {
  readonly #numbers = new NumbersEngine();
  readonly #accuracies = new Map<string, Known>();

  override answer(ask: Ask): Answers[keyof Answers] {
    switch (ask.kind) {
      case 'numbers':
        return this.#look(ask);
      case 'accuracy':
        return both(ask.designs, (design) => this.#accuracy(design, ask.files));
      case 'import':
        return imported(ask.bytes, ask.name);
      case 'page':
        return this.#page(ask);
      default:
        return super.answer(ask);
    }
  }

  #look({ design, picture, files }: Extract<Ask, { kind: 'numbers' }>): Answers['numbers'] {
    const tried = attempt(() => {
      if (givenResult(files[design.base], design.base) !== null)
        throw new UserError(`${design.base}: a result holds no weights`);
      return this.#numbers.look(this.presets(files), design, picture);
    });
    return tried.fault === null ? { view: tried.value, fault: null } : { view: null, fault: tried.fault };
  }

  /** Kept by design: of two one stays as it was when the other's knob moves. */
  #accuracy(design: Design, files: GivenFiles): Known {
    const key = JSON.stringify([design, files]);
    let known = this.#accuracies.get(key);
    if (known === undefined) {
      const tried = attempt(() => {
        if (givenResult(files[design.base], design.base) !== null)
          throw new UserError(`${design.base}: a result holds no weights`);
        return this.#numbers.accuracy(this.presets(files), design);
      });
      known = tried.fault === null ? { accuracy: tried.value, fault: null } : { accuracy: null, fault: tried.fault };
      this.#accuracies.set(key, known);
      for (const old of this.#accuracies.keys())
        if (this.#accuracies.size > MOST_ACCURACIES) this.#accuracies.delete(old);
    }
    return known;
  }

  #page({ designs, machine, files, charts }: Extract<Ask, { kind: 'page' }>): Answers['page'] {
    const tried = attempt(() => {
      const one = machine === null ? null : this.simulated(designs[machine], files);
      return reportOf(one, () => designs.map((design) => this.simulated(design, files).result), charts);
    });
    return tried.fault === null ? { document: tried.value, fault: null } : { document: null, fault: tried.fault };
  }
}
