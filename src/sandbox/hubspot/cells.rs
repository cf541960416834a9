//! The values of one record, packed: two allocations instead of two per value.

use std::collections::BTreeMap;

/// A property, numbered within its object type.
pub(super) type Prop = u16;

/// Values in order of property number. A property without an entry is null; `""` is a value of its own, which only
/// loaded data can hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cells {
    ends: Box<[(Prop, u32)]>,
    text: Box<str>,
}

impl Cells {
    pub fn get(&self, prop: Prop) -> Option<&str> {
        let at = self.ends.binary_search_by_key(&prop, |(p, _)| *p).ok()?;
        self.slice(at)
    }

    fn slice(&self, at: usize) -> Option<&str> {
        let start = match at {
            0 => 0,
            _ => self.ends.get(at - 1)?.1,
        };
        self.text.get(start as usize..self.ends.get(at)?.1 as usize)
    }

    pub fn iter(&self) -> impl Iterator<Item = (Prop, &str)> {
        self.ends.iter().enumerate().filter_map(|(at, (prop, _))| Some((*prop, self.slice(at)?)))
    }

    /// Sets (`Some`) or clears (`None`) several properties; of two changes to one property the later counts.
    pub fn apply<'a>(&mut self, changes: impl Iterator<Item = (Prop, Option<&'a str>)>) {
        let packed = {
            let mut all: BTreeMap<Prop, &str> = self.iter().collect();
            for (prop, value) in changes {
                match value {
                    Some(value) => all.insert(prop, value),
                    None => all.remove(&prop),
                };
            }
            Cells::pack(&all)
        };
        *self = packed;
    }

    fn pack(all: &BTreeMap<Prop, &str>) -> Cells {
        let mut text = String::with_capacity(all.values().map(|v| v.len()).sum());
        let mut ends = Vec::with_capacity(all.len());
        for (prop, value) in all {
            // Four gigabytes in one record cannot be reached: a value past the border is left out.
            if let Ok(end) = u32::try_from(text.len() + value.len()) {
                text.push_str(value);
                ends.push((*prop, end));
            }
        }
        Cells { ends: ends.into_boxed_slice(), text: text.into_boxed_str() }
    }
}
