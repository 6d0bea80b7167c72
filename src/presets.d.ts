// What `#presets` is: the presets that the build stores in dist/presets/all.js.

import type { StoredPresets } from './config/memory.js';

declare const presets: StoredPresets;
export default presets;
