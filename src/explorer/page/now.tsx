// The machine at a moment of the board: boxes of layers with a ring that fills wave by wave, arrays that flip between
// rows and columns, tokens at their door, and what is kept.

import type { Board, BoardBuffer } from '../model/board.js';
import type { Moment, Running, Turn } from '../model/playback.js';
import { bitsText, count } from './format.js';

/** Tiles that are drawn of a buffer before a number stands for them. */
const MOST_TILES = 40;
const RADIUS = 9;
const ROUND = 2 * Math.PI * RADIUS;

/** Layers with what they do now. */
export function Now({ board, moment }: { board: Board; moment: Moment }) {
  const layers = [...new Set(board.stages.map(({ layer }) => layer))];
  return (
    <div class="now-rows">
      {layers.map((layer) => {
        const stages = board.stages.flatMap((stage, s) => (stage.layer === layer ? [s] : []));
        const turn = moment.turns.find((one) => one.stages.some((s) => stages.includes(s)));
        const shared = turn?.on === 'crossbar' ? turn.stages.filter((s) => stages.includes(s)) : [];
        const flips = shared.length > 1;
        const alone = flips ? stages.filter((s) => !shared.includes(s)) : stages;
        const running = (s: number): Running | undefined => moment.running.find(({ service }) => service.stage === s);
        return (
          <div class="now-row" key={layer}>
            <span class="now-layer">{layer === '' ? 'all' : layer}</span>
            <span class="now-boxes">
              {turn !== undefined && flips && <Flip board={board} turn={turn} stages={shared} running={running} />}
              {alone.map((s) => (
                <span class={`now-box${running(s) === undefined ? ' idle' : ''}`} key={s}>
                  {board.stages[s]!.name}
                  <Ring running={running(s)} />
                  {turn?.waiting
                    .filter(({ stage }) => stage === s)
                    .map(({ toGo }) => (
                      <span class="door" key={s}>
                        waits for the {turn.on === 'mac' ? 'units' : 'arrays'}, {count(toGo)} waves
                      </span>
                    ))}
                </span>
              ))}
            </span>
            <span class="kept">
              {board.buffers.map((buffer, b) =>
                buffer.layer === layer ? <Kept buffer={buffer} entries={moment.kept[b]!} key={buffer.name} /> : null,
              )}
            </span>
          </div>
        );
      })}
    </div>
  );
}

/** Waves of an image that have entered; the image's number in the middle. */
function Ring({ running }: { running: Running | undefined }) {
  const share = running?.entered == null ? 0 : Math.min(1, running.entered / running.waves);
  const image = running === undefined ? '' : running.service.image + 1;
  const said = running === undefined ? 'idle' : `image ${image}, ${running.entered ?? '?'} of ${running.waves} waves`;
  return (
    <svg width={24} height={24} viewBox="-12 -12 24 24" class="ring" role="img" aria-label={said}>
      <title>{said}</title>
      <circle r={RADIUS} class="ground" />
      <circle
        r={RADIUS}
        class={`fill hue-${(running?.service.image ?? 0) % 8}`}
        stroke-dasharray={`${share * ROUND} ${ROUND}`}
        transform="rotate(-90)"
      />
      <text y={3.5} text-anchor="middle">
        {image}
      </text>
    </svg>
  );
}

interface FlipProps {
  board: Board;
  turn: Turn;
  stages: number[];
  running: (stage: number) => Running | undefined;
}

/** One set of arrays for two passes: it reads rows or columns, and who does not read waits at the door. */
function Flip({ board, turn, stages, running }: FlipProps) {
  const reading = stages.includes(turn.reading) ? turn.reading : -1;
  const pass = reading < 0 ? '' : board.stages[reading]!.pass;
  const direction = pass === '' ? 'rests' : pass === 'B' ? 'columns driven' : 'rows driven';
  return (
    <span class={`now-box flip${reading < 0 ? ' idle' : ''}`}>
      <span class={`array ${pass === 'B' ? 'columns' : 'rows'}${reading < 0 ? ' rests' : ''}`} title={direction}>
        <span aria-hidden="true">{pass === '' ? '·' : pass === 'B' ? '↓' : '→'}</span>
      </span>
      {stages.map((s) => board.stages[s]!.name).join('/')}
      <small>{direction}</small>
      {reading >= 0 && <Ring running={running(reading)} />}
      {turn.waiting
        .filter(({ stage }) => stages.includes(stage))
        .map(({ stage, toGo }) => (
          <span class="door" key={stage} title="waits for the arrays">
            {board.stages[stage]!.name} at the door: image {(running(stage)?.service.image ?? 0) + 1}, {toGo} waves
          </span>
        ))}
    </span>
  );
}

/** What a buffer holds: tiles for neurons and errors, slivers for masks. */
function Kept({ buffer, entries }: { buffer: BoardBuffer; entries: number }) {
  const { name, kind, capacityEntries, limitEntries, entryBits } = buffer;
  const tiles = Math.min(entries, MOST_TILES);
  const said =
    `${name}: ${count(entries)} entries of ${bitsText(entryBits)}, its producer is held up at ${count(limitEntries)}` +
    (limitEntries === capacityEntries ? '' : `; ${count(capacityEntries)} are built`);
  return (
    <span class={`pile kind-${kind}`} title={said} data-buffer={name} data-entries={entries}>
      {name}
      <span class="tiles" aria-hidden="true">
        {Array.from({ length: tiles }, (_, i) => (
          <i key={i} />
        ))}
      </span>
      <small>
        {count(entries)}/{count(limitEntries)}
      </small>
    </span>
  );
}
