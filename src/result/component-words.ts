// What components are called in sentences and on pages.

/** Components whose name in a config is no plain word. */
const PLAIN: Readonly<Record<string, string>> = {
  adc: 'converter',
  dac: 'input converter',
  mac: 'multiply-accumulate unit',
  crossbar: 'crossbar',
  integrateFire: 'integrate-and-fire circuit',
  sampleHold: 'sample-and-hold circuit',
  shiftAdd: 'shift-and-add circuit',
  activation: 'activation unit',
  vector: 'vector unit',
  add: 'adder',
};

/** A component as a sentence has it: `spike driver`. */
export const componentWords = (component: string): string =>
  PLAIN[component] ?? component.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
