// Talks to the API. A Mistake carries what the server said, in Chinese, with the fields.

const csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const AGAIN = 500;

export class Mistake extends Error {
  constructor(status, problem) {
    super(problem.detail ?? "没有完成，请稍后再试。");
    this.status = status;
    this.errors = problem.errors ?? [];
  }
}

export async function get(path) {
  return answer(await reach(path, {}));
}

export const AT_ONCE = 200; // the most that a list gives in one page

/** Read a list whole, all its pages. */
export async function readWhole(path, query = {}) {
  const items = [];
  for (let after = null, more = true; more; more = after !== null) {
    const page = await get(`${path}?${new URLSearchParams({ ...query, limit: AT_ONCE, ...(after && { after }) })}`);
    items.push(...page.items);
    after = page.next;
  }
  return items;
}

/** Post under a key: the same key again is the same action, carried out once. */
export async function post(path, body, key) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf, "Idempotency-Key": key };
  return answer(await reach(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** Change something; the version in the body is the one that was looked at, so that nothing is changed twice. */
export async function patch(path, body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf };
  return answer(await reach(path, { method: "PATCH", headers, body: JSON.stringify(body) }));
}

/** Post a form with a file in it. */
export async function upload(path, form, key) {
  return answer(await reach(path, { method: "POST", headers: { "X-CSRFToken": csrf, "Idempotency-Key": key }, body: form }));
}

/** A new key. Not crypto.randomUUID, which pages on a plain http address in the local network do not have. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A network that changes under way loses what is being loaded: twice is enough, and the key keeps it one action.
async function reach(path, options, again = true) {
  try {
    return await fetch(path, { ...options, headers: { Accept: "application/json", ...options.headers } });
  } catch {
    if (!again) throw new Mistake(0, { detail: "连不上服务器，请检查网络后重试。" });
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
    return reach(path, options, false);
  }
}

async function answer(response) {
  const document_ = response.status === 204 ? null : await response.json().catch(() => ({}));
  if (response.status === 401) location.assign("/sign-in");
  if (!response.ok) throw new Mistake(response.status, document_ ?? {});
  return document_;
}
