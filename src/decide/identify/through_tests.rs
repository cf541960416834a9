//! `match through`, case by case: who stands for whom, and what becomes of them.

use crate::data::{Dict, Millis, Presence, Side, Stamp};
use crate::decide::{Base, Identified, Program, identify};
use crate::diagnostic::SourceFile;
use crate::lang::compile;
use crate::store::{Hood, Identity, RecordRow, Rid, Role, Sid, SubjectRow, Voucher};

const NOW: i64 = 10_000_000;
const MINUTE: i64 = 60_000;

fn program(line: &str) -> Program {
    let text = format!(
        "edition 2026\nsync companies: hubspot company <-> salesforce Account {{\n {line}\n \
         map salesforce wins {{ name <-> Name or truncate or use \"x\" }}\n}}\n\
         sync people: hubspot contact <-> salesforce Contact {{\n match email = Email\n \
         map salesforce wins {{ email <-> Email or skip }}\n}}"
    );
    let read = |text| serde_json::from_str(text).unwrap();
    let left = read(include_str!("../../../tests/corpus/schemas/hubspot.json"));
    let right = read(include_str!("../../../tests/corpus/schemas/salesforce.json"));
    let (plan, findings) = compile(&[SourceFile::new("a.sync", text)], &left, &right, &mut Dict::default());
    Program::of(&plan.unwrap_or_else(|| panic!("{findings:#?}"))).remove(0)
}

/// Somebody who belongs to one record, linked with somebody who belongs to these of the other side.
fn voucher(id: &str, partners: &[i64]) -> Voucher {
    Voucher {
        id: id.into(),
        partners: partners.iter().map(|rid| Rid(*rid)).collect(),
        missing: Vec::new(),
        work: None,
        busy: false,
        late: None,
    }
}

/// Companies 1 to 3 and accounts 11 to 13, each a subject of its own numbered like its record, save those that are linked:
/// a pair is the subject of its company.
fn hood(program: &Program, linked: &[(i64, i64)], asked: &[i64], vouchers: &[(i64, Voucher)]) -> Hood {
    let record = |rid: i64| {
        let side = if rid < 10 { Side::Left } else { Side::Right };
        RecordRow {
            rid: Rid(rid),
            side,
            ty: program.block.types[side][0].uid,
            id: rid.to_string().into(),
            stamp: Stamp { at: Millis(1), exact: true },
            others: None,
            presence: Presence::Live,
            redirect: None,
            cells: Vec::new(),
            aliases: Vec::new(),
            keys: Vec::new(),
            references: Vec::new(),
            lists: Vec::new(),
        }
    };
    let rids = [1, 2, 3, 11, 12, 13];
    let alone = rids.into_iter().filter(|rid| linked.iter().all(|(_, right)| right != rid));
    let subjects = alone.map(|rid| {
        let right = linked.iter().find(|(left, _)| *left == rid).map(|(_, right)| *right);
        SubjectRow {
            sid: Sid(rid),
            block: program.block.uid,
            asked: asked.contains(&rid),
            members: std::iter::once(rid).chain(right).map(|rid| (Rid(rid), Role::Primary)).collect(),
            base: Base::default().to_bytes(),
            ..SubjectRow::default()
        }
    });
    let mut hood = Hood::new(subjects.collect(), rids.into_iter().map(record).collect());
    let line = program.block.matches.iter().find(|line| line.through().is_some()).unwrap().key;
    for (rid, voucher) in vouchers {
        hood.vouchers.entry((line, Rid(*rid))).or_default().push(voucher.clone());
    }
    hood
}

const ALL: [i64; 6] = [1, 2, 3, 11, 12, 13];

/// One person at company 1, who is somebody at account 11; with the company's side of it as it is told.
fn one_pair(told: Voucher) -> Vec<(i64, Voucher)> {
    vec![(1, told), (11, voucher("p", &[1]))]
}

fn joins(found: &Identified) -> Vec<(i64, i64)> {
    let joins = found.changes.iter().filter_map(|change| match change {
        Identity::Join { rid, into, .. } => Some((into.0, rid.0)),
        _ => None,
    });
    let mut pairs: Vec<(i64, i64)> = joins.map(|(a, b)| (a.min(b), a.max(b))).collect();
    pairs.sort_unstable();
    pairs
}

#[test]
fn who_is_settled_says_it_and_who_is_not_makes_both_wait() {
    let program = program("match through people");
    let settled = voucher("c", &[11]);
    let open = [
        Voucher { work: Some((Millis(NOW), 0)), ..settled.clone() },
        Voucher { work: Some((Millis(NOW + MINUTE), 1)), ..settled.clone() },
        Voucher { busy: true, ..settled.clone() },
        Voucher { late: Some(Millis(NOW - MINUTE)), ..settled.clone() },
    ];
    let until = [NOW, NOW + MINUTE, NOW, NOW + 9 * MINUTE];
    for (told, until) in open.into_iter().zip(until) {
        for asked in [&ALL[..], &[1], &[11]] {
            let found = identify(&program, &hood(&program, &[], asked, &one_pair(told.clone())), NOW);
            assert_eq!(joins(&found), [], "{told:?}");
            for sid in asked.iter().filter(|sid| [1, 11].contains(*sid)) {
                let waits = &found.unsettled[&Sid(*sid)];
                assert_eq!(
                    (waits.until, &*waits.ids[0], found.waiting.contains(&Sid(*sid))),
                    (Millis(until), "c", true)
                );
            }
        }
    }
    // What time alone will turn is no open question, and neither is a create that can arrive no more.
    let quiet = [
        Voucher { work: Some((Millis(NOW + MINUTE), 0)), ..settled.clone() },
        Voucher { late: Some(Millis(NOW - 10 * MINUTE)), ..settled.clone() },
        settled,
    ];
    for told in quiet {
        let found = identify(&program, &hood(&program, &[], &ALL, &one_pair(told)), NOW);
        assert_eq!((joins(&found), found.waiting.len()), (vec![(1, 11)], 0));
    }
}

