//! `if currency differs`: in which currency each side's amount is, and what the schemas cannot tell.

use syncline_grammar::Span;
use syncline_grammar::tree::CurrencyRule;

use super::checked::CheckedSource;
use super::names::{FieldOf, Origin, Resolved};
use super::rows::RowUse;
use super::sync::{SyncCheck, crm};
use crate::data::{BySide, FieldKind, Side};
use crate::diagnostic::{Code, Finding, Fix};
use crate::lang::plan::{Currencies, Currency, Flow};
use crate::lang::schema::Money;

/// Where one end of a row has its currency from.
struct Known<'a> {
    /// Per record type, the field that says it, where one does.
    fields: Vec<Option<&'a str>>,
    /// The account's own.
    home: Option<&'a str>,
    /// No record can be without.
    whole: bool,
}

impl Known<'_> {
    /// The same for every record.
    fn fixed(&self) -> Option<&str> {
        self.home.filter(|_| self.fields.iter().all(Option::is_none))
    }
}

impl<'a> SyncCheck<'a> {
    pub(super) fn money(&mut self, rows: &[RowUse<'a>]) {
        for row in rows {
            match row.clauses.currency {
                Some((span, rule)) => self.asks_for_currency(row, span, rule),
                None => self.currency_ignored(row),
            }
        }
    }

    fn asks_for_currency(&mut self, row: &RowUse<'a>, span: Span, rule: CurrencyRule) {
        let ends = || Side::BOTH.into_iter().map(|side| &row.ends[side]);
        let fields = ends().all(|end| matches!(end.origin, Origin::Fields(_) | Origin::Reached { .. }));
        if !fields || !ends().any(is_money) {
            let message = match fields {
                true => "neither field is an amount of money in the schemas",
                false => "only a field of a record has a currency",
            };
            let finding = Finding::new(Code::NotMoney, self.file, span, message);
            let help = "leave the clause out; or pull the schemas again, if they are older than it";
            return self.report(finding.help(help).fix(self.without(span)));
        }
        if rule == CurrencyRule::Copy {
            return;
        }
        let known = BySide::new(self.known(&row.ends.left), self.known(&row.ends.right));
        for side in Side::BOTH.into_iter().filter(|side| !known[*side].whole) {
            let message = format!("nothing says in which currency `{}` of {} is", row.ends[side].name, crm(side));
            let finding = Finding::new(Code::CurrencyUnknown, self.file, span, message);
            let help = format!(
                "write `currency: …` of {} in `syncline.yaml` and pull the schemas again; or say `copy`",
                crm(side).to_lowercase()
            );
            self.report(finding.help(help));
        }
    }

    /// A number that goes both ways, where it may be in one currency there and in another one here.
    fn currency_ignored(&mut self, row: &RowUse<'a>) {
        if row.flow != Flow::Both || !Side::BOTH.into_iter().any(|side| is_money(&row.ends[side])) {
            return;
        }
        let known = BySide::new(self.known(&row.ends.left), self.known(&row.ends.right));
        let several = Side::BOTH.into_iter().find(|side| known[*side].fields.iter().any(Option::is_some));
        let message = match (several, known.left.fixed(), known.right.fixed()) {
            (Some(side), ..) => {
                format!("records of {} have currencies of their own, and this number crosses", crm(side))
            }
            (None, Some(left), Some(right)) if left != right => {
                format!("HubSpot counts in {left} and Salesforce in {right}, and this number crosses")
            }
            _ => return,
        };
        let finding = Finding::new(Code::CurrencyIgnored, self.file, row.tree.span, message);
        if row.group.is_some() {
            return self.report(finding.help("take the row out of the group, and say `if currency differs …`"));
        }
        let fixes = ["copy", "skip", "reject"]
            .map(|word| Fix::append(self.file, row.tree.span, format!("  if currency differs {word}")));
        let help = "say what happens then: `if currency differs copy`, `skip` or `reject`";
        self.report(finding.help(help).with(fixes.to_vec()));
    }

    /// The clause as the plan takes it; `copy` asks nothing.
    pub(super) fn currencies(&mut self, row: &RowUse<'a>) -> Option<Currencies> {
        let (_, rule) = row.clauses.currency.filter(|(_, rule)| *rule != CurrencyRule::Copy)?;
        let mut of = |side: Side| {
            let end = &row.ends[side];
            let known = self.known(end);
            let name = known.fields.iter().copied().flatten().next();
            let source = match &end.origin {
                Origin::Reached { reach, .. } => {
                    name.map(|name| CheckedSource::Reached { reach: *reach, field: name.to_owned() })
                }
                _ => name.map(|_| CheckedSource::Field {
                    side,
                    fields: known.fields.iter().map(|field| field.map(str::to_owned)).collect(),
                }),
            };
            let home = known.home.map(Into::into);
            let slot = source.zip(name).map(|(source, name)| self.slot_for(name.to_owned(), FieldKind::Option, source));
            Currency { slot, home }
        };
        Some(Currencies { of: BySide::new(of(Side::Left), of(Side::Right)), reject: rule == CurrencyRule::Reject })
    }

    fn known(&self, end: &Resolved<'a>) -> Known<'a> {
        let catalog = self.globals.catalogs[end.side];
        let home = catalog.currencies.as_ref().map(|known| known.home.as_str());
        let single = catalog.currencies.as_ref().is_some_and(|known| known.others.as_deref() == Some(&[]));
        let says = |field: &FieldOf<'a>| currency_field(field).filter(|_| !single);
        let fields: Vec<Option<&'a str>> = match &end.origin {
            Origin::Fields(fields) => fields.iter().map(|field| field.as_ref().and_then(says)).collect(),
            Origin::Reached { field, .. } => vec![says(field)],
            _ => Vec::new(),
        };
        let whole = home.is_some()
            || match &end.origin {
                Origin::Fields(own) => own.iter().zip(&fields).all(|(own, says)| own.is_none() || says.is_some()),
                _ => fields.iter().all(Option::is_some),
            };
        Known { fields, home, whole }
    }
}

fn is_money(end: &Resolved<'_>) -> bool {
    end.fields().iter().any(|field| field.def.money.is_some())
}

fn currency_field<'a>(field: &FieldOf<'a>) -> Option<&'a str> {
    field.def.money.as_ref().and_then(|Money { currency }| currency.as_deref())
}

