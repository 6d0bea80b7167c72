// The head of the page: its name and what stands above every part.

import { withPin, type State } from '../model/state.js';
import type { Opened } from './commands.js';

interface TopProps {
  /** How many points are pinned. */
  pins: number;
  guide: (step: number) => void;
  update: (change: (now: State) => State) => void;
  open: (what: Opened) => void;
}

/** The head. */
export function Top({ pins, guide, update, open }: TopProps) {
  return (
    <header class="top">
      <h1>xbarflow explorer</h1>
      <p class="small">two accelerators on the same work, simulated as you move a knob</p>
      <p class="actions">
        <button
          type="button"
          onClick={() => {
            guide(0);
          }}
        >
          Tour
        </button>
        <button
          type="button"
          onClick={() => {
            update(withPin);
          }}
        >
          {pins === 0 ? 'Pin' : `Pin (${pins})`}
        </button>
        <button
          type="button"
          onClick={() => {
            open('home');
          }}
        >
          Take it home
        </button>
        <button
          type="button"
          onClick={() => {
            open('palette');
          }}
          aria-keyshortcuts="Control+K"
        >
          Commands
        </button>
      </p>
    </header>
  );
}
