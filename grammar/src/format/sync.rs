//! `sync` and the lines of its blocks.

use crate::tree::{Block, BlockLine, ChoiceKind, Create, CreateRule, Gate, Match, MatchBy, On, Pick, Sync, SyncLine};

use super::layout::{Kind, Layout, Part};

impl Layout<'_> {
    pub(super) fn sync(&mut self, sync: &Sync) -> Part {
        let body = sync.lines.iter().map(|line| self.sync_line(line)).collect();
        self.block(sync.span, body, false)
    }

    fn sync_line(&mut self, line: &SyncLine) -> Part {
        match line {
            SyncLine::Match(line) => self.match_line(line),
            SyncLine::RollUp(line) => self.line(line.span),
            SyncLine::Recheck(line) => self.line(line.span),
            SyncLine::Block(block) => self.gates(block),
            SyncLine::Map(map) => self.map(map),
            SyncLine::Associate(associate) => self.associate(associate),
        }
    }

    pub(super) fn match_line(&mut self, line: &Match) -> Part {
        if let MatchBy::Keys(keys) = &line.by {
            for key in keys.iter().skip(1) {
                self.soft(self.before(key.span.start), 0, Kind::All, 1);
            }
        }
        self.line(line.span)
    }

    fn gates(&mut self, block: &Block) -> Part {
        let body = block.lines.iter().map(|line| self.block_line(line)).collect();
        self.block(block.span, body, true)
    }

    fn block_line(&mut self, line: &BlockLine) -> Part {
        match line {
            BlockLine::Gate(gate) => self.gate(gate),
            BlockLine::Pick(pick) => self.pick(pick),
            BlockLine::Relink(relink) => self.line(relink.span),
            BlockLine::Create(create) => self.create(create),
            BlockLine::On(on) => self.on(on),
        }
    }

    pub(super) fn gate(&mut self, gate: &Gate) -> Part {
        self.when(&gate.when);
        self.line(gate.span)
    }

    pub(super) fn create(&mut self, create: &Create) -> Part {
        if let CreateRule::When(cond) = &create.rule {
            self.when(cond);
        }
        self.line(create.span)
    }

    fn pick(&mut self, pick: &Pick) -> Part {
        for (index, choice) in pick.choices.iter().enumerate() {
            if index > 0 {
                self.soft(self.before(choice.span.start), 0, Kind::Fill, 1);
            }
            if let ChoiceKind::When(cond) = &choice.kind {
                self.cond(cond, 1);
            }
        }
        self.line(pick.span)
    }

    pub(super) fn on(&mut self, on: &On) -> Part {
        for action in on.actions.iter().skip(1) {
            self.soft(self.before(action.span.start), 0, Kind::All, 1);
        }
        self.line(on.span)
    }
}
