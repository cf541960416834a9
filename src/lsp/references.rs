//! Where a name is declared, and where it is used.

use syncline_grammar::tree::{Item, StepKind, ValueKind};
use syncline_grammar::{Span, tree};

use super::analysis::Analysis;
use super::names::{Does, Mention, Role, Rule, Space, mention_at, rules};

/// Something that has one name in several places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Symbol {
    Block {
        space: Space,
        name: String,
    },
    /// A rule with a name in quotes.
    Rule {
        name: String,
        sync: String,
    },
    /// A rule without a name of its own, as tests name it.
    Line {
        name: String,
        does: Does,
    },
    /// A record of the test whose name stands at this span.
    Record {
        file: usize,
        test: Span,
        name: String,
    },
}

/// One place of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    pub file: usize,
    pub span: Span,
    pub form: Form,
    pub declares: bool,
}

/// How the name is written there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Bare, or in backticks.
    Name,
    Quoted,
    /// Within a text in quotes: `people` of `"people.email"`.
    Inside,
    /// Not written there at all: a line is meant.
    Line,
}

/// The symbol at a place, and where its name stands there.
pub fn symbol_at(analysis: &Analysis, file: usize, offset: u32) -> Option<(Span, Symbol)> {
    let mentions = analysis.mentions(file);
    let mention = mention_at(&mentions, offset)?;
    Some((mention.span, symbol_of(analysis, file, mention)?))
}

pub fn symbol_of(analysis: &Analysis, file: usize, mention: &Mention<'_>) -> Option<Symbol> {
    let name = mention.text.to_owned();
    match &mention.role {
        Role::Block(space) | Role::BlockRef(space) => Some(Symbol::Block { space: *space, name }),
        Role::TablePart { table } => Some(Symbol::Block { space: Space::Table, name: (*table).to_owned() }),
        Role::Value { kind: ValueKind::Word(_), in_set: true, .. } => {
            let values = Symbol::Block { space: Space::Values, name };
            declaration(analysis, &values).map(|_| values)
        }
        Role::Rule { sync } => Some(Symbol::Rule { name, sync: (*sync)?.to_owned() }),
        Role::RuleRef(does) => {
            let rule = all_rules(analysis).into_iter().find(|rule| rule.does == *does && rule.name == name)?;
            Some(if rule.named { Symbol::Rule { name, sync: rule.sync } } else { Symbol::Line { name, does: *does } })
        }
        Role::Record(held) => Some(Symbol::Record { file, test: held.test, name }),
        Role::RecordRef { test, .. } => Some(Symbol::Record { file, test: *test, name }),
        Role::Type(_) | Role::Field { .. } | Role::Value { .. } | Role::List => None,
    }
}

/// Where it is declared.
pub fn definition(analysis: &Analysis, symbol: &Symbol) -> Option<Spot> {
    match symbol {
        Symbol::Block { .. } => declaration(analysis, symbol),
        Symbol::Rule { name, sync } => {
            let declared = |role: &Role<'_>| matches!(role, Role::Rule { sync: Some(of) } if of == sync);
            let mut found =
                analysis.all_mentions().filter(|(_, mention)| declared(&mention.role) && mention.text == name);
            found.next().map(|(file, mention)| Spot { file, span: mention.span, form: Form::Quoted, declares: true })
        }
        Symbol::Line { name, does } => {
            let rule = all_rules(analysis).into_iter().find(|rule| rule.does == *does && rule.name == *name)?;
            Some(Spot { file: rule.file, span: rule.span, form: Form::Line, declares: true })
        }
        Symbol::Record { file, test, name } => {
            let steps = analysis.tree(*file)?.items.iter().find_map(|item| match item {
                Item::Test(found) if found.name.span == *test => Some(&found.steps),
                _ => None,
            })?;
            let given = || {
                steps.iter().filter_map(|step| match &step.kind {
                    StepKind::Given(record) => Some(record),
                    _ => None,
                })
            };
            let spot = |span: Span, form: Form| Some(Spot { file: *file, span, form, declares: true });
            let alias =
                |record: &tree::TestRecord| record.alias.as_ref().filter(|alias| alias.text == *name).map(|a| a.span);
            match given().find_map(alias) {
                Some(span) => spot(span, Form::Name),
                None => spot(given().find(|record| record.object.text == *name)?.object.span, Form::Line),
            }
        }
    }
}

fn declaration(analysis: &Analysis, symbol: &Symbol) -> Option<Spot> {
    let Symbol::Block { space, name } = symbol else { return None };
    let declared =
        |mention: &Mention<'_>| matches!(mention.role, Role::Block(of) if of == *space) && mention.text == name;
    let (file, mention) = analysis.all_mentions().find(|(_, mention)| declared(mention))?;
    let form = if *space == Space::Test { Form::Quoted } else { Form::Name };
    Some(Spot { file, span: mention.span, form, declares: true })
}

