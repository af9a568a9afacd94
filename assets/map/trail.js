// One person on the map: what they like, where they stand, the way their dials took them, and what they near.

/** @import {Place, Taste} from "../shared/types.js" */
/** @import {Camera} from "./camera.js" */
/** @import {Box} from "./labels.js" */
/** @import {Pen} from "./pen.js" */

import { claim } from "./labels.js";

/**
 * What a trail is drawn with: the points of the map, and places x, y, x, y, ... at rest, on the way, now.
 * @typedef {{pen: Pen, camera: Camera, x: Float32Array, y: Float32Array, places: Float32Array, taste: Taste}} Trail
 */

/**
 * Rings around what somebody likes.
 * @param {Trail} trail
 */
export function drawLiked({ pen, camera, x, y, taste }) {
  pen.ink.globalAlpha = 0.55;
  for (const item of taste.liked) pen.ring(...camera.screen(x[item], y[item]), 4, pen.tint.text, 1.1);
  pen.ink.globalAlpha = 1;
}

/**
 * The part of the screen that the marker takes.
 * @param {Trail} trail
 * @returns {Box}
 */
export function markerBox({ camera, places }) {
  const [x, y] = camera.screen(places[places.length - 2], places[places.length - 1]);
  return [x - 30, y - 16, x + 60, y + 12];
}

/**
 * @param {Trail} trail
 * @param {Box[]} taken
 */
export function drawTrail(trail, taken) {
  const { pen, camera, places, taste } = trail, { tint } = pen;
  drawNears(trail, taken);
  /** @type {Place[]} */
  const steps = [];
  for (let i = 0; i < places.length; i += 2) steps.push(camera.screen(places[i], places[i + 1]));
  const now = steps[steps.length - 1];
  if (taste.alphas.length) drawSteps(pen, steps.slice(0, -1));
  pen.disc(...now, 9, tint.back);
  pen.disc(...now, 7, tint.first);
  pen.font(700, 13, "left");
  pen.text(taste.who, now[0] + 13, now[1], tint.first);
}

/**
 * Items that they come nearest to, with their titles where there is room.
 * @param {Trail} trail
 * @param {Box[]} taken
 */
function drawNears({ pen, camera, x, y, taste }, taken) {
  pen.font(600, 12, "left");
  for (const { item, title } of taste.nears) {
    const [left, top] = camera.screen(x[item], y[item]);
    pen.ring(left, top, 6.5, pen.tint.first, 1.8);
    const right = left + 16 + pen.ink.measureText(title).width;
    if (claim(taken, [left + 4, top - 8, right, top + 8])) pen.text(title, left + 11, top);
  }
}

/**
 * The line from rest, a disc for each step on it.
 * @param {Pen} pen
 * @param {Place[]} steps
 */
function drawSteps(pen, steps) {
  const { ink, tint } = pen;
  ink.beginPath();
  for (const place of steps) ink.lineTo(...place);
  ink.lineWidth = 2;
  ink.strokeStyle = tint.first;
  ink.stroke();
  steps.slice(1).forEach((place, index) => {
    ink.globalAlpha = 0.35 + 0.2 * index;
    pen.disc(...place, 5, tint.first);
    ink.globalAlpha = 1;
    pen.ring(...place, 5, tint.first, 1.2);
  });
  pen.disc(...steps[0], 5, tint.back);
  pen.ring(...steps[0], 5, tint.text, 2);
}
