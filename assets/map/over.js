// The point that the mouse is over, or that the keyboard came to: a ring around it and a tip with its name.

/** @import {Place} from "../shared/types.js" */
/** @import {Camera} from "./camera.js" */
/** @import {Pen} from "./pen.js" */
/** @import {Sheet} from "./sheet.js" */

import { find, make } from "../shared/dom.js";

const EDGE = 4; // pixels between the tip and the edge
const BELOW = 14;
const BESIDE = 12;

/**
 * Where the tip goes: right below its point, as far as it stays inside.
 * @param {Place} point
 * @param {{width: number, height: number}} screen
 * @param {{width: number, height: number}} tip
 * @returns {Place}
 */
export function tipPlace([left, top], screen, tip) {
  const across = Math.max(EDGE, Math.min(left + BESIDE, screen.width - tip.width - EDGE));
  const fits = top + BELOW + tip.height <= screen.height;
  return [across, fits ? top + BELOW : top - BELOW - tip.height];
}

export class Over {
  point = -1;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.ink = find(root, ".ink");
    this.tip = find(root, ".tip");
  }

  /**
   * Be over a point, -1 for none; whether that is new.
   * @param {number} point
   */
  move(point) {
    const moved = point !== this.point;
    this.point = point;
    this.ink.classList.toggle("is-over", point >= 0);
    return moved;
  }

  /** Another map has come. */
  forget() {
    this.point = -1;
    this.tip.hidden = true;
  }

  /**
   * @param {Pen} pen
   * @param {Camera} camera
   * @param {Sheet} sheet
   */
  draw(pen, camera, { columns, names }) {
    this.tip.hidden = this.point < 0;
    if (this.point < 0) return;
    const place = camera.screen(columns.x[this.point], columns.y[this.point]);
    pen.ring(...place, 8, pen.tint.text, 2);
    const { title, detail } = names[this.point];
    this.tip.replaceChildren(make("b", { text: title }), make("span", { text: detail }));
    const [left, top] = tipPlace(place, camera, { width: this.tip.offsetWidth, height: this.tip.offsetHeight });
    this.tip.style.left = `${left}px`;
    this.tip.style.top = `${top}px`;
  }
}
