// The right drawer: how a figure came about, down to counts, constants and their sources.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Explanation } from '../../index.js';
import { componentWords } from '../../result/component-words.js';
import { faultText } from '../model/faults.js';
import type { Fault } from '../model/protocol.js';
import { HEADLINES, printed, shareText, valueText } from './format.js';

type Derivation = Explanation['derivation'];

/** Levels that stand open at first. */
const OPEN = 2;
/** Parts of a sum that are shown before the rest is asked for. */
const MOST_PARTS = 12;

const HOW: Readonly<Record<string, string>> = {
  sum: 'sum of',
  product: 'product of',
  quotient: 'first by second',
  difference: 'first less second',
  maximum: 'the largest of',
  minimum: 'the smallest of',
  ceiling: 'rounded up',
  counted: 'counted by the simulation',
  timed: 'timed by the simulation',
  constant: 'constant',
  config: 'knob',
  network: 'of the network',
  mapping: 'of the mapping',
};

interface DrawerProps {
  machine: string;
  wanted: string;
  explanation: Explanation | null;
  fault: Fault | null;
  close: () => void;
  explain: (key: string) => void;
}

/** The drawer. */
export function Drawer({ machine, wanted, explanation, fault, close, explain }: DrawerProps) {
  const title = useRef<HTMLHeadingElement>(null);
  // Whoever opened it by keys goes on where they were.
  useLayoutEffect(() => {
    const before = document.activeElement;
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  useEffect(() => {
    title.current?.focus();
  }, [wanted, machine]);
  return (
    <aside
      class="drawer"
      aria-label="Where this figure comes from"
      onKeyDown={({ key }) => {
        if (key === 'Escape') close();
      }}
    >
      <header>
        <h2 tabIndex={-1} ref={title}>
          {titleOf(wanted, explanation)}
        </h2>
        <button type="button" onClick={close} aria-label="Close the explanation">
          ×
        </button>
        <p class="small">
          {machine} · {wanted}
        </p>
      </header>
      {fault !== null && <p class="fault">{faultText(fault)}</p>}
      {explanation === null && fault === null && <p class="small">working it out…</p>}
      {explanation !== null && (
        <>
          <p class="figure">{figureText(explanation.key, explanation.value, explanation.unit)}</p>
          <p class="small">{printed(explanation.says)}</p>
          <ul class="tree">
            <Node node={explanation.derivation} explanation={explanation} depth={0} seen={[]} explain={explain} />
          </ul>
          {explanation.placeholders.length > 0 && (
            <>
              <h3>
                Rests on {explanation.placeholders.length}{' '}
                {explanation.placeholders.length === 1 ? 'assumption' : 'assumptions'}
              </h3>
              <ul class="small">
                {explanation.placeholders.map((key) => (
                  <li key={key}>{key}</li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </aside>
  );
}

/** What a figure is called; by its key where it has no plain name. */
function titleOf(key: string, explanation: Explanation | null): string {
  const headline = HEADLINES.find((one) => one.key === key);
  if (headline !== undefined) return headline.title;
  const component = /^energy\.byComponentJ\.(\w+)$/.exec(key)?.[1];
  if (component !== undefined) return `Energy: ${componentWords(component)}`;
  const says = explanation?.key === key ? explanation.says : '';
  return says === '' ? key : `${says[0]!.toUpperCase()}${says.slice(1)}`;
}

/** A figure with its unit; utilizations in percent. */
const figureText = (key: string, value: number, unit: string): string =>
  unit === '' && key.startsWith('utilization.') ? shareText(value) : valueText(value, unit);

interface NodeProps {
  node: Derivation;
  explanation: Explanation;
  depth: number;
  /** Figures above it, which are not opened again. */
  seen: readonly string[];
  explain: (key: string) => void;
}

function Node({ node, explanation, depth, seen, explain }: NodeProps) {
  const figure =
    node.op === 'figure' && !seen.includes(node.name) && Object.hasOwn(explanation.figures, node.name)
      ? explanation.figures[node.name]
      : undefined;
  const target = figure ?? node;
  const below = figure === undefined ? seen : [...seen, node.name];
  const [open, setOpen] = useState(depth < OPEN);
  const [all, setAll] = useState(false);
  const parts =
    target.op === 'sum'
      ? target.parts.filter(({ value }) => value !== 0).sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
      : target.parts;
  const listed = all ? parts : parts.slice(0, MOST_PARTS);
  const how = target.says === '' ? (HOW[target.op] ?? '') : target.says;
  const words = (
    <>
      <b>{figureText(node.name, node.value, node.unit)}</b> {node.name} <small>{printed(how)}</small>
    </>
  );
  return (
    <li>
      {parts.length === 0 ? (
        <p>{words}</p>
      ) : (
        <button
          type="button"
          class="node"
          aria-expanded={open}
          onClick={() => {
            setOpen(!open);
          }}
        >
          {words}
        </button>
      )}
      {target.origin !== null && (
        <p class={`origin${target.origin.placeholder ? ' placeholder' : ''}`}>
          {target.origin.placeholder ? 'assumption: ' : ''}
          {[target.origin.source, target.origin.note, target.origin.at ?? 'default']
            .filter((part) => part !== null)
            .join('; ')}
        </p>
      )}
      {open && listed.length > 0 && (
        <ul>
          {listed.map((part, i) => (
            <Node
              node={part}
              explanation={explanation}
              depth={depth + 1}
              seen={below}
              explain={explain}
              key={`${part.name} ${i}`}
            />
          ))}
          {parts.length > listed.length && (
            <li>
              <button
                type="button"
                class="link"
                onClick={() => {
                  setAll(true);
                }}
              >
                and {parts.length - listed.length} more
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}
