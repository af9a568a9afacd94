// What other components of the page can do with the board.

/** @import {Board} from "./board.js" */

import { shared } from "../shared/store.js";

/**
 * Let others drive the knobs as a hand would.
 * @param {Board} board
 */
export function registerDeck(board) {
  const { rack, telling } = board;
  shared.deck = {
    keys: () => rack.keys(),
    turn: (key, amount) => rack.views.get(key)?.move(amount),
    nudge: (index, clicks) => {
      const view = rack.views.get(rack.keys()[index] ?? "");
      view?.move(view.scale.clicked(view.amount, clicks));
    },
    amountAt: (key, clicks) => rack.views.get(key)?.scale.amount(clicks) ?? 0,
    release: () => telling.released(),
    rest: () => board.bar.deeds.reset(),
  };
  const { undo, redo, pin, ask, keep, before, way } = board.bar.deeds;
  /** @param {string} about themes or neurons, with a map or with the list alone, else the other of the first two */
  const view = (about) => {
    if (about === "themes" || about === "neurons") board.bar.show(about);
    else if (about === "map" || about === "list") board.send("map", about === "map");
    else way();
  };
  Object.assign(shared.deeds, { close: () => board.send("close"), map: () => board.send("map"), undo, redo, pin, ask, keep, before, view, search: () => board.seek.field.focus() });
}
