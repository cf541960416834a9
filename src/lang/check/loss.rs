//! What can get lost on the way, and whether the row says what happens then: the L codes.

use syncline_grammar::Span;
use syncline_grammar::tree::{Direction, PickLeftKind, PickRightKind};

use super::list_of::as_field;
use super::names::{FieldOf, Origin, Resolved};
use super::operands::Part;
use super::rows::RowUse;
use super::suggest::{few, join};
use super::sync::{SyncCheck, crm};
use super::types::kind_words;
use crate::data::{FieldKind, Side, Uid};
use crate::diagnostic::{Code, Finding, Fix};
use crate::lang::plan::{Around, Convert, Converted, Handler, convert, target};
use crate::lang::schema::FieldDef;

/// Longest text of a number: 28 digits, sign, point, zero.
const NUMBER_LENGTH: u32 = 31;

#[derive(Clone, Debug, PartialEq)]
enum Risk {
    /// Characters: most at the source, where that is known, and most at the target. Only text may be cut: an address or
    /// an option cut short is another one.
    TooLong {
        longest: Option<u32>,
        max: u32,
        cut: bool,
    },
    /// Digits after the point, likewise.
    TooPrecise(Option<u32>, u32),
    /// Some values have no form of the target's type.
    Misfits,
    /// Options that the target does not take.
    Options(Vec<String>),
    Never,
    /// Between days and moments.
    Days,
}

/// What can happen to values of `source` (none: a record id) on their way into `target`.
fn risks(source: Option<&FieldDef>, target: &FieldDef) -> Vec<Risk> {
    use FieldKind as K;
    let kind = source.map_or(K::Id, |def| def.kind);
    let own = match (kind, target.kind) {
        (_, K::Id) => Risk::Never,
        (_, K::Text) | (K::Email, K::Email) => return too_long(source, target),
        (K::Text, K::Email) => return [vec![Risk::Misfits], too_long(source, target)].concat(),
        (_, K::Email) => Risk::Never,
        (K::Number, K::Number) => return too_precise(source, target),
        (K::Bool, K::Bool) | (K::Day, K::Day) | (K::Time, K::Time) => return Vec::new(),
        (K::Day, K::Time) | (K::Time, K::Day) => Risk::Days,
        (K::Text, K::Number | K::Bool | K::Day | K::Time) | (K::Option | K::Id, K::Number) => Risk::Misfits,
        (K::Option, K::Bool) => return options(source, &["true", "false"]),
        (_, K::Number | K::Bool | K::Day | K::Time) => Risk::Never,
        (K::Day | K::Time | K::Id, K::Option | K::Options) => Risk::Never,
        (K::Options, K::Option) => Risk::Misfits,
        (_, K::Option | K::Options) if !target.closed => return too_long(source, target),
        (K::Bool, K::Option | K::Options) => {
            let missing = ["true", "false"].into_iter().filter(|word| !has_option(target, word)).map(str::to_owned);
            return lost(missing.collect());
        }
        (_, K::Option | K::Options) => {
            let known: Vec<&str> = target.options.iter().map(|option| option.value.as_str()).collect();
            return options(source, &known);
        }
    };
    vec![own]
}

/// What a row carries from one record type.
enum Carried<'a> {
    /// A record id, of the member or of a record that it may not have.
    Id {
        reached: bool,
    },
    Field {
        def: &'a FieldDef,
        reached: bool,
    },
    /// A text put together, or a list, and whether all of it may be blank.
    Text {
        def: FieldDef,
        blank: bool,
    },
    /// Fitted to the target where it is written.
    Constant(FieldKind),
}

impl<'a> Carried<'a> {
    /// Nothing where the records of this type do not have it.
    fn of(from: &Resolved<'a>, ty: usize) -> Option<Carried<'a>> {
        if !from.applies(ty) {
            return None;
        }
        Some(match &from.origin {
            Origin::Constant(_) => Carried::Constant(from.kind()),
            Origin::Composed(parts) => {
                let of = |part: &Part<'a>| match part {
                    Part::Text(_) => None,
                    Part::Value(value) => Carried::of(value, ty),
                };
                let lengths = parts.iter().map(|part| match (part, of(part)) {
                    (Part::Text(text), _) => Some(u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)),
                    (_, Some(carried)) => carried.longest(),
                    (_, None) => Some(0),
                });
                let max = lengths.sum::<Option<u32>>();
                let blank = parts.iter().filter_map(of).all(|carried| carried.may_be_blank());
                Carried::Text { def: FieldDef::text(&from.name, max), blank }
            }
            Origin::ListOf { field, .. } => Carried::Text { def: as_field(&from.name, *field), blank: true },
            Origin::ReachedId { .. } => Carried::Id { reached: true },
            origin => match from.field(ty) {
                Some(field) => Carried::Field { def: field.def, reached: matches!(origin, Origin::Reached { .. }) },
                None => Carried::Id { reached: false },
            },
        })
    }

    fn def(&self) -> Option<&FieldDef> {
        match self {
            Carried::Field { def, .. } => Some(def),
            Carried::Text { def, .. } => Some(def),
            Carried::Id { .. } | Carried::Constant(_) => None,
        }
    }

    fn kind(&self) -> FieldKind {
        match self {
            Carried::Constant(kind) => *kind,
            other => other.def().map_or(FieldKind::Id, |def| def.kind),
        }
    }

    fn longest(&self) -> Option<u32> {
        longest(self.def())
    }

    fn may_be_blank(&self) -> bool {
        match self {
            Carried::Id { reached } => *reached,
            Carried::Field { def, reached } => *reached || !def.required,
            Carried::Text { blank, .. } => *blank,
            Carried::Constant(_) => false,
        }
    }

    fn risks(&self, target: &FieldDef) -> Vec<Risk> {
        match self {
            Carried::Constant(_) => Vec::new(),
            other => risks(other.def(), target),
        }
    }
}

