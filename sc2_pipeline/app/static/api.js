// The API; nothing else is asked. Pages without a server have its answers with them.
import {answer as answerOffline, isOffline} from "/static/shelf.js";

export class Refused extends Error {}

export function query(values) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== "" && value !== false) parameters.set(name, value);
  }
  const text = parameters.toString();
  return text ? "?" + text : "";
}

async function answer(response) {
  let content;
  try { content = await response.json(); } catch { throw new Refused("the server's answer is not readable (status " + response.status + ")"); }
  if (!response.ok) throw new Refused(content.error || "the server refused (status " + response.status + ")");
  return content;
}

export async function get(path, values = {}, signal = undefined) {
  if (isOffline) return answerOffline(path.split("/").map(decodeURIComponent).join("/"), values);
  return answer(await fetch("/api/v1/" + path + query(values), {signal, credentials: "same-origin"}));
}

export async function post(path, body, signal = undefined) {
  return answer(await fetch("/api/v1/" + path, {
    method: "POST", signal, credentials: "same-origin", body: JSON.stringify(body), headers: {"content-type": "application/json"},
  }));
}
