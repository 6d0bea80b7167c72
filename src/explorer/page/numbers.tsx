// Numbers too: a digit through the layers on the chosen hardware, beside exact numbers; what converters see, what an
// array holds, and an attack's perturbation growing iteration by iteration.

import { useEffect, useState } from 'preact/hooks';
import { designOf } from '../model/design.js';
import { faultText, saidFault } from '../model/faults.js';
import {
  PICTURES,
  type AttackFrame,
  type LayerNumbers,
  type NumbersView,
  type SeenSums,
} from '../model/numbers-view.js';
import type { Answers } from '../model/protocol.js';
import { setKnobs, setOf } from '../model/state.js';
import { Overtaken, type Workers } from './client.js';
import { count, shareText } from './format.js';
import { NotBeside } from './late.js';
import { Pixels } from './pixels.js';
import { frozenOf, type PartProps } from './rail.js';

/** What is written differs from what was to be written by this deviation, a share of a cell's conductance. */
const NOISE = 'functional.noise.programming';
const DEVIATIONS = ['0', '0.02', '0.05', '0.1', '0.2', '0.3'];

interface NumbersProps extends PartProps {
  workers: Workers;
  report: (error: unknown) => void;
  /** The page still follows the last move. */
  following: boolean;
}

/** The functional view; nothing is worked out before it is asked for. */
export function Numbers(props: NumbersProps) {
  const { state, update } = props;
  if (state.numbers === null)
    return (
      <section class="numbers" aria-label="Numbers">
        <h2>Numbers too</h2>
        <p class="small">
          A digit through the layers on the chosen hardware: activations, column sums against the converters’ range,
          cells of an array, noise, and an attack step by step.
        </p>
        <button
          type="button"
          onClick={() => {
            update((now) => ({ ...now, numbers: { machine: now.shown, picture: 0 } }));
          }}
        >
          Show the numbers
        </button>
      </section>
    );
  return <Shown {...props} chosen={state.numbers} />;
}

