// @hubspot/api-client against the sandbox.

import { Client } from '@hubspot/api-client';

import { assert, check, done, refused, same, sandbox } from './checks.mjs';

const { token: accessToken, url: basePath } = sandbox.hubspot;
const client = new Client({ accessToken, basePath });
const { contacts, companies, deals } = client.crm;
const unique = () => `node-${Math.random().toString(36).slice(2)}@example.com`;

async function create(properties = {}) {
  const made = await contacts.basicApi.create({ properties: { email: unique(), ...properties }, associations: [] });
  return made.id;
}

async function company(name) {
  return (await companies.basicApi.create({ properties: { name }, associations: [] })).id;
}

await check('an access token is all that a login needs, and says whose portal it is', async () => {
  const answer = await client.apiRequest({ path: '/account-info/v3/details' });
  same((await answer.json()).portalId, 147893286);
});

await check('a wrong token is INVALID_AUTHENTICATION, an old one EXPIRED_AUTHENTICATION', async () => {
  const stranger = new Client({ accessToken: 'sim-stranger', basePath });
  const error = await refused(() => stranger.crm.contacts.basicApi.getPage());
  same([error.code, error.body.category], [401, 'INVALID_AUTHENTICATION']);
  const late = new Client({ accessToken: 'sim-hubspot-expired', basePath });
  const expired = await refused(() => late.crm.contacts.basicApi.getPage());
  same([expired.code, expired.body.category], [401, 'EXPIRED_AUTHENTICATION']);
});

await check('describes properties', async () => {
  const { results } = await client.crm.properties.coreApi.getAll('contacts');
  const email = results.find((each) => each.name === 'email');
  same([email.type, email.fieldType, email.hubspotDefined], ['string', 'text', true]);
  const stage = await client.crm.properties.coreApi.getByName('contacts', 'lifecyclestage');
  same(stage.options[0].value, 'subscriber');
  assert(stage.createdAt instanceof Date);
  const error = await refused(() => client.crm.properties.coreApi.getByName('contacts', 'nonsense'));
  same([error.code, error.body.category], [404, 'OBJECT_NOT_FOUND']);
});

await check('makes, changes, reads together and archives properties', async () => {
  const { batchApi, coreApi, groupsApi } = client.crm.properties;
  const property = { name: 'node_size', label: 'Size', type: 'number', fieldType: 'number', groupName: 'sizes' };
  await groupsApi.create('contacts', { name: 'sizes', label: 'Sizes', displayOrder: -1 });
  assert((await groupsApi.getAll('contacts')).results.some((group) => group.name === 'sizes'));
  same((await coreApi.create('contacts', property)).name, 'node_size');
  const taken = await refused(() => coreApi.create('contacts', property));
  same([taken.code, taken.body.category], [409, 'OBJECT_ALREADY_EXISTS']);
  same((await coreApi.update('contacts', 'node_size', { label: 'The size' })).label, 'The size');
  const inputs = [{ name: 'node_size' }, { name: 'email' }];
  const read = await batchApi.read('contacts', { archived: false, inputs });
  same(read.results.map((each) => each.name).sort(), ['email', 'node_size']);
  const id = await create({ node_size: '12.5' });
  same((await contacts.basicApi.getById(id, ['node_size'])).properties.node_size, '12.5');
  await coreApi.archive('contacts', 'node_size');
  same((await refused(() => coreApi.getByName('contacts', 'node_size'))).code, 404);
});

await check('describes schemas of object types', async () => {
  same((await client.crm.schemas.coreApi.getAll()).results, []);
  const schema = await client.crm.schemas.coreApi.getById('contacts');
  same([schema.objectTypeId, schema.labels.singular], ['0-1', 'Contact']);
  assert(schema.properties.some((each) => each.name === 'email'));
});

