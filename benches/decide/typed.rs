//! The sample rules as a programmer would write them: typed records, no plan, values borrowed from the mirror. The
//! denominator of the ratio; `main.rs` makes sure that it gives the same answers.

use std::borrow::Cow;

use syncline::data::{Cell, Presence, Side, Uid, decode};
use syncline::decide::Member;
use syncline::lang::plan::{Plan, is_valid_email};
use syncline::store::{Hood, RecordRow, Role};

#[derive(Clone, Copy, Debug, Default)]
struct Contact<'a> {
    id: &'a str,
    email: &'a str,
    first: &'a str,
    last: &'a str,
    title: &'a str,
    phone: &'a str,
    mobile: &'a str,
    company: &'a str,
    city: &'a str,
    zip: &'a str,
    status: &'a str,
    company_id: &'a str,
    listed: bool,
}

/// A lead or a contact of Salesforce.
#[derive(Clone, Copy, Debug, Default)]
struct Person<'a> {
    lead: bool,
    email: &'a str,
    first: &'a str,
    last: &'a str,
    title: &'a str,
    phone: &'a str,
    mobile: &'a str,
    company: &'a str,
    city: &'a str,
    zip: &'a str,
    status: &'a str,
    hubspot_id: &'a str,
}

/// The rows of the map, in its order.
#[derive(Clone, Copy)]
enum Row {
    Email,
    First,
    Last,
    Title,
    Phone,
    Mobile,
    Company,
    City,
    Zip,
    Status,
    Id,
}

const ROWS: usize = 11;

#[derive(Clone, Copy, PartialEq)]
enum Wins {
    PreferSalesforce,
    Hubspot,
    Newest,
}

#[derive(Debug)]
pub struct Move<'a> {
    pub side: Side,
    pub field: &'static str,
    pub before: Cow<'a, str>,
    pub after: Cow<'a, str>,
}

/// What is to be done with one subject; the buffer is reused.
#[derive(Debug, Default)]
pub struct Answer<'a> {
    pub moves: Vec<Move<'a>>,
    /// `Lead` or `Contact`.
    pub creates: Option<&'static str>,
}

/// Field numbers of the state file, as positions in the structs above.
pub struct Typed {
    contact: Vec<u8>,
    person: [Vec<u8>; 2],
    rows: Vec<u8>,
    account: Uid,
    types: Types,
}

struct Types {
    company: Uid,
    lead: Uid,
}

type Bases<'a> = [Option<(&'a str, &'a str)>; ROWS];

const CONTACT: [&str; 11] = [
    "email",
    "firstname",
    "lastname",
    "jobtitle",
    "phone",
    "mobilephone",
    "company",
    "city",
    "zip",
    "hs_lead_status",
    "associatedcompanyid",
];
const LEAD: [&str; 11] = [
    "Email",
    "FirstName",
    "LastName",
    "Title",
    "Phone",
    "MobilePhone",
    "Company",
    "City",
    "PostalCode",
    "Status",
    "HubSpot_Id__c",
];

impl Typed {
    pub fn new(plan: &Plan) -> Typed {
        let block = &plan.blocks[0];
        let table = |used: &syncline::lang::plan::TypeUse, names: &[&str]| {
            let mut out = Vec::new();
            for field in &used.fields {
                if let Some(at) = names.iter().position(|name| *name == field.name) {
                    put(&mut out, field.uid, at);
                }
            }
            out
        };
        let contact_names = LEAD.map(|name| match name {
            "City" => "MailingCity",
            "PostalCode" => "MailingPostalCode",
            name => name,
        });
        let mut rows = Vec::new();
        block.lines.iter().enumerate().for_each(|(at, line)| put(&mut rows, line.rule.uid, at));
        let reached = &block.reaches[0].target;
        Typed {
            contact: table(&block.types.left[0], &CONTACT),
            person: [table(&block.types.right[0], &LEAD), table(&block.types.right[1], &contact_names)],
            rows,
            account: reached.fields.iter().find(|f| f.name == "salesforceaccountid").expect("it is read").uid,
            types: Types { company: reached.uid, lead: block.types.right[0].uid },
        }
    }

