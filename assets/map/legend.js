// Colours of the points, and the legend that says what they mean.

/** @import {Facts, Ramp, Themes} from "../shared/types.js" */
/** @import {Tint} from "./pen.js" */

import { find, make } from "../shared/dom.js";

// Of the territories; orange and red are left to people.
const COLOURS = ["#3f7fc1", "#4aa35a", "#9a63c9", "#2fa3a0", "#c9a21b", "#dd6fa4", "#7f9c35", "#5f67d0", "#b8479b", "#64798f"];
const OTHER = [140, 132, 122];
const RAMP = [[68, 50, 130], [49, 104, 142], [42, 150, 130], [110, 190, 80], [240, 200, 40]];

/** @param {string} hex */
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** Red, green, blue of each territory. */
export const HUES = COLOURS.map(rgb);

/**
 * A colour from the ramp.
 * @param {number} share of the way along it
 */
export function ramp(share) {
  const at = Math.max(0, Math.min(1, share)) * (RAMP.length - 1), low = Math.min(Math.floor(at), RAMP.length - 2);
  return RAMP[low].map((value, channel) => Math.round(value + (RAMP[low + 1][channel] - value) * (at - low)));
}

/**
 * Red, green, blue and opacity of every point.
 * @param {Float32Array} values
 * @param {Themes | Ramp} mode
 * @param {number} only the one theme that is shown, -1 for all
 */
export function shades(values, mode, only) {
  const found = new Uint8Array(4 * values.length);
  values.forEach((value, i) => found.set(mode.names ? themeShade(value, only) : rampShade(value, mode), 4 * i));
  return found;
}

/**
 * @param {number} value
 * @param {number} only
 */
function themeShade(value, only) {
  if (only >= 0 && value !== only) return [...OTHER, 40];
  return value >= 0 ? [...HUES[value], 215] : [...OTHER, 120];
}

/**
 * @param {number} value
 * @param {Ramp} mode
 */
function rampShade(value, { low, high }) {
  return Number.isNaN(value) ? [...OTHER, 120] : [...ramp((value - low) / (high - low || 1)), 215];
}

export class Legend {
  only = -1; // the one theme that is shown, -1 for all
  /** @type {Facts["modes"]} */
  modes = [];

  /**
   * @param {HTMLElement} root
   * @param {() => void} changed
   */
  constructor(root, changed) {
    this.select = find(root, ".colour", HTMLSelectElement);
    this.place = find(root, ".legend");
    this.changed = changed;
    this.select.onchange = () => this.#show(-1);
  }

  /**
   * Offer the ways to colour another map.
   * @param {Facts["modes"]} modes
   */
  offer(modes) {
    this.modes = modes;
    this.only = -1;
    this.select.replaceChildren(...modes.map((mode) => make("option", { value: mode.column, text: mode.name })));
  }

  get mode() {
    return this.modes.find(({ column }) => column === this.select.value) ?? this.modes[0];
  }

  /**
   * What the names of territories are written in: their colours, mixed with that of text so that they can be read.
   * @param {Tint} tint
   */
  inks(tint) {
    return COLOURS.map((colour) => `color-mix(in srgb, ${colour} 55%, ${tint.text})`);
  }

  /** @param {number} only */
  #show(only) {
    this.only = only;
    this.changed();
  }

  draw() {
    const { mode } = this;
    this.place.replaceChildren(...(mode.names ? this.#themes(mode.names) : scale(mode)));
  }

  /** @param {string[]} names */
  #themes(names) {
    const buttons = names.map((name, index) => {
      const pressed = this.only === index, onclick = () => this.#show(pressed ? -1 : index);
      const swatch = make("span", { class: "swatch", style: `background: ${COLOURS[index]}` });
      const says = { "aria-pressed": String(pressed), title: `Show ${name} alone` };
      return make("button", { type: "button", ...says, onclick }, swatch, make("span", { text: name }));
    });
    return buttons;
  }
}

/** @param {Ramp} mode */
function scale(mode) {
  const stops = RAMP.map((colour) => `rgb(${colour.join(" ")})`).join(", ");
  const bar = make("span", { class: "ramp", style: `background: linear-gradient(90deg, ${stops})` });
  return [make("span", { text: mode.from }), bar, make("span", { text: mode.to })];
}