fn has_option(def: &FieldDef, value: &str) -> bool {
    def.options.iter().any(|option| option.value == value)
}

fn options(source: Option<&FieldDef>, known: &[&str]) -> Vec<Risk> {
    let Some(source) = source.filter(|def| def.closed && !def.options.is_empty()) else { return vec![Risk::Misfits] };
    let values = source.options.iter().map(|option| option.value.as_str());
    lost(values.filter(|value| !known.contains(value)).map(str::to_owned).collect())
}

fn lost(options: Vec<String>) -> Vec<Risk> {
    if options.is_empty() { Vec::new() } else { vec![Risk::Options(options)] }
}

fn too_long(source: Option<&FieldDef>, target: &FieldDef) -> Vec<Risk> {
    let longest = longest(source);
    match target.max {
        Some(max) if longest.is_none_or(|longest| longest > max) => {
            vec![Risk::TooLong { longest, max, cut: target.kind == FieldKind::Text }]
        }
        _ => Vec::new(),
    }
}

fn longest(source: Option<&FieldDef>) -> Option<u32> {
    let Some(def) = source else { return Some(18) };
    let lengths = || def.options.iter().map(|option| option.value.encode_utf16().count() as u32);
    match def.kind {
        FieldKind::Bool => Some(5),
        FieldKind::Number => Some(NUMBER_LENGTH),
        FieldKind::Day => Some(10),
        FieldKind::Time => Some(24),
        FieldKind::Id => Some(18),
        FieldKind::Option if def.closed => lengths().max(),
        FieldKind::Options if def.closed => Some(lengths().map(|length| length + 1).sum::<u32>().saturating_sub(1)),
        FieldKind::Text | FieldKind::Email | FieldKind::Option | FieldKind::Options => def.max,
    }
}

fn too_precise(source: Option<&FieldDef>, target: &FieldDef) -> Vec<Risk> {
    let scale = source.and_then(|def| def.scale);
    match target.scale {
        Some(most) if scale.is_none_or(|scale| scale > most) => vec![Risk::TooPrecise(scale, most)],
        _ => Vec::new(),
    }
}

