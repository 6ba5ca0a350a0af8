// SQL that reads, with the data dictionary beside it.
import {get, post} from "/static/api.js";
import {card, el, later, number, plain} from "/static/dom.js";
import {rowsTable} from "/static/questions.js";

const FIRST = "select game_mode, count(*) as games, round(avg(duration_minutes), 1) as minutes\nfrom marts.games\ngroup by game_mode\norder by games desc";

export async function showSql({content, query, signal, onLeave, title}) {
  title("SQL");
  const text = el("textarea", {"aria-label": "SQL", rows: 9, spellcheck: "false", autocapitalize: "off", autocomplete: "off", "aria-keyshortcuts": "Control+Enter"});
  text.value = query.get("q") || FIRST;
  const result = el("div", {"aria-live": "polite"}), run = el("button", {type: "button", onclick: ask}, "Run");
  const names = el("div", {class: "names", hidden: true});
  let open = new AbortController();
  onLeave(() => open.abort());
  async function ask() {
    open.abort();
    open = new AbortController();
    history.replaceState(null, "", "/sql?q=" + encodeURIComponent(text.value));
    result.replaceChildren(el("p", {class: "soft"}, "…"));
    const begun = performance.now();
    try {
      const found = await post("sql", {statement: text.value, limit: 1000}, open.signal);
      result.replaceChildren(el("p", {class: "soft"}, number(found.rows.length) + (found.is_cut ? " rows, the first of more; " : " rows in ") + (found.is_cut ? "" : number(performance.now() - begun) + " ms")), rowsTable(found));
    } catch (error) {
      if (error.name !== "AbortError") result.replaceChildren(el("p", {class: "problem", role: "alert"}, error.message));
    }
  }
  text.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); ask(); } });
  const dictionary = el("div", {class: "dictionary"}, el("p", {class: "soft"}, "…"));
  content.replaceChildren(el("h1", {}, "SQL"),
    el("div", {class: "sql"}, el("div", {}, text, names, el("p", {class: "with-button"}, el("span", {class: "soft"}, "Only statements that read; 10 seconds, 1,000 rows."), run), result), card("Tables", dictionary)));
  const {relations} = await get("tables", {}, signal);
  showDictionary(dictionary, relations, text);
  if (!query.get("q")) ask();
  const known = [...new Set(relations.flatMap((each) => [each.relation, ...each.columns.map((column) => column.name)]))].sort();
  text.addEventListener("input", later(() => complete(text, names, known), 60));
}

// Names that begin like the word before the caret.
function complete(text, names, known) {
  const word = /[\w.]{2,}$/.exec(text.value.slice(0, text.selectionStart))?.[0];
  const fitting = word ? known.filter((each) => each !== word && (each.startsWith(word) || each.split(".")[1]?.startsWith(word))).slice(0, 8) : [];
  names.hidden = !fitting.length;
  names.replaceChildren(...fitting.map((each) => el("button", {type: "button", class: "tag", onclick: () => {
    const end = text.selectionStart;
    text.setRangeText(each, end - word.length, end, "end");
    text.focus();
    names.hidden = true;
  }}, each)));
}

function showDictionary(place, relations, text) {
  const search = el("input", {type: "search", "aria-label": "Search tables and columns", placeholder: "table or column"});
  const list = el("div", {class: "relations"});
  const insert = (word) => { text.setRangeText(word, text.selectionStart, text.selectionEnd, "end"); text.focus(); };
  const draw = () => {
    const word = search.value.trim().toLowerCase();
    const found = relations.filter((each) => !word || each.relation.includes(word) || each.columns.some((column) => column.name.includes(word)));
    list.replaceChildren(...found.slice(0, 60).map((each) => el("details", {},
      el("summary", {}, each.relation),
      el("p", {}, el("button", {type: "button", class: "tag", onclick: () => insert(each.relation)}, "insert"), " ", plain(each.description)),
      el("dl", {class: "meanings"}, each.columns.map((column) => [
        el("dt", {}, el("button", {type: "button", class: "link", onclick: () => insert(column.name)}, column.name), el("small", {}, " " + column.type.slice(0, 40).toLowerCase())), el("dd", {}, plain(column.description))])))));
  };
  search.addEventListener("input", draw);
  place.replaceChildren(search, list);
  draw();
}