    pub fn decide<'a>(&self, hood: &'a Hood, members: &[Member], base: &'a [u8], out: &mut Answer<'a>) {
        out.moves.clear();
        out.creates = None;
        let (mut contact, mut person) = (None, None);
        for member in members.iter().filter(|member| member.role == Role::Primary) {
            match hood.record(member.rid).filter(|row| row.presence == Presence::Live) {
                Some(row) if row.side == Side::Left => contact = Some(self.contact(row)),
                Some(row) => person = Some(self.person(row)),
                None => {}
            }
        }
        match (contact, person) {
            (Some(contact), Some(person)) => pair(&contact, &person, &self.bases(base), out),
            (Some(contact), None) => self.create_person(hood, &contact, out),
            _ => {}
        }
    }

    fn contact<'a>(&self, row: &'a RecordRow) -> Contact<'a> {
        let mut contact = Contact { id: &row.id, listed: !row.lists.is_empty(), ..Contact::default() };
        for (uid, cell) in decode(&row.cells).flatten() {
            let Cell::Text(text) = cell else { continue };
            match self.contact.get(uid.0 as usize) {
                Some(1) => contact.email = text,
                Some(2) => contact.first = text,
                Some(3) => contact.last = text,
                Some(4) => contact.title = text,
                Some(5) => contact.phone = text,
                Some(6) => contact.mobile = text,
                Some(7) => contact.company = text,
                Some(8) => contact.city = text,
                Some(9) => contact.zip = text,
                Some(10) => contact.status = text,
                Some(11) => contact.company_id = text,
                _ => {}
            }
        }
        contact
    }

    fn person<'a>(&self, row: &'a RecordRow) -> Person<'a> {
        let mut person = Person { lead: row.ty == self.types.lead, ..Person::default() };
        let fields = &self.person[usize::from(!person.lead)];
        for (uid, cell) in decode(&row.cells).flatten() {
            let Cell::Text(text) = cell else { continue };
            match fields.get(uid.0 as usize) {
                Some(1) => person.email = text,
                Some(2) => person.first = text,
                Some(3) => person.last = text,
                Some(4) => person.title = text,
                Some(5) => person.phone = text,
                Some(6) => person.mobile = text,
                Some(7) => person.company = text,
                Some(8) => person.city = text,
                Some(9) => person.zip = text,
                Some(10) => person.status = text,
                Some(11) => person.hubspot_id = text,
                _ => {}
            }
        }
        person
    }

    /// What was last agreed: left, and right where it differs.
    fn bases<'a>(&self, base: &'a [u8]) -> Bases<'a> {
        let mut bases: Bases<'a> = [None; ROWS];
        for (key, cell) in decode(base).flatten() {
            let Some(row) = self.rows.get((key.0 >> 2) as usize).filter(|at| **at > 0) else { continue };
            let text = if let Cell::Text(text) = cell { text } else { "" };
            match (key.0 & 3, &mut bases[usize::from(*row) - 1]) {
                (0, base) => *base = Some((text, text)),
                (1, Some(base)) => base.1 = text,
                _ => {}
            }
        }
        bases
    }

    fn create_person<'a>(&self, hood: &'a Hood, contact: &Contact<'a>, out: &mut Answer<'a>) {
        let excluded = contact.email.len() >= 9
            && contact.email.as_bytes()[contact.email.len() - 9..].eq_ignore_ascii_case(b"@acme.com");
        if excluded || !contact.listed || contact.email.chars().count() > 80 {
            return;
        }
        let company = hood.by_id(self.types.company, contact.company_id);
        let account = company.is_some_and(|row| {
            decode(&row.cells).flatten().any(|(uid, cell)| uid == self.account && !blank_cell(&cell))
        });
        let lead = !account;
        out.creates = Some(if lead { "Lead" } else { "Contact" });
        let mut give = |field, value: Cow<'a, str>| {
            if !blank(&value) {
                out.moves.push(Move { side: Side::Right, field, before: "".into(), after: value });
            }
        };
        give("Email", contact.email.into());
        give("FirstName", cut(contact.first, 40));
        give("LastName", or(cut(contact.last, 80), "(unknown)"));
        give("Title", cut(contact.title, 128));
        give("Phone", cut(contact.phone, 40));
        give("MobilePhone", cut(contact.mobile, 40));
        if lead {
            give("Company", or(cut(contact.company, 255), "(not provided)"));
        }
        give(if lead { "City" } else { "MailingCity" }, cut(contact.city, 40));
        give(if lead { "PostalCode" } else { "MailingPostalCode" }, cut(contact.zip, 20));
        if let Some(status) = to_salesforce(contact.status).filter(|_| lead) {
            give("Status", status.into());
        }
        give("HubSpot_Id__c", contact.id.into());
    }
}

fn put(table: &mut Vec<u8>, uid: Uid, at: usize) {
    let uid = uid.0 as usize;
    table.resize(table.len().max(uid + 1), 0);
    table[uid] = at as u8 + 1;
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn blank_cell(cell: &Cell<'_>) -> bool {
    matches!(cell, Cell::Null) || matches!(cell, Cell::Text(text) if blank(text))
}

fn same(a: &str, b: &str) -> bool {
    a == b || (blank(a) && blank(b))
}

/// At most `max` characters.
fn cut(text: &str, max: usize) -> Cow<'_, str> {
    match text.len() <= max {
        true => text.into(),
        false => text.chars().take(max).collect::<String>().trim_end().to_owned().into(),
    }
}

fn or<'a>(text: Cow<'a, str>, instead: &'static str) -> Cow<'a, str> {
    if blank(&text) { instead.into() } else { text }
}

fn to_salesforce(status: &str) -> Option<&'static str> {
    Some(match status {
        "NEW" => "Open - Not Contacted",
        "IN_PROGRESS" => "Working - Contacted",
        "UNQUALIFIED" => "Closed - Not Converted",
        _ => return None,
    })
}

