// All that is drawn in ink over the points, from the lowest to the uppermost.

/** @import {Box} from "./labels.js" */
/** @import {Atlas} from "./map.js" */
/** @import {Sheet} from "./sheet.js" */

import { drawCrowd } from "./crowd.js";
import { drawLabels, labels } from "./labels.js";
import { drawLiked, drawTrail, markerBox } from "./trail.js";

const CLEAR = 11; // pixels around a pin in which no title is written

/**
 * Draw the present moment; returns how many names there is room for.
 * @param {Atlas} atlas
 * @param {Sheet} sheet
 */
export function drawInk({ stage, crowd, data, glide, lasso, legend, named, over, pins, search, widthOf }, sheet) {
  const { camera, pen } = stage, { places } = glide, { x, y } = sheet.columns;
  const taste = glide.token === data.token ? data.taste : null; // places are still somebody else's until theirs have arrived
  const seen = [sheet.id, camera.width, camera.height, ...Object.values(camera.view)].join();
  if (named.seen !== seen) Object.assign(named, { seen, labels: labels(sheet, named.first, camera, widthOf) });
  if (crowd) drawCrowd(pen, camera, crowd, places);
  lasso.draw(pen, camera, x, y);
  search.draw(pen, camera);
  if (taste) drawLiked(pen, camera, [x, y], taste.liked);
  /** @type {Box[]} */
  const covered = [];
  if (taste) {
    covered.push(markerBox(camera, places));
    for (const [left, top] of pins.at(camera)) covered.push([left - CLEAR, top - CLEAR, left + CLEAR, top + CLEAR]);
  }
  drawLabels(pen, named.labels, covered, legend.inks(pen.tint));
  if (taste) {
    pins.draw(pen, camera);
    drawTrail(pen, camera, places, taste.who);
  }
  over.draw(pen, camera, sheet);
  return named.labels.length;
}
