// Names for the fuzzer.

/** Words that break what trusts them. */
export const WORDS = [
  'toString',
  '__proto__',
  'constructor',
  '',
  'a\u2028b',
  '\u001b[31m',
  '=1+1',
  '../x',
  'x'.repeat(3000),
];
