// Both machines, rows aligned by layer: boxes of passes with waves, arrays and busy share, buffers as bars by bits;
// differences outlined, the stage that sets the pace ringed.

import type { ComponentChildren } from 'preact';
import { lookOf } from '../../report/colors.js';
import type { Fault } from '../model/protocol.js';
import type { State } from '../model/state.js';
import type { LayerRow, MachineView, StageBox } from '../model/view.js';
import type { Simulated } from './answers.js';
import { bitsText, count, formatQuantity, shareText } from './format.js';

type Explain = (machine: 0 | 1, key: string) => void;

interface MachinesProps extends Pick<Simulated, 'views' | 'faults'> {
  /** The machine that a narrow page shows. */
  shown: 0 | 1;
  update: (change: (now: State) => State) => void;
  explain: Explain;
}

/** The machines side by side. */
export function Machines({ views, faults, shown, update, explain }: MachinesProps) {
  const [a, b] = views;
  const names = rowNames(a, b);
  const most = Math.max(1, ...views.flatMap((view) => view?.layers.flatMap(bitsOf) ?? []));
  return (
    <section class={`machines shows-${shown === 0 ? 'a' : 'b'}`} aria-label="Machines by layer">
      <button
        type="button"
        class="other-machine"
        onClick={() => {
          update((now) => ({ ...now, shown: now.shown === 0 ? 1 : 0 }));
        }}
      >
        show {shown === 0 ? 'B' : 'A'}
      </button>
      <div class="machine-head head-a">
        <Head view={a} fault={faults[0]} name="A" />
      </div>
      <div class="machine-head head-b">
        <Head view={b} fault={faults[1]} name="B" />
      </div>
      {names.length > 0 && <Legend views={views} />}
      {names.map((name) => {
        const rows = views.map((view) => view?.layers.find((layer) => layer.name === name) ?? null);
        return (
          <div class="layer" key={name} data-layer={name}>
            <Side row={rows[0]!} other={rows[1]!} alone={b === null} machine={0} most={most} explain={explain} />
            <h3 class="layer-name">
              {nameParts(name)}
              <small>{dimensions(rows[0] ?? rows[1]!)}</small>
            </h3>
            <Side row={rows[1]!} other={rows[0]!} alone={a === null} machine={1} most={most} explain={explain} />
          </div>
        );
      })}
      {views.some((view) => (view?.whole.length ?? 0) > 0) && (
        <div class="layer whole">
          <Whole view={a} machine={0} explain={explain} />
          <h3 class="layer-name">all layers</h3>
          <Whole view={b} machine={1} explain={explain} />
        </div>
      )}
    </section>
  );
}

/** What buffers keep, by the first letter of their names. */
const KEPT: readonly (readonly [kind: string, letter: string, words: string])[] = [
  ['neurons', 'd', 'activations'],
  ['errors', 'e', 'errors'],
  ['masks', 'm', 'masks'],
];

/** What letters and frames mean, those that are on the page. */
function Legend({ views }: Pick<MachinesProps, 'views'>) {
  const layers = views.flatMap((view) => view?.layers ?? []);
  const passes = new Set(layers.flatMap(({ stages }) => stages.map(({ pass }) => pass)));
  const kinds = new Set<string>(layers.flatMap(({ buffers }) => buffers.map(({ kind }) => kind)));
  const kept = KEPT.filter(([kind]) => kinds.has(kind));
  const turns = layers.some(({ stages }) => stages.some(turnsOf));
  const compared = views.every((view) => view !== null);
  return (
    <p class="small machines-legend">
      {[...passes].map((pass) => (
        <>
          <b>{pass}</b> {lookOf('pass', pass).title},{' '}
        </>
      ))}
      with the waves of an image; {turns && '⇄ takes turns with another pass; '}
      <span class="key limiting">ringed</span> sets the pace
      {compared && (
        <>
          ; <span class="key differs">framed</span> differs from the other machine
        </>
      )}
      .{' '}
      {kept.length > 0 && (
        <>
          Bars are buffers, entries × bits of one:{' '}
          {kept.map(([, letter, words], i) => (
            <>
              {i > 0 && ', '}
              <b>{letter}</b> {words}
            </>
          ))}
          {compared && (
            <>
              ; <span class="key sized">dashed</span> is of another size than the other machine’s
            </>
          )}
          .{' '}
        </>
      )}
    </p>
  );
}

