// What stands above the page when it is asked for: commands, a field for files, what can be taken home.

import { both } from '../../config/typed.js';
import { designsOf } from '../model/design.js';
import { faultText } from '../model/faults.js';
import type { Answers } from '../model/protocol.js';
import type { State } from '../model/state.js';
import type { Simulated } from './answers.js';
import { Overtaken, type Workers } from './client.js';
import type { Opened } from './commands.js';
import { Palette, Paste, type Command } from './dialog.js';
import { chartsCode } from './late.js';
import { TakeHome, download } from './take-home.js';

interface BoxesProps extends Pick<Simulated, 'views'> {
  open: Opened | null;
  close: () => void;
  commands: readonly Command[];
  state: State;
  workers: Workers;
  notice: string | null;
  say: (notice: string | null) => void;
  failed: (error: unknown) => void;
  take: (files: readonly File[], machine: 0 | 1) => void;
}

/** The box that is open. */
export function Boxes({ open, close, commands, state, views, workers, notice, say, failed, take }: BoxesProps) {
  if (open === null) return null;
  if (open === 'palette') return <Palette commands={commands} close={close} />;
  if (open !== 'home')
    return (
      <Paste
        name={open === 'paste-a' ? 'A' : 'B'}
        close={close}
        take={(file) => {
          take([file], open === 'paste-a' ? 0 : 1);
        }}
      />
    );
  const designs = designsOf(state);
  const { files } = state;
  const keep = ({ document: file, fault }: Answers['document']): void => {
    say(fault === null ? null : faultText(fault));
    if (fault === null) download(file.name, file.type, file.text);
  };
  return (
    <TakeHome
      designs={designs}
      notice={notice}
      simulated={both(views, (view) => view !== null)}
      close={close}
      document={(what, machine) => {
        workers.ask({ kind: 'document', what, design: designs[machine], files }).then(keep, failed);
      }}
      report={(machine) => {
        chartsCode()
          .then((charts) => workers.late({ kind: 'page', designs, machine, charts, files }))
          .then(keep, (error: unknown) => {
            if (!(error instanceof Overtaken)) say(error instanceof Error ? error.message : String(error));
          });
      }}
    />
  );
}
