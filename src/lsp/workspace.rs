//! The projects of a session: what is on disk, with what is open in the editor over it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gen_lsp_types::{TextDocumentContentChangeEvent, Uri};

use super::analysis::Analysis;
use super::disk::{Disk, Folder};
use super::document::Document;
use super::position::{Encoding, Lines};
use crate::diagnostic::SourceFile;

/// A project, or texts that belong to none.
#[derive(Debug, Default)]
pub struct Project {
    pub folder: Folder,
    pub analysis: Analysis,
    /// In the order of the analysis's files. See [`Workspace::named`].
    pub uris: Vec<Uri>,
    lines: Vec<Lines>,
    /// Files whose text has changed since the last check.
    stale: bool,
}

impl Project {
    pub fn lines(&self, file: usize) -> Option<&Lines> {
        self.lines.get(file)
    }

    fn file(&self, uri: &Uri) -> Option<usize> {
        self.uris.iter().position(|known| known == uri)
    }
}

/// The key of a project: the folder with its settings; none for the texts that are in no project.
type Root = Option<PathBuf>;

pub struct Workspace<'d> {
    disk: &'d dyn Disk,
    pub encoding: Encoding,
    documents: BTreeMap<Uri, Document>,
    projects: BTreeMap<Root, Project>,
    /// What must be told, once.
    messages: Vec<String>,
    told: BTreeSet<String>,
}

