// An address with a button that copies it.

/** @import {Component} from "./types.js" */

import { find, make } from "./dom.js";

/** @param {Component<{address: string}>} component */
export default function ({ data, parentElement }) {
  const field = make("input", { type: "text", readonly: true, value: data.address, "aria-label": "Link" });
  field.addEventListener("focus", () => field.select());
  const told = make("span", { class: "told", role: "status" });
  const onclick = async () => {
    told.textContent = (await copied(field)) ? "Copied" : "Press Ctrl+C";
  };
  find(parentElement, ".copy").replaceChildren(field, make("button", { type: "button", text: "Copy link", onclick }), told);
}

/**
 * Copy what a field holds; whether that went well. Only pages by https or on this machine may use the clipboard.
 * @param {HTMLInputElement} field
 */
async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.select();
    return document.execCommand("copy");
  }
}
