// Tests of the room that is mutated.

import { defineConfig } from 'vitest/config';
import { room } from './mutation-rooms.mjs';

export default defineConfig({ test: { include: room.tests, testTimeout: 60_000, hookTimeout: 60_000 } });
