// Take it home: commands and YAML that reproduce both machines, and the files of a result.

import { commandOf, yamlOf } from '../model/design.js';
import type { Design, DocumentKind } from '../model/protocol.js';
import { Dialog } from './dialog.js';
import { both } from '../../config/typed.js';

const DOCUMENTS: readonly (readonly [DocumentKind, string])[] = [
  ['result', 'result.json'],
  ['layers', 'layers.csv'],
  ['energy', 'energy.csv'],
  ['timeline', 'timeline.json'],
];

/** Hands a file to the reader. */
export function download(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 1000);
}

interface TakeHomeProps {
  designs: readonly [Design, Design];
  /** What came of the last button; null: nothing to tell. */
  notice: string | null;
  simulated: readonly [boolean, boolean];
  close: () => void;
  document: (what: DocumentKind, machine: 0 | 1) => void;
  /** The report of a machine, or (null) of both. */
  report: (machine: 0 | 1 | null) => void;
}

/** The dialog. */
export function TakeHome({ designs, notice, simulated, close, document: take, report }: TakeHomeProps) {
  return (
    <Dialog title="Take it home" close={close}>
      <p class="small">
        This page’s address holds its state: a bookmark or a link shows the same. Reports have the figures, which can be
        saved from there as SVG and PNG.
      </p>
      {notice !== null && (
        <p class="notice" role="alert">
          {notice}
        </p>
      )}
      <p class="actions">
        <button
          type="button"
          disabled={!simulated[0] || !simulated[1]}
          onClick={() => {
            report(null);
          }}
        >
          comparison.html of A and B
        </button>
      </p>
      {both(designs, (design, m) => {
        const name = m === 0 ? 'A' : 'B';
        return (
          <section key={name} aria-label={`Machine ${name}`}>
            <h3>
              Machine {name}
              {!simulated[m] && <small> is not simulated: it has no results to take home</small>}
            </h3>
            <pre tabIndex={0}>{commandOf(design)}</pre>
            <p class="actions">
              <button
                type="button"
                onClick={() => {
                  download(`machine-${name.toLowerCase()}.yaml`, 'application/yaml', yamlOf(design));
                }}
              >
                YAML
              </button>
              <button
                type="button"
                disabled={!simulated[m]}
                onClick={() => {
                  report(m);
                }}
              >
                report.html
              </button>
              {DOCUMENTS.map(([kind, file]) => (
                <button
                  type="button"
                  key={kind}
                  disabled={!simulated[m]}
                  onClick={() => {
                    take(kind, m);
                  }}
                >
                  {file}
                </button>
              ))}
            </p>
          </section>
        );
      })}
    </Dialog>
  );
}
