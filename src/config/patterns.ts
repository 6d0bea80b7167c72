// Patterns with stars, matched in one walk: no pattern takes more time than its length times the name's.

/** Whether a name fits a pattern in which `*` stands for any letters, also none. */
export function fitsPattern(pattern: string, name: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return name === head;
  if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return false;
  const end = name.length - tail.length;
  // What stands between two stars is taken where it is first found: later places leave less for the others.
  let at = head.length;
  for (const part of rest) {
    const found = part === '' ? at : name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
}
