// The keys, written from the table that makes them act, and what MIDI knobs send.

/** @import {Deeds} from "../shared/store.js" */
/** @import {Midi} from "./midi.js" */

import { find, make } from "../shared/dom.js";
import { listed } from "./hotkeys.js";
import { MODES } from "./midi.js";

const SENT = "knobs midi"; // in the browser's storage

export class Help {
  /**
   * @param {HTMLElement} root
   * @param {Midi} midi
   */
  constructor(root, midi) {
    this.box = find(root, ".help", HTMLDialogElement);
    const sent = find(root, ".sent", HTMLSelectElement);
    sent.append(...MODES.map((mode) => make("option", { value: mode, text: mode })));
    sent.value = midi.mode = kept(midi.mode);
    sent.onchange = () => {
      midi.mode = sent.value;
      keep(sent.value);
    };
    find(root, ".midi").hidden = !("requestMIDIAccess" in navigator);
    find(this.box, ".close").onclick = () => this.close();
  }

  /** @param {Deeds} deeds what the keys can do now */
  toggle(deeds) {
    if (this.close()) return;
    const lines = listed(deeds).map(({ shown, words }) => [
      make("dt", {}, make("kbd", { text: shown })),
      make("dd", { text: words }),
    ]);
    find(this.box, "dl").replaceChildren(...lines.map((line) => make("div", {}, ...line)));
    this.box.showModal();
  }

  /** Close it; whether it was open. */
  close() {
    const { open } = this.box;
    this.box.close();
    return open;
  }
}

/** @param {string} otherwise */
function kept(otherwise) {
  try {
    const mode = localStorage.getItem(SENT) ?? "";
    return MODES.includes(mode) ? mode : otherwise;
  } catch {
    return otherwise; // storage is off
  }
}

/** @param {string} mode */
function keep(mode) {
  try {
    localStorage.setItem(SENT, mode);
  } catch {
    // storage is off, and the choice lasts as long as the page
  }
}
