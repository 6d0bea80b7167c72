// The worker that the page loads when it is asked for numbers, for another program's model, or for a report.

import { workerPresets } from '../model/engine.js';
import { LateEngine } from '../model/late-engine.js';
import { serve } from './worker-messages.js';

serve(workerPresets().then((presets) => new LateEngine(presets)));
