// Tells the page that is open when something is published, if the server says so.
import {get} from "/static/api.js";
import {el, name} from "/static/dom.js";

export async function hearNews() {
  let home;
  try { home = await get("home"); } catch { return; }
  if (!home.is_live) return;
  const source = new EventSource("/api/v1/news");
  source.addEventListener("published", async () => {
    let newest;
    try { [newest] = (await get("games", {limit: 1})).games; } catch { return; }
    if (newest) say(newest);
    dispatchEvent(new Event("published"));
  });
}

function say(game) {
  document.querySelector(".news")?.remove();
  document.body.append(el("p", {class: "news", role: "status"},
    el("a", {href: "/game/" + game.replay_id}, "New: ", game.players.slice(0, 4).flatMap((player, i) => [i ? ", " : "", name(player.name)]), " on ", name(game.map_name)),
    el("button", {type: "button", class: "link", "aria-label": "Close", onclick: (event) => event.target.parentNode.remove()}, "×")));
}
