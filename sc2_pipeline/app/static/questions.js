// The ready-made questions: options, the answer, its SQL, and the rows to take along.
import {answerChart} from "/static/answerchart.js";
import {get, query as written} from "/static/api.js";
import {card, cell, el, name, plain, table} from "/static/dom.js";

export async function showQuestions({content, signal, query, title}) {
  title("Questions");
  const {questions} = await get("questions", {}, signal);
  const groups = [...new Set(questions.map((each) => each.group))];
  const list = el("div", {class: "cards"});
  const draw = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (each) => words.every((word) => (each.name + " " + each.question + " " + each.group).toLowerCase().includes(word));
    list.replaceChildren(...groups.map((group) => [group, questions.filter((each) => each.group === group && fits(each))]).filter(([, found]) => found.length)
      .map(([group, found]) => card(group, el("ul", {class: "links"}, found.map((each) => el("li", {}, el("a", {href: "/question/" + each.name}, each.question),
        each.answered_from === "tracker" ? null : el("span", {class: "tag"}, each.answered_from)))))));
  };
  const search = el("input", {type: "search", "aria-label": "Search questions", placeholder: "search", value: query.get("search") || "", oninput: draw});
  content.replaceChildren(el("h1", {}, "Questions"), el("div", {class: "searching"}, search, el("p", {class: "soft count"}, questions.length + " ready-made")), list);
  draw();
}

export async function showQuestion({content, parts, signal, query, onLeave, title}) {
  const {questions, shared} = await get("questions", {}, signal);
  const question = questions.find((each) => each.name === parts[0]);
  if (!question) throw new Error("there is no question " + plain(parts[0]));
  title(question.question);
  const values = Object.fromEntries(query);
  const answer = el("div", {"aria-live": "polite"});
  let ask = new AbortController();
  let leaveChart = () => {};
  onLeave(() => { ask.abort(); leaveChart(); });
  async function load() {
    ask.abort();
    ask = new AbortController();
    leaveChart();
    leaveChart = () => {};
    answer.replaceChildren(el("p", {class: "soft"}, "…"));
    try {
      const found = await get("questions/" + question.name, values, ask.signal);
      answer.replaceChildren(...drawn(found, question, values, (work) => { leaveChart = work; }));
    } catch (error) {
      if (error.name !== "AbortError") answer.replaceChildren(el("p", {class: "problem", role: "alert"}, error.message));
    }
  }
  const form = el("form", {class: "options", onsubmit: (event) => {
    event.preventDefault();
    for (const option of [...question.options, ...shared]) delete values[option.name];
    for (const [field, value] of new FormData(form)) if (value) values[field] = value;
    history.replaceState(null, "", "/question/" + question.name + written(values));
    load();
  }},
    question.options.length ? el("div", {class: "fields"}, question.options.map((option) => input(option, values))) : "",
    el("details", {open: shared.some((option) => values[option.name])}, el("summary", {}, "Which games"), el("div", {class: "fields"}, shared.map((option) => input(option, values)))),
    el("button", {type: "submit"}, "Ask"));
  content.replaceChildren(el("h1", {}, question.question), form, answer);
  await load();
}

function input(option, values) {
  const value = values[option.name] || "";
  const label = option.name.replaceAll("_", " ");
  if (option.type === "flag") {
    return el("label", {class: "check", title: option.description}, el("input", {type: "checkbox", name: option.name, value: "true", checked: value === "true"}), " " + label);
  }
  return el("label", {title: option.description}, label,
    el("input", {name: option.name, value, placeholder: option.default ?? "", type: option.type === "date" ? "date" : "text", inputmode: ["integer", "number"].includes(option.type) ? "decimal" : null, autocomplete: "off"}));
}

function drawn(found, question, values, onLeave) {
  const take = (format) => "/api/v1/questions/" + question.name + written({...values, format});
  const meaning = Object.fromEntries(question.columns.map((column) => [column.name, column.description]));
  return [
    el("p", {class: "asked"}, name(found.asked)),
    answerChart(found, onLeave),
    found.rows.length ? rowsTable(found, meaning) : el("p", {class: "nothing"}, "No rows."),
    found.is_cut ? el("p", {class: "soft"}, "The first " + found.rows.length + " rows; CSV and Parquet have all.") : "",
    el("p", {class: "takes"}, el("a", {href: take("csv"), download: question.name + ".csv"}, "CSV"), el("a", {href: take("parquet"), download: question.name + ".parquet"}, "Parquet")),
    el("details", {}, el("summary", {}, "SQL"), el("pre", {tabindex: 0}, found.sql)),
    el("details", {}, el("summary", {}, "What the columns mean, and what to mind"),
      el("dl", {class: "meanings"}, question.columns.map((column) => [el("dt", {}, column.name), el("dd", {}, column.description)])),
      el("ul", {}, question.traps.map((trap) => el("li", {}, trap)))),
  ].filter(Boolean);
}

export function rowsTable(found, meaning = {}) {
  const isNumber = found.columns.map((_, i) => found.rows.some((row) => typeof row[i] === "number") && found.rows.every((row) => row[i] === null || typeof row[i] === "number"));
  const link = (column, value) => column === "replay_id" && value ? el("a", {href: "/game/" + encodeURIComponent(value)}, plain(value)) : cell(value);
  return el("div", {class: "rows"}, table(found.columns.map((column, i) => ({label: column.replaceAll("_", " "), title: meaning[column], isNumber: isNumber[i], of: (row) => link(column, row[i])})), found.rows));
}
