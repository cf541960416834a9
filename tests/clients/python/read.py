"""Both sides as the Python clients read them, written as JSON to the file that is named."""

import json
import sys
from pathlib import Path

from checks import CERTIFICATE, HUBSPOT, SALESFORCE
from hubspot import HubSpot
from simple_salesforce import Salesforce, SalesforceLogin

PROPERTIES = [
    "email", "firstname", "lastname", "jobtitle", "phone", "mobilephone", "company", "city", "zip", "hs_lead_status",
]
BOTH = ["Id", "Email", "FirstName", "LastName", "Title", "Phone", "MobilePhone", "HubSpot_Id__c"]
FIELDS = {
    "Lead": [*BOTH, "Company", "City", "PostalCode", "Status"],
    "Contact": [*BOTH, "MailingCity", "MailingPostalCode"],
}

hubspot = HubSpot(access_token=HUBSPOT["token"], host=HUBSPOT["url"], ssl_ca_cert=CERTIFICATE)
contacts = hubspot.crm.contacts.get_all(properties=PROPERTIES)
session, _ = SalesforceLogin(
    username=SALESFORCE["username"],
    password=SALESFORCE["password"],
    security_token=SALESFORCE["token"],
    scratch_url=SALESFORCE["url"],
)
salesforce = Salesforce(instance_url=SALESFORCE["url"], session_id=session)
read = {"contact": [{"id": each.id, **{name: each.properties[name] for name in PROPERTIES}} for each in contacts]}
for name, fields in FIELDS.items():
    rows = salesforce.query_all(f"SELECT {', '.join(fields)} FROM {name}")["records"]
    read[name] = [{field: row[field] for field in fields} for row in rows]
Path(sys.argv[1]).write_text(json.dumps(read))
