// Two knobs at once, on demand: a figure of a machine at every pair of their values. A cell goes there.

import { useRef, useState } from 'preact/hooks';
import { mapValues, shadesOf } from '../model/curves.js';
import { designOf } from '../model/design.js';
import { RAIL, setsOf, valueOf, type RailKnob } from '../model/knobs.js';
import { FIELDS, type Point } from '../model/protocol.js';
import { setKnobs, withSet } from '../model/state.js';
import type { Workers } from './client.js';
import { HEADLINES } from './format.js';
import { frozenOf, type PartProps } from './rail.js';

const SLIDERS = RAIL.filter(({ kind }) => kind === 'slider');

interface Asked {
  across: RailKnob;
  down: RailKnob;
  machine: 0 | 1;
}
type Cells = readonly (readonly (Point | null | undefined)[])[];

/** The map with what it is of. */
export function HeatMap({ state, update, knobs, workers }: PartProps & { workers: Workers }) {
  const [across, setAcross] = useState(0);
  const [down, setDown] = useState(1);
  const [machine, setMachine] = useState<0 | 1>(0);
  const [metric, setMetric] = useState(1);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [cells, setCells] = useState<Cells>([]);
  const run = useRef(0);
  const draw = (): void => {
    const now: Asked = { across: SLIDERS[across]!, down: SLIDERS[down]!, machine };
    const own = ++run.current;
    workers.dropAside('map');
    setAsked(now);
    const columns = mapValues(now.across);
    const rows = mapValues(now.down);
    const filled: (Point | null | undefined)[][] = rows.map(() => columns.map(() => undefined));
    setCells(filled);
    rows.forEach((row, r) => {
      const designs = columns.map((column) =>
        designOf(
          [...setsOf(now.down, row), ...setsOf(now.across, column)].reduce(
            (all, [key, value]) => withSet(all, key, value),
            state.machines[machine],
          ),
          state,
        ),
      );
      workers.aside({ kind: 'points', for: 'map', designs, files: state.files }, r).then(
        (points) => {
          if (run.current !== own) return;
          filled[r] = points;
          setCells([...filled]);
        },
        () => undefined,
      );
    });
  };
  return (
    <details class="map">
      <summary>Two knobs at once: a map</summary>
      <p class="actions">
        <Choice label="Across" options={SLIDERS.map(({ name }) => name)} at={across} choose={setAcross} />
        <Choice label="Down" options={SLIDERS.map(({ name }) => name)} at={down} choose={setDown} />
        <Choice
          label="Machine"
          options={['A', 'B']}
          at={machine}
          choose={(m) => {
            setMachine(m === 0 ? 0 : 1);
          }}
        />
        <Choice label="Figure" options={HEADLINES.map(({ title }) => title)} at={metric} choose={setMetric} />
        <button type="button" onClick={draw} disabled={across === down}>
          Draw the map
        </button>
        {across === down && <span class="small">choose two different knobs</span>}
      </p>
      {asked !== null && (
        <Grid
          asked={asked}
          cells={cells}
          metric={metric}
          now={[
            valueOf(asked.across, state.machines[asked.machine], knobs[asked.machine]),
            valueOf(asked.down, state.machines[asked.machine], knobs[asked.machine]),
          ]}
          go={(column, row) => {
            const sets = [...setsOf(asked.down, row), ...setsOf(asked.across, column)];
            update((now) => ({
              ...setKnobs({ ...now, target: asked.machine === 0 ? 'a' : 'b' }, sets, frozenOf(knobs)),
              target: now.target,
            }));
          }}
        />
      )}
    </details>
  );
}

interface ChoiceProps {
  label: string;
  options: readonly string[];
  at: number;
  choose: (at: number) => void;
}

function Choice({ label, options, at, choose }: ChoiceProps) {
  return (
    <label>
      {label}{' '}
      <select
        value={at}
        onChange={({ currentTarget }) => {
          choose(Number(currentTarget.value));
        }}
      >
        {options.map((option, i) => (
          <option value={i} key={option} selected={i === at}>
            {option}
          </option>
        ))}
      </select>
    </label>
  );
}

interface GridProps {
  asked: Asked;
  cells: Cells;
  metric: number;
  now: readonly [across: string | null, down: string | null];
  go: (column: string, row: string) => void;
}

const STEPS: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

/** A knob with its unit: `Array size (lines)`. */
const unitNameOf = ({ name, unit }: RailKnob): string => (unit === undefined ? name : `${name} (${unit})`);

function Grid({ asked, cells, metric, now, go }: GridProps) {
  const [at, setAt] = useState<readonly [column: number, row: number]>([0, 0]);
  const table = useRef<HTMLTableElement>(null);
  const { id, title, words } = HEADLINES[metric]!;
  const columns = mapValues(asked.across);
  const rows = mapValues(asked.down);
  const values = cells.flatMap((row) => row.flatMap((point) => (point == null ? [] : [point[FIELDS[id]]])));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const shades = shadesOf(least, most);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`Map of ${title}`}>
      <table
        ref={table}
        data-done={values.length}
        onKeyDown={(event) => {
          const step = STEPS[event.key];
          if (step === undefined) return;
          event.preventDefault();
          const [c, r] = [at[0] + step[0], at[1] + step[1]];
          if (c < 0 || r < 0 || c >= columns.length || r >= rows.length) return;
          setAt([c, r]);
          table.current?.querySelector<HTMLElement>(`[data-cell="${c} ${r}"]`)?.focus();
        }}
      >
        <caption class="small">
          {title} of {asked.machine === 0 ? 'A' : 'B'}: {unitNameOf(asked.across)} across, {unitNameOf(asked.down)} down
          {values.length > 0 && (
            <>
              ; {words(least)} <span class="ramp" aria-hidden="true" /> {words(most)}
              {shades.logarithmic && ', by logarithm'}
            </>
          )}
          {cells.some((row) => row.some((point) => point === null)) && '; × does not run'}; a cell sets both knobs
        </caption>
        <thead>
          <tr>
            <td />
            {columns.map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              {columns.map((column, c) => {
                const point = cells[r]?.[c];
                const value = point == null ? null : point[FIELDS[id]];
                const said = value === null ? (point === null ? 'does not run' : 'not worked out yet') : words(value);
                const share = value === null ? 0 : shades.of(value);
                return (
                  <td key={column}>
                    <button
                      type="button"
                      data-cell={`${c} ${r}`}
                      data-value={value ?? undefined}
                      tabIndex={at[0] === c && at[1] === r ? 0 : -1}
                      class={`cell${column === now[0] && row === now[1] ? ' now' : ''}${value === null ? ' none' : ''}`}
                      style={{ '--share': `${share}%` }}
                      title={`${asked.across.name} ${column}, ${asked.down.name} ${row}: ${said}`}
                      aria-label={`${asked.across.name} ${column}, ${asked.down.name} ${row}: ${said}`}
                      onClick={() => {
                        setAt([c, r]);
                        go(column, row);
                      }}
                    >
                      {point === null ? '×' : ''}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
