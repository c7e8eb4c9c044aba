// Who provides: the names of those that may be seen, and which of them may claim.
import { all } from "./names.js";

export const KINDS = {
  partner_unit: "共建单位", company: "企业", merchant: "爱心商家", skilled_person: "能人骨干",
  social_organisation: "社会组织", volunteer: "志愿者",
};
const PEOPLE = ["skilled_person", "volunteer"];
const providers = new Map(); // that the caller may see: a partner their own, community staff their community's
const named = new Map(); // that agreed to be named in public

/** Learn them anew, and tell whether that was possible; a page goes on without names where it was not. */
export async function learnProviders() {
  const [seen] = await Promise.allSettled([
    all("/api/providers", providers, { key: "id" }),
    all("/api/honours", named, { key: "id", query: { section: "giving" } }),
  ]);
  return seen.status === "fulfilled";
}

/** What a provider is called; of one without a name to show, what kind it is. */
export function providerName(id, kind) {
  const name = (providers.get(id) ?? named.get(id))?.name;
  return name ?? (kind ? `${PEOPLE.includes(kind) ? "一位" : "一家"}${KINDS[kind] ?? "提供方"}` : "其他社区的提供方");
}

/** Those that a user registered, or all, by name. */
export function providersOf(user = null) {
  return [...providers.values()].filter((one) => !user || one.registered_by === user)
    .sort((a, b) => a.name.localeCompare(b.name, "zh-CN"));
}

export const isVerified = (provider) => provider.state === "verified";
