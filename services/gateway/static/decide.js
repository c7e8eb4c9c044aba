// A button that carries something out: once, under one key however often it is tried, and a refusal is said in its card.
import { Mistake, newKey } from "./api.js";
import { announce, busy } from "./dom.js";

const keys = new Map();

/** Run `action(key)`; `what` names it, and keeps its key until the server has refused it. */
export function decide(button, what, action) {
  return busy(button, async () => {
    try {
      await action(keys.get(what) ?? keys.set(what, newKey()).get(what));
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      keys.delete(what);
      const place = button.closest(".card")?.querySelector(".alert");
      if (place) [place.textContent, place.hidden] = [error.message, false];
      else announce(error.message);
    }
  });
}
