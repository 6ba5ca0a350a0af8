// Shows the page that the address asks for.
import {showApi} from "/static/apidoc.js";
import {showCollection} from "/static/collection.js";
import {showComparison} from "/static/compare.js";
import {showFiles} from "/static/files.js";
import {showGame} from "/static/game.js";
import {showGames} from "/static/games.js";
import {showMap, showMaps} from "/static/maps.js";
import {me, showPlayer, showPlayers} from "/static/players.js";
import {showQuestion, showQuestions} from "/static/questions.js";
import {showSql} from "/static/sql.js";
import {el} from "/static/dom.js";
import {address, here, isFile, isOffline} from "/static/shelf.js";
import {hearNews} from "/static/news.js";

// The charts' library empties its element so. Any other text that would become markup is refused by the browser.
globalThis.trustedTypes?.createPolicy("default", {createHTML: (text) => (text === "" ? "" : null), createScriptURL: (file) => (isFile(file) ? file : null)});

const PAGES = {
  collection: showCollection, games: showGames, game: showGame, compare: showComparison, players: showPlayers, player: showPlayer, maps: showMaps, map: showMap,
  questions: showQuestions, question: showQuestion, sql: showSql, files: showFiles, api: showApi,
};
const NAV = [["collection", "Collection"], ["games", "Games"], ["players", "Players"], ["maps", "Maps"], ["questions", "Questions"], ["sql", "SQL"], ["files", "Files"], ["api", "API"]];
const PARTS = {game: "games", compare: "games", player: "players", map: "maps", question: "questions"};

const main = document.getElementById("main");
let leave = () => {};
let open = new AbortController();

async function show({keepsPlace = false} = {}) {
  leave();
  open.abort();
  open = new AbortController();
  const signal = open.signal;
  const {parts: [page = "games", ...rest], search} = here();
  const parts = rest.map(decodeURIComponent);
  drawNav(page);
  const content = el("div", {class: "page page-" + page});
  main.replaceChildren(content);
  main.setAttribute("aria-busy", "true");
  const leaving = [];
  leave = () => leaving.splice(0).forEach((work) => work());
  try {
    await (PAGES[page] || showGames)({
      content, parts, signal, query: new URLSearchParams(search), onLeave: (work) => leaving.push(work), title,
    });
  } catch (error) {
    if (signal.aborted) return;
    if (error.name === "AbortError") return;
    title("Not shown");
    content.replaceChildren(el("h1", {}, "This cannot be shown"), el("p", {role: "alert", class: "problem"}, error.message));
  }
  if (signal.aborted) return;
  main.removeAttribute("aria-busy");
  if (!keepsPlace) window.scrollTo(0, 0);
}

function title(text) {
  document.title = text + " · sc2_pipeline";
}

function drawNav(page) {
  const own = me();
  const links = [...NAV];
  if (own) links.splice(2, 0, ["player/" + encodeURIComponent(own), "Me"]);
  const shown = page === "player" && own === decodeURIComponent(here().parts[1] || "") ? "player/" + encodeURIComponent(own) : PARTS[page] || page;
  document.getElementById("nav").replaceChildren(...links.filter(([path]) => address("/" + path)).map(([path, label]) =>
    el("a", {href: "/" + path, "aria-current": shown === path ? "page" : null}, label)));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='/'], a[href^='#/']");
  if (!link || link.hasAttribute("download") || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.pathname.startsWith("/api/v1")) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  show();
});
addEventListener("popstate", () => { if (!isOffline || !location.hash || location.hash.startsWith("#/")) show({keepsPlace: true}); });
addEventListener("me", () => drawNav(here().parts[0]));
show();
if (!isOffline) hearNews();
