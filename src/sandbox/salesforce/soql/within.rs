//! Binding of what is grouped: columns, keys, conditions on groups; and of queries within conditions.

use super::super::field::FieldType;
use super::SoqlError;
use super::ast::{Expr, Function, Item, Op, Path, Query};
use super::dates;
use super::plan::{Access, Const, Grouping, Having, Leaf, Measure, Test};
use super::resolve::{Scope, constant};

/// Queries within the conditions of one statement.
const MOST_WITHIN: usize = 2;

impl Scope<'_> {
    /// The groups that a statement asks for; `None` when it asks for rows.
    pub(super) fn grouping(&self, query: &Query) -> Result<Option<Grouping>, SoqlError> {
        let measured = query.select.iter().any(|item| matches!(item, Item::Field(path, _) if path.function.is_some()));
        if !measured && query.group.is_empty() {
            let named = query.select.iter().find_map(|item| match item {
                Item::Field(path, Some(_)) => Some(path.at),
                _ => None,
            });
            return match named {
                Some(at) => Err(SoqlError::malformed("only aggregate expressions use field aliasing", at)),
                None => Ok(None),
            };
        }
        let mut keys = Vec::new();
        for path in &query.group {
            let (access, def) = self.access(path)?;
            if def.is_some_and(|def| !def.filterable()) {
                let message = format!("field '{}' can not be grouped in a query call", path.parts.join("."));
                return Err(SoqlError::malformed(message, path.at));
            }
            keys.push(access);
        }
        let (mut columns, mut unnamed) = (Vec::new(), 0);
        for item in &query.select {
            let Item::Field(path, alias) = item else {
                return Err(SoqlError::malformed("grouped statements show fields and aggregates only", query.from.at));
            };
            let measure = self.measure(path, &keys)?;
            let name = match (alias, &measure) {
                (Some(alias), _) => alias.clone(),
                (None, Measure::Key(_)) => self.shown_name(path)?,
                (None, Measure::Of(..)) => {
                    unnamed += 1;
                    format!("expr{}", unnamed - 1)
                }
            };
            if columns.iter().any(|(known, _)| *known == name) {
                return Err(SoqlError::malformed(format!("duplicate alias: {name}"), path.at));
            }
            columns.push((name, measure));
        }
        let having = query.having.as_ref().map(|having| self.having(having, &keys)).transpose()?;
        let order = query.order.iter().map(|o| Ok((self.measure(&o.path, &keys)?, o.descending, o.nulls_first)));
        let order = order.collect::<Result<_, SoqlError>>()?;
        Ok(Some(Grouping { keys, columns, having, order }))
    }

    fn shown_name(&self, path: &Path) -> Result<String, SoqlError> {
        match self.access(path)?.0.leaf {
            Leaf::Field(by) => Ok(self.field_name(&by).unwrap_or_default()),
            Leaf::Type => Ok("Type".to_owned()),
        }
    }

    fn measure(&self, path: &Path, keys: &[Access]) -> Result<Measure, SoqlError> {
        let (access, def) = self.access(path)?;
        let name = path.parts.join(".");
        let Some(function) = path.function else {
            let place = keys.iter().position(|key| *key == access);
            let message = || format!("Field must be grouped or aggregated: {name}");
            return place.map(Measure::Key).ok_or_else(|| SoqlError::malformed(message(), path.at));
        };
        let kind = def.map_or(FieldType::Text, |def| def.kind);
        let counts = matches!(function, Function::Count | Function::CountDistinct);
        let orders = matches!(function, Function::Min | Function::Max) && kind != FieldType::Boolean;
        if !(counts || orders || kind.is_number()) || kind == FieldType::LongTextArea {
            let message = format!("field {name} does not support aggregate operator {function:?}");
            return Err(SoqlError { code: "INVALID_FIELD", message, at: path.at });
        }
        Ok(Measure::Of(function, access))
    }

    fn having(&self, expr: &Expr, keys: &[Access]) -> Result<Having, SoqlError> {
        let all = |list: &[Expr]| list.iter().map(|e| self.having(e, keys)).collect::<Result<Vec<_>, _>>();
        match expr {
            Expr::And(list) => Ok(Having::And(all(list)?)),
            Expr::Or(list) => Ok(Having::Or(all(list)?)),
            Expr::Not(inner) => Ok(Having::Not(Box::new(self.having(inner, keys)?))),
            Expr::Compare { path, op, value } => {
                let measure = self.measure(path, keys)?;
                let own = self.access(path)?.1.map_or(FieldType::Text, |def| def.kind);
                let kind = match path.function {
                    Some(Function::Count | Function::CountDistinct) => FieldType::Int,
                    Some(Function::Avg) => FieldType::Double,
                    _ => own,
                };
                Ok(Having::Compare { measure, op: *op, value: constant(path, kind, value)? })
            }
            Expr::Like { path, .. }
            | Expr::In { path, .. }
            | Expr::InQuery { path, .. }
            | Expr::Includes { path, .. } => {
                Err(SoqlError::malformed("HAVING compares with =, !=, <, <=, > and >= in this model", path.at))
            }
        }
    }

    /// `Id IN (SELECT … FROM …)`.
    pub(super) fn within(&self, path: &Path, negated: bool, query: &Query) -> Result<Test, SoqlError> {
        let is_id = |kind| matches!(kind, FieldType::Id | FieldType::Reference);
        let (access, kind) = self.filtered(path)?;
        let [Item::Field(selected, None)] = query.select.as_slice() else {
            return Err(SoqlError::malformed("the inner query must select one field", query.from.at));
        };
        let plan = super::resolve(self.schema, query, self.now)?;
        let inner = Scope { schema: self.schema, object: plan.object, alias: query.alias.as_deref(), now: self.now };
        let (field, def) = inner.access(selected)?;
        if !is_id(kind) || selected.function.is_some() || !def.is_some_and(|def| is_id(def.kind)) {
            let message = "The left operand and the selected field of a semi-join must both be ids or references";
            return Err(SoqlError::malformed(message, selected.at));
        }
        Ok(Test::InQuery { access, negated, field, plan: Box::new(plan) })
    }

    /// Refuses more queries within conditions than a statement may hold.
    pub(super) fn check_within(&self, query: &Query) -> Result<(), SoqlError> {
        fn count(expr: &Expr) -> usize {
            match expr {
                Expr::And(all) | Expr::Or(all) => all.iter().map(count).sum(),
                Expr::Not(inner) => count(inner),
                Expr::InQuery { .. } => 1,
                _ => 0,
            }
        }
        match query.filter.as_ref().map_or(0, count) > MOST_WITHIN {
            true => Err(SoqlError::malformed("maximum 2 semi join sub-selects are allowed", query.from.at)),
            false => Ok(()),
        }
    }

    /// A comparison with a date that has a name: it is a span of days.
    pub(super) fn spanned(
        &self,
        path: &Path,
        access: Access,
        kind: FieldType,
        op: Op,
        named: dates::Named,
    ) -> Result<Test, SoqlError> {
        let out_of_range = || SoqlError::malformed("the date is out of range", path.at);
        let (from, to) = named.days(self.now).ok_or_else(out_of_range)?;
        let at = |day: i32| match kind {
            FieldType::Date => Const::Date(day),
            _ => Const::Time(dates::midnight(day)),
        };
        let is = |op, day| Test::Compare { access: access.clone(), op, value: at(day) };
        Ok(match op {
            Op::Eq => Test::And(vec![is(Op::Ge, from), is(Op::Lt, to)]),
            Op::Ne => Test::Or(vec![is(Op::Lt, from), is(Op::Ge, to)]),
            Op::Lt => is(Op::Lt, from),
            Op::Le => is(Op::Lt, to),
            Op::Gt => is(Op::Ge, to),
            Op::Ge => is(Op::Ge, from),
        })
    }
}
