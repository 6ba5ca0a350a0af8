// Pages without a server: a folder, or one file, that has answers of the API with it. Addresses are behind the # of the file's own.
const shelf = globalThis.sc2Shelf || null;
const PARTS = {game: "games", player: "players", map: "maps"};

export const isOffline = shelf !== null;

// The page that is asked for: parts of its address, and its query.
export function here() {
  const {pathname, search} = shelf ? new URL(location.hash.startsWith("#/") ? location.hash.slice(1) : shelf.home, "file:///") : location;
  return {parts: pathname.split("/").filter(Boolean), search};
}

// How a page's address is written; null where the folder lacks that page.
export function address(path) {
  if (!shelf || !path.startsWith("/")) return path;
  const [page, ...rest] = path.split("?")[0].split("/").slice(1);
  return has([PARTS[page] || page, ...rest.map(decodeURIComponent)].join("/")) ? "#" + path : null;
}

export function has(path) {
  return !shelf || path in shelf.answers || path in shelf.files;
}

function load(path) {
  if (path in shelf.answers) return Promise.resolve(shelf.answers[path]);
  return new Promise((resolve, reject) => {
    if (!(path in shelf.files)) { reject(new Error("This is not among these pages.")); return; }
    const script = document.createElement("script");
    script.addEventListener("load", () => resolve(shelf.answers[path]));
    script.addEventListener("error", () => reject(new Error(shelf.files[path] + " cannot be read; keep the files of the folder together.")));
    script.src = shelf.files[path];
    document.head.append(script);
  });
}

export function isFile(address) {
  return shelf !== null && Object.values(shelf.files).includes(address);
}

// What a row of a list is found by.
const TEXTS = {
  games: (game) => [game.map_name, game.matchup, game.game_mode, game.file_name, game.played_at, game.patch, ...game.players.map((player) => player.name)],
  players: (player) => [player.player_key, ...(player.names_seen || [])],
  maps: (map) => [map.map_name, ...(map.map_names_seen || [])],
};
const SORTS = {
  played: (game) => game.played_at, length: (game) => game.length_seconds, rating: (game) => game.mmr, matchup: (game) => game.matchup,
  map: (game) => game.map_name && game.map_name.toLowerCase(), players: (game) => game.players.map((player) => player.name).join(" ").toLowerCase(),
};

export async function answer(path, {search = "", map = "", sort = "played", is_ascending = false, limit = Infinity, offset = 0} = {}) {
  const found = await load(path), text = TEXTS[path];
  if (!text) return found;
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  let rows = found[path].filter((row) => {
    const said = text(row).filter(Boolean).join(" ").toLowerCase();
    return words.every((word) => said.includes(word)) && (!map || (row.map_name || "").toLowerCase().includes(map.toLowerCase()));
  });
  if (path === "games") rows = sorted(rows, SORTS[sort || "played"], is_ascending ? 1 : -1);
  return {...found, total: rows.length, [path]: rows.slice(offset, offset + limit)};
}

// Unknown values come last.
function sorted(rows, key, direction) {
  const isUnknown = (row) => (key(row) ?? null) === null;
  return [...rows].sort((a, b) => isUnknown(a) - isUnknown(b) || (key(a) < key(b) ? -direction : key(a) > key(b) ? direction : 0));
}
