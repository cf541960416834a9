// An editor opens the example project in a copy of it and works: what both sides say is printed, message by message.
//
//     node dialogue.mjs SYNCLINE PROJECT
//
// The editor's half is the protocol library of VS Code. Paths are printed as `/project`.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as lsp from "vscode-languageserver-protocol/node";

const [binary, project] = process.argv.slice(2);
const server = spawn(binary, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
const exited = new Promise((resolve) => server.on("exit", resolve));
const connection = lsp.createProtocolConnection(
  new lsp.StreamMessageReader(server.stdout),
  new lsp.StreamMessageWriter(server.stdin),
);

const root = pathToFileURL(project).href;
const clean = (text) => text.replaceAll(root, "file:///project").replaceAll(project, "/project");

/** Short values in one line, long ones with a line for each part. */
function shown(value, indent = "") {
  const line = JSON.stringify(value) ?? "null";
  if (line.length + indent.length <= 110 || value === null || typeof value !== "object") return line;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((part) => shown(part, inner))
    : Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${shown(part, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
}

function say(who, what, value) {
  console.log(`${who} ${what}${value === undefined ? "" : ` ${clean(shown(value))}`}\n`);
}

/** What the server says by itself, kept until it is waited for. */
const heard = [];
let wake = () => {};
function hear(method, params) {
  heard.push({ method, params });
  wake();
}
connection.onNotification("textDocument/publishDiagnostics", (params) => hear("publishDiagnostics", params));
connection.onNotification("window/showMessage", (params) => hear("showMessage", params));
connection.onRequest("client/registerCapability", (params) => {
  hear("registerCapability", params);
  return null;
});

async function waitFor(method, is) {
  for (;;) {
    const at = heard.findIndex((one) => one.method === method && is(one.params));
    if (at >= 0) {
      const [{ params }] = heard.splice(at, 1);
      say("server", method, params);
      return params;
    }
    await new Promise((resolve) => (wake = resolve));
  }
}

async function ask(method, params, show = (result) => result) {
  say("editor", method, params);
  try {
    const result = await connection.sendRequest(method, params);
    say("server", "answers", show(result));
    return result;
  } catch (error) {
    say("server", "refuses", { code: error.code, message: error.message });
  }
}

async function tell(method, params, told = params) {
  say("editor", method, told);
  await connection.sendNotification(method, params);
}

/** An open document: its text, and where in it something stands. */
class Document {
  version = 1;
  constructor(path) {
    this.uri = `${root}/${path}`;
    this.text = readFileSync(join(project, path), "utf8");
  }
  get id() {
    return { uri: this.uri };
  }
  /** The place right after `text`, or `into` characters into it. */
  at(text, into = text.length) {
    const offset = this.text.indexOf(text) + into;
    const before = this.text.slice(0, offset).split("\n");
    return { line: before.length - 1, character: before.at(-1).length };
  }
  async open() {
    const { uri, version, text } = this;
    const document = { uri, languageId: "syncline", version };
    await tell("textDocument/didOpen", { textDocument: { ...document, text } }, { textDocument: document });
    return this.findings();
  }
  /** Replaces the first `old`, as an editor does it: by its range. */
  async change(old, text) {
    const range = { start: this.at(old, 0), end: this.at(old) };
    this.text = this.text.replace(old, () => text);
    this.version += 1;
    const textDocument = { uri: this.uri, version: this.version };
    await tell("textDocument/didChange", { textDocument, contentChanges: [{ range, text }] });
    return this.findings();
  }
  findings() {
    return waitFor("publishDiagnostics", ({ uri, version }) => uri === this.uri && version === this.version);
  }
}

connection.listen();
connection.onError(([error]) => say("editor", "cannot read", String(error)));

await ask("initialize", {
  processId: null,
  rootUri: root,
  workspaceFolders: [{ uri: root, name: "project" }],
  capabilities: {
    workspace: { didChangeWatchedFiles: { dynamicRegistration: true } },
    textDocument: { publishDiagnostics: { relatedInformation: true, versionSupport: true } },
  },
  initializationOptions: { docs: "https://docs.example/codes.html" },
});
await tell("initialized", {});
await waitFor("registerCapability", () => true);

const rules = new Document("rules/people.sync");
const tests = new Document("rules/people.tests.sync");
await rules.open();
await tests.open();

// A line with a slip, what is wrong with it, and the way out.
await rules.change("    phone ", "    fristname      <-> Description       or truncate  newest win\n    phone ");
await ask("textDocument/codeAction", {
  textDocument: rules.id,
  range: { start: rules.at("fristname"), end: rules.at("fristname") },
  context: { diagnostics: [] },
});
await rules.change("    fristname      <-> Description       or truncate  newest win\n", "");

// Completion on a line that is not whole: words, fields, options.
const labels = (list) => list.items.map(({ label, detail = "" }) => `${label}  ${detail}`.trim());
await rules.change("    phone ", "    zip -> \n    phone ");
await ask("textDocument/completion", { textDocument: rules.id, position: rules.at("zip -> ") }, (list) => labels(list).slice(0, 12));
await rules.change("    zip -> \n", "    zip -> Description o\n");
const offered = await ask("textDocument/completion", { textDocument: rules.id, position: rules.at("Description o") }, labels);
say("editor", "looks at", offered.items.find(({ label }) => label === "or truncate"));
await rules.change("    zip -> Description o\n", "");
await ask("textDocument/completion", { textDocument: rules.id, position: rules.at("Status is not \"Clo") }, labels);

await ask("textDocument/hover", { textDocument: rules.id, position: rules.at("hs_lead_status", 3) });
await ask("textDocument/hover", { textDocument: rules.id, position: rules.at("or reject", 5) });
await ask("textDocument/definition", { textDocument: rules.id, position: rules.at("via lead_status", 8) });
await ask("textDocument/definition", { textDocument: tests.id, position: tests.at("by \"inclusion list\"", 8) });
await ask("textDocument/references", {
  textDocument: rules.id,
  position: rules.at("values our_domains", 10),
  context: { includeDeclaration: true },
});
await ask("textDocument/prepareRename", { textDocument: rules.id, position: rules.at("exclude \"our own staff\"", 12) });
await ask("textDocument/rename", {
  textDocument: rules.id,
  position: rules.at("exclude \"our own staff\"", 12),
  newName: "colleagues",
});
await ask("textDocument/rename", {
  textDocument: rules.id,
  position: rules.at("exclude \"our own staff\"", 12),
  newName: "inclusion list",
});
await ask("textDocument/rename", { textDocument: rules.id, position: rules.at("email ends", 2), newName: "mail" });
await ask("textDocument/documentSymbol", { textDocument: rules.id });
await ask("textDocument/foldingRange", { textDocument: rules.id });
await ask("textDocument/semanticTokens/full", { textDocument: rules.id }, ({ data }) => data.slice(0, 60));
await rules.change("phone          <-> Phone", "phone <->   Phone");
await ask("textDocument/formatting", { textDocument: rules.id, options: { tabSize: 8, insertSpaces: false } });

await ask("textDocument/hover", { textDocument: { uri: `${root}/rules/none.sync` }, position: { line: 9, character: 9 } });
await ask("shutdown");
await tell("exit");
console.log(`exit code ${await exited}`);
process.exit(0);
