"""hubspot-api-client against the sandbox."""

import json
import uuid

from checks import CERTIFICATE, HUBSPOT, check, done, refused, same
from hubspot import HubSpot
from hubspot.crm.associations.v4.models import (
    AssociationSpec,
    BatchInputPublicAssociationMultiArchive,
    BatchInputPublicFetchAssociationsBatchRequest,
)
from hubspot.crm.companies import SimplePublicObjectInputForCreate as NewCompany
from hubspot.crm.contacts import (
    ApiException,
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchInputSimplePublicObjectId,
    BatchReadInputSimplePublicObjectId,
    PublicObjectSearchRequest,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.lists import ApiException as ListException
from hubspot.crm.lists import ListCreateRequest, ListSearchRequest
from hubspot.crm.properties import ApiException as PropertyException
from hubspot.crm.properties import PropertyCreate, PropertyUpdate
from urllib3.util.retry import Retry

api = HubSpot(access_token=HUBSPOT["token"], host=HUBSPOT["url"], ssl_ca_cert=CERTIFICATE)
crm = api.crm
contacts = crm.contacts


def unique():
    return f"py-{uuid.uuid4().hex}@example.com"


def create(**properties):
    given = {"email": unique(), **properties}
    return contacts.basic_api.create(SimplePublicObjectInputForCreate(properties=given, associations=[])).id


def company(name):
    return crm.companies.basic_api.create(NewCompany(properties={"name": name}, associations=[])).id


@check("a wrong token is INVALID_AUTHENTICATION")
def _():
    stranger = HubSpot(access_token="sim-stranger", host=HUBSPOT["url"], ssl_ca_cert=CERTIFICATE)
    error = refused(ApiException, stranger.crm.contacts.basic_api.get_page)
    same((error.status, json.loads(error.body)["category"]), (401, "INVALID_AUTHENTICATION"))


@check("a token that has run out is EXPIRED_AUTHENTICATION")
def _():
    late = HubSpot(access_token="sim-hubspot-expired", host=HUBSPOT["url"], ssl_ca_cert=CERTIFICATE)
    error = refused(ApiException, late.crm.contacts.basic_api.get_page)
    same((error.status, json.loads(error.body)["category"]), (401, "EXPIRED_AUTHENTICATION"))


@check("describes, makes, changes and archives properties")
def _():
    core = crm.properties.core_api
    email = next(each for each in core.get_all("contacts").results if each.name == "email")
    same((email.type, email.field_type, email.hubspot_defined), ("string", "text", True))
    given = PropertyCreate(
        name="py_size", label="Size", type="number", field_type="number", group_name="contactinformation"
    )
    same(core.create("contacts", given).name, "py_size")
    error = refused(PropertyException, core.create, "contacts", given)
    same((error.status, json.loads(error.body)["category"]), (409, "OBJECT_ALREADY_EXISTS"))
    same(core.update("contacts", "py_size", PropertyUpdate(label="The size")).label, "The size")
    id = create(py_size="12.5")
    same(contacts.basic_api.get_by_id(id, properties=["py_size"]).properties["py_size"], "12.5")
    core.archive("contacts", "py_size")
    same(refused(PropertyException, core.get_by_name, "contacts", "py_size").status, 404)
    assert any(group.name == "contactinformation" for group in crm.properties.groups_api.get_all("contacts").results)
    same(crm.schemas.core_api.get_by_id("companies").object_type_id, "0-2")


@check("pages through contacts")
def _():
    first = contacts.basic_api.get_page(limit=100)
    second = contacts.basic_api.get_page(limit=100, after=first.paging.next.after)
    assert int(first.results[-1].id) < int(second.results[0].id)
    everyone = contacts.get_all(properties=["email"])
    assert len(everyone) > 300, len(everyone)
    same(len({each.id for each in everyone}), len(everyone))


@check("creates, reads, updates and archives a contact")
def _():
    email = unique()
    id = create(email=email, firstname="Zoë", lastname="Bloom")
    change = SimplePublicObjectInput(properties={"jobtitle": "VP", "lastname": ""})
    same(contacts.basic_api.update(id, change).properties["jobtitle"], "VP")
    asked = {"properties": ["lastname", "jobtitle"], "properties_with_history": ["jobtitle"]}
    read = contacts.basic_api.get_by_id(email, id_property="email", **asked)
    same((read.id, read.properties["lastname"]), (id, None))
    same(read.properties_with_history["jobtitle"][0].value, "VP")
    contacts.basic_api.archive(id)
    same(refused(ApiException, contacts.basic_api.get_by_id, id).status, 404)
    same(contacts.basic_api.get_by_id(id, archived=True).archived, True)


@check("works on batches: create, update, upsert, read, archive")
def _():
    batch = contacts.batch_api
    emails = [unique(), unique()]
    inputs = [{"properties": {"email": email}, "associations": []} for email in emails]
    made = batch.create(BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
    same((made.status, len(made.results)), ("COMPLETE", 2))
    inputs = [{"id": each.id, "properties": {"city": "Ghent"}} for each in made.results]
    same(len(batch.update(BatchInputSimplePublicObjectBatchInput(inputs=inputs)).results), 2)
    fresh = unique()
    inputs = [{"id": id, "idProperty": "email", "properties": {"firstname": "U"}} for id in (emails[0], fresh)]
    upserted = batch.upsert(BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs))
    same(sorted(each.new for each in upserted.results), [False, True])
    asked = BatchReadInputSimplePublicObjectId(
        id_property="email",
        properties=["email", "city", "firstname"],
        properties_with_history=[],
        inputs=[{"id": id} for id in (*emails, fresh, unique())],
    )
    read = batch.read(asked)
    same((len(read.results), read.num_errors, read.errors[0].category), (3, 1, "OBJECT_NOT_FOUND"))
    one = next(each for each in read.results if each.properties["email"] == emails[0])
    same((one.properties["city"], one.properties["firstname"]), ("Ghent", "U"))
    batch.archive(BatchInputSimplePublicObjectId(inputs=[{"id": each.id} for each in made.results]))
    same(refused(ApiException, contacts.basic_api.get_by_id, made.results[0].id).status, 404)


@check("searches with groups of filters")
def _():
    known = [each for each in contacts.get_all(properties=["email", "lastname"]) if each.properties["lastname"]]
    one, two = [each for each in known if "@" in (each.properties["email"] or "")][:2]
    groups = [
        {"filters": [{"propertyName": "email", "operator": "EQ", "value": one.properties["email"]}]},
        {"filters": [
            {"propertyName": "email", "operator": "IN", "values": [two.properties["email"]]},
            {"propertyName": "lastname", "operator": "HAS_PROPERTY"},
        ]},
    ]
    found = contacts.search_api.do_search(
        PublicObjectSearchRequest(filter_groups=groups, sorts=["-hs_object_id"], properties=["email"], limit=10)
    )
    same((found.total, int(found.results[0].id) > int(found.results[1].id)), (2, True))


@check("associates, reads and separates")
def _():
    v4 = crm.associations.v4
    contact, first, second = create(), company("First"), company("Second")
    same(len(v4.basic_api.create_default("contacts", contact, "companies", first).results), 2)
    primary = [AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=1)]
    same(v4.basic_api.create("contacts", contact, "companies", second, primary).labels, ["Primary"])
    read = v4.basic_api.get_page("contacts", contact, "companies").results
    same({str(each.to_object_id) for each in read}, {first, second})
    held = contacts.basic_api.get_by_id(contact, properties=["associatedcompanyid"], associations=["companies"])
    same(held.properties["associatedcompanyid"], second)
    asked = BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": contact}, {"id": create()}])
    many = v4.batch_api.get_page("contacts", "companies", asked)
    same((len(many.results), many.errors[0].sub_category), (1, "crm.associations.NO_ASSOCIATIONS_FOUND"))
    v4.basic_api.archive("contacts", contact, "companies", first)
    gone = [{"from": {"id": contact}, "to": [{"id": second}]}]
    v4.batch_api.archive("contacts", "companies", BatchInputPublicAssociationMultiArchive(inputs=gone))
    same(v4.basic_api.get_page("contacts", contact, "companies").results, [])


