// Values as pixels: channels beside each other on one canvas, from dark to light, or from blue by white to red.

import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Planes } from '../model/numbers-view.js';
import { lookOf } from '../../report/colors.js';
import { numbersOf } from './format.js';

/** Most channels that are drawn. */
const MOST_CHANNELS = 16;

interface PixelsProps {
  of: Planes;
  label: string;
  /** Values of the darkest and the lightest pixel. */
  range: readonly [low: number, high: number];
  /** Signed values: less than 0 in the colour of the forward pass, more in that of the backward pass. */
  signed?: boolean;
}

/** The canvas. */
export function Pixels({ of: planes, label, range, signed = false }: PixelsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = Math.min(planes.channels, MOST_CHANNELS);
  // A vector is drawn as a block of lines, so that it has a height.
  const line = planes.height === 1 ? Math.ceil(Math.sqrt(planes.width)) : planes.width;
  const lines = planes.height === 1 ? Math.ceil(planes.width / line) : planes.height;
  const across = Math.ceil(Math.sqrt(shown));
  const width = across * (line + 1) - 1;
  const height = Math.ceil(shown / across) * (lines + 1) - 1;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = context.createImageData(width, height);
    const [low, high] = range;
    const size = planes.height * planes.width;
    for (let c = 0; c < shown; c++)
      for (let p = 0; p < size; p++) {
        const x = (c % across) * (line + 1) + (p % line);
        const y = Math.floor(c / across) * (lines + 1) + Math.floor(p / line);
        const value = planes.data[c * size + p]!;
        image.data.set(signed ? signedColor(value, high) : grey((value - low) / (high - low)), 4 * (y * width + x));
      }
    context.putImageData(image, 0, 0);
  }, [planes, range[0], range[1], signed]);
  return (
    <canvas
      ref={canvas}
      class="pixels"
      width={width}
      height={height}
      style={{ '--ratio': `${width / height}` }}
      role="img"
      aria-label={label}
    />
  );
}

type Color = readonly [red: number, green: number, blue: number, opacity: number];

function grey(share: number): Color {
  const level = Math.round(255 * Math.min(1, Math.max(0, share)));
  return [level, level, level, 255];
}

const LESS = numbersOf(lookOf('pass', 'F').color);
const MORE = numbersOf(lookOf('pass', 'B').color);

/** White at 0, the whole colour at `most`. */
function signedColor(value: number, most: number): Color {
  const share = most === 0 ? 0 : Math.min(1, Math.abs(value) / most);
  const [r, g, b] = value < 0 ? LESS : MORE;
  const mixed = (channel: number): number => Math.round(255 + (channel - 255) * share);
  return [mixed(r), mixed(g), mixed(b), 255];
}
