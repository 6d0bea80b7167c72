// Search over the whole schema and every constant: what a knob means, its value on both machines, its
// source; and set it.

import { useEffect, useState } from 'preact/hooks';
import { designsOf } from '../model/design.js';
import type { Answers } from '../model/protocol.js';
import { setKnobs, setOf } from '../model/state.js';
import type { Workers } from './client.js';
import { FaultLines, faultsAt, frozenOf, type PartProps } from './rail.js';

/** Knobs that are listed at once. */
const MOST_FOUND = 12;

/** The search. */
export function Search({ state, update, catalogue, knobs, faults, workers }: PartProps & { workers: Workers }) {
  const [words, setWords] = useState('');
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const [settings, setSettings] = useState<Answers['settings']>({ knobs: [{}, {}], sources: {} });
  const searching = wanted.length > 0;
  const designs = designsOf(state);
  useEffect(() => {
    if (!searching) return;
    // A question that was overtaken leaves what stands; the newer one answers.
    workers.ask({ kind: 'settings', designs, files: state.files }).then(setSettings, () => undefined);
  }, [workers, searching, JSON.stringify(designs), state.files]);
  const { sources } = settings;
  const docs = [
    ...(catalogue?.knobs ?? []).map(({ key, description }) => ({ key, description })),
    ...Object.keys(sources).map((key) => ({ key, description: 'constant' })),
  ];
  const found =
    wanted.length === 0
      ? []
      : docs.filter(({ key, description }) => {
          const text = `${key} ${description} ${sources[key] ?? ''}`.toLowerCase();
          return wanted.every((word) => text.includes(word));
        });
  return (
    <section class="search" aria-label="All knobs">
      <label for="search">All knobs and constants</label>
      <input
        id="search"
        type="search"
        value={words}
        placeholder="e.g. buffer energy, drift, batch"
        onInput={({ currentTarget }) => {
          setWords(currentTarget.value);
        }}
      />
      <ul>
        {found.slice(0, MOST_FOUND).map(({ key, description }) => {
          const set = setOf(state.machines[state.target === 'b' ? 1 : 0], key);
          const values = settings.knobs.map((all) => all[key] ?? all[`${key}.value`] ?? '–');
          return (
            <li key={key}>
              <label for={`set-${key}`}>{key}</label>
              <p class="small">{description}</p>
              {sources[key] !== undefined && sources[key] !== '' && <p class="origin">{sources[key]}</p>}
              <input
                id={`set-${key}`}
                type="text"
                value={set ?? ''}
                placeholder={values[0] === values[1] ? values[0] : `A ${values[0] ?? ''} · B ${values[1] ?? ''}`}
                onChange={({ currentTarget: { value } }) => {
                  update((now) => setKnobs(now, [[key, value === '' ? null : value]], frozenOf(knobs)));
                }}
              />
              <FaultLines faults={faultsAt(faults, (fault) => fault.key === key)} />
            </li>
          );
        })}
      </ul>
      {found.length > MOST_FOUND && <p class="small">and {found.length - MOST_FOUND} more: add a word</p>}
      {wanted.length > 0 && found.length === 0 && <p class="small">no knob has these words</p>}
    </section>
  );
}