@check("owners and pipelines")
def _():
    (first, *_) = crm.owners.owners_api.get_page().results
    same(crm.owners.owners_api.get_by_id(int(first.id)).email, first.email)
    id = create(hubspot_owner_id=first.id)
    same(contacts.basic_api.get_by_id(id, properties=["hubspot_owner_id"]).properties["hubspot_owner_id"], first.id)
    (sales, *_) = crm.pipelines.pipelines_api.get_all("deals").results
    same((sales.id, len(sales.stages)), ("default", 7))
    same(crm.pipelines.pipeline_stages_api.get_by_id("deals", "default", "closedwon").metadata["probability"], "1.0")


@check("lists: made, found, filled, read and deleted")
def _():
    lists, members = crm.lists.lists_api, crm.lists.memberships_api
    name = f"Python {uuid.uuid4().hex}"
    made = lists.create(ListCreateRequest(name=name, object_type_id="0-1", processing_type="MANUAL")).list
    same(lists.get_by_name(name, "0-1").list.list_id, made.list_id)
    ids = [create(), create()]
    members.add(made.list_id, ids)
    same({each.record_id for each in members.get_page(made.list_id).results}, set(ids))
    members.remove(made.list_id, ids[:1])
    same([each.record_id for each in members.get_page(made.list_id).results], ids[1:])
    same(lists.do_search(ListSearchRequest(query=name, offset=0, count=10)).total, 1)
    lists.remove(made.list_id)
    same(refused(ListException, lists.get_by_id, made.list_id).status, 404)


def errors(name, status, category, call):
    @check(f"{name} is {status} {category or ''}".rstrip())
    def _():
        error = refused(ApiException, call)
        body = json.loads(error.body)
        same((error.status, body.get("category")), (status, category))
        assert body["correlationId"]


errors("a contact that never was", 404, None, lambda: contacts.basic_api.get_by_id("999999999"))
errors("an id that is no number", 404, "OBJECT_NOT_FOUND", lambda: contacts.basic_api.get_by_id("abc"))
errors("an unknown property", 400, "VALIDATION_ERROR", lambda: create(nonsense="1"))
errors("an unknown option", 400, "VALIDATION_ERROR", lambda: create(lifecyclestage="king"))
errors("an e-mail without @", 400, "VALIDATION_ERROR", lambda: create(email="kim"))
errors("a second contact of one e-mail", 409, "CONFLICT",
       lambda: (lambda email: (create(email=email), create(email=email)))(unique()))


@check("too many searches in a second are 429, unless the client waits and tries again")
def _():
    search = PublicObjectSearchRequest(filter_groups=[], limit=1)
    patient = Retry(total=8, status_forcelist=(429,), backoff_factor=0.3, allowed_methods=None)
    waits = HubSpot(access_token=HUBSPOT["token"], host=HUBSPOT["url"], ssl_ca_cert=CERTIFICATE, retry=patient)
    for _ in range(8):
        waits.crm.contacts.search_api.do_search(search)
    error = refused(ApiException, lambda: [contacts.search_api.do_search(search) for _ in range(12)])
    same((error.status, json.loads(error.body)["errorType"]), (429, "RATE_LIMIT"))


done()
