// The ground that points lie on: soft tints of whose territory it is, drawn once and stretched by the camera.

/** @import {Camera} from "./camera.js" */
/** @import {Ground} from "../shared/types.js" */

import { make } from "../shared/dom.js";
import { flat } from "./pen.js";

const OPACITY = 0.2; // at most

/**
 * A cell a pixel, in the colour of whose it is.
 * @param {Ground} ground
 * @param {number[][]} colours red, green, blue of each
 * @returns {Uint8ClampedArray<ArrayBuffer>}
 */
export function tints({ cells, weights }, colours) {
  const pixels = new Uint8ClampedArray(4 * cells.length);
  cells.forEach((whose, cell) => {
    if (whose >= 0) pixels.set([...colours[whose], Math.round(255 * OPACITY * weights[cell])], 4 * cell);
  });
  return pixels;
}

export class Field {
  picture = make("canvas");

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
  }

  /**
   * @param {Ground | undefined} ground
   * @param {number[][]} colours
   */
  paint(ground, colours) {
    const side = ground ? Math.round(Math.sqrt(ground.cells.length)) : 1;
    // Its edge is a cell of nothing, into which the colours fade. Setting the size clears it.
    Object.assign(this.picture, { width: side + 2, height: side + 2 });
    if (ground) flat(this.picture).putImageData(new ImageData(tints(ground, colours), side, side), 1, 1);
  }

  /**
   * @param {Camera} camera
   * @param {number} ratio pixels of the canvas a pixel of the page
   */
  draw(camera, ratio) {
    const ink = flat(this.canvas), cell = 1 / (this.picture.width - 2), [left, top] = camera.screen(-cell, -cell);
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    ink.clearRect(0, 0, camera.width, camera.height);
    ink.imageSmoothingQuality = "high";
    const side = camera.scale * (1 + 2 * cell);
    ink.drawImage(this.picture, left, top, side, side);
  }
}