#[cfg(test)]
mod tests {
    use crate::data::Dict;
    use crate::diagnostic::SourceFile;
    use crate::lang::compile;
    use crate::lang::schema::{Catalog, Currencies, Money};

    /// The codes of what is found in a row between an amount and `Lead.AnnualRevenue`.
    fn found(row: &str, change: impl FnOnce(&mut Catalog, &mut Catalog)) -> Vec<String> {
        let read = |text| -> Catalog { serde_json::from_str(text).unwrap() };
        let mut left = read(include_str!("../../../tests/corpus/schemas/hubspot.json"));
        let mut right = read(include_str!("../../../tests/corpus/schemas/salesforce.json"));
        let revenue = right.types.get_mut("Lead").unwrap().fields.get_mut("AnnualRevenue").unwrap();
        revenue.money = Some(Money::default());
        change(&mut left, &mut right);
        let text = format!(
            "edition 2026\nsync a: hubspot contact <-> salesforce Lead {{ match email = Email\nmap newest wins {{ {row} }} }}"
        );
        let (_, findings) = compile(&[SourceFile::new("a.sync", text)], &left, &right, &mut Dict::default());
        findings.iter().map(|finding| finding.code.to_string()).collect()
    }

    const ROW: &str = "annualrevenue <-> AnnualRevenue or round";

    #[test]
    fn accounts_that_count_in_two_currencies_are_told_where_a_number_crosses() {
        let home = |right: &mut Catalog, home: &str| {
            right.currencies = Some(Currencies { home: home.to_owned(), others: None });
        };
        assert_eq!(found(ROW, |_, _| {}), [""; 0], "nobody knows in which currency the org counts");
        assert_eq!(found(ROW, |_, right| home(right, "USD")), [""; 0]);
        assert_eq!(found(ROW, |_, right| home(right, "EUR")), ["L340"]);
        assert_eq!(found("annualrevenue <- AnnualRevenue", |_, right| home(right, "EUR")), [""; 0], "one way");
        for word in ["copy", "skip", "reject"] {
            let row = format!("{ROW} if currency differs {word}");
            assert_eq!(found(&row, |_, right| home(right, "EUR")), [""; 0], "{word}");
            let unknown: &[&str] = if word == "copy" { &[] } else { &["F562"] };
            assert_eq!(found(&row, |_, _| {}), unknown, "{word}");
        }
    }

    #[test]
    fn a_portal_with_one_currency_has_it_whatever_its_records_say() {
        let codes = |left: &mut Catalog, others: &[&str]| {
            let others = Some(others.iter().map(|code| (*code).to_owned()).collect());
            left.currencies = Some(Currencies { home: "USD".to_owned(), others });
            let revenue = left.types.get_mut("contact").unwrap().fields.get_mut("annualrevenue").unwrap();
            revenue.money = Some(Money { currency: Some("leadsource".to_owned()) });
        };
        assert_eq!(found(ROW, |left, _| codes(left, &["EUR"])), ["L340"]);
        assert_eq!(found(ROW, |left, _| codes(left, &[])), [""; 0]);
    }
}
