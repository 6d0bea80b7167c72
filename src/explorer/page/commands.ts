// Everything that the palette of commands can do.

import { modesOf, type Catalogue } from '../model/protocol.js';
import { DEFAULT_STATE, withBase, withPin, type State } from '../model/state.js';
import type { Command } from './dialog.js';

/** Boxes that can stand above the page. */
export type Opened = 'palette' | 'home' | 'paste-a' | 'paste-b';

interface Doers {
  update: (change: (now: State) => State) => void;
  open: (what: Opened) => void;
  tour: (step: number) => void;
  catalogue: Catalogue | null;
}

/** The commands by name. */
export function commandsOf({ update, open, tour, catalogue }: Doers): Command[] {
  const opens = (name: string, what: Opened): Command => ({
    name,
    run: () => {
      open(what);
    },
  });
  const changes = (name: string, change: (now: State) => State): Command => ({
    name,
    run: () => {
      update(change);
    },
  });
  return [
    opens('Take it home: commands, YAML, files', 'home'),
    {
      name: 'Tour',
      run: () => {
        tour(0);
      },
    },
    opens('Open a file or paste YAML for machine A', 'paste-a'),
    opens('Open a file or paste YAML for machine B', 'paste-b'),
    changes('Pin this point', withPin),
    changes('Remove all pins', (now) => ({ ...now, pins: [] })),
    changes('Swap A and B', (now) => ({ ...now, machines: [now.machines[1], now.machines[0]] })),
    changes('Start again', () => DEFAULT_STATE),
    ...modesOf(catalogue).map((mode) => changes(`Mode: ${mode}`, (now) => ({ ...now, mode }))),
    ...(catalogue?.networks ?? []).map(({ name }) => changes(`Network: ${name}`, (now) => ({ ...now, network: name }))),
    ...([0, 1] as const).flatMap((m) =>
      (catalogue?.architectures ?? []).map(({ name }) =>
        changes(`Machine ${m === 0 ? 'A' : 'B'}: ${name}`, (now) => withBase(now, m, name)),
      ),
    ),
  ];
}
