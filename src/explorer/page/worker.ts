// The page's worker: what follows the sliders.

import { Engine, workerPresets } from '../model/engine.js';
import { serve } from './worker-messages.js';

serve(workerPresets().then((presets) => new Engine(presets)));
