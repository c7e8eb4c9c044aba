// Who has done most of what they claimed.
import { Mistake, get } from "./api.js";
import { rankCard } from "./claim_cards.js";
import { byId } from "./dom.js";

/** Return `rank(query)`, which shows the ranking; without a query, the same one as it is now. */
export function ranking(isOwn) {
  let asked = {};
  return async (query = asked) => {
    asked = query;
    try {
      const { items } = await get(`/api/claim-ranking?${new URLSearchParams(query)}`);
      byId("ranking-list").replaceChildren(...items.map((rank, place) => rankCard(rank, place + 1, isOwn(rank.provider_id))));
      byId("ranking-empty").hidden = items.length > 0;
      byId("ranking-problem").hidden = true;
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      [byId("ranking-problem").textContent, byId("ranking-problem").hidden] = [error.message, false];
    }
    byId("ranking-list").setAttribute("aria-busy", "false");
  };
}
