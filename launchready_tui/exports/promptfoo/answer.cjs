// Reads an answer of the endpoint: its words, its tool calls and all of its texts, from where launch-check.json says.
"use strict";

const places = require("./launch-check.json");

const NAMES = ["name", "tool", "tool_name", "function", "action", "recipient_name"];
const ARGUMENTS = ["arguments", "args", "input", "parameters", "action_input"];
const DEEPEST = 40;
const LONGEST = 60_000;

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** Every value at a path. A step is a name, a number, or null for every entry. */
function find(document, steps) {
  let found = [document];
  for (const step of steps) found = found.flatMap((value) => below(value, step));
  return found;
}

function below(value, step) {
  if (step === null) return isObject(value) ? Object.values(value) : Array.isArray(value) ? value : [];
  if (isObject(value)) return Object.hasOwn(value, String(step)) ? [value[String(step)]] : [];
  if (!Array.isArray(value) || !/^-?\d{1,9}$/.test(String(step))) return [];
  const entry = value.at(Number(step));
  return entry === undefined ? [] : [entry];
}

/** The words of an answer, whether they are a text, or parts with a text each. */
function words(values, depth = 0) {
  return values.flatMap((value) => {
    if (typeof value === "string") return [value];
    if (typeof value === "number") return [String(value)];
    if (Array.isArray(value)) return depth < DEEPEST ? words(value, depth + 1) : [];
    if (!isObject(value)) return [];
    const key = ["text", "content", "value"].find((name) => name in value);
    return key && depth < DEEPEST ? words([value[key]], depth + 1) : [];
  });
}

/** Every text of a document, names too. */
function texts(value, depth = 0) {
  if (typeof value === "string") return [value];
  if (value === null || typeof value !== "object" || depth >= DEEPEST) return [];
  if (Array.isArray(value)) return value.flatMap((entry) => texts(entry, depth + 1));
  return Object.entries(value).flatMap(([key, entry]) => [key, ...texts(entry, depth + 1)]);
}

/** A tool call in any of the usual forms; null where it is none. */
function callOf(value) {
  if (isObject(value.function)) return callOf(value.function);
  const key = NAMES.find((name) => typeof value[name] === "string" && value[name].trim());
  if (key === undefined) return null;
  const given = value[ARGUMENTS.find((name) => name in value)] ?? "";
  return { name: value[key].trim(), arguments: typeof given === "string" ? given : JSON.stringify(given) };
}

function calls(value, depth = 0) {
  if (Array.isArray(value)) return depth < DEEPEST ? value.flatMap((entry) => calls(entry, depth + 1)) : [];
  if (typeof value === "string") return value.trim() ? [{ name: value.trim(), arguments: "" }] : [];
  const call = isObject(value) ? callOf(value) : null;
  return call ? [call] : [];
}

module.exports = (json, text) => {
  // What throws here counts as an error: no verdict, and never a pass.
  if (json === null || typeof json !== "object") throw new Error("no verdict: the answer is no JSON");
  const said = find(json, places.answer);
  const called = places.tools.flatMap((steps) => find(json, steps)).flatMap((value) => calls(value));
  if (said.length === 0 && called.length === 0) throw new Error("no verdict: the answer has nothing at the mapped place");
  const everything = texts(json).join("\n");
  if (everything.length > LONGEST) throw new Error("no verdict: the answer is longer than can be judged");
  return {
    output: words(said).join("\n") || "(no words)",
    metadata: { calls: called, everything },
  };
};
module.exports.callOf = callOf;
