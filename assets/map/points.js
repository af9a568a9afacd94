// The points of the map, drawn by the graphics card; where a browser has no WebGL, on a plain canvas.

import { Card } from "./card.js";
import { flat } from "./pen.js";

/**
 * Places, relative sizes, and red, green, blue and opacity of n points.
 * @typedef {{x: Float32Array, y: Float32Array, size: Float32Array, shades: Uint8Array}} Dots
 */

/**
 * What is in the middle, pixels of the canvas a unit of the map, and how large a dot is.
 * @typedef {{x: number, y: number, scale: number, dot: number}} Seen
 */

export class Points {
  /** @type {Dots} */
  dots = { x: new Float32Array(0), y: new Float32Array(0), size: new Float32Array(0), shades: new Uint8Array(0) };

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} again they are to be drawn again
   */
  constructor(canvas, again) {
    this.canvas = canvas;
    const gl = canvas.getContext("webgl", { antialias: false });
    this.card = gl && new Card(gl, this.dots, again);
  }

  /** @param {Record<string, Float32Array>} columns */
  place({ x, y, size }) {
    Object.assign(this.dots, { x, y, size });
    this.card?.place();
  }

  /** @param {Uint8Array} shades */
  colour(shades) {
    this.dots.shades = shades;
    this.card?.colour();
  }

  /** @param {Seen} seen */
  draw(seen) {
    if (this.card) this.card.draw(seen);
    else drawPlain(flat(this.canvas), this.dots, seen);
  }
}

/**
 * As the graphics card does it, but slowly and with squares.
 * @param {CanvasRenderingContext2D} ink
 * @param {Dots} dots
 * @param {Seen} seen
 */
function drawPlain(ink, dots, { x, y, scale, dot }) {
  const { width, height } = ink.canvas;
  ink.clearRect(0, 0, width, height);
  for (let i = 0; i < dots.x.length; i++) {
    const left = (dots.x[i] - x) * scale + width / 2, top = (dots.y[i] - y) * scale + height / 2;
    if (left < 0 || top < 0 || left > width || top > height) continue;
    const side = Math.max(dots.size[i] * dot * 0.85, 1.5), [red, green, blue, opacity] = dots.shades.subarray(4 * i, 4 * i + 4);
    ink.fillStyle = `rgba(${red},${green},${blue},${opacity / 255})`;
    ink.fillRect(left - side / 2, top - side / 2, side, side);
  }
}
