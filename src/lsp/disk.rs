//! What the server asks of the disk, which is passed in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::data::BySide;
use crate::lang::schema::Catalog;

/// A project as it is on disk.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// The folder with the settings.
    pub root: PathBuf,
    /// The folder whose `.sync` files are one set of rules.
    pub rules: PathBuf,
    /// By path, sorted; what could not be read is left out.
    pub files: Vec<(PathBuf, String)>,
    /// None where one of the two cannot be read.
    pub catalogs: Option<Arc<BySide<Catalog>>>,
    /// Why something is missing, each with its way out.
    pub troubles: Vec<String>,
    /// Files besides the rules on which all this depends.
    pub depends: Vec<PathBuf>,
}

pub trait Disk {
    /// The folder of the project that a file or folder is in: the nearest one above it that has settings.
    fn root_of(&self, path: &Path) -> Option<PathBuf>;

    /// The project in that folder.
    fn read(&self, root: &Path) -> Folder;
}
