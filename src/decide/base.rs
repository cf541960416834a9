//! What both sides last agreed on, per map row, each value as its own side stored it: so a value that one side
//! truncates, trims or maps many-to-one is no change when it is read back.

use crate::data::{BySide, Cell, CodecError, Side, Uid, Value, decode, encode};
use crate::planted::{self, Bug};

/// One row's last agreed values. A row without an entry was never agreed, which is not the same as agreed on blank.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agreed {
    pub line: Uid,
    pub left: Value,
    pub right: Value,
    /// Values that somebody wrote on a side after we had read it and that our write replaced: they still count.
    pub disputed: BySide<Option<Value>>,
}

impl Agreed {
    pub fn on(&self, side: Side) -> Cell<'_> {
        match side {
            Side::Left => self.left.cell(),
            Side::Right => self.right.cell(),
        }
    }

    fn on_mut(&mut self, side: Side) -> &mut Value {
        match side {
            Side::Left => &mut self.left,
            Side::Right => &mut self.right,
        }
    }
}

/// [`Agreed`], borrowed from the bytes of the state file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AgreedView<'a> {
    pub line: Uid,
    pub left: Cell<'a>,
    pub right: Cell<'a>,
}

impl<'a> AgreedView<'a> {
    pub fn on(&self, side: Side) -> Cell<'a> {
        match side {
            Side::Left => self.left,
            Side::Right => self.right,
        }
    }
}

/// A base as `decide` looks at it: nothing is copied, and the buffer is reused from subject to subject.
#[derive(Clone, Debug, Default)]
pub struct BaseView<'a> {
    lines: Vec<AgreedView<'a>>,
    /// [`Agreed::disputed`], which is rare.
    disputed: Vec<(Uid, Side, Cell<'a>)>,
}

impl<'a> BaseView<'a> {
    /// Reads what [`Base::to_bytes`] wrote.
    pub fn fill(&mut self, bytes: &'a [u8]) -> Result<(), CodecError> {
        self.lines.clear();
        self.disputed.clear();
        for entry in decode(bytes) {
            let (key, cell) = entry?;
            let line = Uid(key.0 >> 2);
            match (key.0 & 3, self.lines.last_mut().filter(|last| last.line == line)) {
                (0, _) => self.lines.push(AgreedView { line, left: cell, right: cell }),
                (1, Some(last)) => last.right = cell,
                (2, Some(_)) => self.disputed.push((line, Side::Left, cell)),
                (3, Some(_)) => self.disputed.push((line, Side::Right, cell)),
                _ => return Err(CodecError { at: 0 }),
            }
        }
        Ok(())
    }

    /// Nothing was ever agreed.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn get(&self, line: Uid) -> Option<&AgreedView<'a>> {
        self.lines.binary_search_by_key(&line, |agreed| agreed.line).ok().map(|at| &self.lines[at])
    }

    /// [`BaseView::get`] for rows that are asked for in their order, as they mostly are: each stands where `next` points.
    pub(super) fn get_next(&self, line: Uid, next: &mut usize) -> Option<&AgreedView<'a>> {
        let at = match self.lines.get(*next) {
            Some(agreed) if agreed.line == line => *next,
            _ => self.lines.binary_search_by_key(&line, |agreed| agreed.line).ok()?,
        };
        *next = at + 1;
        Some(&self.lines[at])
    }

    pub(super) fn has_disputes(&self) -> bool {
        !self.disputed.is_empty()
    }

    /// A value of the side that our write replaced unseen.
    pub fn disputed(&self, line: Uid, side: Side) -> Option<Cell<'a>> {
        self.disputed.iter().find(|(of, on, _)| (*of, *on) == (line, side)).map(|(.., cell)| *cell)
    }

    fn owned(&self, agreed: &AgreedView<'a>) -> Agreed {
        let disputed = |side: Side| self.disputed(agreed.line, side).map(|cell| cell.to_value());
        Agreed {
            line: agreed.line,
            left: agreed.left.to_value(),
            right: agreed.right.to_value(),
            disputed: BySide::new(disputed(Side::Left), disputed(Side::Right)),
        }
    }
}

/// A subject's base: sorted by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Base {
    lines: Vec<Agreed>,
}

impl Base {
    pub fn get(&self, line: Uid) -> Option<&Agreed> {
        self.lines.binary_search_by_key(&line, |agreed| agreed.line).ok().map(|at| &self.lines[at])
    }

    pub fn set(&mut self, mut agreed: Agreed) {
        if planted::is(Bug::BaseFromLeft) {
            agreed.right = agreed.left.clone();
        }
        match self.lines.binary_search_by_key(&agreed.line, |a| a.line) {
            Ok(at) => self.lines[at] = agreed,
            Err(at) => self.lines.insert(at, agreed),
        }
    }

