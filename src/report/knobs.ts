// Knobs of a sweep's points in words.

/** A knob's value as a table shows it. */
export const valueText = (value: unknown): string =>
  value === undefined ? '-' : typeof value === 'string' ? value : JSON.stringify(value);

/** The values of knobs that go together. */
export const levelText = (values: Readonly<Record<string, unknown>>, keys: readonly string[]): string =>
  keys.map((key) => valueText(values[key])).join(', ');

/** A point by its knobs: `crossbar.rows=128, inputs.density=0.5`. */
export const pointText = (values: Readonly<Record<string, unknown>>, columns: readonly string[]): string =>
  columns.map((column) => `${column}=${valueText(values[column])}`).join(', ');

/** What is worth naming of a front: its knee, and the best point of each objective. */
export function landmarks({
  objectives,
  points,
  front,
  knee,
}: {
  objectives: readonly { key: string; goal: 'minimize' | 'maximize'; title: string }[];
  points: readonly {
    index: number;
    values: Readonly<Record<string, unknown>>;
    figures: Readonly<Record<string, number | null>>;
  }[];
  front: readonly number[];
  knee: number | null;
}): { title: string; index: number }[] {
  const on = new Set(front);
  const candidates = points.filter(({ index }) => on.has(index));
  const best = objectives.flatMap(({ key, goal, title }) => {
    const sign = goal === 'minimize' ? 1 : -1;
    const [first] = [...candidates].sort((a, b) => sign * ((a.figures[key] ?? NaN) - (b.figures[key] ?? NaN)));
    return first === undefined
      ? []
      : [{ title: `${goal === 'minimize' ? 'least' : 'most'} ${title}`, index: first.index }];
  });
  return [...(knee === null ? [] : [{ title: 'knee', index: knee }]), ...best];
}
