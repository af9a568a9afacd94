// One person on the map: what they like, where they stand, and the way that their dials took them.

/** @import {Place} from "../shared/types.js" */
/** @import {Camera} from "./camera.js" */
/** @import {Box} from "./labels.js" */
/** @import {Pen} from "./pen.js" */

const SEEN = 3; // pixels of a way that is drawn

/**
 * Rings around what somebody likes.
 * @param {Pen} pen
 * @param {Camera} camera
 * @param {Float32Array[]} places x and y of all points
 * @param {number[]} liked
 */
export function drawLiked(pen, camera, [xs, ys], liked) {
  pen.ink.globalAlpha = 0.35;
  for (const item of liked) pen.ring(...camera.screen(xs[item], ys[item]), 4, pen.tint.text, 1);
  pen.ink.globalAlpha = 1;
}

/**
 * The part of the screen that the marker takes.
 * @param {Camera} camera
 * @param {Float32Array} places x, y, x, y, ... of the way, from rest to now
 * @returns {Box}
 */
export function markerBox(camera, places) {
  const [x, y] = camera.screen(places[places.length - 2], places[places.length - 1]);
  return [x - 14, y - 14, x + 70, y + 14];
}

/**
 * The way from rest, and the marker where it ends.
 * @param {Pen} pen
 * @param {Camera} camera
 * @param {Float32Array} places
 * @param {string} who
 */
export function drawTrail(pen, camera, places, who) {
  const { ink, tint } = pen;
  /** @type {Place[]} */
  const way = [];
  for (let i = 0; i < places.length; i += 2) way.push(camera.screen(places[i], places[i + 1]));
  const [rest, now] = [way[0], way[way.length - 1]];
  if (Math.hypot(now[0] - rest[0], now[1] - rest[1]) > SEEN) {
    for (const [colour, width] of /** @type {[string, number][]} */ ([[tint.back, 6], [tint.first, 3]])) {
      ink.beginPath();
      for (const place of way) ink.lineTo(...place);
      ink.lineJoin = ink.lineCap = "round";
      ink.lineWidth = width;
      ink.strokeStyle = colour;
      ink.stroke();
    }
    pen.disc(...rest, 5, tint.back);
    pen.ring(...rest, 5, tint.first, 2);
  }
  pen.disc(...now, 11, tint.back);
  pen.disc(...now, 8.5, tint.first);
  pen.font(700, 14, "left");
  pen.text(who, now[0] + 15, now[1], tint.first);
}
