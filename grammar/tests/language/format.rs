//! The canonical form: what it looks like, and that it never changes what it lays out.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use syncline_grammar::tree::{File, Spans};
use syncline_grammar::{Changed, FormatError, ProblemCode, Span, format, parse};

use crate::programs::{Words, program};

#[track_caller]
fn formatted(text: &str) -> String {
    match format(text) {
        Ok(laid) => laid,
        Err(FormatError::Problems(problems)) => panic!("{problems:#?}\n{text}"),
        Err(FormatError::Fault(changed)) => panic!("would change {changed}\n{text}"),
    }
}

fn without_spans(text: &str) -> File {
    let mut file = parse(text).file;
    file.spans(&mut |span| *span = Span::default());
    file
}

fn comments(text: &str) -> Vec<String> {
    parse(text).comments.iter().map(|comment| comment.span.slice(text).trim_end().to_owned()).collect()
}

/// Everything that must hold of any text without faults, checked from outside of the formatter.
#[track_caller]
pub fn sound(text: &str) -> String {
    let laid = formatted(text);
    assert_eq!(formatted(&laid), laid, "not its own layout:\n{text}\n---\n{laid}");
    assert_eq!(without_spans(&laid), without_spans(text), "{text}\n---\n{laid}");
    assert_eq!(comments(&laid), comments(text), "{text}\n---\n{laid}");
    assert!(laid.lines().all(|line| line == line.trim_end() || line.contains('"')), "space at the end:\n{laid}");
    assert!(!laid.contains("\n\n\n") && !laid.starts_with('\n') && !laid.ends_with("\n\n"), "{laid}");
    laid
}

#[track_caller]
fn becomes(text: &str, laid: &str) {
    assert_eq!(sound(text), laid);
}

#[test]
fn rows_stand_in_columns() {
    becomes(
        "sync a: hubspot b <-> salesforce C { map { email<->Email or reject lastname -> LastName or truncate or use \"x\"
         company else company.name else domain<-Lead.Company or skip  numberofemployees <- Lead.NumberOfEmployees
         city <-> Lead.City , Contact.MailingCity newest wins 7->-5 hs_object_id -> Id__c } }",
        "\
sync a: hubspot b <-> salesforce C {
  map {
    email             <-> Email     or reject
    lastname           -> LastName  or truncate  or use \"x\"
    company else company.name else domain <- Lead.Company  or skip
    numberofemployees <-  Lead.NumberOfEmployees
    city              <-> Lead.City, Contact.MailingCity  newest wins
    7                  -> -5
    hs_object_id       -> Id__c
  }
}
",
    );
}

#[test]
fn a_blank_line_begins_new_columns_and_a_comment_does_not() {
    becomes(
        "picklist p {\n\n\nA -> \"a\"\n// more\nLONGER <-> \"b\"\n\n\n\n  MUCH_LONGER -> c\nD -> d\n}",
        "\
picklist p {
  A       -> \"a\"
  // more
  LONGER <-> \"b\"

  MUCH_LONGER -> c
  D           -> d
}
",
    );
}

#[test]
fn a_block_of_one_line_stands_on_one_line_where_there_is_room() {
    becomes(
        "sync a: hubspot b <-> salesforce C {\nmatch x = Y\nto salesforce {\n create Lead otherwise\n}\nboth ways {}\n\
         to hubspot {\n// why\ncreate contact always\n}\nmap newest wins { x <-> Y or skip // here\n}\n}\n\
         limits { keep 10 % of salesforce for people }\ntest \"t\" {\npass\n}\n",
        "\
sync a: hubspot b <-> salesforce C {
  match x = Y
  to salesforce { create Lead otherwise }
  both ways {}
  to hubspot {
    // why
    create contact always
  }
  map newest wins {
    x <-> Y  or skip  // here
  }
}
limits { keep 10 % of salesforce for people }
test \"t\" {
  pass
}
",
    );
}

#[test]
fn long_conditions_are_wrapped_before_and_and_or() {
    becomes(
        "sync a: hubspot b <-> salesforce C { to salesforce {
         include \"sales ready\" when lifecyclestage is at least marketingqualifiedlead and email is known and (is_test is false or jobtitle is any of \"Chief Executive Officer\", \"Chief Technology Officer\")
         include \"deciders\" when any OpportunityContactRole by Opportunity where (IsPrimary is true and Role is \"Decision Maker\")
         create Lead when jobtitle is any of \"Chief Executive Officer\", \"Chief Technology Officer\", \"Chief Financial Officer\", \"Chief Information Officer\"
         } }",
        "\
sync a: hubspot b <-> salesforce C {
  to salesforce {
    include \"sales ready\" when lifecyclestage is at least marketingqualifiedlead
      and email is known
      and (is_test is false
        or jobtitle is any of \"Chief Executive Officer\", \"Chief Technology Officer\")
    include \"deciders\"
      when any OpportunityContactRole by Opportunity
        where (IsPrimary is true and Role is \"Decision Maker\")
    create Lead
      when jobtitle is any of \"Chief Executive Officer\", \"Chief Technology Officer\",
        \"Chief Financial Officer\", \"Chief Information Officer\"
  }
}
",
    );
}

