// Loads the bundle with a stand-in for VS Code, and starts it: with a program that does not exist, and with the one that
// $SYNCLINE names.

const Module = require("node:module");
const path = require("node:path");

/** Anything that VS Code has: a class, a function, a value, whatever is asked of it. */
function anything(known = {}) {
  return new Proxy(class {}, {
    get: (target, name) => {
      if (name === "prototype") return target.prototype;
      if (name in known) return known[name];
      if (name === Symbol.toPrimitive) return () => 0;
      // Not a promise, and nothing to walk over.
      if (name === "then" || typeof name === "symbol") return undefined;
      return anything();
    },
    apply: () => anything(),
    construct: (target, args, made) => Reflect.construct(target, args, made),
  });
}

class Emitter {
  event = () => ({ dispose() {} });
  fire() {}
  dispose() {}
}
class Plain {
  constructor(...args) {
    Object.assign(this, ...args.filter((arg) => arg !== null && typeof arg === "object"));
  }
  dispose() {}
}
const event = () => ({ dispose() {} });
const shown = [];
const settings = { path: "" };
const known = {
  version: "1.91.0",
  EventEmitter: Emitter,
  Disposable: Plain,
  CancellationTokenSource: class {
    token = { isCancellationRequested: false, onCancellationRequested: event };
    cancel() {}
    dispose() {}
  },
  env: { appName: "stand-in", language: "en", onDidChangeTelemetryEnabled: event },
  commands: { registerCommand: () => new Plain(), executeCommand: async () => undefined },
  window: anything({
    createOutputChannel: () => ({ logLevel: 2, onDidChangeLogLevel: event, append() {}, appendLine() {}, show() {}, dispose() {}, info() {}, error() {}, warn() {}, trace() {}, debug() {} }),
    showErrorMessage: async (message) => void shown.push(message),
    showInformationMessage: async () => undefined,
    showWarningMessage: async () => undefined,
    visibleTextEditors: [],
    tabGroups: { all: [], onDidChangeTabs: event, onDidChangeTabGroups: event },
    activeTextEditor: undefined,
    onDidChangeActiveTextEditor: event,
    onDidChangeVisibleTextEditors: event,
  }),
  workspace: anything({
    getConfiguration: () => ({ get: (name) => settings[name] }),
    workspaceFolders: undefined,
    textDocuments: [],
    notebookDocuments: [],
    onDidChangeConfiguration: event,
    createFileSystemWatcher: () => ({ onDidCreate: event, onDidChange: event, onDidDelete: event, dispose() {} }),
  }),
  languages: anything({
    createDiagnosticCollection: () => ({ set() {}, delete() {}, clear() {}, dispose() {} }),
    match: () => 0,
  }),
};
for (const kind of ["CodeActionKind", "SymbolKind", "CompletionItemKind"]) known[kind] = anything();
const load = Module._load;
Module._load = function (request, ...rest) {
  return request === "vscode" ? anything(known) : load.call(this, request, ...rest);
};

function check(holds, what) {
  if (!holds) {
    console.log(`extension: ${what}`);
    process.exit(1);
  }
}

async function main() {
  const extension = require(path.resolve(process.argv[2]));
  const context = { subscriptions: [] };
  settings.path = path.resolve("no-such-program");
  await extension.activate(context);
  const said = shown.splice(0);
  check(said.some((text) => text.includes("ENOENT")) && said.some((text) => text.includes("syncline.path")), `said ${JSON.stringify(said)}`);
  check(context.subscriptions.length === 2, "what it registers is not given back");
  settings.path = process.env.SYNCLINE;
  await extension.activate(context);
  check(shown.length === 0, `said ${JSON.stringify(shown)}`);
  await extension.deactivate();
  console.log("extension: it starts the server and stops it, and says when there is none");
  process.exit(0);
}

main().catch((error) => check(false, error.stack));
