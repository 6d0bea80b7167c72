// What a page loads when it is asked for: numbers in arrays, models of other programs, reports.

import { UserError } from '../../config/index.js';
import { Engine, attempt } from './engine.js';
import { givenResult } from './given.js';
import { imported } from './imported.js';
import { NumbersEngine } from './numbers.js';
import type { Answers, Ask } from './protocol.js';
import { reportOf } from './report-page.js';

/** The engine with all that may wait. */
export class LateEngine extends Engine {
  readonly #numbers = new NumbersEngine();

  override answer(ask: Ask): Answers[keyof Answers] {
    switch (ask.kind) {
      case 'numbers':
        return this.#look(ask);
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

  #page({ designs, machine, files, charts }: Extract<Ask, { kind: 'page' }>): Answers['page'] {
    const tried = attempt(() => {
      const one = machine === null ? null : this.simulated(designs[machine], files);
      return reportOf(one, () => designs.map((design) => this.simulated(design, files).result), charts);
    });
    return tried.fault === null ? { document: tried.value, fault: null } : { document: null, fault: tried.fault };
  }
}