function Head({ view, fault, name }: { view: MachineView | null; fault: Fault | null; name: string }) {
  if (view === null)
    return (
      <>
        <h2>
          {name} <small>{fault === null ? 'not yet simulated' : 'not simulated'}</small>
        </h2>
        {fault !== null && (
          <p class="fault" title={fault.message}>
            The strip says why.
          </p>
        )}
      </>
    );
  return (
    <>
      <h2>
        {name} {view.name}
      </h2>
      <p class="small">
        {view.work}
        {cyclesOf(view)}
      </p>
    </>
  );
}

/** `; 40 logical cycles of 2 us`, of a machine that has some. */
function cyclesOf({ logicalCycles, logicalCycleS }: MachineView): string {
  if (logicalCycles === null) return '';
  const cycles = `${count(logicalCycles)} logical cycle${logicalCycles === 1 ? '' : 's'}`;
  return `; ${cycles} of ${formatQuantity(logicalCycleS ?? 0, 'time')}`;
}

/** Names of the rows: A's layers in order, B's own where A has none of them. */
function rowNames(a: MachineView | null, b: MachineView | null): string[] {
  return [...new Set([...(a?.layers ?? []), ...(b?.layers ?? [])].map(({ name }) => name))];
}

/** A name of a layer or its buffer, which breaks behind its parts; an ONNX model has `/layer1/conv1/Conv`. */
const nameParts = (name: string): ComponentChildren[] =>
  name
    .replace(/^\/+/, '')
    .split(/(?<=[/_])/)
    .flatMap((part, i) => (i === 0 ? [part] : [<wbr key={i} />, part]));

const bitsOf = ({ buffers }: LayerRow): number[] => buffers.map(({ bits }) => bits);

const dimensions = ({ type, rows, columns }: LayerRow): string => `${type} ${count(rows)} × ${count(columns)}`;

interface SideProps {
  row: LayerRow | null;
  other: LayerRow | null;
  /** The other machine is not simulated: nothing differs from it. */
  alone: boolean;
  machine: 0 | 1;
  most: number;
  explain: Explain;
}

function Side({ row, other, alone, machine, most, explain }: SideProps) {
  const side = machine === 0 ? 'a' : 'b';
  if (row === null) return <div class={`side side-${side} empty`}>–</div>;
  const arrays = row.arrays.forward + row.arrays.backward + row.arrays.gradient;
  const others = other === null ? null : other.arrays.forward + other.arrays.backward + other.arrays.gradient;
  return (
    <div class={`side side-${side}`}>
      <div class="boxes">
        {row.stages.map((stage) => (
          <Box
            stage={stage}
            other={alone ? stage : sameOf(stage, other?.stages)}
            machine={machine}
            key={stage.name}
            explain={explain}
          />
        ))}
        {arrays === 0 && row.macUnits > 0 ? (
          <Units row={row} other={other} machine={machine} explain={explain} />
        ) : (
          <button
            type="button"
            class={`arrays${others !== null && others !== arrays ? ' differs' : ''}`}
            onClick={() => {
              explain(machine, `arrays.byLayer.${row.name}.forward.physical`);
            }}
            title={
              `${count(arrays)} arrays of ${row.name}: forward ${count(row.arrays.forward)}, backward ` +
              `${count(row.arrays.backward)}, gradient ${count(row.arrays.gradient)}. Explain`
            }
          >
            <span>
              <b>{count(arrays)}</b> {arrays === 1 ? 'array' : 'arrays'}
            </span>
            <small>
              {[usesOf(row), row.replication > 1 ? `${count(row.replication)} copies` : '']
                .filter((part) => part !== '')
                .join(' · ')}
            </small>
          </button>
        )}
      </div>
      {row.buffers.map((buffer) => {
        const theirs = other?.buffers.find(({ kind, name }) => kind === buffer.kind && name === buffer.name);
        const differs = other !== null && theirs?.bits !== buffer.bits;
        return (
          <button
            type="button"
            class={`buffer kind-${buffer.kind}${differs ? ' differs' : ''}`}
            key={buffer.name}
            onClick={() => {
              explain(machine, `buffers.${buffer.name}.capacityEntries`);
            }}
            title={
              `Buffer ${buffer.name} of ${buffer.kind}: ${bitsText(buffer.bits)}, ${count(buffer.entries)} entries` +
              `${Number.isInteger(buffer.entries) ? '' : PARTS}, at most ${count(buffer.peakEntries)} used. Explain`
            }
          >
            <span class="buffer-name">
              {nameParts(buffer.name)} <small>{buffer.kind}</small>
            </span>
            <span class="track">
              <span class="bar" style={{ width: `${Math.max(0.5, (100 * buffer.bits) / most)}%` }} />
            </span>
            <span class="value">
              {count(buffer.entries)} × <small class="whole-word">{bitsText(buffer.entryBits)}</small>
            </span>
          </button>
        );
      })}
    </div>
  );
}

