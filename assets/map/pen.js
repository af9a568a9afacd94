// The pen that draws in ink over the points, in the colours of the theme.

/**
 * Colours of text, background and accent, and the font.
 * @typedef {{text: string, back: string, first: string, font: string}} Tint
 */

/**
 * Read from what Streamlit gives every component.
 * @param {Element} element
 * @returns {Tint}
 */
export function tintOf(element) {
  const style = getComputedStyle(element);
  /** @param {string} name */
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  return { text: read("text-color"), back: read("background-color"), first: read("primary-color"), font: read("font") };
}

/** @param {HTMLCanvasElement} canvas */
export function flat(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser cannot draw");
  return context;
}

const WRITTEN = 40; // letters that a pen writes at once

/**
 * A text that is not too long for a map. No letter is cut in two.
 * @param {string} text
 * @param {number} most letters
 */
export function fitting(text, most = WRITTEN) {
  const letters = [...text.slice(0, 2 * most + 2)]; // of which each takes up to two places
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
}

export class Pen {
  /** @type {Tint} */
  tint = { text: "", back: "", first: "", font: "" };

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.ink = flat(canvas);
  }

  /**
   * Begin a new picture.
   * @param {number} width
   * @param {number} height
   * @param {number} ratio pixels of the canvas a pixel of the page
   */
  clear(width, height, ratio) {
    this.ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.ink.clearRect(0, 0, width, height);
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} radius
   * @param {string} colour
   * @param {number} width
   */
  ring(x, y, radius, colour, width = 2) {
    const { ink } = this;
    ink.beginPath();
    ink.arc(x, y, radius, 0, 7);
    ink.lineWidth = width;
    ink.strokeStyle = colour;
    ink.stroke();
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} radius
   * @param {string} colour
   */
  disc(x, y, radius, colour) {
    const { ink } = this;
    ink.beginPath();
    ink.arc(x, y, radius, 0, 7);
    ink.fillStyle = colour;
    ink.fill();
  }

  /**
   * How texts lie from now on.
   * @param {number} weight
   * @param {number} size
   * @param {CanvasTextAlign} align
   */
  font(weight, size, align) {
    const { ink, tint } = this;
    ink.font = `${weight} ${size}px ${tint.font}`;
    ink.textAlign = align;
    ink.textBaseline = "middle";
  }

  /**
   * Text that can be read on anything, cut where it is too long.
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {string} colour
   */
  text(text, x, y, colour = this.tint.text) {
    const { ink, tint } = this, written = fitting(text);
    ink.lineWidth = 3.5;
    ink.lineJoin = "round";
    ink.strokeStyle = tint.back;
    ink.strokeText(written, x, y);
    ink.fillStyle = colour;
    ink.fillText(written, x, y);
  }
}
