//! `X` and `R`: tests that fail, and problems of records while a pass runs.

use super::texts;

texts! {
    "X801" "wrote_after_all"
        why "Writes where none are expected cost calls, and may overwrite what people wrote."
        out "Read which rule wrote (the message names it); then correct the rule or the test."
    "X802" "not_excluded"
        why "A record that should be kept out may be synced, or be kept out by another rule than you think."
        out "Compare the rule's condition with the values that the record has in the test."
    "X803" "not_created"
        why "The record may be missing in the other CRM, or was created as another type."
        out "See which line created it, or which gate kept it out; lines are tried from the top."
    "X804" "not_rejected"
        why "A value that should stop the record went through, or another rule stopped it."
        out "Look at the row's `or …` and at the value that the test gives."
    "X805" "not_linked"
        why "Records that are not linked are not kept in step, and may be created twice."
        out "Compare the keys of the `match` lines with the values of the two records."
    "X806" "record_exists"
        why "A record was created or kept that should not be there."
        out "See which `create` line made it, and narrow its condition."
    "X807" "other_calls"
        why "Calls are limited per day, and more of them for the same work eat that limit."
        out "If the new number is right, write it into the test; else look at what the rules read in addition."
    "X808" "other_value"
        why "Users would see this value in the CRM."
        out "Follow the row of this field: its direction, its winner and its `when`."
    "X809" "other_rule"
        why "The value is right by chance: another rule wrote it, or a person did."
        out "Name the rule that the message gives, or correct the rules."
    "X810" "not_one_record"
        why "The step would change another record than you mean."
        out "Name the record with `as NAME`, or write the step behind the pass that creates it."
    "X811" "step_refused"
        why "What the CRM refuses nobody can do, so what follows in the test could not happen either."
        out "Read the CRM's reason in the message; often a required field is missing."
    "X812" "pass_failed"
        why "Nothing that comes after can be trusted: the pass stopped in between."
        out "Read the reason in the message. Most often the schema has a type that the models of the CRMs do not have."

    "R701" ("Two contacts in HubSpot have the e-mail of one Lead in Salesforce, and no `pick` line says which of them counts.")
        means "Several records fit, and no rule says which one is meant. Nothing is written for any of them."
        why "A guess would mix the data of two people."
        out "Merge the records that are one, change the key of those that are not, or add a `pick` line."
    "R702" ("A row says `or skip`, and a name is longer than the target takes. Or it says `ask first`, and both sides had a value of their own when they were linked.")
        means "One field of a record is held: its value does not fit, or the row asks first where both sides differ. The other fields go on."
        why "The two CRMs differ in this field until somebody acts."
        out "Correct the value in the CRM that the message names (with `ask first`, make the two equal), or give the row another `or …`, or its table a line for the value (in a `place`, an `alias`). Then it goes on by itself; where the other side has a value of its own, with the next change of either."
    "R703" ("A row ends in `or reject`, and a name is longer than the target takes.")
        means "A value does not fit, and the row says `or reject`: the record is not written at all."
        why "The record stays as it is in the other CRM until the value fits, and its other changes wait too. Only text that is too long can be cut (`or truncate`): an address or an option cut short is another one."
        out "Correct the value, or let the row say `or skip`, so that only this field waits."
    "R704" ("A gate asks for a field of the company, and the credentials may not read companies.")
        means "A value that decides over the record could not be read."
        why "Without the value nobody can say whether the record should be synced, so it waits."
        out "It goes on by itself once the value can be read. Look at the rights of the credentials."
    "R705" ("A workflow in HubSpot sets a phone number back to its old form right after each write.")
        means "The CRM accepted a value and did not keep it: something there puts the old one back."
        why "Writing again and again would use up the limit of calls and fill the history of the record."
        out "Find the workflow, trigger or flow that sets the field, and decide which of the two counts: it, or the row."
    "R706" ("The contact that should be created has an address that another contact has as an additional e-mail.")
        means "The CRM says that a record with this key is there already, and no `match` line finds it."
        why "Creating it is refused, so the person stays without a counterpart."
        out "Take the additional address away there, merge the two records, or add a `match` line that finds it."
    "R707" ("Two Contacts that were linked to two HubSpot contacts belong to one now, since the two contacts were merged.")
        means "Several records of one side are the same person, and there is no `pick` line for that side. One of them is kept in step, as before; the others are not. It is a notice: nothing stops."
        why "The other records get no updates, and people may work in the wrong one."
        out "Merge the records in the CRM, or say with a `pick` line which of them counts."
    "R708" ("The rules say `limits { delete at most 10 records per pass }`, and forty records were deleted at once on the other side.")
        means "The rules' limit of deletions per pass is reached. This deletion waits for the next pass."
        why "A mistake on one side must not empty the other one at once."
        out "If the deletions are meant, wait, as each pass does some, or raise the limit. If not, restore the records on the side where they were deleted."
    "R709" ("A line says `match domain = Website as domain or propose`, and an Account has the website of a HubSpot company.")
        means "A `match` line with `or propose` found a partner. Nothing is linked, created or written for either record until somebody answers."
        why "Whether the two are the same thing is for a person to say."
        out "Look at both with `syncline why`. Then join them with `syncline link HUBSPOT SALESFORCE`, or keep them apart with `syncline decline HUBSPOT SALESFORCE`."
    "R710" ("A validation rule in Salesforce says that each Lead with a phone number needs a country.")
        means "The CRM refused a write. Its own message stands with it."
        why "The record or the field differs between the CRMs until the reason is gone."
        out "Put right what the CRM says. It is tried again when the record or the rules change; what passes by itself, like a lock, is tried again anyway."
    "R711" ("Two contacts of a HubSpot company are people of two Accounts in Salesforce, and the line says `match through people`.")
        means "The linked records of another sync point to several records, or to one that is linked already. Nothing is linked, created or written for any of them."
        why "A guess would mix the data of two companies."
        out "Correct where the people of the message belong. Or end the line in `or propose` and answer: `syncline link` joins two records, `syncline decline` keeps them apart."
    "R720" ("The token may not read the list that a gate asks for, or the object was removed from the account.")
        means "A whole table or list could not be read in this pass. The rest of the pass went on."
        why "Changes there are not seen, and records that hang on it wait."
        out "Read the reason in the message. Most often a right of the credentials is missing, or the CRM was down for a while. Where it names a field or a list that is no more, run `syncline pull`: `check` then shows the rules that ask for it."
}
