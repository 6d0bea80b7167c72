// The tour: five steps on the page itself, for who has never heard of PipeLayer or A3.

import { useEffect, useRef } from 'preact/hooks';

/** Where a step points, and what it says. */
const STEPS = [
  {
    at: '.machines',
    title: 'Two accelerators',
    text:
      'Both store a neural network’s weights in crossbars: arrays of memory cells that multiply a vector by a ' +
      'matrix where the matrix is kept. A is PipeLayer, which trains; B is our reading of A3, which attacks. ' +
      'A row is a layer.',
  },
  {
    at: '.strip',
    title: 'The same work, four figures',
    text:
      'Both run the same attack on the same network. Bars compare time, energy, area and how well arrays are used; ' +
      'hatching is the share that rests on assumptions, and the sentence says why B ' +
      'differs. Click any number for its origin.',
  },
  {
    at: '.rail',
    title: 'Move a knob',
    text: 'Each step of a slider simulates both machines again, in this page. The tick shows where the knob stood.',
  },
  {
    at: '.board',
    title: 'Cycles',
    text:
      'Images enter one a logical cycle and go forward (F), to the error (E), and back (B). PipeLayer keeps every ' +
      'layer’s output until its error returns; press Play and see them pile up.',
  },
  {
    at: '.now-rows',
    title: 'One array for both directions',
    text:
      'A3 with one weight copy reads the same arrays by rows forward and by columns backward. While one pass reads, ' +
      'the other waits at the door, and only one-bit masks are kept.',
  },
] as const;

/** One step of the tour. */
export function Tour({ step, go }: { step: number; go: (step: number | null) => void }) {
  const box = useRef<HTMLElement>(null);
  const { at, title, text } = STEPS[step] ?? STEPS[0];
  useEffect(() => {
    const target = document.querySelector(at);
    target?.classList.add('toured');
    target?.scrollIntoView({ block: 'center' });
    box.current?.focus();
    return () => {
      target?.classList.remove('toured');
    };
  }, [at]);
  return (
    <section
      class="tour"
      tabIndex={-1}
      ref={box}
      aria-label={`Tour, step ${step + 1} of ${STEPS.length}`}
      onKeyDown={(event) => {
        if (event.key === 'Escape') go(null);
      }}
    >
      <h2>
        {step + 1}/{STEPS.length} {title}
      </h2>
      <p>{text}</p>
      <p class="actions">
        <button
          type="button"
          disabled={step === 0}
          onClick={() => {
            go(step - 1);
          }}
        >
          Back
        </button>
        <button
          type="button"
          onClick={() => {
            go(step + 1 === STEPS.length ? null : step + 1);
          }}
        >
          {step + 1 === STEPS.length ? 'Done' : 'Next'}
        </button>
        <button
          type="button"
          onClick={() => {
            go(null);
          }}
        >
          Leave the tour
        </button>
      </p>
    </section>
  );
}