fn to_hubspot(status: &str) -> Option<&'static str> {
    Some(match status {
        "Open - Not Contacted" => "NEW",
        "Working - Contacted" => "IN_PROGRESS",
        "Closed - Not Converted" => "UNQUALIFIED",
        _ => return None,
    })
}

fn pair<'a>(contact: &Contact<'a>, person: &Person<'a>, bases: &Bases<'a>, out: &mut Answer<'a>) {
    let open = Open { left: is_valid_email(person.email), right: true };
    let mut two =
        |row: Row, names: (&'static str, &'static str), values: (&'a str, &'a str), max: usize, wins: Wins| {
            two_way(names, values, bases[row as usize], max, wins, open, &mut out.moves);
        };
    let prefer = Wins::PreferSalesforce;
    two(Row::Email, ("email", "Email"), (contact.email, person.email), 80, prefer);
    two(Row::First, ("firstname", "FirstName"), (contact.first, person.first), 40, prefer);
    two(Row::Last, ("lastname", "LastName"), (contact.last, person.last), 80, prefer);
    two(Row::Title, ("jobtitle", "Title"), (contact.title, person.title), 128, prefer);
    two(Row::Phone, ("phone", "Phone"), (contact.phone, person.phone), 40, prefer);
    two(Row::Mobile, ("mobilephone", "MobilePhone"), (contact.mobile, person.mobile), 40, Wins::Hubspot);
    if person.lead {
        one_way("Company", (contact.company, person.company), bases[Row::Company as usize], 255, &mut out.moves);
    }
    let (city, zip) = if person.lead { ("City", "PostalCode") } else { ("MailingCity", "MailingPostalCode") };
    let mut two =
        |row: Row, names: (&'static str, &'static str), values: (&'a str, &'a str), max: usize, wins: Wins| {
            two_way(names, values, bases[row as usize], max, wins, open, &mut out.moves);
        };
    two(Row::City, ("city", city), (contact.city, person.city), 40, Wins::Newest);
    two(Row::Zip, ("zip", zip), (contact.zip, person.zip), 20, prefer);
    if person.lead {
        status(contact, person, bases[Row::Status as usize], out);
    }
    one_way("HubSpot_Id__c", (contact.id, person.hubspot_id), bases[Row::Id as usize], 18, &mut out.moves);
}

#[derive(Clone, Copy)]
struct Open {
    left: bool,
    right: bool,
}

#[inline]
fn two_way<'a>(
    (left_name, right_name): (&'static str, &'static str),
    (left, right): (&'a str, &'a str),
    base: Option<(&'a str, &'a str)>,
    max: usize,
    wins: Wins,
    open: Open,
    moves: &mut Vec<Move<'a>>,
) {
    let to_right = match base {
        Some((l, r)) => match (!same(left, l), !same(right, r)) {
            (false, false) => return,
            (true, false) => wins != Wins::PreferSalesforce || (blank(right) && !blank(left)),
            (false, true) => false,
            (true, true) => wins == Wins::Hubspot || (wins == Wins::PreferSalesforce && blank(right)),
        },
        None => match (blank(left), blank(right)) {
            (true, true) => return,
            (true, false) => false,
            (false, true) => true,
            (false, false) => wins == Wins::Hubspot,
        },
    };
    let cut_left = cut(left, max);
    if same(&cut_left, right) {
        return;
    }
    if to_right && open.right {
        moves.push(Move { side: Side::Right, field: right_name, before: right.into(), after: cut_left });
    } else if !to_right && open.left {
        moves.push(Move { side: Side::Left, field: left_name, before: left.into(), after: right.into() });
    }
}

#[inline]
fn one_way<'a>(
    field: &'static str,
    (left, right): (&'a str, &'a str),
    base: Option<(&'a str, &'a str)>,
    max: usize,
    moves: &mut Vec<Move<'a>>,
) {
    if base.is_some_and(|(l, r)| same(left, l) && same(right, r)) || (base.is_none() && blank(left)) {
        return;
    }
    let after = cut(left, max);
    if !same(&after, right) {
        moves.push(Move { side: Side::Right, field, before: right.into(), after });
    }
}

fn status<'a>(contact: &Contact<'a>, person: &Person<'a>, base: Option<(&'a str, &'a str)>, out: &mut Answer<'a>) {
    let (left, right) = (contact.status, person.status);
    let to_right = match base {
        Some((l, r)) => match (!same(left, l), !same(right, r)) {
            (false, false) => return,
            (_, false) => blank(right) && !blank(left),
            _ => false,
        },
        None => blank(right),
    };
    let (side, field, before, after) = match to_right {
        true => (Side::Right, "Status", right, to_salesforce(left)),
        false => (Side::Left, "hs_lead_status", left, to_hubspot(right)),
    };
    if let Some(after) = after.filter(|after| *after != before) {
        out.moves.push(Move { side, field, before: before.into(), after: after.into() });
    }
}
