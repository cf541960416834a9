//! `values` and `order`: sets of values with a name.

use super::Teller;
use super::document::{Document, Part};
use super::phrases::and;
use crate::lang::plan::NamedSet;

impl Teller<'_> {
    pub(super) fn set(&self, set: &NamedSet) -> Document {
        let title = set.names.join(", ");
        let names: Vec<String> = set.names.iter().map(|name| format!("`{name}`")).collect();
        let (kind, what) = match set.ordered {
            true => ("order", format!("Says which option of {} is more than which, lowest first.", and(&names))),
            false => ("values", format!("Stands for these values wherever a condition names {}.", and(&names))),
        };
        Document::new(title, kind, self.at(&set.place))
            .with("what it does", vec![Part::Text(what), Part::List(set.values.clone())])
            .with("what it costs", vec![Part::Text("No call: it is part of the rules.".to_owned())])
    }
}