await check('pages through contacts', async () => {
  const first = await contacts.basicApi.getPage(100);
  same(first.results.length, 100);
  const second = await contacts.basicApi.getPage(100, first.paging.next.after);
  assert(Number(first.results.at(-1).id) < Number(second.results[0].id));
  const all = await contacts.getAll(100, undefined, ['email']);
  assert(all.length > 300, all.length);
  same(new Set(all.map((each) => each.id)).size, all.length);
});

await check('creates, reads, updates and archives a contact', async () => {
  const email = unique();
  const properties = { email, firstname: 'Zoë', lastname: 'Bloom' };
  const made = await contacts.basicApi.create({ properties, associations: [] });
  same([made.properties.firstname, made.archived], ['Zoë', false]);
  assert(made.createdAt instanceof Date);
  const changed = await contacts.basicApi.update(made.id, { properties: { jobtitle: 'VP', lastname: '' } });
  same([changed.properties.jobtitle, changed.properties.lastname], ['VP', undefined]);
  const named = ['firstname', 'lastname', 'jobtitle'];
  const read = await contacts.basicApi.getById(email, named, ['jobtitle'], undefined, false, 'email');
  same([read.id, read.properties.lastname], [made.id, null]);
  same(read.propertiesWithHistory.jobtitle[0].value, 'VP');
  await contacts.basicApi.archive(made.id);
  same((await refused(() => contacts.basicApi.getById(made.id))).code, 404);
  const archived = await contacts.basicApi.getById(made.id, undefined, undefined, undefined, true);
  same([archived.archived, archived.archivedAt instanceof Date], [true, true]);
});

await check('works on batches: create, read, update, upsert, archive', async () => {
  const emails = [unique(), unique()];
  const inputs = emails.map((email) => ({ properties: { email }, associations: [] }));
  const made = await contacts.batchApi.create({ inputs });
  same([made.status, made.results.length], ['COMPLETE', 2]);
  const ids = made.results.map((each) => each.id);
  const updates = ids.map((id) => ({ id, properties: { city: 'Ghent' } }));
  same((await contacts.batchApi.update({ inputs: updates })).results.length, 2);
  const fresh = unique();
  const upserts = [emails[0], fresh].map((id) => ({ id, idProperty: 'email', properties: { firstname: 'U' } }));
  const upserted = await contacts.batchApi.upsert({ inputs: upserts });
  same(upserted.results.map((each) => each._new).sort(), [false, true]);
  const asked = [...emails, fresh, unique()].map((id) => ({ id }));
  const read = await contacts.batchApi.read({
    idProperty: 'email', properties: ['email', 'city', 'firstname'], propertiesWithHistory: [], inputs: asked,
  });
  same([read.results.length, read.numErrors, read.errors[0].category], [3, 1, 'OBJECT_NOT_FOUND']);
  const first = read.results.find((each) => each.properties.email === emails[0]);
  same([first.properties.city, first.properties.firstname], ['Ghent', 'U']);
  await contacts.batchApi.archive({ inputs: ids.map((id) => ({ id })) });
  same((await refused(() => contacts.basicApi.getById(ids[0]))).code, 404);
});

await check('one bad input fails a batch, and with trace ids only itself', async () => {
  const good = unique();
  const inputs = (trace) => [good, 'kim@@example..com'].map((email, at) => ({
    properties: { email }, associations: [], ...(trace && { objectWriteTraceId: `t${at}` }),
  }));
  const error = await refused(() => contacts.batchApi.create({ inputs: inputs(false) }));
  same([error.code, error.body.category], [400, 'VALIDATION_ERROR']);
  same((await refused(() => contacts.basicApi.getById(good, [], [], [], false, 'email'))).code, 404);
  const part = await contacts.batchApi.create({ inputs: inputs(true) });
  same([part.results.length, part.numErrors, part.errors[0].context.objectWriteTraceId], [1, 1, ['t1']]);
});

