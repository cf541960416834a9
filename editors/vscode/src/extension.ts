// Starts `syncline lsp` for the rules of the open folders, and again when its settings change.

import { type ExtensionContext, commands, window, workspace } from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(
    commands.registerCommand("syncline.restart", restart),
    workspace.onDidChangeConfiguration((change) => (change.affectsConfiguration("syncline") ? restart() : undefined)),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
  client = undefined;
}

async function restart(): Promise<void> {
  await deactivate();
  await start();
}

async function start(): Promise<void> {
  const settings = workspace.getConfiguration("syncline");
  const command = settings.get<string>("path") || "syncline";
  const docs = settings.get<string>("docs") ?? "";
  const server: ServerOptions = { command, args: ["lsp"] };
  const options: LanguageClientOptions = {
    documentSelector: [{ language: "syncline" }],
    initializationOptions: docs === "" ? {} : { docs },
  };
  client = new LanguageClient("syncline", "Syncline", server, options);
  try {
    await client.start();
  } catch {
    // Why is shown by the client itself; this is the way out.
    client = undefined;
    const help = `Set \`syncline.path\` to the program, or put the folder of \`${command}\` into the PATH.`;
    const choice = await window.showErrorMessage(help, "Settings");
    if (choice !== undefined) {
      await commands.executeCommand("workbench.action.openSettings", "syncline.path");
    }
  }
}
