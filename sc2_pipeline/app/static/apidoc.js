// The API's document, readable.
import {el, card, plain} from "/static/dom.js";

export async function showApi({content, signal, title}) {
  title("API");
  const response = await fetch("/api/v1/openapi.json", {signal});
  const document = await response.json();
  const shapes = document.components.schemas;
  content.replaceChildren(
    el("h1", {}, "API"),
    el("p", {class: "lead"}, document.info.description.replaceAll("`", "") + " Its document: ", el("a", {href: "/api/v1/openapi.json"}, "/api/v1/openapi.json"), "."),
    ...Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => drawn(path, method, operation))),
    card("Shapes", Object.entries(shapes).filter(([name]) => !name.includes("Validation")).map(([name, shape]) => el("details", {id: "shape-" + name}, el("summary", {}, name),
      el("p", {class: "soft"}, shape.description || ""),
      el("dl", {class: "meanings"}, Object.entries(shape.properties || {}).map(([key, value]) => [el("dt", {}, key, el("small", {}, " " + kind(value))), el("dd", {}, value.description || "")]))))));
}

function drawn(path, method, operation) {
  const shape = operation.responses["200"].content?.["application/json"]?.schema;
  return el("section", {class: "card operation"},
    el("h2", {}, el("span", {class: "tag"}, method.toUpperCase()), " ", el("code", {}, path)),
    el("p", {}, plain(operation.description || "")),
    operation.parameters ? el("dl", {class: "meanings"}, operation.parameters.map((parameter) => [
      el("dt", {}, parameter.name, el("small", {}, " " + kind(parameter.schema) + (parameter.required ? ", required" : ""))), el("dd", {}, parameter.description || parameter.schema?.description || "")])) : null,
    operation.requestBody ? el("p", {class: "soft"}, "body: " + kind(operation.requestBody.content["application/json"].schema)) : null,
    shape ? el("p", {class: "soft"}, "answer: " + kind(shape)) : null);
}

function kind(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(kind).join(" or ");
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.const) return schema.const;
  if (schema.type === "array") return "list of " + (schema.items ? kind(schema.items) : "values");
  return schema.format || schema.type || "value";
}
