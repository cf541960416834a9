//! From the tree to a plan: names looked up, literals checked against their field's type.

use crate::data::Millis;

use super::super::field::{FieldDef, FieldType};
use super::super::ids::Id;
use super::super::schema::{ObjectDef, ObjectIx, Schema};
use super::SoqlError;
use super::ast::{Expr, Group, Item, Lit, Literal, Op, Path, Query};
use super::plan::{Access, ByObject, Const, Leaf, Plan, Shape, Slot, SortKey, Test};

/// Parents that one path may climb.
const MOST_HOPS: usize = 5;
const MOST_CHILD_QUERIES: usize = 20;
/// Rows that `FIELDS(ALL)` may ask for.
const MOST_WITH_ALL: usize = 200;

/// Binds a statement to the schema; dates that have names count from `now`.
pub(in super::super) fn resolve(schema: &Schema, query: &Query, now: Millis) -> Result<Plan, SoqlError> {
    let name = query.from.parts.join(".");
    let object = schema.find(&name).ok_or_else(|| SoqlError {
        code: "INVALID_TYPE",
        message: format!(
            "sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append \
             the '__c' after the entity name."
        ),
        at: query.from.at,
    })?;
    Scope { schema, object, alias: query.alias.as_deref(), now }.plan(query)
}

/// The object that names are looked up on.
pub(super) struct Scope<'a> {
    pub schema: &'a Schema,
    pub object: ObjectIx,
    pub alias: Option<&'a str>,
    pub now: Millis,
}

