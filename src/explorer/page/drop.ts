// Files that are dropped, opened or pasted: models and tables become networks, results and configs become machines.

import { both } from '../../config/typed.js';
import { evaluationOf, given, isForeignFile, isNetworkText, workOf } from '../model/given.js';
import { withBase, type State } from '../model/state.js';
import type { Workers } from './client.js';

interface Taker {
  workers: Workers;
  update: (change: (now: State) => State) => void;
  say: (notice: string | null) => void;
}

/** Takes files, the first machine on the side that they were dropped on, the next on the other. */
export async function takeFiles(files: readonly File[], side: 0 | 1, { workers, update, say }: Taker): Promise<void> {
  let machine = side;
  const faults: string[] = [];
  for (const file of files) {
    const { text, fault } = await textOf(file, workers);
    if (text === null) {
      faults.push(fault);
      continue;
    }
    const on = machine;
    update((now) => taken(now, file.name, text, on));
    if (!isNetworkText(text)) machine = machine === 0 ? 1 : 0;
  }
  say(faults.length === 0 ? null : faults.join(' '));
}

/** The text of a file; of another program's model or table as a network file. */
async function textOf(
  file: File,
  workers: Workers,
): Promise<{ text: string; fault: null } | { text: null; fault: string }> {
  if (!isForeignFile(file.name)) {
    const text = await file.text();
    const { is, fault } = await workers.ask({ kind: 'reads', name: file.name, text });
    if (is === null) return { text: null, fault };
    if (is !== 'layers') return { text, fault: null };
  }
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const { text, fault } = await workers.late({ kind: 'import', name: file.name, bytes });
    return fault === null ? { text, fault } : { text: null, fault: fault.message };
  } catch (error) {
    return { text: null, fault: error instanceof Error ? error.message : String(error) };
  }
}

/** The state with a file in use. */
function taken(now: State, name: string, text: string, machine: 0 | 1): State {
  const file = given(now.files, name);
  const next = { ...now, files: { ...now.files, [file]: text } };
  if (isNetworkText(text)) return { ...next, network: file };
  if (evaluationOf(text, file) !== null)
    return { ...next, evaluated: both(now.evaluated, (old, m) => (m === machine ? file : old)) };
  const work = workOf(text, file);
  return withBase(work === null ? next : { ...next, ...work }, machine, file);
}

/** Files that are dropped anywhere on the page, on B's parts for machine B. @returns what ends it */
export function dropsOn(take: (files: readonly File[], machine: 0 | 1) => void): () => void {
  const over = (event: DragEvent): void => {
    event.preventDefault();
  };
  const dropped = (event: DragEvent): void => {
    event.preventDefault();
    const onB = event.target instanceof Element && event.target.closest('.machine-b, .head-b, .side-b') !== null;
    take([...(event.dataTransfer?.files ?? [])], onB ? 1 : 0);
  };
  addEventListener('dragover', over);
  addEventListener('drop', dropped);
  return () => {
    removeEventListener('dragover', over);
    removeEventListener('drop', dropped);
  };
}