#[test]
fn fields_and_values_fill_their_lines() {
    let many: Vec<String> = (0..12).map(|at| format!("field_{at}: \"value {at}\"")).collect();
    let text = format!(
        "test \"t\" {{ given hubspot contact as ana {{ {} }} expect Lead {{ a: 1 }} by \"x\" }} values v {{ {} }}",
        many.join(","),
        ["\"a text of some length\""; 6].join(" , ")
    );
    becomes(
        &text,
        "\
test \"t\" {
  given hubspot contact as ana {
    field_0: \"value 0\", field_1: \"value 1\", field_2: \"value 2\", field_3: \"value 3\",
    field_4: \"value 4\", field_5: \"value 5\", field_6: \"value 6\", field_7: \"value 7\",
    field_8: \"value 8\", field_9: \"value 9\", field_10: \"value 10\", field_11: \"value 11\"
  }
  expect Lead { a: 1 } by \"x\"
}
values v {
  \"a text of some length\", \"a text of some length\", \"a text of some length\",
  \"a text of some length\", \"a text of some length\", \"a text of some length\"
}
",
    );
}

#[test]
fn comments_stay_where_they_are() {
    becomes(
        "\n\n// first\n\n\n//second\n/// docs\nzone \"x\"   // behind\n// own\nsync a: // why\n hubspot b -> salesforce C {\t// open\n\n\n\
         // in front\nmatch x = Y and // both\n // really\n z = Z\nmatch y = Z // one\nmatch yy = Zz /// two  \n\n// last\n\n}\n\n\n// end\n\n",
        "\
// first

//second
/// docs
zone \"x\"  // behind
// own
sync a:  // why
  hubspot b -> salesforce C {  // open
  // in front
  match x = Y
    and  // both
    // really
    z = Z
  match y = Z    // one
  match yy = Zz  /// two

  // last
}

// end
",
    );
}

#[test]
fn line_ends_stay_and_the_mark_at_the_start_goes() {
    assert_eq!(
        formatted("\u{feff}zone  \"x\"\r\n\r\n// c\r\nzone \"y\"\n"),
        "zone \"x\"\r\n\r\n// c\r\nzone \"y\"\r\n"
    );
    assert_eq!(formatted(""), "");
    assert_eq!(formatted("\n \r\n"), "");
    assert_eq!(formatted("// only\r"), "// only\n");
}

#[test]
fn a_text_with_faults_is_left_alone() {
    let Err(FormatError::Problems(problems)) = format("zone \"x\"\nzone \"y") else { panic!() };
    assert_eq!(problems[0].code, ProblemCode::UnclosedText);
    assert_eq!(Changed::Meaning.to_string(), "what its rules mean");
}

/// The words, each with one of the gaps before it.
fn laid_out(words: &Words, gaps: &[&str]) -> String {
    let mut text = String::new();
    for (word, gap) in words.iter().zip(gaps.iter().cycle()) {
        text.push_str(gap);
        text.push_str(word);
    }
    text
}

const SPACES: [&str; 6] = [" ", " ", " ", "\n", "  \t", "\r\n  "];
const NOTES: [&str; 12] = [
    " ",
    " ",
    " ",
    " ",
    "\n",
    "\n\n\n",
    " // note\n",
    "\n// own  \n",
    "\n\n/// docs\n",
    " // a\n// b\n\n  ",
    "\n//\n",
    " //// four\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_program_keeps_its_words_comments_and_meaning(words in program(), gaps in vec(select(NOTES.to_vec()), 1..60)) {
        sound(&laid_out(&words, &gaps));
    }

    #[test]
    fn how_a_program_was_laid_out_does_not_matter(words in program(), gaps in vec(select(SPACES.to_vec()), 1..60)) {
        let plain = sound(&laid_out(&words, &[" "]));
        prop_assert_eq!(formatted(&laid_out(&words, &gaps)).replace('\r', ""), plain);
    }

    #[test]
    fn lines_are_too_long_only_where_they_cannot_end(words in program()) {
        let laid = formatted(&laid_out(&words, &[" "]));
        for line in laid.lines().filter(|line| line.chars().count() > syncline_grammar::WIDTH) {
            let cannot = line.contains("so long that") || line.contains("odd. name") || line.contains("Custom_Field");
            prop_assert!(cannot, "{line}");
        }
    }
}
