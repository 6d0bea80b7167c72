// One escape for whatever a file, a name or a command line said, by where it is shown: messages, terminal, JSON, CSV,
// HTML and SVG, expressions of Vega.

/**
 * What must not reach a reader as it is: control characters (C0 and C1), line and paragraph separators, changes of
 * direction, the byte-order mark, halves of surrogate pairs. By code points: V8 reads tables for classes by name.
 */
const UNSEEN =
  /[\0-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu;
/** The same without what texts of several lines need: tab and line feed. */
const UNSEEN_IN_TEXT = new RegExp(UNSEEN.source.replace('\\0-\\x1f', '\\0-\\x08\\v-\\x1f'), 'gu');

/** Halves of surrogate pairs without the other half. */
const LONE_SURROGATES = /[\ud800-\udfff]/gu;

const byCode = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A name or value on one line: what cannot be seen is written by its code, `\u000a`. */
export const visible = (text: string): string => text.replace(UNSEEN, byCode);

/** Text of several lines, as JSON: the same, but for line ends and tabs. Within JSON `\u2028` is the same string. */
export const visibleText = (text: string): string => text.replace(UNSEEN_IN_TEXT, byCode);

/** What styles put into a line: bold, dim, and the end of both. */
const STYLES = /(\u001b\[(?:1|2|22)m)/;

const exceptStyles = (text: string, escape: (part: string) => string): string =>
  text
    .split(STYLES)
    .map((part, i) => (i % 2 === 0 ? escape(part) : part))
    .join('');

/** One line of a terminal, with its styles. */
export const visibleStyled = (line: string): string => exceptStyles(line, visible);

/** Text of several lines for a terminal, with its styles. */
export const visibleStyledText = (text: string): string => exceptStyles(text, visibleText);

/** Longest message; keys and names in hostile files may take megabytes. */
export const MOST_MESSAGE = 2000;
/** Characters of a long message that are kept of its end, where stands what was expected. */
const TAIL = 600;

/** A message: one line of at most 2,000 characters; of a longer one its two ends. */
export function messageLine(text: string, most = MOST_MESSAGE): string {
  // What is cut out is not escaped first: a megabyte of it would take its time.
  const within = text.length <= 4 * most ? text : `${text.slice(0, 2 * most)} ... ${text.slice(-2 * most)}`;
  const line = visible(within);
  if (line.length <= most) return line;
  const gap = ' ... ';
  return `${line.slice(0, most - TAIL - gap.length)}${gap}${line.slice(-TAIL)}`.replace(LONE_SURROGATES, '');
}

/** A name or value shown within a message: at most so many characters. */
export const shortened = (text: string, most = 200): string =>
  text.length <= most ? text : `${text.slice(0, most - 3)}...`.replace(LONE_SURROGATES, '');

/** Words that a spreadsheet takes for a formula, with the quotes that were put before them. */
const FORMULA = /^'*[\s\u0000-\u001f]*[=+\-@]/u;
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** A name in a CSV file that is read again: a quote stands before what a spreadsheet would take for a formula. */
export const csvName = (name: string): string => (FORMULA.test(name) && !NUMBER.test(name) ? `'${name}` : name);

/** The name that `csvName` wrote. */
export const nameOfCsv = (cell: string): string => (cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell);

/** Text for a cell of a CSV file: on one line, and never a formula where a spreadsheet opens it. Numbers stay. */
export const csvText = (text: string): string => csvName(visible(text));

/** A word of a command line, quoted where a shell would take it apart. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * Text for an element or a quoted attribute of HTML or SVG. What XML forbids and what would turn the direction of the
 * text after it becomes U+FFFD.
 */
export const escapeHtml = (text: string): string =>
  text
    .replace(/[\0-\x08\v\f\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** A value as JSON that neither an HTML parser nor an expression language can mistake for anything else. */
export const scriptJson = (value: unknown): string =>
  visible(JSON.stringify(value)).replace(/[<>&]/g, (character) => byCode(character));
