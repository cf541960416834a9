"""simple-salesforce against the sandbox."""

from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

import requests
from checks import SALESFORCE, check, done, refused, same
from simple_salesforce import (
    Salesforce,
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceLogin,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
    format_soql,
)
from simple_salesforce.exceptions import SalesforceGeneralError
from simple_salesforce.format import format_external_id

URL = SALESFORCE["url"]
HOST = urlsplit(URL).netloc


class Here(requests.adapters.HTTPAdapter):
    """The client has `https://….salesforce.com` built in for logins: that name leads here."""

    def send(self, request, **kwargs):
        parts = urlsplit(request.url)
        if parts.hostname.endswith(".salesforce.com"):
            request.url = URL + request.path_url
        return super().send(request, **kwargs)


def session():
    made = requests.Session()
    made.mount("https://", Here())
    return made


def login(**changed):
    given = {
        "username": SALESFORCE["username"],
        "password": SALESFORCE["password"],
        "security_token": SALESFORCE["token"],
        "session": session(),
    }
    return Salesforce(**{**given, **changed})


def code(error):
    return error.content[0]["errorCode"]


sf = login()


@check("logs in by user name, password and security token")
def _():
    same(sf.sf_instance, HOST)
    assert sf.limits()["DailyApiRequests"]["Remaining"] > 0
    assert sf.api_usage["api-usage"].used > 0


@check("logs in where a scratch org is named, without any adapter")
def _():
    token, host = SalesforceLogin(
        username=SALESFORCE["username"],
        password=SALESFORCE["password"],
        security_token=SALESFORCE["token"],
        scratch_url=URL,
    )
    same(host, HOST)
    direct = Salesforce(instance_url=URL, session_id=token)
    same(direct.query("SELECT COUNT() FROM User")["done"], True)


@check("logs in by client credentials and by the user name of a connected app")
def _():
    app = {"consumer_key": SALESFORCE["client_id"], "consumer_secret": SALESFORCE["client_secret"]}
    machine = Salesforce(domain="acme.my", session=session(), **app)
    same(machine.is_sandbox(), False)
    named = login(security_token=None, **app)
    same(named.query("SELECT Id FROM Organization")["totalSize"], 1)


@check("a wrong password is INVALID_LOGIN")
def _():
    error = refused(SalesforceAuthenticationFailed, login, password="wrong")
    same(error.code, "INVALID_LOGIN")
    assert "security token" in error.content.decode()


@check("a wrong secret is invalid_client")
def _():
    wrong = {"consumer_key": SALESFORCE["client_id"], "consumer_secret": "wrong"}
    error = refused(SalesforceAuthenticationFailed, Salesforce, domain="acme.my", session=session(), **wrong)
    same(error.code, "invalid_client")


@check("an unknown session is INVALID_SESSION_ID")
def _():
    stranger = Salesforce(instance_url=URL, session_id="stranger")
    same(code(refused(SalesforceExpiredSession, stranger.limits)), "INVALID_SESSION_ID")


@check("a session that ends is replaced by the client, which logs in again")
def _():
    again = login()
    before = again.session_id
    same(requests.post(f"{URL}/services/oauth2/revoke", data={"token": before}).status_code, 200)
    same(again.query("SELECT COUNT() FROM Organization")["totalSize"], 1)
    assert again.session_id != before


@check("describes the org")
def _():
    names = {each["name"] for each in sf.describe()["sobjects"]}
    assert {"Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole", "User"} <= names


@check("describes an object and its fields")
def _():
    contact = sf.Contact.describe()
    same((contact["name"], contact["keyPrefix"], contact["createable"]), ("Contact", "003", True))
    fields = {field["name"]: field for field in contact["fields"]}
    same((fields["LastName"]["length"], fields["LastName"]["nillable"]), (80, False))
    same(fields["AccountId"]["referenceTo"], ["Account"])
    assert {entry["value"] for entry in fields["LeadSource"]["picklistValues"]} >= {"Web", "Other"}
    same(fields["HubSpot_Id__c"]["externalId"], True)
    assert "Opportunities" in {each["relationshipName"] for each in sf.Account.describe()["childRelationships"]}
    same(sf.Contact.metadata()["objectDescribe"]["label"], "Contact")


@check("pages through a query")
def _():
    total = sf.query("SELECT COUNT() FROM Lead")["totalSize"]
    assert total > 400, total
    small = {"Sforce-Query-Options": "batchSize=200"}
    first = sf.query("SELECT Id FROM Lead ORDER BY Id", headers=small)
    same((len(first["records"]), first["done"], first["totalSize"]), (200, False, total))
    second = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert first["records"][-1]["Id"] < second["records"][0]["Id"]
    every = sf.query_all("SELECT Id FROM Lead", headers=small)
    same((len({row["Id"] for row in every["records"]}), every["done"]), (total, True))


made = {}


