// What became of every file, why, and what to do about it.
import {bytes, el, name, number, plain, table} from "/static/dom.js";
import {searched} from "/static/players.js";

export function showFiles({content, query, onLeave, title}) {
  title("Files");
  const chips = el("p", {class: "chips", role: "group", "aria-label": "Only files of a status"});
  const head = (found, asked, load) => {
    const choose = (status) => { asked.status = status; load(); };
    chips.replaceChildren(...[["", "all", found.counts.reduce((sum, each) => sum + each.files, 0)], ...found.counts.map((each) => [each.status, each.status, each.files])].map(([status, label, count]) =>
      el("button", {type: "button", class: "tag", "aria-pressed": String((asked.status || "") === status), onclick: () => choose(status)}, label + " " + number(count))));
  };
  const loaded = searched({content, query, onLeave, head, more: {status: ""}, path: "files", rows: "files", heading: "What became of every file", words: ["file", "files"], draw: (files) => table([
    {label: "file", of: (file) => fileName(file)},
    {label: "status", of: (file) => el("span", {class: "status " + file.status}, file.status)},
    {label: "why", of: (file) => why(file)},
    {label: "what to do", of: (file) => file.status === "loaded" ? el("span", {class: "soft"}, "nothing") : file.what_to_do},
    {label: "size", isNumber: true, of: (file) => bytes(file.file_bytes)},
  ], files, {isStacked: true})});
  content.querySelector(".searching").after(chips);
  return loaded;
}

function fileName(file) {
  const path = file.path || file.replay_id, short = path.split(/[\\/]/).pop();
  return el("span", {title: plain(path)}, file.status === "loaded" ? el("a", {href: "/game/" + file.replay_id}, name(short)) : name(short));
}

function why(file) {
  if (file.status === "loaded") return el("span", {class: "soft"}, "–");
  return el("span", {}, file.meaning ? plain(file.meaning) : plain(file.reason || ""), file.detail ? el("small", {class: "soft detail"}, plain(file.detail)) : null);
}
