//! `syncline lsp`: the language server, over stdin and stdout.

use std::io::{BufReader, stdin, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{Diagnostic, Report};

use super::project::{ProjectError, catalogs, rule_text};
use super::snapshot::Snapshot;
use super::{Global, Outcome};
use crate::lsp::{Disk, Ended, Folder, serve};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Accepted because editors pass it: messages go over stdin and stdout anyway
    #[arg(long, hide = true)]
    stdio: bool,
}

#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("the editor's messages cannot be read on: {0}")]
#[diagnostic(help("this verb is started by an editor, see docs/editors.md"))]
struct Broken(std::io::Error);

pub(super) fn run(_: &Args, _: Global) -> Result<Outcome, Report> {
    match serve(BufReader::new(stdin()), &mut stdout(), &Files).map_err(Broken)? {
        Ended::AsAsked => Ok(Outcome::Fine),
        // As the protocol has it: the exit code tells whether the editor said goodbye.
        Ended::Unasked => Ok(Outcome::Findings),
    }
}

struct Files;

impl Disk for Files {
    fn root_of(&self, path: &Path) -> Option<PathBuf> {
        path.ancestors().find(|folder| folder.join("syncline.yaml").is_file()).map(Path::to_owned)
    }

    fn read(&self, root: &Path) -> Folder {
        let Snapshot { settings, parts, .. } = Snapshot::take(root);
        let mut folder = Folder { root: root.to_owned(), ..Folder::default() };
        folder.depends.push(root.join("syncline.yaml"));
        let mut troubles = Vec::new();
        let mut trouble = |error: &dyn Diagnostic| {
            let help = error.help().map_or_else(String::new, |help| format!(": {help}"));
            troubles.push(format!("{error}{help}"));
        };
        match &settings {
            Ok(settings) => folder.rules.clone_from(&settings.rules),
            Err(error) => trouble(error),
        }
        let Some(parts) = parts else { return Folder { troubles, ..folder } };
        let rules = parts.rules.unwrap_or_else(|why| {
            trouble(&ProjectError::Read { path: folder.rules.clone(), why });
            Vec::new()
        });
        for (path, contents) in rules {
            match rule_text(&path, contents, root) {
                Ok(file) => folder.files.push((path, file.text)),
                Err(error) => trouble(&error),
            }
        }
        folder.depends.extend([parts.schemas.left.0.clone(), parts.schemas.right.0.clone()]);
        match catalogs(parts.schemas) {
            Ok(catalogs) => folder.catalogs = Some(Arc::new(catalogs)),
            Err(error) => trouble(&error),
        }
        Folder { troubles, ..folder }
    }
}