/// Every place of its name, in the order of the files.
pub fn spots(analysis: &Analysis, symbol: &Symbol) -> Vec<Spot> {
    let mut spots: Vec<Spot> = definition(analysis, symbol).into_iter().collect();
    let rules = all_rules(analysis);
    for (file, mention) in analysis.all_mentions() {
        let is = match (&mention.role, symbol) {
            // The part of a sync's rows' names that is the sync's.
            (Role::RuleRef(does), Symbol::Block { space: Space::Sync, name }) => {
                let of = |rule: &&Rule| rule.does == *does && rule.name == mention.text && !rule.named;
                let row = rules.iter().find(of).is_some_and(|rule| rule.sync == *name);
                if row && mention.text.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.')) {
                    let start = mention.span.start as usize + 1;
                    let span = Span::new(start, start + name.len());
                    spots.push(Spot { file, span, form: Form::Inside, declares: false });
                }
                false
            }
            (Role::TablePart { .. }, _) => false,
            _ => mention.text == symbol.name() && symbol_of(analysis, file, &mention).as_ref() == Some(symbol),
        };
        if is && !spots.iter().any(|spot| (spot.file, spot.span) == (file, mention.span)) {
            let form = if analysis.text(file).as_bytes().get(mention.span.start as usize) == Some(&b'"') {
                Form::Quoted
            } else {
                Form::Name
            };
            spots.push(Spot { file, span: mention.span, form, declares: false });
        }
    }
    spots.sort_by_key(|spot| (spot.file, spot.span));
    spots
}

impl Symbol {
    pub fn name(&self) -> &str {
        match self {
            Symbol::Block { name, .. }
            | Symbol::Rule { name, .. }
            | Symbol::Line { name, .. }
            | Symbol::Record { name, .. } => name,
        }
    }
}

pub fn all_rules(analysis: &Analysis) -> Vec<Rule> {
    let texts: Vec<&str> = analysis.files.iter().map(|file| file.text.as_str()).collect();
    rules(&analysis.trees, &texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsp::testing::project_of;

    const RULES: &str = "sync people: hubspot contact <-> salesforce Lead {\n\
        both ways { exclude \"staff\" when email ends with any of ours }\n\
        to salesforce { create Lead otherwise }\n\
        map { email <-> Email  hs_lead_status -> Status via statuses } }\n\
        picklist statuses { NEW -> \"Open - Not Contacted\" }\nvalues ours { \"acme.com\" }\n";
    const TESTS: &str = "test \"one\" { given hubspot contact as ana { email: \"x\" }\n pass\n\
        expect excluded by \"staff\"\n expect created Lead by \"create Lead otherwise\"\n\
        expect ana { email: \"x\" } by \"people.email\" }\n\
        test \"two\" { given hubspot contact as ana { email: \"y\" }\n delete ana }\n";

    fn written(find: &str, into: usize) -> (Option<String>, Vec<String>) {
        let analysis = project_of(&[RULES, TESTS]);
        let (file, at) = match RULES.find(find) {
            Some(at) => (0, at),
            None => (1, TESTS.find(find).unwrap()),
        };
        let Some((_, symbol)) = symbol_at(&analysis, file, (at + into) as u32) else { return (None, Vec::new()) };
        let shown = |spot: &Spot| format!("{}:{}", spot.file, spot.span.slice(analysis.text(spot.file)));
        (definition(&analysis, &symbol).map(|spot| shown(&spot)), spots(&analysis, &symbol).iter().map(shown).collect())
    }

    #[test]
    fn names_lead_to_what_they_name() {
        let (declared, used) = written("via statuses", 6);
        assert_eq!((declared.as_deref(), used.len()), (Some("0:statuses"), 2));
        let (declared, used) = written("any of ours", 8);
        assert_eq!((declared.as_deref(), used.len()), (Some("0:ours"), 2));
        let (declared, used) = written("by \"staff", 5);
        assert_eq!(
            (declared.as_deref(), used),
            (Some("0:\"staff\""), vec!["0:\"staff\"".into(), "1:\"staff\"".into()])
        );
        let (declared, used) = written("by \"create Lead", 5);
        assert_eq!((declared.as_deref(), used.len()), (Some("0:create Lead otherwise"), 2));
        let (declared, used) = written("by \"people", 5);
        assert_eq!((declared.as_deref(), used.len()), (Some("0:email <-> Email"), 2));
        assert_eq!(written("email <->", 1), (None, Vec::new()), "fields are the CRM's");
    }

    #[test]
    fn a_record_is_one_of_its_test_and_a_sync_stands_in_its_rows_names() {
        let (declared, used) = written("expect ana", 8);
        assert_eq!((declared.as_deref(), used), (Some("1:ana"), vec!["1:ana".to_owned(), "1:ana".to_owned()]));
        let (_, used) = written("sync people", 6);
        assert_eq!(used, ["0:people", "1:people"]);
    }
}
