//! The outline of a file: its blocks, and the rules in them.

use syncline_grammar::Span;
use syncline_grammar::tree::{
    BlockLine, CreateWhat, File, GateKind, Item, LifecycleLine, MapLine, Name, Row, SyncLine, Target,
};

/// One entry of the outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    pub kind: Kind,
    pub name: String,
    pub detail: String,
    pub span: Span,
    /// What is marked when it is gone to.
    pub name_span: Span,
    pub inner: Vec<Symbol>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `sync`, `members`, `change`
    Sync,
    /// A table of values.
    Table,
    Block,
    Rule,
    Row,
    Test,
}

impl Symbol {
    fn new(kind: Kind, name: impl Into<String>, detail: &str, span: Span, name_span: Span) -> Symbol {
        Symbol { kind, name: name.into(), detail: detail.to_owned(), span, name_span, inner: Vec::new() }
    }
}

pub fn symbols(tree: &File, text: &str) -> Vec<Symbol> {
    tree.items.iter().map(|item| symbol(item, text)).collect()
}

fn symbol(item: &Item, text: &str) -> Symbol {
    let word = item.keyword();
    let named = |kind: Kind, name: &Name| Symbol::new(kind, &name.text, word, item.span(), name.span);
    let plain = |kind: Kind, name: &str| Symbol::new(kind, name, "", item.span(), item.keyword_span());
    match item {
        Item::Sync(sync) => {
            let mut symbol = named(Kind::Sync, &sync.name);
            symbol.inner = sync.lines.iter().filter_map(|line| line_of_sync(line, text)).collect();
            symbol
        }
        Item::Picklist(block) => named(Kind::Table, &block.name),
        Item::Place(block) => named(Kind::Table, &block.name),
        Item::Stages(block) => named(Kind::Table, &block.name),
        Item::Owners(block) => named(Kind::Table, &block.name),
        Item::Values(block) => named(Kind::Table, &block.name),
        Item::Members(block) => named(Kind::Sync, &block.name),
        Item::Change(block) => named(Kind::Sync, &block.name),
        Item::Test(test) => Symbol::new(Kind::Test, &test.name.text, word, test.span, test.name.span),
        Item::Lifecycle(block) => {
            let mut symbol = Symbol::new(Kind::Sync, block.field.text(), word, block.span, block.field.span);
            symbol.inner = block.lines.iter().map(stage).collect();
            symbol
        }
        Item::Order(block) => {
            let fields: Vec<String> = block.fields.iter().map(|path| path.text()).collect();
            plain(Kind::Table, &format!("order {}", fields.join(", ")))
        }
        Item::Zone(zone) => Symbol::new(Kind::Block, &zone.name.text, word, zone.span, zone.name.span),
        Item::Limits(_) => plain(Kind::Block, word),
    }
}

fn stage(line: &LifecycleLine) -> Symbol {
    match line {
        LifecycleLine::Reach { span, name, .. } => Symbol::new(Kind::Rule, &name.text, "reach", *span, name.span),
        LifecycleLine::BackTo { span, name, .. } => Symbol::new(Kind::Rule, &name.text, "back to", *span, name.span),
        LifecycleLine::Cascade { span, to } => Symbol::new(Kind::Rule, to.text(), "cascade to", *span, to.span),
    }
}

fn line_of_sync(line: &SyncLine, text: &str) -> Option<Symbol> {
    match line {
        SyncLine::Block(block) => {
            let head = match block.target {
                Target::BothWays => "both ways".to_owned(),
                Target::To(side) => format!("to {}", side.word()),
            };
            let mut symbol = Symbol::new(Kind::Block, head, "", block.span, block.head);
            symbol.inner = block.lines.iter().filter_map(|line| rule(line, text)).collect();
            Some(symbol)
        }
        SyncLine::Map(map) => {
            let name = map.name.as_ref().map_or("map", |name| &name.text);
            let mut symbol = Symbol::new(Kind::Block, name, "", map.span, map.head);
            symbol.inner = map
                .lines
                .iter()
                .flat_map(|line| match line {
                    MapLine::Row(row) => vec![self::row(row, text)],
                    MapLine::Together(group) => {
                        let mut symbol =
                            Symbol::new(Kind::Block, &group.name.text, "together", group.span, group.name.span);
                        symbol.inner = group.rows.iter().map(|row| self::row(row, text)).collect();
                        vec![symbol]
                    }
                })
                .collect();
            Some(symbol)
        }
        SyncLine::Match(_) | SyncLine::RollUp(_) | SyncLine::Recheck(_) | SyncLine::Associate(_) => None,
    }
}

fn rule(line: &BlockLine, text: &str) -> Option<Symbol> {
    match line {
        BlockLine::Gate(gate) => {
            let word = if gate.kind == GateKind::Include { "include" } else { "exclude" };
            Some(Symbol::new(Kind::Rule, &gate.name.text, word, gate.span, gate.name.span))
        }
        BlockLine::Create(create) => match (&create.name, &create.what) {
            (Some(name), _) => Some(Symbol::new(Kind::Rule, &name.text, "create", create.span, name.span)),
            (None, CreateWhat::Object(what)) => {
                Some(Symbol::new(Kind::Rule, line_name(create.span, text), "create", create.span, what.span))
            }
            (None, CreateWhat::Nothing(span)) => {
                Some(Symbol::new(Kind::Rule, line_name(create.span, text), "create", create.span, *span))
            }
        },
        BlockLine::Pick(_) | BlockLine::Relink(_) | BlockLine::On(_) => None,
    }
}

fn row(row: &Row, text: &str) -> Symbol {
    let name = line_name(row.left.span.to(row.right.span), text);
    Symbol::new(Kind::Row, name, "", row.span, row.left.span)
}

/// What is written there, in one line and not too long.
fn line_name(span: Span, text: &str) -> String {
    const LONGEST: usize = 60;
    let words = span.slice(text).split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or("")),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_their_rules_and_every_name_stands_in_its_line() {
        let text = "edition 2026\nsync people: hubspot contact <-> salesforce Lead {\n match email = Email\n\
            to salesforce { include \"all\" when email is known  create Lead otherwise }\n\
            map newest wins { email   <->  Email  together \"name\" { firstname <-> FirstName } } }\n\
            picklist a { x -> y }\ntest \"one\" { pass }\n";
        let found = symbols(&syncline_grammar::parse(text).file, text);
        fn shown(symbols: &[Symbol], text: &str, out: &mut Vec<String>, depth: usize) {
            for symbol in symbols {
                assert!(symbol.span.start <= symbol.name_span.start && symbol.name_span.end <= symbol.span.end);
                out.push(format!(
                    "{}{:?} {} ({})",
                    " ".repeat(depth),
                    symbol.kind,
                    symbol.name,
                    symbol.name_span.slice(text)
                ));
                shown(&symbol.inner, text, out, depth + 1);
            }
        }
        let mut lines = Vec::new();
        shown(&found, text, &mut lines, 0);
        assert_eq!(
            lines,
            [
                "Sync people (people)",
                " Block to salesforce (to salesforce)",
                "  Rule all (\"all\")",
                "  Rule create Lead otherwise (Lead)",
                " Block map (map newest wins)",
                "  Row email <-> Email (email)",
                "  Block name (\"name\")",
                "   Row firstname <-> FirstName (firstname)",
                "Table a (a)",
                "Test one (\"one\")",
            ]
        );
    }
}