await check('searches with groups of filters, sorts and pages', async () => {
  const filter = (propertyName, operator, more) => ({ propertyName, operator, ...more });
  const all = await contacts.getAll(100, undefined, ['email', 'city', 'lastname']);
  const [one, two] = all.filter((each) => each.properties.email?.includes('@') && each.properties.lastname);
  const search = (body) => contacts.searchApi.doSearch({ limit: 10, properties: ['email'], ...body });
  const found = await search({
    filterGroups: [
      { filters: [filter('email', 'EQ', { value: one.properties.email })] },
      { filters: [filter('email', 'IN', { values: [two.properties.email] }), filter('lastname', 'HAS_PROPERTY')] },
    ],
    sorts: ['-hs_object_id'],
  });
  same(found.total, 2);
  assert(Number(found.results[0].id) > Number(found.results[1].id));
  const paged = await search({ filterGroups: [{ filters: [filter('email', 'HAS_PROPERTY')] }], limit: 5 });
  assert(paged.total > 100);
  const next = await search({
    filterGroups: [{ filters: [filter('email', 'HAS_PROPERTY')] }], limit: 5, after: paged.paging.next.after,
  });
  same(next.results.filter((each) => paged.results.some((known) => known.id === each.id)), []);
});

await check('associates, reads, labels and separates', async () => {
  const { basicApi, batchApi } = client.crm.associations.v4;
  const [contact, first, second] = [await create(), await company('First'), await company('Second')];
  const both = await basicApi.createDefault('contacts', contact, 'companies', first);
  same(both.results.length, 2);
  const primary = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 1 }];
  const labelled = await basicApi.create('contacts', contact, 'companies', second, primary);
  same(labelled.labels, ['Primary']);
  const read = await basicApi.getPage('contacts', contact, 'companies');
  same(read.results.length, 2);
  const isPrimary = (each) => each.associationTypes.some((type) => type.label === 'Primary');
  same(read.results.filter(isPrimary).map((each) => String(each.toObjectId)), [second]);
  const held = await contacts.basicApi.getById(contact, ['associatedcompanyid'], [], ['companies']);
  same(held.properties.associatedcompanyid, second);
  same(new Set(held.associations.companies.results.map((each) => each.id)).size, 2);
  const stranger = await create();
  const many = await batchApi.getPage('contacts', 'companies', { inputs: [{ id: contact }, { id: stranger }] });
  same([many.results.length, many.numErrors], [1, 1]);
  same(many.errors[0].subCategory, 'crm.associations.NO_ASSOCIATIONS_FOUND');
  await batchApi.archiveLabels('contacts', 'companies', {
    inputs: [{ _from: { id: contact }, to: { id: second }, types: primary }],
  });
  same((await basicApi.getPage('contacts', contact, 'companies')).results.filter(isPrimary), []);
  await basicApi.archive('contacts', contact, 'companies', first);
  await batchApi.archive('contacts', 'companies', { inputs: [{ _from: { id: contact }, to: [{ id: second }] }] });
  same((await basicApi.getPage('contacts', contact, 'companies')).results, []);
  const labels = await client.crm.associations.v4.schema.definitionsApi.getAll('contacts', 'companies');
  same(labels.results.map((each) => each.typeId).sort(), [1, 279]);
});

await check('a contact is created with its company, and merged with another', async () => {
  const owner = await company('Whole');
  const tie = { to: { id: owner }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 }] };
  const [kept, lost] = [unique(), unique()];
  const one = await contacts.basicApi.create({ properties: { email: kept }, associations: [tie] });
  const two = await contacts.basicApi.create({ properties: { email: lost, city: 'Oslo' }, associations: [] });
  const merge = { primaryObjectId: one.id, objectIdToMerge: two.id };
  const merged = await contacts.basicApi.merge(merge);
  const properties = ['email', 'hs_additional_emails', 'hs_merged_object_ids', 'city', 'associatedcompanyid'];
  const read = await contacts.basicApi.getById(two.id, properties);
  same(read.id, merged.id);
  same(read.properties.email, kept);
  same(read.properties.hs_additional_emails, lost);
  same(read.properties.hs_merged_object_ids.split(';').sort(), [one.id, two.id].sort());
  same([read.properties.city, read.properties.associatedcompanyid], ['Oslo', owner]);
  same((await contacts.basicApi.getById(lost, ['email'], [], [], false, 'email')).id, merged.id);
});

