//! Starts `syncline lsp` for Zed: the program that the settings name, or the one in the `PATH`.

use zed_extension_api::settings::LspSettings;
use zed_extension_api::{self as zed, Command, LanguageServerId, Result, Worktree, serde_json};

struct Syncline;

impl zed::Extension for Syncline {
    fn new() -> Self {
        Syncline
    }

    fn language_server_command(&mut self, server: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let binary = LspSettings::for_worktree(server.as_ref(), worktree)?.binary;
        let (path, arguments, env) = match binary {
            Some(binary) => (binary.path, binary.arguments, binary.env),
            None => (None, None, None),
        };
        let found = || {
            let advice = "`syncline` is not in the PATH: install it, or name it in `lsp.syncline.binary.path`";
            worktree.which("syncline").ok_or_else(|| advice.to_owned())
        };
        let mut environment = worktree.shell_env();
        environment.extend(env.into_iter().flatten());
        Ok(Command {
            command: path.map_or_else(found, Ok)?,
            args: arguments.unwrap_or_else(|| vec!["lsp".to_owned()]),
            env: environment,
        })
    }

    /// As in `lsp.syncline.initialization_options`: `docs`, the address of a copy of `docs/codes.md`.
    fn language_server_initialization_options(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<serde_json::Value>> {
        Ok(LspSettings::for_worktree(server.as_ref(), worktree)?.initialization_options)
    }
}

zed::register_extension!(Syncline);
