//! The findings about losses, with their ways out.

use syncline_grammar::Span;

use super::risk::Risk;
use crate::data::{FieldKind, Side};
use crate::diagnostic::{Code, Finding, Fix};
use crate::lang::check::names::FieldOf;
use crate::lang::check::rows::RowUse;
use crate::lang::check::suggest::{few, join};
use crate::lang::check::sync::{SyncCheck, crm};
use crate::lang::check::types::kind_words;

impl<'a> SyncCheck<'a> {
    pub(super) fn loss_finding(
        &self,
        row: &RowUse<'a>,
        side: Side,
        risk: &Risk,
        kind: FieldKind,
        field: FieldOf<'a>,
    ) -> Finding {
        let (from, into) = (&row.ends[side.other()], &row.ends[side]);
        let (source, at) = (&from.name, &into.name);
        let up_to = |most: &Option<u32>, what: &str| match most {
            Some(most) => format!("up to {most} {what}"),
            None => format!("any number of {what}"),
        };
        let finding = |code, message: String| Finding::new(code, self.file, from.span, message);
        let there = |finding: Finding, words: String| finding.also(self.file, into.span, words);
        match risk {
            Risk::TooLong { longest, max, cut } => there(
                finding(Code::TooLong, format!("`{source}` may not fit into `{at}`"))
                    .label(up_to(longest, "characters")),
                format!("at most {max} characters in {}", field.def.label),
            )
            .help(match cut {
                true => "say what to do with longer text: `or truncate`, `or skip` or `or reject`",
                false => "say what to do with longer text: `or skip` or `or reject`",
            })
            .with(self.handlers(row, if *cut { &["truncate", "skip", "reject"] } else { &["skip", "reject"] })),
            Risk::TooPrecise(scale, most) => there(
                finding(Code::TooPrecise, format!("`{source}` may be more precise than `{at}`"))
                    .label(up_to(scale, "digits after the point")),
                format!("keeps {most}"),
            )
            .help("say what to do with more digits: `or round`, `or skip` or `or reject`")
            .with(self.handlers(row, &["round", "skip", "reject"])),
            Risk::Misfits => there(
                finding(Code::MayNotConvert, format!("not every value of `{source}` fits `{at}`"))
                    .label(kind_words(kind)),
                kind_words(field.def.kind).to_owned(),
            )
            .help("say what to do with the others: `or skip` or `or reject`")
            .with(self.handlers(row, &["skip", "reject"])),
            Risk::Options(options) => {
                let options: Vec<&str> = options.iter().map(String::as_str).collect();
                finding(Code::OptionsLost, format!("`{at}` does not take {}", few(&options)))
                    .help("map them with a picklist: `via …`; or say `or skip` or `or reject`")
                    .with(self.handlers(row, &["skip", "reject"]))
            }
            Risk::Never => there(
                finding(Code::CannotConvert, format!("`{source}` cannot become `{at}`")).label(kind_words(kind)),
                kind_words(field.def.kind).to_owned(),
            )
            .help(never_help(source, at, [kind, field.def.kind])),
            Risk::Days => there(
                finding(Code::NeedsAsDate, format!("`{source}` and `{at}` are not dates alike"))
                    .label(kind_words(kind)),
                kind_words(field.def.kind).to_owned(),
            )
            .help("say that the day counts: `as date`")
            .with(self.globals.zone.iter().map(|_| Fix::append(self.file, row.tree.span, "  as date")).collect()),
        }
    }

    pub(super) fn blank_finding(&self, row: &RowUse<'a>, side: Side, field: FieldOf<'a>) -> Finding {
        let (from, into) = (&row.ends[side.other()], &row.ends[side]);
        let message = format!("`{}` never takes a blank, and `{}` may be blank", into.name, from.name);
        let named = field.def.kind == FieldKind::Text && field.def.max.is_none_or(|max| max >= 9);
        Finding::new(Code::RequiredBlank, self.file, from.span, message)
            .label("may be blank")
            .also(self.file, into.span, format!("{} needs {}", crm(side), field.def.label))
            .help("say what happens then: `or use \"…\"`, `or skip` or `or reject`")
            .with(
                self.handlers(row, if named { &["use \"(unknown)\"", "skip", "reject"] } else { &["skip", "reject"] }),
            )
    }

    pub(super) fn handlers(&self, row: &RowUse<'_>, words: &[&str]) -> Vec<Fix> {
        words.iter().map(|word| Fix::append(self.file, row.tree.span, format!("  or {word}"))).collect()
    }

    /// Another handler stands where one belongs: it is replaced, not joined.
    pub(super) fn instead(&self, mut finding: Finding, span: Span) -> Finding {
        let written = self.written(span);
        let words = finding.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.text.trim().to_owned());
        let words: Vec<String> = words.collect();
        let listed: Vec<&str> = words.iter().map(String::as_str).collect();
        finding.fixes = words.iter().map(|words| Fix::write(self.file, span, words.as_str())).collect();
        let why = match finding.code {
            Code::TooLong => "an address or an option cut short is another one",
            _ => "a number is not cut, but rounded",
        };
        finding.help(format!("in the place of `{written}` write {}: {why}", join(&listed, "or")))
    }
}

/// What to do with two fields of which no value of one is one of the other.
fn never_help(source: &str, at: &str, kinds: [FieldKind; 2]) -> &'static str {
    let of_owners = [source, at].iter().any(|name| name.to_ascii_lowercase().contains("owner"));
    match kinds.contains(&FieldKind::Id) {
        true if of_owners => {
            "whose a record is says an `owners` block, which finds the same person on the other side: `via …`"
        }
        true => {
            "an id of one CRM names nothing in the other: keep it in a field of text, or map what the record that it names holds"
        }
        false => "map to a field of the same type",
    }
}