impl Scope<'_> {
    fn def(&self) -> Option<&ObjectDef> {
        self.schema.object(self.object)
    }

    fn plan(&self, query: &Query) -> Result<Plan, SoqlError> {
        self.check_within(query)?;
        let grouping = self.grouping(query)?;
        let mut shape = Shape::default();
        let mut children = 0;
        for item in query.select.iter().filter(|_| grouping.is_none()) {
            match item {
                Item::Count => {}
                Item::Field(path, _) => self.select(path, &mut shape)?,
                Item::Fields(group, at) => {
                    if *group != Group::Standard && query.limit.is_none_or(|l| l > MOST_WITH_ALL) {
                        let message = format!("The SOQL FIELDS function must have a LIMIT of at most {MOST_WITH_ALL}");
                        return Err(SoqlError::malformed(message, *at));
                    }
                    self.select_group(*group, &mut shape);
                }
                Item::Children(child) => {
                    children += 1;
                    if children > MOST_CHILD_QUERIES {
                        let message = format!("more than {MOST_CHILD_QUERIES} child queries");
                        return Err(SoqlError::malformed(message, child.from.at));
                    }
                    shape.slots.push(self.children(child)?);
                }
            }
        }
        let filter = query.filter.as_ref().map(|f| self.test(f)).transpose()?;
        let order = query.order.iter().filter(|_| grouping.is_none()).map(|o| {
            if o.path.function.is_some() {
                return Err(SoqlError::malformed("only grouped statements are ordered by aggregates", o.path.at));
            }
            let (access, def) = self.access(&o.path)?;
            if def.is_some_and(|d| !d.filterable()) {
                let message = format!("field '{}' can not be sorted in a query call", o.path.parts.join("."));
                return Err(SoqlError::field(message, o.path.at));
            }
            Ok(SortKey { access, descending: o.descending, nulls_first: o.nulls_first })
        });
        let order = order.collect::<Result<_, _>>()?;
        Ok(Plan {
            object: self.object,
            count: query.select.contains(&Item::Count),
            shape,
            grouping,
            filter,
            order,
            limit: query.limit,
            offset: query.offset,
        })
    }

    fn select(&self, path: &Path, shape: &mut Shape) -> Result<(), SoqlError> {
        let (access, _) = self.access(path)?;
        let names = self.own_parts(path);
        let mut shape = shape;
        for (hop, name) in access.hops.iter().zip(names) {
            let name = self.relationship_name(hop).unwrap_or_else(|| name.clone());
            let place = shape.slots.iter().position(|s| matches!(s, Slot::Parent { name: n, .. } if *n == name));
            let place = place.unwrap_or_else(|| {
                shape.slots.push(Slot::Parent { name, hop: hop.clone(), shape: Shape::default() });
                shape.slots.len() - 1
            });
            match shape.slots.get_mut(place) {
                Some(Slot::Parent { shape: inner, .. }) => shape = inner,
                _ => return Ok(()),
            }
        }
        let name = match &access.leaf {
            Leaf::Type => "Type".to_owned(),
            Leaf::Field(by) => self.field_name(by).unwrap_or_default(),
        };
        let twice = shape.slots.iter().any(|s| matches!(s, Slot::Field { name: n, .. } if *n == name));
        if twice {
            return Err(SoqlError::field(format!("duplicate field selected: {name}"), path.at));
        }
        shape.slots.push(Slot::Field { name, leaf: access.leaf });
        Ok(())
    }

    fn select_group(&self, group: Group, shape: &mut Shape) {
        let Some(def) = self.def() else { return };
        for (ix, field) in def.visible().filter(|(_, f)| group == Group::All || f.custom() == (group == Group::Custom))
        {
            let twice = shape.slots.iter().any(|s| matches!(s, Slot::Field { name, .. } if *name == field.name));
            if !twice {
                let leaf = Leaf::Field(vec![(self.object, ix)]);
                shape.slots.push(Slot::Field { name: field.name.to_string(), leaf });
            }
        }
    }

    fn children(&self, query: &Query) -> Result<Slot, SoqlError> {
        let wanted = query.from.parts.join(".");
        let parent = self.def().map_or("", |d| d.name);
        let found = self
            .schema
            .children(parent)
            .find(|(_, _, f)| f.children.as_deref().is_some_and(|c| c.eq_ignore_ascii_case(&wanted)));
        let Some((object, field, def)) = found else {
            let message = format!("Didn't understand relationship '{wanted}' in FROM part of query call.");
            return Err(SoqlError { code: "INVALID_TYPE", message, at: query.from.at });
        };
        let plan = Scope { schema: self.schema, object, alias: query.alias.as_deref(), now: self.now }.plan(query)?;
        if plan.grouping.is_some() {
            return Err(SoqlError::malformed("aggregates are not allowed in a child query", query.from.at));
        }
        let name = def.children.as_deref().unwrap_or_default().to_owned();
        Ok(Slot::Children { name, field, plan: Box::new(plan) })
    }

    pub(super) fn field_name(&self, by: &ByObject) -> Option<String> {
        let (object, field) = by.first()?;
        Some(self.schema.object(*object)?.field(*field)?.name.to_string())
    }

    fn relationship_name(&self, by: &ByObject) -> Option<String> {
        let (object, field) = by.first()?;
        Some(self.schema.object(*object)?.field(*field)?.relationship.as_ref()?.to_string())
    }

    /// The parts of a path without the object's own name in front.
    fn own_parts<'p>(&self, path: &'p Path) -> &'p [String] {
        match path.parts.split_first() {
            Some((first, rest)) if !rest.is_empty() && self.is_own_name(first) => rest,
            _ => &path.parts,
        }
    }

    fn is_own_name(&self, name: &str) -> bool {
        self.alias.is_some_and(|alias| alias.eq_ignore_ascii_case(name))
            || self.def().is_some_and(|d| d.name.eq_ignore_ascii_case(name) && d.relationship(name).is_none())
    }

    /// Where a path leads, and the field there.
    pub(super) fn access(&self, path: &Path) -> Result<(Access, Option<&FieldDef>), SoqlError> {
        let parts = self.own_parts(path);
        let Some((last, parents)) = parts.split_last() else {
            return Err(SoqlError::malformed("unexpected token", path.at));
        };
        if parents.len() > MOST_HOPS {
            return Err(SoqlError::field(format!("a path may climb {MOST_HOPS} parents at most"), path.at));
        }
        let mut objects = vec![self.object];
        let mut hops = Vec::new();
        let mut polymorphic = false;
        for parent in parents {
            let hop: ByObject =
                objects.iter().filter_map(|ox| Some((*ox, self.schema.object(*ox)?.relationship(parent)?))).collect();
            let mut targets: Vec<ObjectIx> = hop
                .iter()
                .filter_map(|(ox, field)| self.schema.object(*ox)?.field(*field))
                .flat_map(|f| f.refers_to.iter().filter_map(|r| self.schema.find(r)))
                .collect();
            targets.sort_unstable();
            targets.dedup();
            if targets.is_empty() {
                let message = format!("Didn't understand relationship '{parent}' in field path.");
                return Err(SoqlError::field(message, path.at));
            }
            polymorphic = targets.len() > 1
                || hop.iter().any(|(ox, f)| {
                    self.schema.object(*ox).and_then(|o| o.field(*f)).is_some_and(|f| f.refers_to.len() > 1)
                });
            objects = targets;
            hops.push(hop);
        }
        let by: ByObject = objects.iter().filter_map(|ox| Some((*ox, self.schema.object(*ox)?.find(last)?))).collect();
        if by.is_empty() {
            if polymorphic && last.eq_ignore_ascii_case("Type") {
                return Ok((Access { hops, leaf: Leaf::Type }, None));
            }
            let entity = objects.first().and_then(|ox| self.schema.object(*ox)).map_or("", |o| o.name);
            let message = format!(
                "No such column '{last}' on entity '{entity}'. If you are attempting to use a custom field, be sure to \
                 append the '__c' after the custom field name. Please reference your WSDL or the describe call for the \
                 appropriate names."
            );
            return Err(SoqlError::field(message, path.at));
        }
        let def = by.first().and_then(|(ox, field)| self.schema.object(*ox)?.field(*field));
        Ok((Access { hops, leaf: Leaf::Field(by) }, def))
    }

    pub(super) fn filtered(&self, path: &Path) -> Result<(Access, FieldType), SoqlError> {
        if path.function.is_some() {
            return Err(SoqlError::malformed("Grouping functions are allowed in HAVING only", path.at));
        }
        let (access, def) = self.access(path)?;
        if def.is_some_and(|d| !d.filterable()) {
            let message = format!("field '{}' can not be filtered in a query call", path.parts.join("."));
            return Err(SoqlError::field(message, path.at));
        }
        Ok((access, def.map_or(FieldType::Text, |d| d.kind)))
    }

    fn test(&self, expr: &Expr) -> Result<Test, SoqlError> {
        let all = |list: &[Expr]| list.iter().map(|e| self.test(e)).collect::<Result<Vec<_>, _>>();
        Ok(match expr {
            Expr::And(list) => Test::And(all(list)?),
            Expr::Or(list) => Test::Or(all(list)?),
            Expr::Not(inner) => Test::Not(Box::new(self.test(inner)?)),
            Expr::Compare { path, op, value } => {
                let (access, kind) = self.filtered(path)?;
                if let (Lit::Named(named), FieldType::Date | FieldType::DateTime) = (&value.value, kind) {
                    return self.spanned(path, access, kind, *op, *named);
                }
                match (constant(path, kind, value)?, op) {
                    (None, Op::Eq) => Test::Null { access, negated: false },
                    (None, Op::Ne) => Test::Null { access, negated: true },
                    (None, _) => return Err(operator(path, value.at)),
                    (Some(Const::Bool(_)), Op::Lt | Op::Le | Op::Gt | Op::Ge) => return Err(operator(path, value.at)),
                    (Some(value), op) => Test::Compare { access, op: *op, value },
                }
            }
            Expr::Like { path, pattern } => {
                let (access, kind) = self.filtered(path)?;
                if !kind.is_text() {
                    return Err(operator(path, path.at));
                }
                Test::Like { access, pattern: pattern.clone() }
            }
            Expr::In { path, negated, values } => {
                let (access, kind) = self.filtered(path)?;
                let values = values.iter().map(|v| constant(path, kind, v)).collect::<Result<Vec<_>, _>>()?;
                let null = values.contains(&None);
                let keys = values.into_iter().flatten().map(|v| v.key()).collect();
                Test::In { access, negated: *negated, keys, null }
            }
            Expr::InQuery { path, negated, query } => self.within(path, *negated, query)?,
            Expr::Includes { path, negated, sets } => {
                let (access, kind) = self.filtered(path)?;
                if kind != FieldType::MultiPicklist {
                    return Err(operator(path, path.at));
                }
                let set = |literal: &Literal| match &literal.value {
                    Lit::Text(text) => Ok(text.split(';').map(|v| v.trim().to_lowercase()).collect()),
                    _ => Err(operator(path, literal.at)),
                };
                Test::Includes { access, negated: *negated, sets: sets.iter().map(set).collect::<Result<_, _>>()? }
            }
        })
    }
}

