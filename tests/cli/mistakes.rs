//! Ten mistakes that an admin makes, and what is said of each: docs/mistakes.md is what the program prints.

use std::fmt::Write as _;
use std::path::Path;

use crate::stage::Stage;

struct Mistake {
    title: &'static str,
    /// What goes wrong where nothing checks it.
    unchecked: &'static str,
    rules: &'static str,
    /// The codes that are found, and no others.
    codes: &'static [&'static str],
    /// `check --fix` leaves nothing to say.
    mends: bool,
}

const MISTAKES: [Mistake; 10] = [
    Mistake {
        title: "A name with a slip in it",
        unchecked: "The row would be skipped, or fail at night.",
        rules: "\
edition 2026
sync people: hubspot contact <-> salesforce Contact {
  match email = Email
  map salesforce wins {
    fristname <-> FirstName  or truncate
  }
}
",
        codes: &["N102"],
        mends: false,
    },
    Mistake {
        title: "A label where the API name belongs",
        unchecked: "Labels are not unique, and somebody renames them.",
        rules: "\
edition 2026
sync people: hubspot contact <-> salesforce Contact {
  match email = Email
  map salesforce wins {
    `Street address` <-> MailingStreet  or skip
  }
}
",
        codes: &["N104"],
        mends: true,
    },
    Mistake {
        title: "A longer text than its target takes",
        unchecked: "Salesforce refuses the whole record, on the day when somebody has a long title.",
        rules: "\
edition 2026
sync people: hubspot contact <-> salesforce Contact {
  match email = Email
  map salesforce wins {
    jobtitle <-> Title
  }
}
",
        codes: &["L301"],
        mends: false,
    },
    Mistake {
        title: "Both ways, and nobody wins",
        unchecked: "Whoever is read last overwrites the other.",
        rules: "\
edition 2026
sync people: hubspot contact <-> salesforce Contact {
  match email = Email
  map {
    firstname <-> FirstName  or truncate
  }
}
",
        codes: &["F501"],
        mends: false,
    },
    Mistake {
        title: "Two values for one, both ways",
        unchecked: "A lead that is `CONNECTED` comes back as `IN_PROGRESS`, and nobody knows why.",
        rules: "\
edition 2026
sync people: hubspot contact <-> salesforce Lead {
  match email = Email
  map salesforce wins { hs_lead_status <-> Status  via lead_status }
}
picklist lead_status {
  IN_PROGRESS <-> \"Working - Contacted\"
  CONNECTED   <-> \"Working - Contacted\"
  otherwise   <-> skip
}
",
        codes: &["C402"],
        mends: false,
    },
    Mistake {
        title: "Salesforce on the left",
        unchecked: "Every arrow would have to be read twice.",
        rules: "\
edition 2026
sync people: salesforce Contact <- hubspot contact {
  match email = Email
  map { firstname -> FirstName  or truncate }
}
",
        codes: &["S034"],
        mends: true,
    },
    Mistake {
        title: "The signs of another language",
        unchecked: "They say nothing to those who read the rules.",
        rules: "\
edition 2026
sync people: hubspot contact <-> salesforce Contact {
  match email == Email
  both ways {
    include \"in play\" when lifecyclestage != null && phone != null
  }
}
",
        codes: &["S040", "S031", "S032", "S031"],
        mends: true,
    },
    Mistake {
        title: "`or` between values",
        unchecked: "It reads well, and means nothing: of `customer` nothing is asked.",
        rules: "\
edition 2026
sync people: hubspot contact <-> salesforce Contact {
  match email = Email
  both ways {
    include \"in play\" when lifecyclestage is lead or customer
  }
}
",
        codes: &["S043"],
        mends: true,
    },
    Mistake {
        title: "A `create` line that another one shadows",
        unchecked: "No contact is ever created, and the line looks as if it did.",
        rules: SHADOWED,
        codes: &["A601"],
        mends: false,
    },
    Mistake {
        title: "Nothing said of the rest",
        unchecked: "What becomes of everybody else would depend on the program.",
        rules: "\
edition 2026
sync people: hubspot contact <-> salesforce Lead {
  match email = Email
  to salesforce {
    create Lead \"worth a call\" when phone is known
  }
  map salesforce wins {
    email        <-> Email          or reject
    lastname     <-> LastName       or truncate  or use \"(unknown)\"
    company       -> Company        or truncate  or use \"(unknown)\"
    hs_object_id  -> HubSpot_Id__c
  }
}
",
        codes: &["F507"],
        mends: false,
    },
];