await check('owners and pipelines', async () => {
  const { results } = await client.crm.owners.ownersApi.getPage();
  assert(results.length > 0);
  const one = await client.crm.owners.ownersApi.getById(Number(results[0].id));
  same([one.email, one.archived], [results[0].email, false]);
  const id = await create({ hubspot_owner_id: one.id });
  same((await contacts.basicApi.getById(id, ['hubspot_owner_id'])).properties.hubspot_owner_id, one.id);
  const nobody = await refused(() => contacts.basicApi.update(id, { properties: { hubspot_owner_id: '1' } }));
  same([nobody.code, nobody.body.category], [400, 'VALIDATION_ERROR']);
  const { pipelinesApi, pipelineStagesApi } = client.crm.pipelines;
  const [sales] = (await pipelinesApi.getAll('deals')).results;
  same([sales.id, sales.stages.length], ['default', 7]);
  same((await pipelinesApi.getById('deals', 'default')).label, 'Sales Pipeline');
  same((await pipelineStagesApi.getAll('deals', 'default')).results.length, 7);
  same((await pipelineStagesApi.getById('deals', 'default', 'closedwon')).metadata.probability, '1.0');
  const deal = await deals.basicApi.create({
    properties: { dealname: 'Big', dealstage: 'closedwon', pipeline: 'default', amount: '10' }, associations: [],
  });
  same(deal.properties.hs_is_closed_won, 'true');
});

await check('lists: made, found, filled, read and deleted', async () => {
  const { listsApi, membershipsApi } = client.crm.lists;
  const name = `Node ${Date.now()}`;
  const { list } = await listsApi.create({ name, objectTypeId: '0-1', processingType: 'MANUAL' });
  same((await listsApi.getByName(name, '0-1')).list.listId, list.listId);
  same((await listsApi.getById(list.listId)).list.name, name);
  const ids = [await create(), await create()];
  const added = await membershipsApi.add(list.listId, ids);
  same((added.recordsIdsAdded ?? added.recordIdsAdded).map(String).sort(), [...ids].sort());
  const members = await membershipsApi.getPage(list.listId);
  same(members.results.map((each) => each.recordId).sort(), [...ids].sort());
  same((await membershipsApi.getLists('0-1', ids[0])).results.map((each) => each.listId), [list.listId]);
  await membershipsApi.remove(list.listId, [ids[0]]);
  same((await membershipsApi.getPage(list.listId)).results.length, 1);
  await membershipsApi.removeAll(list.listId);
  same((await membershipsApi.getPage(list.listId)).results, []);
  same((await listsApi.doSearch({ query: name, offset: 0, count: 10 })).total, 1);
  same((await listsApi.updateName(list.listId, `${name} b`)).updatedList.name, `${name} b`);
  await listsApi.remove(list.listId);
  same((await refused(() => listsApi.getById(list.listId))).code, 404);
  await listsApi.restore(list.listId);
  same((await listsApi.getById(list.listId)).list.name, `${name} b`);
});

await check('objects of any type go through the objects API', async () => {
  const { basicApi, searchApi } = client.crm.objects;
  const made = await basicApi.create('companies', { properties: { name: 'Any' }, associations: [] });
  same((await basicApi.getById('0-2', made.id, ['name'])).properties.name, 'Any');
  const found = await searchApi.doSearch('companies', {
    filterGroups: [{ filters: [{ propertyName: 'name', operator: 'HAS_PROPERTY' }] }], limit: 1, properties: [],
  });
  assert(found.total > 0);
});

