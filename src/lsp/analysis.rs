//! A project as the editors' questions see it: every rule file as it is now, its tree, both schemas, the findings.

use std::sync::Arc;

use syncline_grammar::{Comment, Problem, parse, tree};

use super::names::{Heads, Mention, mentions};
use crate::data::BySide;
use crate::diagnostic::{Finding, SourceFile};
use crate::lang::findings;
use crate::lang::schema::Catalog;

/// One state of a project. Files are named by their index.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    pub files: Vec<SourceFile>,
    pub trees: Vec<tree::File>,
    notes: Vec<Notes>,
    /// None where a schema is missing: names are then not looked up, and findings are those of the syntax.
    pub catalogs: Option<Arc<BySide<Catalog>>>,
    pub findings: Vec<Finding>,
}

/// What a file holds beside its tree.
#[derive(Clone, Debug, Default)]
struct Notes {
    comments: Vec<Comment>,
    problems: Vec<Problem>,
}

impl Analysis {
    pub fn new(files: Vec<SourceFile>, catalogs: Option<Arc<BySide<Catalog>>>) -> Analysis {
        let mut analysis = Analysis { catalogs, ..Analysis::default() };
        for file in files {
            let parsed = parse(&file.text);
            analysis.files.push(file);
            analysis.trees.push(parsed.file);
            analysis.notes.push(Notes { comments: parsed.comments, problems: parsed.problems });
        }
        analysis.check();
        analysis
    }

    /// Takes a new text of a file. The findings are those of the state before until [`Analysis::check`].
    pub fn replace(&mut self, file: usize, text: &str) {
        let Some(source) = self.files.get_mut(file).filter(|source| source.text != text) else { return };
        text.clone_into(&mut source.text);
        let parsed = parse(text);
        if let (Some(tree), Some(notes)) = (self.trees.get_mut(file), self.notes.get_mut(file)) {
            *tree = parsed.file;
            *notes = Notes { comments: parsed.comments, problems: parsed.problems };
        }
    }

    /// Finds what is wrong with all files as they are now.
    pub fn check(&mut self) {
        let problems: Vec<&[Problem]> = self.notes.iter().map(|notes| notes.problems.as_slice()).collect();
        let catalogs = self.catalogs.as_deref().map(|catalogs| BySide::new(&catalogs.left, &catalogs.right));
        self.findings = findings(&self.files, &self.trees, &problems, catalogs);
    }

    pub fn text(&self, file: usize) -> &str {
        self.files.get(file).map_or("", |file| &file.text)
    }

    pub fn tree(&self, file: usize) -> Option<&tree::File> {
        self.trees.get(file)
    }

    pub fn comments(&self, file: usize) -> &[Comment] {
        self.notes.get(file).map_or(&[], |notes| &notes.comments)
    }

    /// Whether the file's own text can be read to its end.
    pub fn is_read(&self, file: usize) -> bool {
        self.notes.get(file).is_some_and(|notes| notes.problems.is_empty())
    }

    pub fn heads(&self) -> Heads<'_> {
        Heads::of(&self.trees)
    }

    /// Every name of a file.
    pub fn mentions(&self, file: usize) -> Vec<Mention<'_>> {
        let heads = self.heads();
        self.trees.get(file).map_or_else(Vec::new, |tree| mentions(tree, self.text(file), &heads))
    }

    /// Every name of every file, each with the file's index.
    pub fn all_mentions(&self) -> impl Iterator<Item = (usize, Mention<'_>)> {
        let heads = self.heads();
        let found =
            self.trees.iter().enumerate().map(move |(file, tree)| (file, mentions(tree, self.text(file), &heads)));
        found.flat_map(|(file, found)| found.into_iter().map(move |mention| (file, mention)))
    }
}
