//! What admins do: they save other rules, and give words for what is held. Drawn apart from all else.

use std::collections::BTreeMap;

use fastrand::Rng;
use syncline::data::Digest;
use syncline::sync::Holding;

use crate::guard::Guard;
use crate::rules::Rules;
use crate::world::World;

pub struct Desk {
    pub rng: Rng,
    /// As they are on disk, and how often they were saved.
    pub rules: Rules,
    pub saves: u64,
    /// Whether anybody changes them.
    pub changing: bool,
    pub guard: Guard,
    /// Every plan that was ever in force, by what it was made of.
    pub plans: BTreeMap<Digest, Rules>,
    /// What the runner says is held.
    pub published: Vec<Holding>,
    /// Words that nobody has taken yet, with what they were given for.
    pub words: BTreeMap<String, Holding>,
}

impl Desk {
    pub fn new(seed: u64) -> Desk {
        Desk {
            rng: Rng::with_seed(seed ^ 0x2545_f491),
            rules: Rules::default(),
            saves: 0,
            changing: false,
            guard: Guard::default(),
            plans: BTreeMap::new(),
            published: Vec::new(),
            words: BTreeMap::new(),
        }
    }

    /// Gives a word for all that is held.
    pub fn give_words(&mut self) {
        self.words.extend(self.published.iter().map(|holding| (holding.token.clone(), holding.clone())));
    }

    /// Whether rules that differ in something from the last ones were ever in force.
    pub fn changed(&self, what: impl Fn(&Rules) -> bool) -> bool {
        self.plans.values().any(|rules| what(rules) != what(&self.rules))
    }
}

impl World {
    /// Something that admins do, once in a while; whether rules were saved.
    pub fn admin_acts(&mut self, one_in: u32) -> bool {
        let desk = &mut self.desk;
        if !desk.changing || self.quiet {
            return false;
        }
        if desk.rng.u32(0..one_in) == 0 {
            desk.give_words();
        }
        if desk.rng.u32(0..one_in) > 0 {
            return false;
        }
        let which = desk.rng.u32(0..4);
        desk.rules.toggle(which);
        desk.saves += 1;
        self.situation(["another winner", "another row", "another gate", "another match line"][which as usize]);
        true
    }
}