/** Of entries that are no whole number. */
const PARTS = ' as wide as what its layer makes (less of that is kept: an operator between joins or drops values)';

/** Multiply-accumulate units in place of arrays: one set for all layers. */
function Units({ row, other, machine, explain }: Pick<SideProps, 'other' | 'machine' | 'explain'> & { row: LayerRow }) {
  const differs = other !== null && (other.macUnits !== row.macUnits || other.replication !== row.replication);
  const at = `${count(row.replication)} ${row.replication === 1 ? 'position' : 'positions'} at once`;
  return (
    <button
      type="button"
      class={`arrays${differs ? ' differs' : ''}`}
      onClick={() => {
        explain(machine, `layers.${row.name}.replication`);
      }}
      title={`${count(row.macUnits)} multiply-accumulate units, which all layers share; ${row.name}: ${at}. Explain`}
    >
      <span>
        <b>{count(row.macUnits)}</b> units, shared
      </span>
      <small>{at}</small>
    </button>
  );
}

/** Arrays by use; nothing where all are for one, which with a shared copy is both directions. */
const usesOf = ({ arrays: { forward, backward, gradient } }: LayerRow): string =>
  backward + gradient === 0
    ? ''
    : [`${count(forward)} F`, backward > 0 ? `${count(backward)} B` : '', gradient > 0 ? `${count(gradient)} G` : '']
        .filter((part) => part !== '')
        .join(' + ');

const sameOf = (stage: StageBox, others: readonly StageBox[] | undefined): StageBox | null =>
  others?.find(({ name }) => name === stage.name) ?? null;

/** It takes turns with others on what multiplies. */
const turnsOf = ({ shared }: StageBox): boolean => shared.includes('crossbar') || shared.includes('mac');

function Box({
  stage,
  other,
  machine,
  whole = false,
  explain,
}: {
  stage: StageBox;
  other: StageBox | null;
  /** It is of the whole network, and says of what. */
  whole?: boolean;
  machine: 0 | 1;
  explain: Explain;
}) {
  const differs = other === null || other.waves !== stage.waves || turnsOf(other) !== turnsOf(stage);
  return (
    <button
      type="button"
      class={`box pass-${stage.pass}${stage.limiting ? ' limiting' : ''}${differs ? ' differs' : ''}`}
      onClick={() => {
        explain(machine, `stages.${stage.name}.busyS`);
      }}
      title={
        `${stage.name}: ${count(stage.waves)} waves an image, ${formatQuantity(stage.serviceS, 'time')}, busy ` +
        `${shareText(stage.busy)} of the run${stage.limiting ? ', sets the pace' : ''}` +
        `${stage.shared.length > 0 ? `, shares with other stages: ${stage.shared.join(', ')}` : ''}. Explain`
      }
    >
      <span class="box-name">
        {stage.name}
        {whole && <small> {lookOf('pass', stage.pass).title}</small>}
        {turnsOf(stage) && <span title="takes turns with another stage">⇄</span>}
      </span>
      <span>
        <b>{count(stage.waves)}</b> {stage.waves === 1 ? 'wave' : 'waves'}
      </span>
      <span class="busy" title={`busy ${shareText(stage.busy)}`}>
        <span style={{ width: `${100 * stage.busy}%` }} />
      </span>
      <small>busy {shareText(stage.busy)}</small>
    </button>
  );
}

function Whole({ view, machine, explain }: { view: MachineView | null; machine: 0 | 1; explain: Explain }) {
  return (
    <div class={`side side-${machine === 0 ? 'a' : 'b'}`}>
      <div class="boxes">
        {view?.whole.map((stage) => (
          <Box stage={stage} other={stage} machine={machine} key={stage.name} whole explain={explain} />
        ))}
      </div>
    </div>
  );
}
