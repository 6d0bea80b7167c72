// The left rail: what the machines are, what runs, and the knobs of the design.

import type { ComponentChildren } from 'preact';
import { both } from '../../config/typed.js';
import { RAIL, positionOf, setsOf, valueOf, type RailKnob } from '../model/knobs.js';
import { concerns, faultText, hasField } from '../model/faults.js';
import { isNetworkText } from '../model/given.js';
import { modesOf, type Catalogue, type Fault } from '../model/protocol.js';
import { setKnobs, setOf, targets, withBase, type State } from '../model/state.js';
import type { KnobsView, MachineView } from '../model/view.js';

/** What the parts of the page share. */
export interface PartProps {
  state: State;
  update: (change: (state: State) => State) => void;
  catalogue: Catalogue | null;
  views: readonly [MachineView | null, MachineView | null];
  /** What their knobs show; null before the first answer. */
  knobs: readonly [KnobsView | null, KnobsView | null];
  faults: readonly [Fault | null, Fault | null];
}

const NAMES = ['A', 'B'] as const;

/** The rail. */
export function Rail(
  props: PartProps & {
    onKnob: (knob: RailKnob) => void;
    paste: (machine: 0 | 1) => void;
    children: ComponentChildren;
  },
) {
  const { state, update, catalogue, faults } = props;
  return (
    <aside class="rail" aria-label="Machines and knobs">
      {([0, 1] as const).map((m) => (
        <MachineField {...props} machine={m} key={m} />
      ))}
      <Field
        label="Network"
        value={state.network ?? ''}
        options={[
          ['', 'as the config says'],
          ...Object.keys(state.files)
            .filter(isNetwork(state))
            .map((name): [string, string] => [name, name]),
          ...(catalogue?.networks ?? []).map(({ name }): [string, string] => [name, name]),
        ]}
        faults={faultsAt(faults, (fault) => concerns(fault, 'network') || ofNetwork(fault, state))}
        choose={(network) => {
          update((now) => ({ ...now, network: network === '' ? null : network }));
        }}
      />
      <Field
        label="Mode"
        value={state.mode ?? ''}
        options={[['', 'as the config says'], ...modesOf(catalogue).map((mode): [string, string] => [mode, mode])]}
        faults={faultsAt(faults, (fault) => concerns(fault, 'workload.mode'))}
        choose={(mode) => {
          update((now) => ({ ...now, mode: mode === '' ? null : mode }));
        }}
      />
      <fieldset class="targets">
        <legend>Knobs act on</legend>
        {(['both', 'a', 'b'] as const).map((target) => (
          <label key={target}>
            <input
              type="radio"
              name="target"
              checked={state.target === target}
              onChange={() => {
                update((now) => ({ ...now, target }));
              }}
            />
            {target === 'both' ? 'A and B' : target.toUpperCase()}
          </label>
        ))}
      </fieldset>
      {RAIL.map((knob) => (
        <Knob {...props} knob={knob} key={knob.name} />
      ))}
      {props.children}
    </aside>
  );
}

/** Files that are networks and no configs. */
const isNetwork =
  ({ files }: State) =>
  (name: string): boolean =>
    isNetworkText(files[name] ?? '');

