// What the page has to tell of the last thing that was asked of it: gone when anything of its state changes.

import { useCallback, useState } from 'preact/hooks';
import type { State } from '../model/state.js';

/** The notice of this state, and what sets one (null: none). @param present the state as it is then */
export function useNotice(state: State, present: () => State): [string | null, (text: string | null) => void] {
  const [notice, setNotice] = useState<{ text: string; of: State } | null>(null);
  const say = useCallback(
    (text: string | null) => {
      setNotice(text === null ? null : { text, of: present() });
    },
    [present],
  );
  return [notice?.of === state ? notice.text : null, say];
}
