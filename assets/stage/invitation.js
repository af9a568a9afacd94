// The code that opens this very state on the audience's phones.

/** @import {Invited} from "../shared/types.js" */

import { find } from "../shared/dom.js";

export class Invitation {
  shown = 0; // the wish that was answered last

  /** @param {HTMLElement} root */
  constructor(root) {
    this.box = find(root, ".invitation", HTMLDialogElement);
    find(this.box, ".close").onclick = () => this.close();
  }

  /** @param {Invited | null} invited */
  show(invited) {
    if (!invited || invited.wish === this.shown) return;
    const { wish, link, image, note } = invited, code = find(this.box, "img", HTMLImageElement);
    this.shown = wish;
    code.hidden = !image;
    code.src = image;
    code.alt = `QR code of ${link}`;
    find(this.box, ".link").textContent = link;
    find(this.box, ".how").textContent = note;
    if (!this.box.open) this.box.showModal();
  }

  /** Close it; whether it was open. */
  close() {
    const { open } = this.box;
    this.box.close();
    return open;
  }
}
