// Between the points of a table whose axis is logarithmic.

/** Where a value stands in a table: `share` of the way from the row `low` (0) to the row `high` (1). */
export interface Place<Row> {
  low: Row;
  high: Row;
  share: number;
}

/**
 * Where `value` stands between the rows of a table in ascending order of `at`: on a row's value (to a billionth) it is
 * that row alone. Null outside of the table.
 */
export function placeOf<Row>(table: readonly Row[], at: (row: Row) => number, value: number): Place<Row> | null {
  const above = table.findIndex((row) => at(row) >= value * (1 - 1e-9));
  const high = table[above];
  if (high === undefined) return null;
  if (at(high) <= value * (1 + 1e-9)) return { low: high, high, share: 0 };
  const low = table[above - 1];
  if (low === undefined) return null;
  return { low, high, share: Math.log(value / at(low)) / Math.log(at(high) / at(low)) };
}

/** What `read` finds at a place, log-log between its rows. */
export const logLog = <Row>({ low, high, share }: Place<Row>, read: (row: Row) => number): number =>
  share === 0 ? read(low) : read(low) * (read(high) / read(low)) ** share;

/**
 * The place of a node in a table by node. @param at nm of a row. @param node m.
 * @throws RangeError outside of the table: `what` is known from .. to .. nm.
 */
export function atNode<Row>(table: readonly Row[], at: (row: Row) => number, node: number, what: string): Place<Row> {
  const place = placeOf(table, at, node * 1e9);
  if (place !== null) return place;
  const [least, most] = [at(table[0]!), at(table.at(-1)!)];
  const found = Number((node * 1e9).toPrecision(6));
  throw new RangeError(`${what} are known from ${least} to ${most} nm, found ${found} nm`);
}
