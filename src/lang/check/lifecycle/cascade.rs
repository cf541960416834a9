//! `cascade to company` and `cascade to company.contacts`.

use syncline_grammar::Span;
use syncline_grammar::tree::Path;

use crate::data::{FieldKind, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::check::checked::{CheckedCascade, CheckedSource, CheckedStage, RuleName};
use crate::lang::check::suggest::few;
use crate::lang::check::sync::{MemberType, SyncCheck};
use crate::lang::schema::FieldDef;

impl<'a> SyncCheck<'a> {
    pub(super) fn cascades(
        &mut self,
        lines: &[(Span, &Path)],
        ty: usize,
        field: &str,
        order: &[&str],
        reach: &[CheckedStage],
        name: &str,
    ) -> Option<CheckedCascade> {
        let (first, _) = lines.first()?;
        if reach.is_empty() {
            self.error(Code::WrongCascade, *first, "no `reach` line says what could cascade");
            return None;
        }
        let mut cascade: Option<CheckedCascade> = None;
        for (span, path) in lines {
            let member = *self.types.left.get(ty)?;
            let Some((reference, to_records)) = self.cascade_way(member, path) else { continue };
            let (target, through) = (reference.to.as_str(), reference.field.as_str());
            let made = match cascade.take() {
                Some(made) if made.company == target => made,
                Some(made) => {
                    let message = format!("this cascade goes by `{through}`, another one by `{}`", made.through);
                    self.error(Code::WrongCascade, *span, message);
                    cascade = Some(made);
                    continue;
                }
                None => {
                    let fields = (0..self.types.left.len()).map(|at| (at == ty).then(|| through.to_owned()));
                    let source = CheckedSource::Field { side: Side::Left, fields: fields.collect() };
                    let head = self.slot_for(through.to_owned(), FieldKind::Id, source);
                    CheckedCascade {
                        head,
                        through: through.to_owned(),
                        company: target.to_owned(),
                        order: Vec::new(),
                        to_company: None,
                        to_records: None,
                    }
                }
            };
            let mut made = made;
            let shown = format!("cascade to {}", path.text());
            let rule: RuleName = self.rule(format!("{name} {shown}"), shown, *span);
            let already = if to_records { &mut made.to_records } else { &mut made.to_company };
            if already.replace(rule).is_some() {
                self.error(Code::BlockTwice, *span, "this cascade stands here already");
            } else if !to_records {
                made.order = self.stages_of_company(*span, target, field, order, reach).unwrap_or_default();
            }
            cascade = Some(made);
        }
        cascade
    }

    /// The reference that a cascade goes by, and whether it goes on to the other records.
    fn cascade_way(
        &mut self,
        member: MemberType<'a>,
        path: &Path,
    ) -> Option<(&'a crate::lang::schema::Reference, bool)> {
        let (first, rest) = path.parts.split_first()?;
        let reference = member.def.references.get(&first.text);
        let plural = format!("{}s", member.name);
        match (reference, rest) {
            (Some(reference), []) => Some((reference, false)),
            (Some(reference), [last]) if last.text == plural => Some((reference, true)),
            _ => {
                let ways: Vec<String> =
                    member.def.references.keys().flat_map(|key| [key.clone(), format!("{key}.{plural}")]).collect();
                let ways: Vec<&str> = ways.iter().map(String::as_str).collect();
                let message = format!("a stage does not cascade to `{}`", path.text());
                let finding = Finding::new(Code::WrongCascade, self.file, path.span, message);
                self.report(match ways.is_empty() {
                    true => finding,
                    false => finding.help(format!("it may go to {}", few(&ways))),
                });
                None
            }
        }
    }

    /// The company's own order of stages, in which every one that can be reached has its place.
    fn stages_of_company(
        &mut self,
        span: Span,
        company: &str,
        field: &str,
        order: &[&str],
        reach: &[CheckedStage],
    ) -> Option<Vec<String>> {
        let def: Option<&'a FieldDef> =
            self.globals.catalogs.left.types.get(company).and_then(|def| def.fields.get(field));
        let Some(def) = def.filter(|def| def.kind == FieldKind::Option && def.updateable && def.ordered) else {
            let message = format!("`{company}` has no stages in a field `{field}`");
            let finding = Finding::new(Code::WrongCascade, self.file, span, message);
            self.report(finding.help("if it is new, pull the schema again"));
            return None;
        };
        let stages: Vec<String> = def.options.iter().map(|option| option.value.clone()).collect();
        let reached = reach.iter().filter_map(|rule| order.get(rule.stage).copied());
        let lacking: Vec<&str> = reached.filter(|stage| stages.iter().all(|known| known != stage)).collect();
        if !lacking.is_empty() {
            let message = format!("a `{company}` has no stage {}", few(&lacking));
            self.error(Code::WrongCascade, span, message);
            return None;
        }
        Some(stages)
    }
}