@check("creates, reads, updates and deletes a row")
def _():
    answer = sf.Contact.create({"LastName": "Bloom", "FirstName": "Zoë", "Email": "zoe.bloom@example.com"})
    same((answer["success"], answer["errors"]), (True, []))
    made["contact"] = answer["id"]
    row = sf.Contact.get(answer["id"])
    same((row["Name"], row["attributes"]["type"]), ("Zoë Bloom", "Contact"))
    assert row["CreatedDate"].endswith(".000+0000")
    same(sf.Contact.update(answer["id"], {"Title": "Chief “Quote” Officer", "Phone": None}), 204)
    same(sf.Contact.get(answer["id"], params={"fields": "Title"})["Title"], "Chief “Quote” Officer")
    other = sf.Contact.create({"LastName": "Gone"})["id"]
    same(sf.Contact.delete(other), 204)
    same(code(refused(SalesforceResourceNotFound, sf.Contact.get, other)), "ENTITY_IS_DELETED")
    deleted = sf.query("SELECT Id, IsDeleted FROM Contact WHERE LastName = 'Gone'", include_deleted=True)
    same([row["IsDeleted"] for row in deleted["records"]], [True])
    same(sf.query("SELECT Id FROM Contact WHERE LastName = 'Gone'")["records"], [])


@check("upserts by external id: created, then updated, then read by it")
def _():
    key = format_external_id("HubSpot_Id__c", "9000001")
    same(sf.Lead.upsert(key, {"LastName": "Key", "Company": "Acme"}), 201)
    same(sf.Lead.upsert(key, {"Title": "VP"}), 200)
    row = sf.Lead.get_by_custom_id("HubSpot_Id__c", "9000001")
    same((row["Title"], row["HubSpot_Id__c"]), ("VP", "9000001"))


@check("quotes what it puts into a query")
def _():
    name = "O'Neil \\ \"N\" \n%"
    row = sf.Lead.create({"LastName": name, "Company": "Quote & Co"})["id"]
    found = sf.query(format_soql("SELECT Id FROM Lead WHERE LastName = {} AND IsConverted = {}", name, False))
    same([each["Id"] for each in found["records"]], [row])
    ids = [row, made["contact"]]
    same(sf.query(format_soql("SELECT Id FROM Lead WHERE Id IN {}", ids[:1]))["totalSize"], 1)
    hour = datetime.now(timezone.utc) - timedelta(hours=1)
    recent = sf.query(format_soql("SELECT Id FROM Lead WHERE CreatedDate > {} AND Id = {}", hour, row))
    same(recent["totalSize"], 1)


@check("reads relations both ways")
def _():
    account = sf.Account.create({"Name": "Relations Inc.", "Industry": "Energy"})["id"]
    contact = sf.Contact.create({"LastName": "Child", "AccountId": account})["id"]
    deal = {"Name": "Big", "AccountId": account, "StageName": "Closed Won", "CloseDate": "2026-05-01", "Amount": 1200.5}
    deal = sf.Opportunity.create(deal)["id"]
    sf.OpportunityContactRole.create({"OpportunityId": deal, "ContactId": contact, "IsPrimary": True})
    (up,) = sf.query(f"SELECT Account.Name, Account.Owner.Name FROM Contact WHERE Id = '{contact}'")["records"]
    same((up["Account"]["Name"], up["Account"]["attributes"]["type"]), ("Relations Inc.", "Account"))
    assert up["Account"]["Owner"]["Name"]
    soql = "SELECT Name, (SELECT LastName FROM Contacts), (SELECT Name, IsWon, ExpectedRevenue FROM Opportunities) "
    (down,) = sf.query(f"{soql} FROM Account WHERE Id = '{account}'")["records"]
    same([row["LastName"] for row in down["Contacts"]["records"]], ["Child"])
    same([(row["IsWon"], row["ExpectedRevenue"]) for row in down["Opportunities"]["records"]], [(True, 1200.5)])
    role = f"SELECT Contact.LastName, Opportunity.Account.Name FROM OpportunityContactRole WHERE ContactId = '{contact}'"
    (role,) = sf.query(role)["records"]
    same((role["Contact"]["LastName"], role["Opportunity"]["Account"]["Name"]), ("Child", "Relations Inc."))


@check("counts, groups and adds up")
def _():
    for name, source in [("G1", "Web"), ("G2", "Web"), ("G3", "Other")]:
        sf.Lead.create({"LastName": name, "Company": "Groups", "LeadSource": source, "AnnualRevenue": 100})
    soql = "SELECT LeadSource, COUNT(Id) many, SUM(AnnualRevenue) FROM Lead WHERE Company = 'Groups' GROUP BY LeadSource"
    rows = sf.query(f"{soql} HAVING COUNT(Id) > 1")["records"]
    same([(row["LeadSource"], row["many"], row["expr0"]) for row in rows], [("Web", 2, 200.0)])
    same(rows[0]["attributes"], {"type": "AggregateResult"})
    (all_,) = sf.query("SELECT COUNT(Id), MAX(LastName) FROM Lead WHERE Company = 'Groups'")["records"]
    same((all_["expr0"], all_["expr1"]), (3, "G3"))