fn operator(path: &Path, at: usize) -> SoqlError {
    let message = format!("invalid operator on field '{}'", path.parts.join("."));
    SoqlError { code: "INVALID_QUERY_FILTER_OPERATOR", message, at }
}

/// A literal in its field's type; `None` for null, and for `''` on text.
pub(super) fn constant(path: &Path, kind: FieldType, literal: &Literal) -> Result<Option<Const>, SoqlError> {
    let field = path.parts.join(".");
    let wrong = |expected: &str, quotes: &str| {
        let message =
            format!("value of filter criterion for field '{field}' must be of type {expected} and should {quotes}");
        SoqlError::field(message, literal.at)
    };
    let value = match (kind, &literal.value) {
        (_, Lit::Null) => return Ok(None),
        (FieldType::Id | FieldType::Reference, Lit::Text(text)) if text.is_empty() => return Ok(None),
        (FieldType::Id | FieldType::Reference, Lit::Text(text)) => {
            let id = Id::parse(text.trim()).ok_or_else(|| SoqlError {
                code: "INVALID_QUERY_FILTER_OPERATOR",
                message: format!("invalid ID field: {text}"),
                at: literal.at,
            })?;
            Const::Text(id.short().to_owned())
        }
        (kind, Lit::Text(text)) if kind.is_text() => match text.is_empty() {
            true => return Ok(None),
            false => Const::Text(text.to_lowercase()),
        },
        (kind, Lit::Num(n)) if kind.is_number() => Const::Num(*n),
        (FieldType::Boolean, Lit::Bool(b)) => Const::Bool(*b),
        (FieldType::Date, Lit::Date(day)) => Const::Date(*day),
        (FieldType::DateTime, Lit::Time(at)) => Const::Time(*at),
        (FieldType::DateTime, _) => return Err(wrong("dateTime", "not be enclosed in quotes")),
        (FieldType::Date, _) => return Err(wrong("date", "not be enclosed in quotes")),
        (FieldType::Boolean, _) => return Err(wrong("boolean", "not be enclosed in quotes")),
        (kind, _) if kind.is_number() => return Err(wrong(kind.name(), "not be enclosed in quotes")),
        (kind, _) => return Err(wrong(kind.name(), "be enclosed in quotes")),
    };
    Ok(Some(value))
}
