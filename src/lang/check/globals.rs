//! What is named at the top of files: one namespace over all of them.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use syncline_grammar::Span;
use syncline_grammar::tree::{self, Item, ValueKind};

use super::order;
use super::suggest::{Likeness, as_text};
use crate::data::{BySide, Zone};
use crate::diagnostic::{Code, Finding, Fix, LineIndex, SourceFile};
use crate::lang::meaning::Budget;
use crate::lang::plan::{NamedSet, Place};
use crate::lang::schema::Catalog;

/// The edition that this version reads.
const EDITION: &str = "2026";

/// Steps of proofs for all rules together; what they do not reach is not said.
const STEPS: u32 = 200_000;

/// A block and the file it stands in.
pub(super) type InFile<'a, T> = (usize, &'a T);

pub(super) struct Globals<'a> {
    pub catalogs: BySide<&'a Catalog>,
    pub texts: &'a [SourceFile],
    lines: Vec<LineIndex>,
    /// In the order of the files, with an index by name.
    pub syncs: Vec<InFile<'a, tree::Sync>>,
    sync_index: BTreeMap<&'a str, usize>,
    pub values: BTreeMap<&'a str, InFile<'a, tree::Values>>,
    /// In the order of the files, with an index by name.
    pub picklists: Vec<InFile<'a, tree::Picklist>>,
    pub picklist_index: BTreeMap<&'a str, usize>,
    /// The same for `place` blocks.
    pub places: Vec<InFile<'a, tree::Place>>,
    pub place_index: BTreeMap<&'a str, usize>,
    /// The same for `owners` blocks.
    pub owners: Vec<InFile<'a, tree::Owners>>,
    pub owners_index: BTreeMap<&'a str, usize>,
    /// Blocks of other kinds that `via` can name.
    pub other_tables: BTreeMap<&'a str, &'static str>,
    pub limits: Vec<InFile<'a, tree::Limits>>,
    pub lifecycles: Vec<InFile<'a, tree::Lifecycle>>,
    pub orders: Vec<order::Order<'a>>,
    pub tests: Vec<InFile<'a, tree::Test>>,
    /// Where days begin; none where no file says, or says it wrong.
    pub zone: Option<Zone>,
    /// Work that is left for proofs about what the rules mean.
    pub budget: Budget,
    /// What a wrong name may have meant.
    pub likeness: Likeness,
    /// Words behind `values` in the texts, looked up when first asked for.
    written_values: OnceCell<BTreeSet<String>>,
    zones: Vec<InFile<'a, tree::Zone>>,
    order_blocks: Vec<InFile<'a, tree::Order>>,
}

