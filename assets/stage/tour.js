// Where a tour stands, and its caption. A step is shown at once; the server follows and says where it got to.

/** @import {TourStep} from "../shared/types.js" */

import { find, make } from "../shared/dom.js";

const OPENING = "Turn a knob. The list follows.";

export class Tour {
  /** @type {TourStep[]} */
  steps = [];
  at = 0; // 0 is the opening

  /** @param {number} by */
  go(by) {
    const to = Math.max(0, Math.min(this.steps.length, this.at + by));
    const moved = to !== this.at;
    this.at = to;
    return moved;
  }

  /**
   * @param {TourStep[]} steps
   * @param {number} at
   */
  show(steps, at) {
    this.steps = steps;
    this.at = at;
  }

  get step() {
    return this.steps[this.at - 1];
  }

  get say() {
    return this.step?.say ?? OPENING;
  }

  /** What the board is to show: the step's view, or that of one before it. */
  get view() {
    return this.steps.slice(0, this.at).map(({ view }) => view).filter(Boolean).at(-1) ?? "";
  }

  get words() {
    return this.at ? `Step ${this.at} of ${this.steps.length}` : `The opening, before ${this.steps.length} steps`;
  }
}

/**
 * Write the caption, the note and the dots.
 * @param {HTMLElement} root
 * @param {Tour} tour
 */
export function caption(root, tour) {
  const { step, steps, at, say } = tour;
  const said = find(root, ".say"), dots = find(root, ".dots");
  if (said.textContent !== say) said.textContent = say; // else it would be read out again
  find(root, ".note").textContent = step?.note ?? "";
  dots.hidden = !steps.length;
  dots.setAttribute("aria-label", tour.words);
  dots.replaceChildren(...steps.map((_, index) => make("i", { class: index < at ? "is-done" : "" })));
}
