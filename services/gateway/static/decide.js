// A button that carries something out: once, under one key however often it is tried, and a refusal is said in its card.
import { Mistake, newKey } from "./api.js";
import { announce, busy } from "./dom.js";

const keys = new Map();
const UNKNOWN = [0, 503]; // no answer came, or not in time

/** Run `action(key)`; `what` names it, and keeps its key while nobody knows whether it was carried out. */
export function decide(button, what, action) {
  return busy(button, async () => {
    try {
      await action(keys.get(what) ?? keys.set(what, newKey()).get(what));
      keys.delete(what);
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      if (!UNKNOWN.includes(error.status)) keys.delete(what);
      const place = button.closest(".card")?.querySelector(".alert");
      if (place) [place.textContent, place.hidden] = [error.message, false];
      else announce(error.message);
    }
  });
}