await check('the dated versions answer like v3 and v4', async () => {
  const get = async (path) => (await client.apiRequest({ path })).json();
  const id = await create({ firstname: 'Dated' });
  const tied = await company('Dated');
  await client.crm.associations.v4.basicApi.createDefault('contacts', id, 'companies', tied);
  const families = [
    (of) => `/crm/objects/${of}/contacts/${id}?properties=firstname`,
    (of) => `/crm/properties/${of}/contacts/email`,
    (of) => `/crm/owners/${of}`,
    (of) => `/crm/pipelines/${of}/deals`,
    (of) => `/crm/lists/${of}?listIds=1`,
  ];
  for (const family of families) {
    const old = await get(family('V').replace(/\/crm\/(\w+)\/V/, '/crm/v3/$1'));
    for (const version of ['2026-03', '2026-09']) same(await get(family(version)), old);
  }
  const { results } = await get(`/crm/objects/2026-03/contacts/${id}/associations/companies`);
  // Ids are text there, and numbers in v4.
  same(results.map((each) => each.toObjectId), [tied]);
  const old = await get(`/crm/v4/objects/contacts/${id}/associations/companies`);
  same(old.results.map((each) => each.toObjectId), [Number(tied)]);
});

await check('forgets a contact for good', async () => {
  const email = unique();
  const id = await create({ email });
  await contacts.basicApi.purge({ objectId: email, idProperty: 'email' });
  const read = () => contacts.basicApi.getById(id, [], [], [], true);
  same((await refused(read)).code, 404);
});

const errors = [
  ['a contact that never was is 404', 404, undefined, () => contacts.basicApi.getById('999999999')],
  ['an id that is no number is OBJECT_NOT_FOUND', 404, 'OBJECT_NOT_FOUND', () => contacts.basicApi.getById('abc')],
  ['an unknown property is VALIDATION_ERROR', 400, 'VALIDATION_ERROR', () => create({ nonsense: '1' })],
  ['an unknown option is VALIDATION_ERROR', 400, 'VALIDATION_ERROR', () => create({ lifecyclestage: 'king' })],
  ['an e-mail without @ is VALIDATION_ERROR', 400, 'VALIDATION_ERROR', () => create({ email: 'kim' })],
  ['a second contact of one e-mail is CONFLICT', 409, 'CONFLICT', async () => {
    const email = unique();
    await create({ email });
    await create({ email });
  }],
  ['a filter on no property is VALIDATION_ERROR', 400, 'VALIDATION_ERROR', () => contacts.searchApi.doSearch({
    filterGroups: [{ filters: [{ propertyName: 'nonsense', operator: 'EQ', value: '1' }] }],
  })],
  ['a batch of 101 is VALIDATION_ERROR', 400, 'VALIDATION_ERROR', () => contacts.batchApi.read({
    properties: [], propertiesWithHistory: [], inputs: Array.from({ length: 101 }, (_, at) => ({ id: `${at}` })),
  })],
];
for (const [name, status, category, call] of errors) {
  await check(name, async () => {
    const error = await refused(call);
    same([error.code, error.body.category], [status, category]);
    assert(error.body.correlationId);
  });
}

await check('too many searches in a second are 429, unless the client waits and tries again', async () => {
  const burst = (crm) => Promise.allSettled(
    Array.from({ length: 12 }, () => crm.contacts.searchApi.doSearch({ filterGroups: [], limit: 1 })),
  );
  const patient = new Client({ accessToken, basePath, numberOfApiCallRetries: 6 });
  same((await burst(patient.crm)).filter((each) => each.status === 'rejected'), []);
  const hasty = new Client({ accessToken, basePath });
  const refusals = (await burst(hasty.crm)).filter((each) => each.status === 'rejected');
  assert(refusals.length > 0);
  same([refusals[0].reason.code, refusals[0].reason.body.errorType], [429, 'RATE_LIMIT']);
});

done();
