// Stage mode: the page without anything but board, map and caption, for a room full of people. A class on <html> hides the
// rest (page.css), a class on each component makes it large (board.css); see docs/stage.md for what one does with it.

/** @import {Deeds} from "../shared/store.js" */
/** @import {Component, StageData} from "../shared/types.js" */

import { find } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Saying } from "../shared/saying.js";
import { setStaged, shared } from "../shared/store.js";
import { Help } from "./help.js";
import { listen } from "./hotkeys.js";
import { Idle } from "./idle.js";
import { Invitation } from "./invitation.js";
import { Midi } from "./midi.js";
import { lit, sliders } from "./spotlight.js";
import { caption, Tour } from "./tour.js";

/** Let Esc close what is open on the stage before it ends full screen, in browsers that can keep a key. */
function keepEscape() {
  const { keyboard } = /** @type {{keyboard?: {lock?: (keys: string[]) => Promise<void>}}} */ (navigator);
  keyboard?.lock?.(["Escape"]).catch(() => {});
}

class Stage {
  tour = new Tour();
  noted = false; // the speaker's note is shown
  sent = 0; // messages to the server
  saying = new Saying(() => this.component);

  /**
   * @param {HTMLElement} root
   * @param {Component<StageData>} component
   */
  constructor(root, component) {
    this.root = root;
    this.component = component;
    this.invitation = new Invitation(root);
    this.idle = new Idle(() => this.#reset());
    const told = (/** @type {string} */ words) => (find(root, ".told").textContent = words);
    this.midi = new Midi(() => shared.deck, () => shared.now, { told, touched: () => this.idle.touch() });
    this.help = new Help(root, this.midi);
    find(root, ".enter").onclick = () => this.#enter();
    find(root, ".keys").onclick = () => this.help.toggle(this.#deeds());
    this.lit = () => this.#light();
    shared.turned.add(this.lit);
    this.deaf = listen(() => this.#deeds(), () => shared.staged);
    this.out = () => {
      if (!document.fullscreenElement) this.#leave();
    };
    document.addEventListener("fullscreenchange", this.out);
  }

  /** @param {Component<StageData>} component */
  update(component) {
    this.component = component;
    const { steps, at, who, invitation, heard } = component.data;
    this.saying.heard(heard);
    this.tour.show(steps, this.saying.quiet ? at : this.tour.at); // it knows nothing yet of steps that wait
    find(this.root, ".who").textContent = who;
    this.invitation.show(invitation);
    this.#caption();
  }

  /**
   * @param {string} event
   * @param {number} [about]
   */
  #send(event, about) {
    this.sent += 1;
    this.saying.say(event, { order: this.sent, about }, event === "step");
  }

  /**
   * What can be done now: our own deeds, and those of others on the page.
   * @returns {Deeds}
   */
  #deeds() {
    const { steps } = this.component.data, { deck } = shared;
    return {
      ...shared.deeds,
      stage: () => (shared.staged ? this.#leave() : this.#enter()),
      leave: () => this.#escape(),
      reset: () => this.#reset(),
      focus: (knob) => sliders()[Number(knob) - 1]?.focus(),
      invite: () => void (this.invitation.close() || this.#send("invite", Date.now())),
      help: () => this.help.toggle(this.#deeds()),
      ...(steps.length && { next: () => this.#go(1), back: () => this.#go(-1), note: () => this.#note() }),
      ...(deck && { rest: () => deck.rest() }),
      ...("requestMIDIAccess" in navigator && { devices: () => void this.midi.connect() }),
    };
  }

  #enter() {
    setStaged(true);
    document.documentElement.classList.add("knobs-stage");
    this.#send("enter");
    this.idle.start(this.component.data.idle);
    // Where the browser allows neither of the two, the stage is as large as the window, and Esc leaves full screen first.
    document.documentElement.requestFullscreen?.().then(keepEscape, () => {});
    this.#caption();
  }

  #leave() {
    if (!shared.staged) return;
    setStaged(false);
    document.documentElement.classList.remove("knobs-stage");
    this.idle.stop();
    this.invitation.close();
    this.help.close();
    if (document.fullscreenElement) void document.exitFullscreen();
    this.#light();
  }

  #escape() {
    if (this.invitation.close() || this.help.close()) return;
    if (document.querySelector(".st-key-sheet")) shared.deeds.close?.("");
    else this.#leave();
  }

  /** @param {number} by */
  #go(by) {
    if (!this.tour.go(by)) return;
    this.#send("step", this.tour.at);
    if (this.tour.view) shared.deeds.view?.(this.tour.view);
    this.#caption();
  }

  #reset() {
    this.invitation.close();
    this.help.close();
    this.tour.at = 0;
    this.#send("reset");
    this.#caption();
  }

  #note() {
    this.noted = !this.noted;
    this.#caption();
  }

  #caption() {
    caption(this.root, this.tour);
    find(this.root, ".note").hidden = !this.noted;
    this.#light();
  }

  #light() {
    lit(shared.staged ? this.component.data.focus : "");
  }

  close() {
    this.#leave();
    this.deaf();
    this.saying.close();
    this.midi.close();
    shared.turned.delete(this.lit);
    document.removeEventListener("fullscreenchange", this.out);
  }
}

export default mount(".stage", (root, /** @type {Component<StageData>} */ component) => new Stage(root, component));