/// Somebody who belongs to it and is linked with nobody says nothing: not even that there is no partner.
#[test]
fn who_waits_may_be_somebody_without_a_partner() {
    let program = program("match through people");
    let nobody = Voucher { work: Some((Millis(NOW), 0)), ..voucher("n", &[]) };
    let mut told = one_pair(voucher("c", &[11]));
    told.push((1, nobody.clone()));
    let found = identify(&program, &hood(&program, &[], &ALL, &told), NOW);
    assert_eq!((joins(&found), found.unsettled.len()), (vec![], 2), "the account's partner waits, so the account does");
    let found = identify(&program, &hood(&program, &[], &ALL, &[(1, nobody)]), NOW);
    assert_eq!(found.waiting.len(), 1);
}

#[test]
fn what_was_not_read_is_asked_for() {
    let program = program("match through people");
    let ty = program.block.types.right[0].uid;
    let told = Voucher { missing: vec![(Side::Right, ty, "99".into())], ..voucher("c", &[]) };
    let hood = hood(&program, &[], &ALL, &[(1, told)]);
    let found = identify(&program, &hood, NOW);
    assert_eq!(joins(&found), []);
    let mut frame = crate::decide::Frame::default();
    frame.fill(&program, &hood, &found.subjects[&Sid(1)]).unwrap();
    found.complete(Sid(1), &mut frame);
    let unsure = frame.unsure.unwrap();
    assert_eq!(unsure.why, "`match through people` leads to 99, which could not be read");
    assert_eq!(unsure.needs, [crate::decide::Need::Record { side: Side::Right, ty, id: "99".into() }]);
}

/// Everybody whom people of three companies at three accounts can point to: joined are those that point to each other and to
/// nobody else, whoever is asked first and whether all are asked at once.
#[test]
fn a_pair_is_joined_where_all_that_is_known_points_to_it() {
    let program = program("match through people");
    for bits in 0..512_u32 {
        let points: Vec<(i64, i64)> =
            (0..9).filter(|bit| bits >> bit & 1 == 1).map(|at| (1 + at / 3, 11 + at % 3)).collect();
        let vouchers: Vec<(i64, Voucher)> =
            points.iter().flat_map(|(c, a)| [(*c, voucher("c", &[*a])), (*a, voucher("p", &[*c]))]).collect();
        let alone = |pair: &&(i64, i64)| points.iter().filter(|(c, a)| *c == pair.0 || *a == pair.1).count() == 1;
        let wanted: Vec<(i64, i64)> = points.iter().filter(alone).copied().collect();
        let found = identify(&program, &hood(&program, &[], &ALL, &vouchers), NOW);
        assert_eq!(joins(&found), wanted, "{points:?}");
        let held: Vec<i64> = found.ambiguous.keys().map(|sid| sid.0).collect();
        let mut told: Vec<i64> = points.iter().filter(|pair| !alone(pair)).flat_map(|(c, a)| [*c, *a]).collect();
        told.sort_unstable();
        told.dedup();
        assert_eq!(held, told, "{points:?}");
        for order in [ALL, [13, 12, 11, 3, 2, 1], [11, 1, 12, 2, 13, 3]] {
            let mut linked: Vec<(i64, i64)> = Vec::new();
            for sid in order {
                let asked = linked.iter().find(|(_, right)| *right == sid).map_or(sid, |(left, _)| *left);
                linked.extend(joins(&identify(&program, &hood(&program, &linked, &[asked], &vouchers), NOW)));
            }
            linked.sort_unstable();
            assert_eq!(linked, wanted, "{points:?}, {order:?}");
        }
    }
}

#[test]
fn who_is_linked_is_nobody_else_s_and_frees_nobody() {
    let program = program("match through people");
    let told = [(2, voucher("c", &[11])), (11, voucher("p", &[2]))];
    let found = identify(&program, &hood(&program, &[(1, 11)], &ALL, &told), NOW);
    assert_eq!(joins(&found), []);
    assert_eq!(found.ambiguous[&Sid(2)], "`match through people` finds 11, which is linked to 1");
    // Beside one that is free it does not count.
    let told = [(2, voucher("c", &[11])), (2, voucher("d", &[12])), (12, voucher("p", &[2]))];
    let found = identify(&program, &hood(&program, &[(1, 11)], &ALL, &told), NOW);
    assert_eq!((joins(&found), found.ambiguous.len()), (vec![(2, 12)], 0));
}

#[test]
fn what_is_proposed_is_joined_by_nobody() {
    let program = program("match through people or propose");
    let found = identify(&program, &hood(&program, &[], &ALL, &one_pair(voucher("c", &[11]))), NOW);
    assert_eq!((joins(&found), found.proposed.len()), (vec![], 2));
}
