// Names become file names here and nowhere else: one part of a path, whatever the name says.

/** Names that Windows keeps for devices, with any ending. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/** Longest file name in bytes; file systems take 255, and endings follow. */
const MOST_BYTES = 120;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/**
 * A file name that tells of a name: letters, digits, `.`, `_` and `-` stay, all else becomes `-`; no dot or dash at its
 * start, no dot at its end, no device of Windows, at most 120 bytes. Never empty.
 */
export function fileName(name: string, ending = ''): string {
  const plain = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '-')
    .replace(/^[.-]+/, '')
    .replace(/\.{2,}/g, '.');
  let kept = '';
  let bytes = bytesOf(ending);
  for (const letter of plain) {
    bytes += bytesOf(letter);
    if (bytes > MOST_BYTES) break;
    kept += letter;
  }
  const whole = kept.replace(/[.-]+$/, '') || 'unnamed';
  return `${RESERVED.test(whole) ? '_' : ''}${whole}${ending}`;
}

/** What file systems that fold letters take for the same name. */
const folded = (file: string): string => file.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');

/**
 * File names of several names in one folder, no two alike, also where large and small letters count as the same, and
 * none of those `taken`. Names that would be alike get their place behind them.
 */
export function fileNames(names: readonly string[], taken: readonly string[] = []): string[] {
  const plain = names.map((name) => fileName(name));
  const counts = new Map<string, number>();
  for (const file of plain) counts.set(folded(file), (counts.get(folded(file)) ?? 0) + 1);
  const used = new Set(taken.map(folded));
  for (const [file, count] of counts) if (count === 1 && !used.has(file)) counts.set(file, 0);
  // Names of their own keep them; the others go round all that is there.
  for (const file of plain) if (counts.get(folded(file)) === 0) used.add(folded(file));
  return plain.map((file, i) => {
    if (counts.get(folded(file)) === 0) return file;
    for (let place = i + 1; ; place += names.length) {
      const numbered = `${file}-${place}`;
      if (used.has(folded(numbered))) continue;
      used.add(folded(numbered));
      return numbered;
    }
  });
}