    /// After a write to `side`. A value of the other side's that is still to go back there stays disputed, and the other
    /// side agreed as it was: the write that brings the value back may be lost.
    pub fn wrote(&mut self, side: Side, mut agreed: Agreed) {
        let other = side.other();
        if let Some(before) = self.get(agreed.line)
            && let Some(disputed) = &before.disputed[other]
        {
            *agreed.on_mut(other) = before.on(other).to_value();
            agreed.disputed[other] = Some(disputed.clone());
        }
        self.set(agreed);
    }

    /// The side's disputed value is back where it was, as `stored`, and from now on an ordinary change; or the write that
    /// brought it back replaced another one.
    pub fn restored(&mut self, side: Side, line: Uid, stored: &Value, disputed: Option<Value>) {
        if let Ok(at) = self.lines.binary_search_by_key(&line, |agreed| agreed.line) {
            if disputed.is_some() {
                *self.lines[at].on_mut(side) = stored.clone();
            }
            self.lines[at].disputed[side] = disputed;
        }
    }

    /// Keeps the rows of which this is true.
    pub fn retain(&mut self, keep: impl FnMut(&Agreed) -> bool) {
        self.lines.retain(keep);
    }

    pub fn iter(&self) -> impl Iterator<Item = &Agreed> {
        self.lines.iter()
    }

    /// Per row: left, then right where its bytes differ, then disputed values. Each is one cell of the shared codec, keyed by
    /// four times the row's number plus what it is.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.lines.len() * 8);
        encode(
            self.lines.iter().flat_map(|agreed| {
                let key = agreed.line.0 << 2;
                let right = (agreed.left != agreed.right).then(|| (Uid(key | 1), agreed.right.cell()));
                let disputed =
                    |side: Side, part: u32| agreed.disputed[side].as_ref().map(|value| (Uid(key | part), value.cell()));
                let left = Some((Uid(key), agreed.left.cell()));
                [left, right, disputed(Side::Left, 2), disputed(Side::Right, 3)].into_iter().flatten()
            }),
            &mut out,
        );
        out
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Base, CodecError> {
        let mut view = BaseView::default();
        view.fill(bytes)?;
        Ok(Base { lines: view.lines.iter().map(|agreed| view.owned(agreed)).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `disputed`: left, right.
    fn agreed(left: &str, right: &str, disputed: [Option<&str>; 2]) -> Agreed {
        Agreed {
            line: Uid(1),
            left: Value::text(left),
            right: Value::text(right),
            disputed: BySide::new(disputed[0].map(Value::text), disputed[1].map(Value::text)),
        }
    }

    #[test]
    fn a_value_that_is_still_to_go_back_stays_disputed_when_the_other_side_is_written() {
        let mut base = Base::default();
        base.wrote(Side::Right, agreed("ours", "ours", [None, Some("theirs")]));
        base.wrote(Side::Left, agreed("theirs", "theirs", [None, None]));
        assert_eq!(base.get(Uid(1)), Some(&agreed("theirs", "ours", [None, Some("theirs")])));
        base.wrote(Side::Right, agreed("theirs", "theirs", [None, None]));
        assert_eq!(base.get(Uid(1)), Some(&agreed("theirs", "theirs", [None, None])));
    }

    #[test]
    fn values_of_both_sides_that_were_written_over_are_both_remembered() {
        let mut base = Base::default();
        base.wrote(Side::Right, agreed("ours", "ours", [None, Some("salesforce's")]));
        base.wrote(Side::Left, agreed("again", "again", [Some("hubspot's"), None]));
        let both = agreed("again", "ours", [Some("hubspot's"), Some("salesforce's")]);
        assert_eq!(base.get(Uid(1)), Some(&both));
        assert_eq!(Base::from_bytes(&base.to_bytes()), Ok(base.clone()));
        base.restored(Side::Left, Uid(1), &Value::text("hubspot's"), None);
        assert_eq!(base.get(Uid(1)), Some(&agreed("again", "ours", [None, Some("salesforce's")])));
    }

    #[test]
    fn a_base_comes_back() {
        let mut base = Base::default();
        let disputed = BySide::new(None, Some(Value::text("theirs")));
        base.set(Agreed { line: Uid(9), left: Value::text("x"), right: Value::text("x"), disputed });
        base.set(Agreed { line: Uid(2), left: Value::Null, right: Value::Bool(false), disputed: BySide::default() });
        assert_eq!(Base::from_bytes(&base.to_bytes()), Ok(base.clone()));
        assert_eq!(base.get(Uid(2)).map(|a| a.on(Side::Right)), Some(Cell::Bool(false)));
        assert_eq!(Base::from_bytes(&[3]), Err(CodecError { at: 0 }), "a right without its left");
    }
}
