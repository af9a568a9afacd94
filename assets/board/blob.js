// Hands large arrays to the board once.

/** @import {Component} from "../shared/types.js" */

import { unwrap } from "../shared/blob.js";
import { announce, shared } from "../shared/store.js";

/** @param {Component<Uint8Array | null>} component */
export default function ({ data }) {
  if (!data) return;
  const { name, content } = unwrap(data);
  if (shared.blobs.has(name)) return;
  shared.blobs.set(name, content());
  announce();
}
