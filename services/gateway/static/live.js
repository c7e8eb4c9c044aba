// Listens to what happens, and shows whether it does.
import { byId } from "./dom.js";

const SAY = { connecting: "正在连接…", open: "实时更新中", lost: "连接断了，正在重连…" };

function say(state) {
  if (!byId("live")) return;
  byId("live").dataset.state = state;
  if (byId("live-text").textContent !== SAY[state]) byId("live-text").textContent = SAY[state];
}

/** Call `onEvent(event)` for each event, and `onOpen` whenever something may have been missed. */
export function listen(types, onEvent, onOpen) {
  let source;
  const connect = () => {
    source = new EventSource(`/api/events?types=${types.join(",")}`);
    source.addEventListener("open", () => {
      say("open");
      onOpen();
    });
    source.addEventListener("error", () => {
      say("lost");
      if (source.readyState !== EventSource.CLOSED) return;
      // The browser gives up where the answer is an error, such as a session that ended or too many people.
      setTimeout(async () => {
        const response = await fetch("/api/sessions").catch(() => null);
        if (response?.status === 401) location.assign("/sign-in");
        else connect();
      }, 3000 + Math.random() * 3000);
    });
    source.addEventListener("reload", onOpen);
    for (const type of types) {
      source.addEventListener(type, (message) => onEvent(JSON.parse(message.data)));
    }
  };
  // A page that leaves must not say that the connection is lost, nor hold a place on the server.
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && connect());
  connect();
}
