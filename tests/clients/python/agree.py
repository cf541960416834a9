"""Both sides after an apply of the example project, held against its rules.

What must be there is worked out here from the data as it was before, field by field, without any of the product's code.
Arguments: the folder with the data before, and the folder with what the clients read.
"""

import json
import re
import sys
from pathlib import Path

from checks import check, done, same

before, reads = map(Path, sys.argv[1:3])
portal = json.loads((before / "hubspot.json").read_text())
org = json.loads((before / "salesforce.json").read_text())


def read(round, client):
    tables = json.loads((reads / f"{round}-{client}.json").read_text())
    return {name: {row.get("id") or row["Id"]: row for row in rows} for name, rows in tables.items()}


after = read("first", "python")
contacts = after["contact"]
rows = {**after["Lead"], **after["Contact"]}
old_contacts = {each["id"]: each["properties"] for each in portal["contacts"]}
old_rows = {row["Id"]: row for name in ("Lead", "Contact") for row in org[name]}
(listed,) = [set(each["members"]) for each in portal["lists"] if each["name"] == "Sync to Salesforce"]
pairs = {id: row["HubSpot_Id__c"] for id, row in rows.items() if row["HubSpot_Id__c"]}

# HubSpot, Salesforce, longest text there, and who wins where both are known when they are first linked.
FIELDS = [
    ("firstname", "FirstName", 40, "salesforce"),
    ("lastname", "LastName", 80, "salesforce"),
    ("jobtitle", "Title", 128, "salesforce"),
    ("phone", "Phone", 40, "salesforce"),
    ("mobilephone", "MobilePhone", 40, "hubspot"),
    ("city", ("City", "MailingCity"), 40, "newest"),
    ("zip", ("PostalCode", "MailingPostalCode"), 20, "salesforce"),
]
STATUS = {"NEW": "Open - Not Contacted", "IN_PROGRESS": "Working - Contacted", "UNQUALIFIED": "Closed - Not Converted"}


def is_lead(id):
    return id.startswith("00Q")


def is_staff(email):
    return (email or "").lower().endswith("@acme.com")


def field_of(id, field):
    return field if isinstance(field, str) else field[0 if is_lead(id) else 1]


def text(row, name):
    return (row.get(name) or "").strip() if row else ""


def is_shut(row):
    """Whether nothing flows to HubSpot from here: the gate asks for a valid address."""
    return not re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", text(row, "Email"))


def check_pair(id, contact):
    """One linked pair: each field is what the rules make of both sides as they were."""
    row, old_row = rows[id], old_rows.get(id)
    person, old_person = contacts[contact], old_contacts.get(contact)
    wrong = []
    for ours, theirs, length, winner in FIELDS:
        theirs = field_of(id, theirs)
        left, right = text(old_person, ours), text(old_row, theirs)
        if is_shut(row):
            right = {right} if right and winner == "salesforce" else {left[:length].rstrip(), right}
            if text(person, ours) != left or text(row, theirs) not in right:
                wrong.append(f"{theirs}: {left!r} and {right!r} became {text(person, ours)!r}, {text(row, theirs)!r}")
            continue
        if not (left and right):
            expected = {left or right}
        else:
            expected = {"salesforce": {right}, "hubspot": {left}, "newest": {left, right}}[winner]
        if theirs == "LastName" and expected == {""}:
            expected = {"(unknown)"}
        found = (text(person, ours), text(row, theirs))
        stored = {each[:length].rstrip() for each in expected}
        # What HubSpot has may be longer than Salesforce can hold; a stand-in is for Salesforce only.
        agrees = found[1] in stored and (found[0][:length].rstrip() == found[1] or found[1] == "(unknown)")
        if not agrees:
            wrong.append(f"{theirs}: {left!r} and {right!r} became {found!r}, not {sorted(expected)}")
    if not is_shut(row) and text(person, "email").lower() != text(row, "Email").lower():
        wrong.append(f"e-mails differ: {person['email']!r}, {row['Email']!r}")
    if is_lead(id):
        wrong.extend(check_lead(row, old_row, person, old_person))
    assert not wrong, "\n".join([f"{id} = {contact}", *wrong])


def check_lead(row, old_row, person, old_person):
    # One way, to Salesforce: what HubSpot knows replaces what is there.
    company = text(old_person, "company") or text(old_row, "Company") or "(not provided)"
    if row["Company"] != company:
        yield f"Company: {row['Company']!r}, not {company!r}"
    left, right = text(old_person, "hs_lead_status"), text(old_row, "Status")
    if right in STATUS.values():
        status = {value: key for key, value in STATUS.items()}[right]
        if (person["hs_lead_status"], row["Status"]) != (status, right):
            yield f"status: {left!r} and {right!r} became {person['hs_lead_status']!r}, {row['Status']!r}"
    elif not right and row["Status"] != STATUS.get(left, "Open - Not Contacted"):
        yield f"Status of a new lead: {left!r} became {row['Status']!r}"


@check("both clients of each side read the same")
def _():
    for round in ("first", "second"):
        same(read(round, "node"), read(round, "python"))


@check("the second apply changes nothing")
def _():
    same(read("second", "python"), after)


@check("no two rows share a contact, and each has the contact that it names")
def _():
    same(len(set(pairs.values())), len(pairs))
    same({contact for contact in pairs.values() if contact not in contacts}, set())


@check("our own staff is left alone on both sides")
def _():
    staff = [id for id, person in contacts.items() if is_staff(person["email"])]
    staff += [id for id, row in rows.items() if is_staff(row["Email"])]
    assert staff
    for id in staff:
        now = contacts.get(id) or rows[id]
        was = old_contacts.get(id) or old_rows.get(id)
        assert was, f"{id} was created"
        changed = {name: value for name, value in now.items() if name not in ("id", "HubSpot_Id__c") and value != was.get(name)}
        same(changed, {})


@check("only people of the inclusion list are created in Salesforce, and all of them with an address are there")
def _():
    made = {pairs[id] for id in rows if id not in old_rows}
    assert made
    same(made - listed, set())
    linked = set(pairs.values())
    left_out = {id for id in listed & set(old_contacts) if id not in linked and not is_staff(old_contacts[id]["email"])}
    addresses = {id: old_contacts[id]["email"] for id in left_out}
    same({id: email for id, email in addresses.items() if email and "@" in email and "@@" not in email}, {})


@check("leads that did not convert are not created in HubSpot")
def _():
    made = {id: pair for id, pair in pairs.items() if pair not in old_contacts}
    assert made, "nothing was created in HubSpot"
    same({id for id in made if is_lead(id) and old_rows[id]["Status"] == "Closed - Not Converted"}, set())


for _id, _contact in sorted(pairs.items()):
    kinds = ["Lead" if is_lead(_id) else "Contact", "was there" if _id in old_rows else "is new"]
    check(f"{contacts[_contact]['email']}: {' '.join(kinds)}, contact {'was there' if _contact in old_contacts else 'is new'}")(
        lambda: check_pair(_id, _contact)
    )

done()