impl<'d> Workspace<'d> {
    pub fn new(disk: &'d dyn Disk, encoding: Encoding) -> Workspace<'d> {
        Workspace {
            disk,
            encoding,
            documents: BTreeMap::new(),
            projects: BTreeMap::new(),
            messages: Vec::new(),
            told: BTreeSet::new(),
        }
    }

    /// Takes up the project in a folder of the editor, if there is one.
    pub fn add_folder(&mut self, folder: &Path) {
        if let Some(root) = self.disk.root_of(folder).filter(|root| !self.projects.contains_key(&Some(root.clone()))) {
            self.load(root);
        }
    }

    pub fn open(&mut self, uri: Uri, version: i32, text: String) {
        let known = key(&uri);
        let above = path_of(&known).and_then(|path| self.disk.root_of(&path));
        self.documents.insert(known.clone(), Document::new(uri, version, text));
        match &above {
            Some(root) if !self.projects.contains_key(&above) => self.load(root.clone()),
            _ => {}
        }
        let root = self.root_of(&known);
        if root.is_none() {
            self.tell(match above.as_ref().and_then(|_| self.projects.get(&above)) {
                None => {
                    "no `syncline.yaml` above this file: only the syntax is checked. Open a file of a project to have \
                         names, types and completions too"
                        .to_owned()
                }
                Some(project) if !project.folder.rules.as_os_str().is_empty() => format!(
                    "this file is not in `{}`, where the rules of its project are: only the syntax is checked",
                    project.folder.rules.display()
                ),
                // Why there are no rules has been told.
                Some(_) => String::new(),
            });
        }
        self.rebuild(root);
    }

    /// Unknown documents are left alone.
    pub fn change(&mut self, uri: &Uri, version: i32, changes: Vec<TextDocumentContentChangeEvent>) {
        let uri = &key(uri);
        let Some(document) = self.documents.get_mut(uri) else { return };
        document.change(version, changes, self.encoding);
        let project = self.projects.values_mut().find_map(|project| Some((project.file(uri)?, project)));
        if let Some((file, project)) = project {
            project.analysis.replace(file, &document.text);
            if let Some(lines) = project.lines.get_mut(file) {
                lines.clone_from(&document.lines);
            }
            project.stale = true;
        }
    }

    pub fn close(&mut self, uri: &Uri) {
        let uri = &key(uri);
        if self.documents.remove(uri).is_some() {
            let root = self.root_of(uri);
            match root {
                Some(root) => self.load(root),
                None => self.rebuild(None),
            }
        }
    }

    /// Files changed on disk: the projects that depend on them are read anew.
    pub fn changed_on_disk(&mut self, paths: &[PathBuf]) {
        let depends = |project: &Project| {
            paths.iter().any(|path| {
                let rule = path.parent() == Some(&project.folder.rules);
                rule || project.folder.depends.contains(path)
            })
        };
        let known = self.projects.iter().filter(|(_, project)| depends(project)).filter_map(|(root, _)| root.clone());
        let mut roots: BTreeSet<PathBuf> = known.collect();
        // Settings that are new make a project of the files beneath them.
        roots.extend(
            paths.iter().filter(|path| path.ends_with("syncline.yaml")).filter_map(|path| self.disk.root_of(path)),
        );
        for root in roots {
            self.load(root);
        }
        if paths.iter().any(|path| path.ends_with("syncline.yaml")) {
            self.rebuild(None);
        }
    }

    /// The file of a document, in its project.
    pub fn find(&self, uri: &Uri) -> Option<(&Project, usize)> {
        let uri = &key(uri);
        self.projects.values().find_map(|project| Some((project, project.file(uri)?)))
    }

    pub fn projects(&self) -> impl Iterator<Item = &Project> {
        self.projects.values()
    }

    /// A file as its editor names it and counts its states; where it is not open, without a count.
    pub fn named(&self, uri: &Uri) -> (Uri, Option<i32>) {
        match self.documents.get(uri) {
            Some(document) => (document.uri.clone(), Some(document.version)),
            None => (uri.clone(), None),
        }
    }

    /// Finds what is wrong, in the projects that have changed since it was asked last.
    pub fn check(&mut self) {
        for project in self.projects.values_mut().filter(|project| project.stale) {
            project.analysis.check();
            project.stale = false;
        }
    }

    /// What must be told to a person, each once.
    pub fn messages(&mut self) -> Vec<String> {
        std::mem::take(&mut self.messages)
    }

    fn tell(&mut self, message: String) {
        if !message.is_empty() && self.told.insert(message.clone()) {
            self.messages.push(message);
        }
    }

    /// The project that a document is a rule file of. Beside the folder of the rules it is in none.
    fn root_of(&self, uri: &Uri) -> Root {
        let path = path_of(uri)?;
        let root = self.disk.root_of(&path)?;
        let project = self.projects.get(&Some(root.clone()))?;
        (path.parent() == Some(&project.folder.rules)).then_some(root)
    }

    /// Reads a project, and puts the open texts over it.
    fn load(&mut self, root: PathBuf) {
        let folder = self.disk.read(&root);
        for trouble in folder.troubles.clone() {
            self.tell(trouble);
        }
        let project = self.projects.entry(Some(root.clone())).or_default();
        project.folder = folder;
        self.rebuild(Some(root));
    }

    /// Makes the analysis of a project anew, of the files on disk and the open texts.
    fn rebuild(&mut self, root: Root) {
        let mut texts: BTreeMap<Uri, (String, Lines)> = BTreeMap::new();
        if let Some(project) = self.projects.get(&root) {
            for (path, text) in &project.folder.files {
                if let Ok(uri) = Uri::from_file_path(path) {
                    texts.insert(uri, (text.clone(), Lines::new(text)));
                }
            }
        }
        let open = self.documents.iter().filter(|(uri, _)| self.root_of(uri) == root);
        texts.extend(open.map(|(uri, document)| (uri.clone(), (document.text.clone(), document.lines.clone()))));
        let project = self.projects.entry(root.clone()).or_default();
        let shown = |uri: &Uri| {
            let path = path_of(uri);
            let below = path.as_deref().and_then(|path| path.strip_prefix(root.as_deref()?).ok());
            below.map_or_else(|| uri.to_string(), |path| path.display().to_string())
        };
        let files = texts.iter().map(|(uri, (text, _))| SourceFile::new(shown(uri), text.clone())).collect();
        project.analysis = Analysis::new(files, project.folder.catalogs.clone());
        (project.uris, project.lines) = texts.into_iter().map(|(uri, (_, lines))| (uri, lines)).unzip();
        project.stale = false;
        if root.is_none() && project.uris.is_empty() {
            self.projects.remove(&None);
        }
    }
}

/// One file has one address, however an editor writes it.
fn key(uri: &Uri) -> Uri {
    path_of(uri).and_then(|path| Uri::from_file_path(path).ok()).unwrap_or_else(|| uri.clone())
}

/// The path of a document that is a file.
pub fn path_of(uri: &Uri) -> Option<PathBuf> {
    (uri.scheme() == "file").then(|| uri.to_file_path().ok()).flatten()
}
