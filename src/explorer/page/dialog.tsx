// Dialogs of the page: a box above it that Escape closes.

import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** A modal dialog. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    box.current?.showModal();
    box.current?.querySelector<HTMLElement>('textarea, input')?.focus();
  }, []);
  return (
    <dialog class="dialog" ref={box} aria-label={title} onClose={close}>
      <header>
        <h2>{title}</h2>
        <button type="button" onClick={close} aria-label="Close">
          ×
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** A command of the palette. */
export interface Command {
  name: string;
  run: () => void;
}

/** Every command by its name: type, arrow keys, Enter. */
export function Palette({ commands, close }: { commands: readonly Command[]; close: () => void }) {
  const [words, setWords] = useState('');
  const [at, setAt] = useState(0);
  const wanted = words.toLowerCase().split(/\s+/);
  const found = commands.filter(({ name }) => wanted.every((word) => name.toLowerCase().includes(word))).slice(0, 14);
  const chosen = Math.min(at, found.length - 1);
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    close();
    command.run();
  };
  return (
    <Dialog title="Commands" close={close}>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={chosen < 0 ? undefined : `command-${chosen}`}
        aria-label="Command"
        value={words}
        onInput={({ currentTarget }) => {
          setWords(currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(found.length - 1, chosen + 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(0, chosen - 1));
          else if (event.key === 'Enter') run(found[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <ul id="commands" role="listbox" aria-label="Commands">
        {found.map((command, i) => (
          <li
            key={command.name}
            id={`command-${i}`}
            role="option"
            aria-selected={i === chosen}
            onClick={() => {
              run(command);
            }}
          >
            {command.name}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** A field for YAML, and the way to a file. */
export function Paste({ name, close, take }: { name: string; close: () => void; take: (file: File) => void }) {
  const [text, setText] = useState('');
  return (
    <Dialog title={`A file or YAML for machine ${name}`} close={close}>
      <label for="file">
        A config, a result.json, a network, an ONNX model: as can be dropped anywhere on the page
      </label>
      <input
        id="file"
        type="file"
        accept=".yaml,.yml,.json,.onnx,.csv"
        onChange={({ currentTarget: { files } }) => {
          const file = files?.[0];
          if (file === undefined) return;
          take(file);
          close();
        }}
      />
      <label for="yaml">or the text of a config, as for xbarflow run</label>
      <textarea
        id="yaml"
        rows={12}
        value={text}
        placeholder={'extends: pipelayer\ncrossbar: { rows: 256, columns: 256 }'}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
        }}
      />
      <button
        type="button"
        onClick={() => {
          take(new File([text], 'pasted.yaml'));
          close();
        }}
      >
        Use it
      </button>
    </Dialog>
  );
}
