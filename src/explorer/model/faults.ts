// Faults of designs: as they leave the worker, and in the page's words, which are its fields and no command line's.

import { ConfigError, type UserError } from '../../config/errors.js';
import { RAIL } from './knobs.js';
import type { Fault } from './protocol.js';

/** An error of the user's as data. */
export function faultOf(error: UserError): Fault {
  const { message } = error;
  if (!(error instanceof ConfigError)) return saidFault(message);
  const { detail, key, origin, causes } = error;
  return {
    message,
    detail,
    key: key === '' ? null : key,
    at: origin.line > 0 ? { file: origin.file, line: origin.line } : null,
    causes: causes.map(({ key: own, value }) => ({ key: own, value })),
  };
}

/** A fault that is no key's. */
export const saidFault = (message: string): Fault => ({ message, detail: message, key: null, at: null, causes: [] });

const FIELDS = new Map([
  ['network', 'Network'],
  ['workload.mode', 'Mode'],
  ...RAIL.flatMap(({ keys, name }) => keys.map((key) => [key, name] as const)),
]);

/** Keys that have a field in the rail. */
export const hasField = (key: string): boolean => FIELDS.has(key);

/** A knob as the page calls it: by its field, else by its key. */
export const titleOfKey = (key: string): string => FIELDS.get(key) ?? key;

/** The fault is of this key, or comes with it. */
export const concerns = (fault: Fault, key: string): boolean =>
  fault.key === key || fault.causes.some((cause) => cause.key === key);

/** Where the command line sends its user. */
const COMMAND = / \(xbarflow [^()]*\)/g;

/** Lists of words to choose from. */
const CHOICES = /(?: one of|:) (?:[\w-]+, ){12,}[\w-]+/g;

/** A message without the hints of the command line and without long lists, which the fields show or nobody reads. */
const plain = (detail: string): string =>
  detail
    .replaceAll(COMMAND, '')
    .replaceAll(CHOICES, (list) =>
      detail.includes('did you mean')
        ? ''
        : `${list.split(', ').slice(0, 6).join(', ')} and ${list.split(', ').length - 6} more`,
    );

/** `Neurons: training needs ..., expected kept. It comes with Mode training: change one of them.` */
export function faultText({ detail, key, at, causes }: Fault): string {
  // Files of the user's have plain names, those of the package stand in folders.
  const place = at === null || at.file.includes('/') ? '' : `${at.file}, line ${at.line}: `;
  const said = `${place}${key === null ? '' : `${titleOfKey(key)}: `}${plain(detail)}`;
  if (causes.length === 0) return said;
  const words = causes.map((cause) => [titleOfKey(cause.key), cause.value ?? ''].join(' ').trim());
  return `${said}. It comes with ${words.join(' and ')}: change one of them.`;
}