impl<'a> SyncCheck<'a> {
    pub(super) fn loss(&mut self, rows: &[RowUse<'a>]) {
        for row in rows {
            self.two_handlers(row);
            let (mut all, mut blanks, mut lost) = (Vec::new(), false, Vec::new());
            for side in Side::BOTH {
                if row.writes(side) {
                    let (found, may_be_blank) = self.losses(row, side, &mut lost);
                    all.extend(found);
                    blanks |= may_be_blank;
                }
            }
            let misplaced = misplaced(row, &all);
            for finding in lost {
                let of_length = matches!(finding.code, Code::TooLong | Code::TooPrecise);
                self.report(match misplaced.filter(|_| of_length) {
                    Some(span) => self.instead(finding, span),
                    None => finding,
                });
            }
            self.needless(row, &all, blanks);
            self.dated(row, &all);
            self.substitute(row);
        }
    }

    /// Looks at every pair of types; each kind of loss is reported once per direction. Says what was found, handled or
    /// not, and whether a blank can arrive.
    fn losses(&mut self, row: &RowUse<'a>, side: Side, lost: &mut Vec<Finding>) -> (Vec<Risk>, bool) {
        let from = &row.ends[side.other()];
        let (mut found, mut blanks) = (Vec::new(), false);
        let mut reported: Vec<Code> = Vec::new();
        for to_type in 0..self.types[side].len() {
            let Some(field) = row.target(side, to_type) else { continue };
            for from_type in 0..self.types[side.other()].len() {
                let sources: Vec<Carried<'_>> =
                    from.alternatives().iter().filter_map(|from| Carried::of(from, from_type)).collect();
                if sources.is_empty() {
                    continue;
                }
                let (mut here, mut findings) = (Vec::new(), Vec::new());
                for source in sources.iter().filter(|_| !row.clauses.through_table()) {
                    let found = source.risks(field.def);
                    let lost = found.iter().filter(|risk| !handled(row, risk));
                    findings.extend(lost.map(|risk| self.loss_finding(row, side, risk, source.kind(), field)));
                    here.extend(found);
                }
                let blank = sources.iter().all(Carried::may_be_blank) && !self.table_fills(row, side);
                blanks |= blank;
                if blank && field.def.required && field.def.kind != FieldKind::Bool {
                    if !row
                        .clauses
                        .handlers
                        .iter()
                        .any(|(_, handler)| matches!(handler, Handler::Use(_) | Handler::Skip | Handler::Reject))
                    {
                        findings.push(self.blank_finding(row, side, field));
                    }
                    here.push(Risk::Misfits);
                }
                for finding in findings {
                    if !reported.contains(&finding.code) {
                        reported.push(finding.code);
                        lost.push(finding);
                    }
                }
                found.extend(here);
            }
        }
        (found, blanks)
    }

    /// Whether the row's picklist gives a value where there is none.
    fn table_fills(&self, row: &RowUse<'a>, side: Side) -> bool {
        let table = row.clauses.via.and_then(|at| self.globals.picklists.get(at));
        table.filter(|_| side == Side::Right).is_some_and(|(_, table)| {
            table.rows.iter().any(|row| {
                matches!(row.left.kind, PickLeftKind::Blank)
                    && matches!(row.right.kind, PickRightKind::Value(_))
                    && row.arrow.direction != Direction::ToHubSpot
            })
        })
    }

    fn loss_finding(&self, row: &RowUse<'a>, side: Side, risk: &Risk, kind: FieldKind, field: FieldOf<'a>) -> Finding {
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
            .help("map to a field of the same type"),
            Risk::Days => there(
                finding(Code::NeedsAsDate, format!("`{source}` and `{at}` are not dates alike"))
                    .label(kind_words(kind)),
                kind_words(field.def.kind).to_owned(),
            )
            .help("say that the day counts: `as date`")
            .with(self.globals.zone.iter().map(|_| Fix::append(self.file, row.tree.span, "  as date")).collect()),
        }
    }