const SHADOWED: &str = "\
edition 2026
sync people: hubspot contact <-> salesforce Lead or Contact {
  match email = Email
  to salesforce {
    create Lead otherwise
    create Contact \"known account\" when company.salesforceaccountid is known
  }
  map salesforce wins {
    email        <-> Email          or reject
    lastname     <-> LastName       or truncate  or use \"(unknown)\"
    company       -> Lead.Company   or truncate  or use \"(unknown)\"
    is_test       -> Contact.DoNotCall
    hs_object_id  -> HubSpot_Id__c
  }
}
";

fn stage(rules: &str) -> Stage {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let stage = Stage::example();
    for schema in ["schemas/hubspot.json", "schemas/salesforce.json"] {
        stage.write(schema, std::fs::read(format!("{folder}/{schema}")).unwrap());
    }
    std::fs::remove_file(stage.path().join("rules/people.tests.sync")).unwrap();
    stage.write("rules/people.sync", rules);
    stage
}

fn page() -> String {
    let mut out = "# Ten mistakes\n\n\
        What `syncline check` says of ten mistakes that are easily made. Each is found before anything runs. What follows is \
        what the program prints; a test holds this page to it.\n"
        .to_owned();
    for (at, mistake) in MISTAKES.iter().enumerate() {
        let printed = stage(mistake.rules).run("check").stdout;
        // Without the lines below the findings, which all of them share.
        let findings =
            printed.split("\n1 error").next().unwrap_or(&printed).split("\n1 warning").next().unwrap_or(&printed);
        let findings = findings.split("\n4 errors").next().unwrap_or(findings);
        let _ = write!(
            out,
            "\n## {}. {}\n\nUnchecked: {}\n\n```sync\n{}```\n\n```\n{}\n```\n",
            at + 1,
            mistake.title,
            mistake.unchecked,
            mistake.rules,
            findings.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim()
        );
        if mistake.mends {
            out.push_str("\n`syncline check --fix` mends it.\n");
        }
    }
    out
}

#[test]
fn each_is_found_for_what_it_is_and_mended_where_that_is_sure() {
    for mistake in MISTAKES {
        let stage = stage(mistake.rules);
        let found = stage.run("check --format json").json();
        let codes: Vec<&str> =
            found["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect();
        assert_eq!(codes, mistake.codes, "{}", mistake.title);
        let fixed = stage.run("check --fix");
        assert_eq!(fixed.stdout.contains("no findings"), mistake.mends, "{}: {fixed}", mistake.title);
    }
}

#[test]
fn the_page_of_mistakes_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mistakes.md");
    let page = page();
    if std::env::var_os("SYNCLINE_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/mistakes.md is out of date: SYNCLINE_WRITE_DOCS=1 cargo test --test cli mistakes");
}

/// The findings of the README are those of the page, to the letter.
#[test]
fn the_readme_shows_what_is_printed() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, findings) = readme.split_once("\n## Findings\n").expect("a part on findings");
    let findings = findings.split("\n## ").next().unwrap();
    let page = page();
    let blocks: Vec<&str> = findings.split("```\n").skip(1).step_by(2).collect();
    assert!(blocks.len() >= 3, "{findings}");
    for block in blocks {
        assert!(page.contains(block), "README.md shows what is not printed:\n{block}");
    }
}
