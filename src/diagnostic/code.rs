//! Every code of every finding. A released number is never used again for something else.
//!
//! `S` syntax, `N` names, `T` types, `L` loss, `C` picklists, `F` order and flow, `A` analysis, `U` not built yet, `X` what a
//! test expects and is not so.

use std::fmt;

use syncline_grammar::ProblemCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is loaded.
    Error,
    Warning,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

macro_rules! codes {
    ($($name:ident $id:literal $severity:ident $doc:literal)*) => {
        /// What a finding is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $doc] $name,)* }

        impl Code {
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// `N102`.
            pub fn id(self) -> &'static str {
                match self { $(Code::$name => $id,)* }
            }

            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)* }
            }

            /// What `explain` says about it.
            pub fn doc(self) -> &'static str {
                match self { $(Code::$name => $doc,)* }
            }
        }
    };
}

codes! {
    NotUtf8 "S001" Error "A rule file must be UTF-8 text."
    TooLarge "S002" Error "A rule file is larger than Syncline reads. Split it: all files of a folder are one set of rules."
    TooDeep "S003" Error "Parentheses or braces are nested deeper than Syncline reads."
    TooManyTokens "S004" Error "A rule file has more words than Syncline reads. Split it."
    ForbiddenCharacter "S005" Error "A character that is not shown, or that turns the direction of text, stands in the file. It could make a rule read differently from what it does."
    TooManyProblems "S006" Error "The file has more faults than are shown. Fix the first ones and check again."
    UnclosedBrace "S010" Error "A `{` has no `}`."
    StrayBrace "S011" Error "A `}` has no `{`."
    UnclosedParenthesis "S012" Error "A `(` has no `)`."
    StrayParenthesis "S013" Error "A `)` has no `(`."
    UnclosedText "S014" Error "A text has no closing `\"` on its line."
    WrongQuotes "S015" Error "Text stands in double quotes: `\"…\"`."
    Unexpected "S020" Error "Something else was expected at this place."
    UnknownWord "S021" Error "No line or block starts with this word."
    WrongPlace "S022" Error "The line exists, but not in this block."
    WrongArrow "S030" Error "The arrows are `<->`, `->` and `<-`."
    WrongComparison "S031" Error "Comparisons are words: `is`, `is not`, `is at least`, `contains`."
    WrongConnective "S032" Error "Conditions are joined by `and` and `or`."
    MixedConnectives "S033" Error "`and` and `or` in one condition need parentheses, so that nobody has to know which binds first."
    SalesforceLeft "S034" Error "HubSpot always stands left of an arrow, Salesforce right."
    UnnamedRule "S035" Error "`include` and `exclude` have a name in quotes: it stands in plans, in `why` and in the journal."
    UnquotedName "S036" Error "The name of a rule stands in quotes."
    MissingWhen "S037" Error "The condition of a rule starts with `when`."
    CreateWithoutWhen "S038" Error "A `create` line ends in `when …`, `otherwise` or `always`."
    BareWins "S039" Error "A winner is named: `newest wins`, `hubspot wins`, `salesforce wins`, `prefer salesforce unless blank`."
    WrongKey "S040" Error "Keys of a `match` line are compared with `=`; an arrow moves data."
    NotWithoutParentheses "S041" Error "`not` in front of a comparison needs parentheses."
    WrongBlank "S042" Error "A missing value is asked for by `is blank`, one that is there by `is known`."
    OrBetweenValues "S043" Error "`or` joins conditions. Several values of one field are a list: `is any of lead, customer`."
    ListInParentheses "S065" Error "A list of values stands in no parentheses: `is any of lead, customer`."
    WrongComment "S066" Error "A comment starts with `//` and goes to the end of its line."
    NeedlessEnd "S067" Error "No sign ends a line: a statement ends where the next one starts."
    WrongAge "S068" Error "Ages are asked for by `is in the last 30 days` and `is more than 30 days ago`."
    UnquotedValue "S069" Error "A value of several words stands in quotes."
    CommaBetweenValues "S070" Error "Several values are a list: `is any of lead, customer`. A comma alone does not say how many of them must be met."

    UnknownType "N101" Error "The record type is not in the schema of that side. Names are API names: `contact`, `Lead`, `Invoice__c`. If it is new, pull the schema again."
    UnknownField "N102" Error "The field is not in the schema of that record type. Names are API names. If it is new, pull the schema again."
    WrongSide "N103" Error "The name belongs to the other side. Names without a prefix are HubSpot's in `to salesforce` and `both ways`, Salesforce's in `to hubspot`; `hubspot.x` and `salesforce.x` choose. In rows and keys HubSpot is left, Salesforce right."
    LabelForName "N104" Error "A label stands where the API name belongs. Labels are not unique and get translated, so rules never use them."
    NotOnEveryType "N105" Error "The field is missing on one of the block's record types. Say which type is meant: `Lead.Status`."
    UnknownTable "N106" Error "No `picklist` of this name is in the rules."
    UnknownList "N107" Error "No list of this name is in the schema, or its members are of another type."
    UnknownValues "N108" Error "No `values` block of this name is in the rules."
    NameTwice "N109" Error "Two things of one kind have the same name."
    NotInHead "N110" Error "The record type is not one of the types in the head of this `sync`."
    UnknownReference "N111" Error "The first word of a name with dots is a record type of the block's head, or a reference that the schema knows, like `company`."
    NoWay "N112" Error "The records that are counted, listed or gone through do not refer to the records of this sync, or do so in several fields."
    UnknownZone "N121" Error "The time zone is not in the IANA database. Zones are written like `America/New_York`."
    UnknownRule "N131" Error "No rule of this name does what the test says of it. Gates and `create nothing` lines exclude, `create` lines create, rows of a map write and reject."
    UnknownRecord "N132" Error "A test names a record by the name that `given … as` gave it, or by its record type where the test has one record of it."
    SeveralRecords "N133" Error "The test has several records of this type, and not just one without a name. Give each a name: `given hubspot contact as ana { … }`."
    QuotedName "N140" Error "A text in quotes is a value. A field stands without quotes, by its API name."
    UnknownSync "N141" Error "No `sync` of this name is in the rules."

    WrongValue "T201" Error "The value does not fit the type of the field: a number against text, a text against a checkbox."
    UnquotedText "T202" Error "Text stands in double quotes; bare words are options of a picklist."
    NotAnOption "T203" Error "The value is no option of the field. Options are written by their API name."
    NoOrder "T204" Error "`at least`, `at most`, `more than`, `less than` and `forward only` need numbers, dates, or options whose order the schema gives."
    WrongComparisonForKind "T205" Error "The comparison does not fit the type of the field."
    KindsDiffer "T206" Error "The field has a different type on each of the block's record types. Say which type is meant: `Lead.Status`."
    NotAMatchKey "T207" Error "`is unique` can be answered only for a field that is a key of a `match` line of its own."
    KeysDiffer "T208" Error "The two fields of a key have types that cannot be equal."
    BadNumber "T209" Error "The number does not fit here."
    EmptyText "T210" Error "A comparison with empty text. To ask for a missing value, write `is blank`."
    BadDate "T211" Error "The date does not exist."
    BadFieldInText "T212" Error "A text in a row names a field in braces, `{page_title}`, and braces have no other use in it."
    NeedsZone "T221" Error "The day on which a moment falls depends on where. Name the zone at the top of a rule file: `zone \"America/New_York\"`."
    UnknownForm "T222" Error "A value can be taken `as date`; there is no other form."

    TooLong "L301" Error "A text may be longer than its target takes. Say what happens: `or truncate`, `or skip`, `or reject`."
    TooPrecise "L302" Error "A number may have more digits after the point than its target keeps. Say what happens: `or round`, `or skip`, `or reject`."
    CannotConvert "L303" Error "The types of the two fields cannot be converted into each other."
    MayNotConvert "L304" Error "Not every value of the source can be converted to the target's type. Say what happens with the others: `or skip`, `or reject`."
    OptionsLost "L305" Error "The source has options that the target does not take. Map them with a `picklist`, or say `or skip` or `or reject`."
    RequiredBlank "L306" Error "The target never takes a blank, but the source may be blank. Say what happens: `or use …`, `or skip`, `or reject`."
    NeedlessHandler "L307" Warning "Nothing can happen that this `or …` would handle."
    WrongSubstitute "L308" Error "The value of `or use`, or the value that the row writes, does not fit the target."
    TwoHandlers "L309" Error "Two `or …` of one row contradict each other, or are the same."
    NeedsAsDate "L321" Error "One of the two fields is a date, the other a date with time. Say that the day counts: `as date`."
    NeedlessForm "L322" Warning "`as date` is for a row between a date and a date with time."
    TableUnfit "L330" Error "A picklist gives a value that the row's target does not take. Correct it, or say what happens: `or skip`, `or reject`."
    CurrencyIgnored "L340" Warning "An amount of money goes both ways as a bare number, and the two sides need not count in one currency. Say what happens where they differ: `if currency differs copy`, `skip` or `reject`."

    NotAValue "C401" Error "The value is no option of the field on that side of the picklist's row. Options are written by their API name."
    NotOneToOne "C402" Error "A row that goes both ways must have one value on each side, and no other row may have it: else a value would not come back as it went."
    MappedTwice "C403" Error "A value has two rows in one direction."
    NotMapped "C404" Error "An option of the source has no row. Give it one, or end with `otherwise`."
    SameIsMissing "C405" Error "`same` passes the API name on, but the target has no such option. Give it a row of its own."
    WrongOutcome "C406" Error "This outcome has no meaning in this row."
    NoFields "C407" Error "The picklist names fields that are no pair of the rules' types."
    OrderedTwice "C421" Error "A field has one order: it stands in one `order` block, and a value stands in it once."
    OrderIncomplete "C422" Warning "The options that the order leaves out have no place in it: every comparison with them is false."
    ListsMissing "C431" Error "The org's picklists of states and countries are not in the schema: fields like `MailingCountryCode` show them. Pull the schema again, or write `picklists none`."
    ListsThere "C432" Warning "The org has picklists of states and countries, so that it refuses every other text. Write `picklists standard` or `picklists customised`."
    AliasOfNothing "C433" Error "An alias stands for a country by its code, or for a part of one by both codes: `alias \"Deutschland\" = DE`, `alias \"Calif.\" = \"US-CA\"`."
    StateAlone "C434" Error "A state is one of its country's: the country needs a row of its own, `via` the same `place`."
    OwnerKey "C441" Error "Owners are matched by e-mail (`email = Email`), by name (`fullname = Name`), or by both."
    DoesNotComeBack "C450" Warning "On a row that goes both ways, a value comes back as another one that does not mean the same: edits back and forth change it step by step."
    OrderAgainstPortal "C451" Error "The CRM has its own order of these options, and the block has another one. HubSpot moves stages by its own."
    OrderTurned "C452" Warning "On a row with `forward only`, the picklist makes a higher value of one side a lower one of the other."

    NoWinner "F501" Error "A row that goes both ways needs a winner: its own, or one in the head of its `map`."
    NeedlessWinner "F502" Error "A row that goes one way has no use for a winner: the side it comes from wins."
    ReadOnly "F503" Error "The field cannot be written: it is computed, or the CRM sets it."
    CreateOnly "F504" Error "The field can be written only in the call that creates the record. Say `at creation`."
    WrittenTwice "F505" Error "Two rows write the same field of the same records."
    RequiredNotMapped "F506" Error "Records of this type are created, but a field that every new record must have gets no value."
    OpenCreateList "F507" Error "The `create` lines must end in `otherwise` or `always`, for every type of source record: what happens to the rest is never left open."
    CreatesUnmatched "F508" Error "Records are created, and nothing says which exist already: the block has no `match` line, or a new record gets no value that one compares."
    NoOwnKey "F509" Warning "Nothing in the new record says which record it was made for. If a reply is lost, only a search can tell whether it exists. Map the HubSpot id to a unique external id field."
    AgainstHead "F510" Error "The head of the `sync` goes one way, and this goes the other."
    BlockTwice "F511" Error "A `sync` has one block for each direction, the rules have one `limits` block and one `zone`, a record type has one `lifecycle`, and an event has one line."
    NoEdition "F512" Error "A rule file starts with its edition: `edition 2026`."
    TwoForOneType "F513" Error "After a comma stands one field per record type of the head: `Lead.Street, Contact.MailingStreet`."
    OneWayOnly "F514" Error "Values and texts of the rules and `a else b` have no way back: the row must go one way, away from them."
    ClausesClash "F515" Error "Two clauses of a row answer the same question, or a clause has nothing to act on."
    NotASet "F516" Error "`merge values` needs a multi-select on both sides, `add only` one at the target: only these hold several values."
    NoSuchClear "F517" Error "What the clause asks for when a value is cleared cannot happen in this row."
    NotInTogether "F518" Error "The rows of a `together` are decided, written, held and cleared as one: they go the same way, under one winner, and have no clause about when they write."
    NoSuchAction "F521" Error "An `on` line names an event that the other side does not have, or an action that makes no sense for it."
    NothingPicked "F522" Error "A link moves when the `pick` line of its block takes another record, and the block has none."
    NothingElseFound "F523" Error "A link moves to another record that the `match` lines find too. Lines that compare an id find one record only."
    NoPassYet "F531" Error "An expectation is about the last `pass` before it, or about what that pass left behind, and there is none."
    GivenIncomplete "F532" Error "A record of this type cannot be without the field, so a test cannot start with one that is."
    NotThisType "F533" Error "Records of this type do not do this."
    NoStageField "F541" Error "A `lifecycle` moves a HubSpot field whose options have an order, of records that stand left in the head of one `sync`: `lifecycle contact.lifecyclestage { … }`."
    StageMapped "F542" Error "A `lifecycle` moves this field. A row that writes it too would undo what the other does: a field has one writer."
    FeedsItself "F543" Error "What a `reach` line asks for must not come from the stage itself: else a record would be moved because it was moved."
    WrongCascade "F544" Error "A cascade goes from the records of a `reach` line to their company, or to the other records of that company: `cascade to company`, `cascade to company.contacts`. The company needs a field of the same name with the same stages."
    RowsInACircle "F545" Error "One-way rows carry a change around in a circle. Each puts its own value where the next one reads, so that two values chase each other in every pass."
    TwoWriters "F546" Warning "Rows of two syncs write the same field of the same records. Where they do not agree, each overwrites what the other one wrote."
    SetUndone "F547" Warning "An `on` line sets a field that a row writes all the time: the row puts its own value back in the next pass."
    StageBackward "F548" Warning "HubSpot moves a lifecycle stage forward only. A row that may ask for an earlier one is answered that all is well, and the stage stays."
    LeadsBesideCompanies "F549" Warning "People are created as leads, which have no account. When one is converted, its account comes new, and makes a second company beside the one that the contact has in HubSpot."
    UnknownKeyForm "F550" Error "A key of a `match` line can be taken `as domain` or `as phone`; there is no other form."
    KeyFormUnfit "F551" Error "Only text has a domain or a phone number in it: what a record holds in another field cannot be read so."
    BadList "F560" Error "`list of` takes one field of the records that refer to those of the sync: `list of CampaignMember.CampaignId`. It stands alone on its side of a row that goes one way."
    NotMoney "F561" Error "`if currency differs` is for rows between fields of records, of which at least one is an amount of money by its schema."
    CurrencyUnknown "F562" Error "Whether two amounts are in one currency hangs on both, and of one side nothing says it: no field of the record, and not the account."
    NothingMatched "F570" Error "Nothing says which records of the two sides are the same, so that the sync does nothing: it writes between pairs, and there are none."
    ThroughItself "F571" Error "A sync goes through another one that knows its own pairs first. Two that go through each other, or one that goes through itself, never begin."

    DeadCreate "A601" Warning "The line can never decide: a line above takes every record."
    Unused "A602" Warning "Nothing uses this block."
    OtherType "A603" Warning "The condition asks for a field that the records of this line never have: it is blank for all of them."
    NeverTrue "A604" Warning "No record can make this condition true, so that the line does nothing."
    AlwaysTrue "A605" Warning "Every record makes this condition true, so that it decides nothing."
    Shadowed "A606" Warning "`create` lines are read from the top, and the lines above take every record that this one is about."
    Subsumed "A607" Warning "Another line of the same kind holds for every record for which this one holds, and says the same or more."
    ExcludedAnyway "A608" Warning "An `exclude` stops every record that this `include` lets pass."
    NothingPasses "A609" Warning "The gates to this side contradict each other: no record passes all of them."
    AgainstGate "A610" Warning "The line works only on records that pass the gates, and its condition holds for none of these."
    NeedlessPart "A611" Warning "A part of the condition changes nothing: its answer is always the same, or another part says it already."
    NeedlessChoice "A612" Warning "The choices above leave only records that this one cannot tell apart."
    CreationCircle "A613" Error "A record that one sync creates makes another one create a record, and so on round: records would be created for ever."
    WildcardInText "A614" Warning "`*` stands for itself in a text: no character is a placeholder. Beginnings, ends and parts have words of their own."
    NotAnAddress "A615" Warning "A whole e-mail address is compared with what is none, so that the two are never the same."
    OtherDomains "A616" Warning "Addresses of other domains end in this text, too: `bob@bigacme.com` ends with `acme.com`."
    NeedlessRecheck "A621" Warning "`recheck` reads computed fields again, whose changes the CRMs do not report. The block reads none, and looks at the time by itself."
    ExpectsNothing "A631" Warning "The test has no `expect`: it can fail only where a CRM refuses what it does."

    NotBuilt "U901" Error "The language has this, but this version of Syncline does not do it yet."

    WroteAfterAll "X801" Error "The test expects `no writes`, and the pass before it wrote."
    NotExcluded "X802" Error "The test expects that a rule excludes a record, and no record is kept out by it. What counts is how each record was last decided."
    NotCreated "X803" Error "The test expects that the pass before it created a record by this rule."
    NotRejected "X804" Error "The test expects that this rule stopped a record in the pass before."
    NotLinked "X805" Error "The test expects that two records are linked: that Syncline holds them for the same thing."
    RecordExists "X806" Error "The test expects that there is no such record, and there is one."
    OtherCalls "X807" Error "The test expects that the pass before it made so many calls. Every HTTP request counts, reads too."
    OtherValue "X808" Error "A record of the test does not hold the value that is expected."
    OtherRule "X809" Error "The value is as expected, but the rule that is named did not write it in the pass before."
    NotOneRecord "X810" Error "A step of the test names a record by its type, and when the step is reached there is none, or several without a name of their own."
    StepRefused "X811" Error "The CRM refuses what a step of the test does, so nobody could do it there either."
    PassFailed "X812" Error "The pass did not come to its end."
}