function Shown({
  state,
  update,
  views,
  knobs,
  workers,
  report,
  faults,
  following,
  chosen,
}: NumbersProps & { chosen: { machine: 0 | 1; picture: number } }) {
  const [answer, setAnswer] = useState<{ what: string; answer: Answers['numbers'] } | null>(null);
  const { machine, picture } = chosen;
  const design = designOf(state.machines[machine], state);
  const what = JSON.stringify([design, picture, state.files]);
  useEffect(() => {
    if (following) return;
    const gone = { yes: false };
    workers.late({ kind: 'numbers', design, picture, files: state.files }).then(
      (found) => {
        if (!gone.yes) setAnswer({ what, answer: found });
      },
      (error: unknown) => {
        if (error instanceof NotBeside) setAnswer({ what, answer: { view: null, fault: saidFault(error.message) } });
        else if (!(error instanceof Overtaken)) report(error);
      },
    );
    return () => {
      gone.yes = true;
    };
  }, [what, following, workers]);
  const choose = (change: Partial<typeof chosen>): void => {
    update((now) => ({ ...now, numbers: { ...chosen, ...change } }));
  };
  const busy = answer?.what !== what;
  const noise = setOf(state.machines[machine], NOISE) ?? '0';
  const view = answer?.answer.view ?? null;
  const fault = answer?.answer.fault ?? null;
  return (
    <section class="numbers" aria-label="Numbers" aria-busy={busy}>
      <h2>
        Numbers on {machine === 0 ? 'A' : 'B'} {views[machine]?.name ?? ''}
      </h2>
      <p class="actions">
        <button
          type="button"
          onClick={() => {
            choose({ machine: machine === 0 ? 1 : 0 });
          }}
        >
          show {machine === 0 ? 'B' : 'A'}
        </button>
        <button
          type="button"
          onClick={() => {
            choose({ picture: (picture + 1) % PICTURES });
          }}
        >
          another digit
        </button>
        <label>
          Cells are written with a deviation of{' '}
          <select
            value={noise}
            disabled={frozenOf(knobs)[machine]}
            onChange={({ currentTarget: { value } }) => {
              update((now) => ({
                ...setKnobs({ ...now, target: machine === 0 ? 'a' : 'b' }, [[NOISE, value === '0' ? null : value]]),
                target: now.target,
              }));
            }}
          >
            {(DEVIATIONS.includes(noise) ? DEVIATIONS : [noise, ...DEVIATIONS]).map((one) => (
              <option value={one} key={one} selected={one === noise}>
                {shareText(Number(one))}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          onClick={() => {
            update((now) => ({ ...now, numbers: null }));
          }}
        >
          close
        </button>
      </p>
      {busy && <p class="small">{view === null ? 'a small network learns digits first, some seconds…' : 'working…'}</p>}
      {fault !== null && (
        <p class="fault" role="alert">
          {faults[machine] === null ? faultText(fault) : 'No numbers: this machine is not simulated.'}
        </p>
      )}
      {view !== null && <View view={view} />}
    </section>
  );
}

function View({ view }: { view: NumbersView }) {
  const { learned, said, logits } = view;
  const picture = { channels: 1, height: view.side, width: view.side, data: view.picture };
  const most = Math.max(...logits.exact.map(Math.abs), ...logits.hardware.map(Math.abs));
  return (
    <>
      <p class="small">
        {view.standsIn
          ? `The design’s network takes no digits that a page can teach it, so ${view.network} stands in. `
          : `${view.network}: `}
        It learned {count(learned.pictures)} drawn digits, {learned.epochs} times, in this page, and knows{' '}
        {shareText(learned.accuracy)} of {learned.tested} others in exact numbers.
      </p>
      <div class="said">
        <figure>
          <Pixels of={picture} label={`A drawn ${view.label}`} range={[0, 1]} />
          <figcaption class="small">a drawn {view.label}</figcaption>
        </figure>
        <table>
          <caption class="small">
            exact numbers say <b data-exact>{said.exact}</b>, the hardware says <b data-hardware>{said.hardware}</b>
          </caption>
          <tbody>
            {(['exact', 'hardware'] as const).map((kind) => (
              <tr key={kind}>
                <th scope="row">{kind}</th>
                {logits[kind].map((value, digit) => (
                  <td key={digit} class={digit === said[kind] ? 'winner' : ''} title={`${digit}: ${value.toFixed(3)}`}>
                    {digit}
                    <span class="logit">
                      <span
                        style={{ height: `${most === 0 ? 0 : (100 * Math.abs(value)) / most}%` }}
                        data-sign={value < 0 ? '-' : '+'}
                      />
                    </span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Attack frames={view.attack.frames} epsilon={view.attack.epsilon} side={view.side} label={view.label} />
      {view.layers.map((layer) => (
        <Layer layer={layer} key={layer.name} />
      ))}
    </>
  );
}

/** The attack as a strip: the picture and what was added, an iteration each. */
function Attack({
  frames,
  epsilon,
  side,
  label,
}: {
  frames: readonly AttackFrame[];
  epsilon: number;
  side: number;
  label: number;
}) {
  const clean = frames[0]!.picture;
  const planes = (data: Float32Array) => ({ channels: 1, height: side, width: side, data });
  return (
    <>
      <h3>
        An attack on it{' '}
        <small>projected gradient steps of at most {epsilon} a pixel; errors come back through the arrays</small>
      </h3>
      <div class="scroll" tabIndex={0} role="region" aria-label="Iterations of the attack">
        <div class="frames">
          {frames.map(({ iteration, loss, said, picture }) => (
            <figure key={iteration} class={said === label ? '' : 'fooled'}>
              <Pixels of={planes(picture)} label={`Iteration ${iteration}: the picture`} range={[0, 1]} />
              <Pixels
                of={planes(picture.map((value, i) => value - clean[i]!))}
                label={`Iteration ${iteration}: what was added`}
                range={[-epsilon, epsilon]}
                signed
              />
              <figcaption class="small">
                {iteration}: says {said}
                <br />
                loss {Number(loss.toPrecision(2))}
              </figcaption>
            </figure>
          ))}
        </div>
      </div>
    </>
  );
}

function Layer({ layer }: { layer: LayerNumbers }) {
  const { name, exact, hardware, error, sums, cells } = layer;
  const [low, high] = rangeOf(exact.data);
  const signed = low < 0;
  const most = Math.max(Math.abs(low), high);
  const off = exact.data.map((value, i) => hardware.data[i]! - value);
  const range = signed ? ([-most, most] as const) : ([0, high] as const);
  const shape = exact.channels > 1 ? `${exact.channels} × ${exact.height} × ${exact.width}` : count(exact.data.length);
  return (
    <div class="layer-numbers" data-layer={name} data-error={error}>
      <h3>
        {name} <small>{shape}</small>
      </h3>
      <figure>
        <Pixels of={exact} label={`${name}: exact activations`} range={range} signed={signed} />
        <figcaption class="small">exact</figcaption>
      </figure>
      <figure>
        <Pixels of={hardware} label={`${name}: activations on the hardware`} range={range} signed={signed} />
        <figcaption class="small">on the hardware</figcaption>
      </figure>
      <figure>
        <Pixels of={{ ...exact, data: off }} label={`${name}: difference`} range={[-most, most]} signed />
        <figcaption class="small">off by {shareText(error)}</figcaption>
      </figure>
      {sums === null ? <span /> : <Sums sums={sums} name={name} />}
      {cells === null ? (
        <span />
      ) : (
        <figure class="cells">
          <Pixels
            of={{ channels: 1, height: cells.rows, width: cells.columns, data: cells.levels }}
            label={`${name}: cells of its first array`}
            range={[0, cells.most]}
          />
          <figcaption class="small">
            first array: {cells.rows} × {cells.columns} cells, levels 0 to {cells.most}
          </figcaption>
        </figure>
      )}
    </div>
  );
}

const WIDTH = 190;
const HEIGHT = 70;

/** Column sums as a histogram (heights by logarithm), the range of the converters marked. */
function Sums({ sums, name }: { sums: SeenSums; name: string }) {
  const { counts, least, most, range, clipped, conversions } = sums;
  const tallest = Math.log1p(Math.max(...counts));
  const step = WIDTH / counts.length;
  const x = (sum: number): number => ((sum - least) / (most - least)) * WIDTH;
  const said =
    range === null
      ? 'no converter limits them'
      : `converters take ${count(range.least)} to ${count(range.most)}; ` +
        `${count(clipped)} of ${count(conversions)} beyond`;
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${name}: column sums; ${said}`}>
        {range !== null && (
          <rect
            class="range"
            x={x(range.least)}
            y={0}
            width={Math.max(1, x(range.most) - x(range.least))}
            height={HEIGHT}
          />
        )}
        {counts.map((value, i) => {
          const height = tallest === 0 ? 0 : (Math.log1p(value) / tallest) * (HEIGHT - 4);
          return (
            <rect
              class="sum"
              key={i}
              x={i * step}
              y={HEIGHT - height}
              width={Math.max(0.5, step - 0.5)}
              height={height}
            />
          );
        })}
      </svg>
      <figcaption class="small">
        column sums {count(Math.round(least + 0.5))} to {count(Math.round(most - 0.5))}, heights by logarithm; {said}
      </figcaption>
    </figure>
  );
}

function rangeOf(values: Float32Array): [number, number] {
  let [low, high] = [0, 0];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}