impl<'a> Globals<'a> {
    pub(super) fn gather(
        texts: &'a [SourceFile],
        files: &'a [tree::File],
        catalogs: BySide<&'a Catalog>,
        findings: &mut Vec<Finding>,
    ) -> Globals<'a> {
        let mut globals = Globals {
            catalogs,
            texts,
            lines: texts.iter().map(|file| LineIndex::new(&file.text)).collect(),
            syncs: Vec::new(),
            sync_index: BTreeMap::new(),
            values: BTreeMap::new(),
            picklists: Vec::new(),
            picklist_index: BTreeMap::new(),
            places: Vec::new(),
            place_index: BTreeMap::new(),
            owners: Vec::new(),
            owners_index: BTreeMap::new(),
            other_tables: BTreeMap::new(),
            limits: Vec::new(),
            lifecycles: Vec::new(),
            budget: Budget::new(STEPS),
            likeness: Likeness::default(),
            orders: Vec::new(),
            tests: Vec::new(),
            zone: None,
            written_values: OnceCell::new(),
            zones: Vec::new(),
            order_blocks: Vec::new(),
        };
        let mut seen: BTreeMap<(&str, &str), (usize, Span)> = BTreeMap::new();
        for (at, file) in files.iter().enumerate() {
            edition(at, texts.get(at).map_or("", |file| &file.text), file, findings);
            for item in &file.items {
                if let Some((kind, name)) = named(item) {
                    match seen.get(&(kind, name.text.as_str())) {
                        Some((file, span)) => {
                            findings.push(
                                Finding::new(
                                    Code::NameTwice,
                                    at,
                                    name.span,
                                    format!("`{}` is named a second time", name.text),
                                )
                                .also(*file, *span, "first named here"),
                            );
                            continue;
                        }
                        None => seen.insert((kind, &name.text), (at, name.span)),
                    };
                }
                globals.add(at, item);
            }
        }
        globals.zone = zone(&globals.zones, &globals.likeness, findings);
        globals.orders = order::check(&globals.order_blocks, catalogs, &globals.likeness, findings);
        globals
    }

    pub(super) fn sync(&self, name: &str) -> Option<&'a tree::Sync> {
        self.sync_index.get(name).and_then(|at| self.syncs.get(*at)).map(|(_, sync)| *sync)
    }

    /// Names of everything that `via` can name.
    pub(super) fn tables(&self) -> impl Iterator<Item = &&'a str> {
        self.picklist_index.keys().chain(self.place_index.keys()).chain(self.owners_index.keys())
    }

    /// The names of all blocks.
    pub(super) fn block_names(&self) -> impl Iterator<Item = &'a str> {
        let tables = self.tables().copied().chain(self.other_tables.keys().copied());
        tables.chain(self.values.keys().copied()).chain(self.syncs.iter().map(|(_, sync)| sync.name.text.as_str()))
    }

    /// Whether a text has a `values` block of this name, be it one that could be read or not.
    pub(super) fn is_written_values(&self, name: &str) -> bool {
        let names = self.written_values.get_or_init(|| {
            let mut names = BTreeSet::new();
            for file in self.texts {
                let words: Vec<&str> =
                    syncline_grammar::tokens(&file.text).iter().map(|token| token.span.slice(&file.text)).collect();
                names.extend(words.windows(2).filter(|pair| pair[0] == "values").map(|pair| pair[1].to_owned()));
            }
            names
        });
        names.contains(name)
    }

    /// Whether a file has a `zone` line, be it a good one or not.
    pub(super) fn has_zone(&self) -> bool {
        !self.zones.is_empty()
    }

    /// `values` and `order` blocks, in the order of the files.
    pub(super) fn sets(&self) -> Vec<NamedSet> {
        let text = |value: &tree::Value| {
            let (ValueKind::Word(text) | ValueKind::Text(text) | ValueKind::Number(text) | ValueKind::Date(text)) =
                &value.kind;
            text.clone()
        };
        let texts = |values: &[tree::Value]| values.iter().map(text).collect();
        let values = self.values.values().map(|(file, block)| NamedSet {
            ordered: false,
            names: vec![block.name.text.clone()],
            place: self.place(*file, block.span),
            values: texts(&block.values),
        });
        let orders = self.order_blocks.iter().map(|(file, block)| NamedSet {
            ordered: true,
            names: block.fields.iter().map(tree::Path::text).collect(),
            place: self.place(*file, block.span),
            values: texts(&block.values),
        });
        let mut sets: Vec<NamedSet> = values.chain(orders).collect();
        sets.sort_by_key(|set| (set.place.file, set.place.line));
        sets
    }

    pub(super) fn place(&self, file: usize, span: Span) -> Place {
        Place { file, line: self.lines.get(file).map_or(0, |lines| lines.line(span.start)) }
    }

    fn add(&mut self, file: usize, item: &'a Item) {
        match item {
            Item::Sync(sync) => {
                self.sync_index.insert(&sync.name.text, self.syncs.len());
                self.syncs.push((file, sync));
            }
            Item::Values(values) => {
                self.values.insert(&values.name.text, (file, values));
            }
            Item::Picklist(picklist) => {
                self.picklist_index.insert(&picklist.name.text, self.picklists.len());
                self.picklists.push((file, picklist));
            }
            Item::Owners(block) => {
                self.owners_index.insert(&block.name.text, self.owners.len());
                self.owners.push((file, block));
            }
            Item::Place(block) => {
                self.place_index.insert(&block.name.text, self.places.len());
                self.places.push((file, block));
            }
            Item::Stages(block) => {
                self.other_tables.insert(&block.name.text, "stages");
            }
            Item::Limits(limits) => self.limits.push((file, limits)),
            Item::Lifecycle(block) => self.lifecycles.push((file, block)),
            Item::Zone(zone) => self.zones.push((file, zone)),
            Item::Order(order) => self.order_blocks.push((file, order)),
            Item::Test(test) => self.tests.push((file, test)),
            _ => {}
        }
    }
}

/// The namespace and name of a block. What `via` can name shares one.
fn named(item: &Item) -> Option<(&'static str, &tree::Name)> {
    match item {
        Item::Sync(block) => Some(("sync", &block.name)),
        Item::Values(block) => Some(("values", &block.name)),
        Item::Picklist(block) => Some(("table", &block.name)),
        Item::Owners(block) => Some(("table", &block.name)),
        Item::Place(block) => Some(("table", &block.name)),
        Item::Stages(block) => Some(("table", &block.name)),
        _ => None,
    }
}

/// The one zone of the rules.
fn zone(written: &[InFile<'_, tree::Zone>], likeness: &Likeness, findings: &mut Vec<Finding>) -> Option<Zone> {
    let (file, first) = written.first()?;
    for (again_in, again) in written.iter().skip(1) {
        let finding = Finding::new(Code::BlockTwice, *again_in, again.span, "a second `zone`");
        findings.push(finding.also(*file, first.span, "the first one"));
    }
    let zone = Zone::named(&first.name.text);
    if zone.is_none() {
        let message = format!("there is no time zone `{}`", first.name.text);
        let finding = Finding::new(Code::UnknownZone, *file, first.name.span, message);
        let names = Zone::names();
        findings.push(
            match likeness.suggest(&first.name.text, names.iter().map(|name| (name.as_str(), name.as_str()))) {
                Some(found) => found.into(finding, as_text),
                None => finding.help("write continent and city: `zone \"America/New_York\"`"),
            },
        );
    }
    zone
}

fn edition(at: usize, text: &str, file: &tree::File, findings: &mut Vec<Finding>) {
    let help = format!("write `edition {EDITION}` on the first line");
    match &file.edition {
        Some(edition) if edition.year.text == EDITION => {}
        Some(edition) => {
            let message = format!("edition `{}` is not one that this version reads", edition.year.text);
            let fix = Fix::write(at, edition.year.span, EDITION);
            findings.push(Finding::new(Code::NoEdition, at, edition.year.span, message).help(help).fix(fix));
        }
        None => {
            let message = "the file does not say its edition";
            // Behind a byte order mark, which is no part of the first line.
            let start = text.len() - text.trim_start_matches('\u{feff}').len();
            let fix = Fix::write(at, Span::new(start, start), format!("edition {EDITION}\n")).safe();
            findings.push(Finding::new(Code::NoEdition, at, Span::default(), message).help(help).fix(fix));
        }
    }
}
