// A crowd: everybody where they are now, and a line from where they rest.

/** @import {Place} from "../shared/types.js" */
/** @import {Camera} from "./camera.js" */
/** @import {Pen} from "./pen.js" */

const HEAD = 2.6; // pixels

/**
 * @param {Pen} pen
 * @param {Camera} camera
 * @param {Float32Array[]} rest x and y of everybody
 * @param {Float32Array} places x, y, x, y, ... now
 */
export function drawCrowd(pen, camera, [xs, ys], places) {
  const { ink, tint } = pen;
  /** @type {Place[]} */
  const heads = [];
  ink.beginPath();
  for (let i = 0; i < xs.length; i++) {
    const [x, y] = camera.screen(xs[i], ys[i]), [u, v] = camera.screen(places[2 * i], places[2 * i + 1]);
    heads.push([u, v]);
    if (Math.abs(u - x) + Math.abs(v - y) < 2) continue;
    ink.moveTo(x, y);
    ink.lineTo(u, v);
  }
  ink.globalAlpha = 0.3;
  ink.lineWidth = 1;
  ink.strokeStyle = tint.text;
  ink.stroke();
  ink.globalAlpha = 1;
  for (const [radius, colour] of /** @type {[number, string][]} */ ([[HEAD + 1, tint.back], [HEAD, tint.first]])) {
    ink.fillStyle = colour;
    ink.beginPath();
    for (const [u, v] of heads) {
      ink.moveTo(u + radius, v);
      ink.arc(u, v, radius, 0, 7);
    }
    ink.fill();
  }
}