impl Code {
    /// A record type or field that is not there: so it is, whatever else the statement says.
    pub fn is_a_name(self) -> bool {
        use Code::{LabelForName, NotInHead, NotOnEveryType, UnknownField, UnknownReference, UnknownType, WrongSide};
        matches!(
            self,
            UnknownType | UnknownField | WrongSide | LabelForName | NotOnEveryType | NotInHead | UnknownReference
        )
    }
}

impl From<ProblemCode> for Code {
    fn from(code: ProblemCode) -> Code {
        match code {
            ProblemCode::NotUtf8 => Code::NotUtf8,
            ProblemCode::TooLarge => Code::TooLarge,
            ProblemCode::TooDeep => Code::TooDeep,
            ProblemCode::TooManyTokens => Code::TooManyTokens,
            ProblemCode::ForbiddenCharacter => Code::ForbiddenCharacter,
            ProblemCode::TooManyProblems => Code::TooManyProblems,
            ProblemCode::UnclosedBrace => Code::UnclosedBrace,
            ProblemCode::StrayBrace => Code::StrayBrace,
            ProblemCode::UnclosedParenthesis => Code::UnclosedParenthesis,
            ProblemCode::StrayParenthesis => Code::StrayParenthesis,
            ProblemCode::UnclosedText => Code::UnclosedText,
            ProblemCode::WrongQuotes => Code::WrongQuotes,
            ProblemCode::Unexpected => Code::Unexpected,
            ProblemCode::UnknownWord => Code::UnknownWord,
            ProblemCode::WrongPlace => Code::WrongPlace,
            ProblemCode::WrongArrow => Code::WrongArrow,
            ProblemCode::WrongComparison => Code::WrongComparison,
            ProblemCode::WrongConnective => Code::WrongConnective,
            ProblemCode::MixedConnectives => Code::MixedConnectives,
            ProblemCode::SalesforceLeft => Code::SalesforceLeft,
            ProblemCode::UnnamedRule => Code::UnnamedRule,
            ProblemCode::UnquotedName => Code::UnquotedName,
            ProblemCode::MissingWhen => Code::MissingWhen,
            ProblemCode::CreateWithoutWhen => Code::CreateWithoutWhen,
            ProblemCode::BareWins => Code::BareWins,
            ProblemCode::WrongKey => Code::WrongKey,
            ProblemCode::NotWithoutParentheses => Code::NotWithoutParentheses,
            ProblemCode::OrBetweenValues => Code::OrBetweenValues,
            ProblemCode::ListInParentheses => Code::ListInParentheses,
            ProblemCode::WrongComment => Code::WrongComment,
            ProblemCode::NeedlessEnd => Code::NeedlessEnd,
            ProblemCode::WrongAge => Code::WrongAge,
            ProblemCode::UnquotedValue => Code::UnquotedValue,
            ProblemCode::CommaBetweenValues => Code::CommaBetweenValues,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_every_code_says_something() {
        for family in ["S", "N", "T", "L", "C", "F", "A", "U", "X"] {
            let ids: Vec<&str> = Code::ALL.iter().map(|code| code.id()).filter(|id| id.starts_with(family)).collect();
            assert!(!ids.is_empty() && ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        }
        assert!(Code::ALL.iter().all(|code| code.doc().len() > 15 && code.doc().ends_with('.')));
    }
}