@check("asks by dates that have names, and by a query within the query")
def _():
    soql = "SELECT Id FROM Lead WHERE CreatedDate = TODAY AND Company = 'Groups'"
    same(sf.query(soql)["totalSize"], 3)
    same(sf.query("SELECT Id FROM Lead WHERE CreatedDate < LAST_N_DAYS:7 AND Company = 'Groups'")["totalSize"], 0)
    inner = "SELECT ContactId FROM OpportunityContactRole WHERE Opportunity.IsWon = true"
    same(sf.query(f"SELECT Id FROM Contact WHERE LastName = 'Child' AND Id IN ({inner})")["totalSize"], 1)
    same(sf.query(f"SELECT Id FROM Contact WHERE LastName = 'Child' AND Id NOT IN ({inner})")["totalSize"], 0)


@check("searches for words")
def _():
    found = sf.search("FIND {Bloom} IN NAME FIELDS RETURNING Contact(Id, Name), Lead(Id)")["searchRecords"]
    assert [row["Name"] for row in found if row["attributes"]["type"] == "Contact"].count("Zoë Bloom") == 1, found
    same(code(refused(SalesforceMalformedRequest, sf.quick_search, "x")), "MALFORMED_SEARCH")


@check("tells which rows were changed and deleted in a span of time")
def _():
    start, end = (datetime.now(timezone.utc) + timedelta(minutes=n) for n in (-10, 10))
    assert made["contact"] in sf.Contact.updated(start, end)["ids"]
    gone = sf.Contact.create({"LastName": "Gone too"})["id"]
    sf.Contact.delete(gone)
    assert gone in {row["id"] for row in sf.Contact.deleted(start, end)["deletedRecords"]}
    assert gone not in sf.Contact.updated(start, end)["ids"]


@check("collections and composite requests go through `restful`")
def _():
    rows = [{"attributes": {"type": "Lead"}, "LastName": name, "Company": "C"} for name in ("A", "")]
    both = sf.restful("composite/sobjects", method="POST", json={"allOrNone": False, "records": rows})
    same([row["success"] for row in both], [True, False])
    same(both[1]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING")
    parts = [
        {"method": "POST", "url": f"/services/data/v{sf.sf_version}/sobjects/Account", "referenceId": "a",
         "body": {"Name": "Composite"}},
        {"method": "POST", "url": f"/services/data/v{sf.sf_version}/sobjects/Contact", "referenceId": "c",
         "body": {"LastName": "Part", "AccountId": "@{a.id}"}},
    ]
    answer = sf.restful("composite", method="POST", json={"allOrNone": True, "compositeRequest": parts})
    same([part["httpStatusCode"] for part in answer["compositeResponse"]], [201, 201])


def errors(name, kind, expected, call):
    @check(f"{name} is {expected}")
    def _():
        same(code(refused(kind, call)), expected)


Bad, Missing = SalesforceMalformedRequest, SalesforceResourceNotFound
errors("a query that cannot be read", Bad, "MALFORMED_QUERY", lambda: sf.query("SELECT FROM Lead"))
errors("a field that is not there", Bad, "INVALID_FIELD", lambda: sf.query("SELECT Nonsense FROM Lead"))
errors("an object that is not there", Bad, "INVALID_TYPE", lambda: sf.query("SELECT Id FROM Nonsense"))
errors("a row that never was", Missing, "NOT_FOUND", lambda: sf.Contact.get("003Hs00000000zzIAA"[:15]))
errors("an object path that is not there", Missing, "NOT_FOUND", lambda: sf.Nonsense.describe())
errors("a row without a required field", Bad, "REQUIRED_FIELD_MISSING", lambda: sf.Lead.create({"LastName": "A"}))
errors("an unknown field in a row", Bad, "INVALID_FIELD", lambda: sf.Lead.create({"Nonsense": 1}))
errors("a value that is too long", Bad, "STRING_TOO_LONG", lambda: sf.Contact.create({"LastName": "x" * 81}))
errors("an address without @", Bad, "INVALID_EMAIL_ADDRESS", lambda: sf.Contact.create({"LastName": "x", "Email": "x"}))
errors("a unique value that is taken", Bad, "DUPLICATE_VALUE",
       lambda: sf.Lead.create({"LastName": "B", "Company": "B", "HubSpot_Id__c": "9000001"}))
errors("a locator that is not there", Bad, "INVALID_QUERY_LOCATOR", lambda: sf.query_more("0r8xx0000000001AAA-2000"))
errors("a key field that is none", Missing, "NOT_FOUND", lambda: sf.Lead.upsert("Company/x", {"LastName": "B"}))
errors("an update of a deleted row", Missing, "ENTITY_IS_DELETED",
       lambda: (lambda id: (sf.Lead.delete(id), sf.Lead.update(id, {"Title": "x"})))(
           sf.Lead.create({"LastName": "D", "Company": "D"})["id"]))


@check("a method that is not there is 405")
def _():
    same(refused(SalesforceGeneralError, sf.restful, "limits", method="POST").status, 405)


done()