    fn blank_finding(&self, row: &RowUse<'a>, side: Side, field: FieldOf<'a>) -> Finding {
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

    fn handlers(&self, row: &RowUse<'_>, words: &[&str]) -> Vec<Fix> {
        words.iter().map(|word| Fix::append(self.file, row.tree.span, format!("  or {word}"))).collect()
    }

    fn two_handlers(&mut self, row: &RowUse<'a>) {
        let class = |handler: &Handler| match handler {
            Handler::Truncate => 0,
            Handler::Round => 1,
            Handler::Skip | Handler::Reject => 2,
            Handler::Use(_) => 3,
        };
        for (at, (span, handler)) in row.clauses.handlers.iter().enumerate() {
            let first = row.clauses.handlers.iter().take(at).find(|(_, first)| class(first) == class(handler));
            if let Some((first, _)) = first {
                let finding = Finding::new(Code::TwoHandlers, self.file, *span, "two handlers for one case");
                let fixes = [self.without(*span), self.without(*first)];
                self.report(finding.also(self.file, *first, "the first one").with(fixes.to_vec()));
            }
        }
    }

    /// Another handler stands where one belongs: it is replaced, not joined.
    fn instead(&self, mut finding: Finding, span: Span) -> Finding {
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

    fn needless(&mut self, row: &RowUse<'a>, risks: &[Risk], blanks: bool) {
        // There the arrow is wrong, and with it all that follows.
        if Side::BOTH.into_iter().any(|side| row.writes(side) && row.ends[side].is_made()) {
            return;
        }
        let open =
            risks.iter().any(|risk| matches!(risk, Risk::TooLong { .. } | Risk::TooPrecise(..)) && !handled(row, risk));
        for (span, handler) in &row.clauses.handlers {
            let needed = match handler {
                // Said where something else belongs in its place.
                Handler::Truncate | Handler::Round => open || fits(handler, risks),
                Handler::Skip | Handler::Reject => row.clauses.through_table() || !risks.is_empty(),
                Handler::Use(_) => blanks || row.clauses.through_table(),
            };
            if !needed {
                let message = format!("`{}` has nothing to handle", self.written(*span));
                // Not made unasked: it would count again should the schema come to allow more.
                let finding = Finding::new(Code::NeedlessHandler, self.file, *span, message).help("leave it out");
                self.report(finding.fix(self.without(*span)));
            }
        }
    }

    /// `as date` needs a zone, and something to do.
    fn dated(&mut self, row: &RowUse<'a>, risks: &[Risk]) {
        let Some(span) = row.clauses.as_date else { return };
        match risks.contains(&Risk::Days) {
            true => drop(self.zone(span)),
            false => self.report(
                Finding::new(Code::NeedlessForm, self.file, span, "`as date` changes nothing here")
                    .help("leave it out")
                    .fix(self.without(span).safe()),
            ),
        }
    }

    /// Whether a row that says `as date` has a use for it.
    pub(super) fn between_days(&self, row: &RowUse<'a>) -> bool {
        let days = |side: Side, to: usize| {
            let Some(field) = row.target(side, to) else { return false };
            let from = row.ends[side.other()].alternatives();
            let types = 0..self.types[side.other()].len();
            types
                .flat_map(|ty| from.iter().filter_map(move |from| Carried::of(from, ty)))
                .any(|carried| carried.risks(field.def).contains(&Risk::Days))
        };
        let sides = Side::BOTH.into_iter().filter(|side| row.writes(*side));
        row.clauses.as_date.is_some()
            && sides.into_iter().any(|side| (0..self.types[side].len()).any(|ty| days(side, ty)))
    }

    /// Values that the rules themselves give.
    fn substitute(&mut self, row: &RowUse<'a>) {
        let uses = row.clauses.handlers.iter().filter_map(|(span, handler)| match handler {
            Handler::Use(value) => Some((*span, value)),
            _ => None,
        });
        let ends = Side::BOTH.into_iter().flat_map(|side| row.ends[side].alternatives());
        let constants = ends.filter_map(|end| match &end.origin {
            Origin::Constant(value) => Some((end.span, value)),
            _ => None,
        });
        for (span, value) in uses.chain(constants) {
            let fields = Side::BOTH
                .into_iter()
                .flat_map(|side| (0..self.types[side].len()).filter_map(move |ty| Some((side, row.target(side, ty)?))));
            let misfit = fields.into_iter().find(|(side, field)| {
                let target = target(Uid::NONE, field.name, field.def);
                let plain = Convert::default();
                let around = Around { at_creation: true, ..Around::default() };
                !matches!(convert(value.cell(), &plain, &around, *side, &target), Converted::Value(_))
            });
            if let Some((side, field)) = misfit {
                let message = format!("{} does not fit `{}` of {}", value.cell(), field.name, crm(side));
                self.report(Finding::new(Code::WrongSubstitute, self.file, span, message));
            }
        }
    }
}

/// Whether a value can be cut or rounded so that it fits.
fn fits(handler: &Handler, risks: &[Risk]) -> bool {
    risks.iter().any(|risk| {
        matches!(
            (handler, risk),
            (Handler::Truncate, Risk::TooLong { cut: true, .. }) | (Handler::Round, Risk::TooPrecise(..))
        )
    })
}

/// An `or truncate` or `or round` that handles nothing.
fn misplaced(row: &RowUse<'_>, risks: &[Risk]) -> Option<Span> {
    let found = row
        .clauses
        .handlers
        .iter()
        .find(|(_, handler)| matches!(handler, Handler::Truncate | Handler::Round) && !fits(handler, risks));
    found.map(|(span, _)| *span)
}

fn handled(row: &RowUse<'_>, risk: &Risk) -> bool {
    if *risk == Risk::Days {
        return row.clauses.as_date.is_some();
    }
    row.clauses.handlers.iter().any(|(_, handler)| match (handler, risk) {
        (_, Risk::Never) => false,
        (Handler::Truncate, Risk::TooLong { cut: true, .. }) | (Handler::Round, Risk::TooPrecise(..)) => true,
        (Handler::Skip | Handler::Reject, _) => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn def(kind: FieldKind, max: Option<u32>) -> FieldDef {
        serde_json::from_value(serde_json::json!({ "label": "L", "kind": kind, "max": max })).unwrap()
    }

    #[test]
    fn lengths_count_what_the_source_can_hold() {
        let target = def(FieldKind::Text, Some(20));
        assert_eq!(risks(Some(&def(FieldKind::Text, Some(20))), &target), []);
        assert_eq!(
            risks(Some(&def(FieldKind::Text, None)), &target),
            [Risk::TooLong { longest: None, max: 20, cut: true }]
        );
        assert_eq!(
            risks(Some(&def(FieldKind::Time, None)), &target),
            [Risk::TooLong { longest: Some(24), max: 20, cut: true }]
        );
        assert_eq!(risks(None, &target), []);
        assert_eq!(risks(None, &def(FieldKind::Id, None)), [Risk::Never]);
    }
}
