// Every command that README and docs mention, in a line of its own or a sentence: commands, flags and keys are there.

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import commands from '#commands';
import { COMMON_FLAGS } from '../../src/cli/flags.js';
import { diskPresets } from '../../src/config/files.node.js';
import { loadRun } from '../../src/run-config/index.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = ['README.md', 'examples/README.md', ...readdirSync(`${root}docs`).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md'),
);

/** Commands of a page without remarks, split as a shell splits what has no quotes within words. */
function mentionedOn(page: string): string[][] {
  const text = readFileSync(root + page, 'utf8').replace(/\\\n\s+/g, '');
  return [...text.matchAll(/^ {4}(?:npx )?xbarflow ([a-z].*)$|`(?:npx )?xbarflow ([a-z][^`]*)`/gm)]
    .map(([, line, span]) => (line ?? span!).replace(/\s+#\s.*$/, '').replaceAll(/\s+/g, ' '))
    .map((command) =>
      (command.match(/'[^']*'|"[^"]*"|[^\s'"]+/g) ?? []).map((word) => word.replace(/^['"]|['"]$/g, '')),
    );
}

describe.each(pages)('%s', (page) => {
  it('mentions commands and flags that there are', () => {
    for (const [name, ...words] of mentionedOn(page)) {
      const command = commands.find(({ usage }) => usage.split(' ')[0] === name);
      if (command === undefined) {
        // `hello` is the command that docs/extending.md adds.
        expect(['completion', 'help', 'hello']).toContain(name);
        continue;
      }
      const known = Object.keys({ ...COMMON_FLAGS, ...command.flags }).flatMap((flag) => [`--${flag}`, `--no-${flag}`]);
      const flags = words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.split('=')[0]!);
      expect([name, flags.filter((flag) => !known.includes(flag))]).toEqual([name, []]);
    }
  });

  it('sets keys that presets take', () => {
    for (const [name, config, ...words] of mentionedOn(page)) {
      const sets = words.flatMap((word, i) => (words[i - 1] === '--set' ? [word] : []));
      // Files of the reader's own, and words that stand for any.
      if (name !== 'run' || sets.some((set) => /\.(onnx|yaml|csv|safetensors)|=\.\.\.|[A-Z]{3}/.test(set))) continue;
      if (config === undefined || !/^[a-z][a-z\d-]*$/.test(config)) continue;
      expect(() => loadRun(diskPresets, config, sets), [name, config, ...words].join(' ')).not.toThrow();
    }
  });
});