function MachineField({
  state,
  update,
  catalogue,
  faults,
  knobs,
  machine,
  paste,
}: PartProps & { machine: 0 | 1; paste: (machine: 0 | 1) => void }) {
  const fault = faults[machine];
  const { base, sets } = state.machines[machine];
  const elsewhere =
    fault !== null &&
    (ofNetwork(fault, state) || [fault, ...fault.causes].some(({ key }) => key !== null && hasField(key)));
  const own = elsewhere ? null : fault;
  return (
    <div class={`machine-field machine-${NAMES[machine].toLowerCase()}`}>
      <Field
        label={`Machine ${NAMES[machine]}`}
        value={base}
        options={[
          ...Object.keys(state.files)
            .filter((name) => !isNetwork(state)(name))
            .map((name): [string, string] => [name, name]),
          ...(catalogue?.architectures ?? []).map(({ name }): [string, string] => [name, name]),
        ]}
        about={catalogue?.architectures.find(({ name }) => name === base)?.description ?? ''}
        faults={own === null ? [] : [[machine, own]]}
        choose={(name) => {
          update((now) => withBase(now, machine, name));
        }}
      />
      {knobs[machine]?.frozen === true && (
        <p class="note">A result: its figures stand as they were. Choose a machine to move knobs.</p>
      )}
      <p class="small">
        <button
          type="button"
          class="link"
          onClick={() => {
            paste(machine);
          }}
        >
          open a file or YAML
        </button>
        {sets.length > 0 && (
          <button
            type="button"
            class="link"
            onClick={() => {
              update((now) => withBase(now, machine, base));
            }}
          >
            reset {sets.length} {sets.length === 1 ? 'knob' : 'knobs'}
          </button>
        )}
      </p>
    </div>
  );
}

interface FieldProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
  about?: string;
  faults: Faults;
  choose: (value: string) => void;
}

function Field({ label, value, options, about = '', faults, choose }: FieldProps) {
  const id = `field-${label.toLowerCase().replaceAll(' ', '-')}`;
  const listed = options.some(([one]) => one === value) ? options : [[value, value] as const, ...options];
  return (
    <div class={`field${faults.length === 0 ? '' : ' wrong'}`}>
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-invalid={faults.length > 0}
        aria-describedby={faults.length === 0 ? undefined : `${id}-fault`}
        onChange={({ currentTarget }) => {
          choose(currentTarget.value);
        }}
      >
        {listed.map(([one, text]) => (
          <option value={one} key={one} selected={one === value}>
            {text}
          </option>
        ))}
      </select>
      {about !== '' && <p class="small">{about}</p>}
      <div id={`${id}-fault`}>
        <FaultLines faults={faults} />
      </div>
    </div>
  );
}

/** Faults with their machines. */
type Faults = readonly (readonly [machine: 0 | 1, fault: Fault])[];

/** Each message once, with the machines that it is about. */
function linesOf(faults: Faults): (readonly [names: string, text: string])[] {
  const texts = faults.map(([machine, fault]) => [NAMES[machine], faultText(fault)] as const);
  const [first, second] = texts;
  return first !== undefined && first[1] === second?.[1] ? [['A, B', first[1]]] : texts;
}

/** The messages at a field, with the machine that they are about. */
export function FaultLines({ faults }: { faults: Faults }) {
  return (
    <>
      {linesOf(faults).map(([names, text]) => (
        <p class="fault-line" key={names}>
          <b>{names}</b> <span class="fault">{text}</span>
        </p>
      ))}
    </>
  );
}

/** Which machines are results, whose knobs stand still. */
export const frozenOf = (knobs: PartProps['knobs']): boolean[] => knobs.map((view) => view?.frozen ?? false);

/** The faults at a field. */
export const faultsAt = (faults: PartProps['faults'], fits: (fault: Fault) => boolean): Faults =>
  both(faults, (fault, m) => (fault !== null && fits(fault) ? [[m, fault] as const] : [])).flat();

/** The fault stands in the file of the network. */
const ofNetwork = ({ at }: Fault, { network }: State): boolean => at !== null && at.file === network;

/** A unit beside a number: `1 image`. */
const unitOf = (unit: string, value: string): string => (value === '1' ? unit.replace(/s$/, '') : unit);

/** Beside a value: of which machines that a knob acts on it is the default. */
const defaultWords = (names: readonly string[], of: number): string =>
  names.length === 0 ? '' : names.length === of ? ' (default)' : ` (default of ${names.join()})`;

