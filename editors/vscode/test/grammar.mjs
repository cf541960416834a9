// Colours a sample by the TextMate grammar and compares it with what is stored. `RECORD=1` stores what comes out now.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");
const here = (file) => new URL(file, import.meta.url);

await oniguruma.loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async () =>
    textmate.parseRawGrammar(readFileSync(here("../syntaxes/syncline.tmLanguage.json"), "utf8"), "syncline.json"),
});
const grammar = await registry.loadGrammar("source.syncline");

const out = [];
let stack = textmate.INITIAL;
for (const line of readFileSync(here("sample.sync"), "utf8").split("\n")) {
  out.push(`>${line}`);
  const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
  stack = ruleStack;
  for (const { startIndex, endIndex, scopes } of tokens) {
    const text = line.slice(startIndex, endIndex).trim();
    const scope = scopes.slice(1).map((name) => name.replace(".syncline", "")).join(" ");
    if (text !== "") out.push(`   ${text.padEnd(26)} ${scope || "(plain)"}`);
  }
}
const said = `${out.join("\n")}\n`;
const record = here("sample.sync.tokens");
if (process.env.RECORD) writeFileSync(process.env.RECORD === "1" ? record : process.env.RECORD, said);
const known = readFileSync(process.env.RECORD && process.env.RECORD !== "1" ? process.env.RECORD : record, "utf8");
if (said !== known) {
  const [a, b] = [known.split("\n"), said.split("\n")];
  const at = a.findIndex((line, index) => line !== b[index]);
  console.log(`grammar: line ${at + 1} is\n${b[at]}\nand was\n${a[at]}`);
  process.exit(1);
}
console.log(`grammar: ${out.length} lines are coloured as recorded`);