function Knob(props: PartProps & { knob: RailKnob; onKnob: (knob: RailKnob) => void }) {
  const { knob, state, update, knobs, faults, catalogue, onKnob } = props;
  const on = targets(state.target);
  const machine = on[0]!;
  const key = knob.keys[0]!;
  const value = valueOf(knob, state.machines[machine], knobs[machine]);
  const standard = knobs[machine]?.standard[key] ?? null;
  const own = faultsAt(faults, (fault) => knob.keys.some((one) => concerns(fault, one)));
  const unused = on.map((m) => knobs[m]?.unused[key] ?? null);
  const idle = unused.every((reason) => reason !== null);
  const changed = on.some((m) => setOf(state.machines[m], key) !== undefined);
  const said = on.map((m, i) => (unused[i] === null ? valueOf(knob, state.machines[m], knobs[m]) : null) ?? '–');
  const same = said.every((one) => one === said[0]);
  const chosen = on.map((m) => valueOf(knob, state.machines[m], knobs[m]));
  const mixed = chosen.some((one) => one !== chosen[0]);
  const id = `knob-${key.replaceAll('.', '-')}`;
  const set = (chosen: string | null): void => {
    update((now) => setKnobs(now, setsOf(knob, chosen), frozenOf(knobs)));
    onKnob(knob);
  };
  const values = knob.values.length > 0 ? knob.values : (catalogue?.devices ?? []).map(({ name }) => name);
  const withValues = { ...knob, values };
  const doc = catalogue?.knobs.find((one) => one.key === key)?.description ?? '';
  return (
    <div
      class={`knob${changed ? ' changed' : ''}${own.length === 0 ? '' : ' wrong'}${idle ? ' idle' : ''}`}
      data-knob={key}
    >
      <label for={id} title={idle ? `${doc}. No effect: ${unused[0] ?? ''}` : doc}>
        {knob.name}
      </label>
      <output for={id}>
        {knob.kind === 'choice' && !idle ? '' : same ? said[0] : `A ${said[0]} · B ${said[1]}`}
        {knob.unit === undefined || (same && said[0] === '–') ? '' : ` ${unitOf(knob.unit, said.at(-1)!)}`}
      </output>
      {knob.kind === 'slider' ? (
        <span class="slider">
          <input
            id={id}
            type="range"
            min={0}
            max={values.length - 1}
            step={1}
            value={positionOf(withValues, value)}
            aria-valuetext={`${said[0] === '–' ? 'no effect' : said[0]} ${knob.unit ?? ''}`.trim()}
            aria-describedby={`${id}-more`}
            onInput={({ currentTarget }) => {
              set(values[Number(currentTarget.value)]!);
            }}
          />
          {standard !== null && changed && (
            <span
              class="tick"
              title={`default ${standard}`}
              style={{ left: `${(100 * positionOf(withValues, standard)) / Math.max(1, values.length - 1)}%` }}
            />
          )}
        </span>
      ) : (
        <select
          id={id}
          value={mixed ? '' : (value ?? '')}
          aria-describedby={`${id}-more`}
          onChange={({ currentTarget }) => {
            set(currentTarget.value);
          }}
        >
          {mixed ? (
            <option value="" disabled selected>
              {chosen.map((one, i) => `${NAMES[i]!} ${one ?? '–'}`).join(' / ')}
            </option>
          ) : (
            !values.includes(value ?? '') && (
              <option value={value ?? ''} selected>
                {value ?? ''}
              </option>
            )
          )}
          {values.map((one) => (
            <option value={one} key={one} selected={!mixed && one === value}>
              {one}
              {defaultWords(
                on.filter((m) => knobs[m]?.standard[key] === one).map((m) => NAMES[m]),
                on.length,
              )}
            </option>
          ))}
        </select>
      )}
      <div id={`${id}-more`} class="more">
        {changed && (
          <button
            type="button"
            class="link"
            onClick={() => {
              set(null);
            }}
            aria-label={`${knob.name}: back to the default${standard === null ? '' : ` ${standard}`}`}
          >
            default {standard ?? ''}
          </button>
        )}
        {changed && unused.some((reason) => reason !== null) && (
          <span class="note">no effect: {unused.find((reason) => reason !== null)}</span>
        )}
        {idle && !changed && <span class="hidden">no effect: {unused[0]}</span>}
        <FaultLines faults={own} />
      </div>
    </div>
  );
}
