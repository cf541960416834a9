// jsforce against the sandbox.

import jsforce from 'jsforce';

import { assert, check, done, refused, same, sandbox } from './checks.mjs';

const { url, username, password, token, client_id: clientId, client_secret: clientSecret } = sandbox.salesforce;
const version = '59.0';
const conn = new jsforce.Connection({ loginUrl: url, version });
const unique = () => Math.random().toString(36).slice(2);
const lead = (fields = {}) => ({ LastName: 'Node', Company: 'Node & Co', ...fields });

await check('logs in by user name, password and security token', async () => {
  const user = await conn.login(username, password + token);
  same([user.id.length, conn.instanceUrl], [18, url]);
  await conn.limits();
  assert(conn.limitInfo.apiUsage.used > 0);
});

await check('knows who it is', async () => {
  const identity = await conn.identity();
  same([identity.username, identity.user_id], [username, conn.userInfo.id]);
});

await check('logs in by connected app: password, client credentials, refresh', async () => {
  const oauth2 = { loginUrl: url, clientId, clientSecret };
  const named = new jsforce.Connection({ oauth2, version });
  await named.login(username, password);
  same((await named.query('SELECT COUNT() FROM Organization')).totalSize, 1);
  const machine = new jsforce.Connection({ oauth2, instanceUrl: url, version });
  await machine.authorize({ grant_type: 'client_credentials' });
  same((await machine.identity()).username, username);
});

await check('wrong passwords and secrets are refused in words', async () => {
  const stranger = new jsforce.Connection({ loginUrl: url, version });
  const soap = await refused(() => stranger.login(username, 'wrong'));
  assert(soap.message.startsWith('INVALID_LOGIN: Invalid username, password, security token'), soap.message);
  const app = new jsforce.Connection({ oauth2: { loginUrl: url, clientId, clientSecret: 'wrong' }, version });
  same((await refused(() => app.authorize({ grant_type: 'client_credentials' }))).name, 'invalid_client');
});

await check('an unknown session is INVALID_SESSION_ID', async () => {
  const stranger = new jsforce.Connection({ instanceUrl: url, accessToken: 'stranger', version });
  same((await refused(() => stranger.limits())).errorCode, 'INVALID_SESSION_ID');
});

await check('a session that ends is replaced by the client, and a logout ends one', async () => {
  const again = new jsforce.Connection({ loginUrl: url, version });
  await again.login(username, password);
  const before = again.accessToken;
  const other = new jsforce.Connection({ instanceUrl: url, sessionId: before, serverUrl: url, version });
  await other.logout();
  same((await again.query('SELECT COUNT() FROM Organization')).totalSize, 1);
  assert.notEqual(again.accessToken, before);
});

await check('describes the org and an object', async () => {
  const { sobjects } = await conn.describeGlobal();
  for (const name of ['Account', 'Contact', 'Lead', 'Opportunity', 'OpportunityContactRole', 'User']) {
    assert(sobjects.some((each) => each.name === name), name);
  }
  const contact = await conn.sobject('Contact').describe();
  const field = contact.fields.find((each) => each.name === 'AccountId');
  same([contact.keyPrefix, field.referenceTo, field.relationshipName], ['003', ['Account'], 'Account']);
});

await check('pages through a query, by hand and by itself', async () => {
  const headers = { 'Sforce-Query-Options': 'batchSize=200' };
  const soql = 'SELECT Id FROM Lead ORDER BY Id';
  const first = await conn.query(soql, { headers });
  same([first.done, first.records.length], [false, 200]);
  const second = await conn.queryMore(first.nextRecordsUrl, { headers });
  assert(first.records[199].Id < second.records[0].Id);
  const every = await conn.query(soql, { headers, autoFetch: true, maxFetch: 5000 });
  same(new Set(every.records.map((each) => each.Id)).size, first.totalSize);
});

await check('creates, reads, updates and deletes one row', async () => {
  const { id, success } = await conn.sobject('Lead').create(lead({ Title: 'A', LastName: 'Größe' }));
  assert(success);
  const row = await conn.sobject('Lead').retrieve(id);
  same([row.LastName, row.attributes.type], ['Größe', 'Lead']);
  same(await conn.sobject('Lead').update({ Id: id, Title: null }), { id, success: true, errors: [] });
  same((await conn.sobject('Lead').retrieve(id, { fields: ['Title'] })).Title, null);
  same((await conn.sobject('Lead').destroy(id)).success, true);
  same((await refused(() => conn.sobject('Lead').retrieve(id))).errorCode, 'ENTITY_IS_DELETED');
});

await check('creates, reads, updates, upserts and deletes several rows', async () => {
  const made = await conn.sobject('Contact').create([{ LastName: 'One' }, { LastName: 'Two' }, { FirstName: 'None' }]);
  same(made.map((each) => each.success), [true, true, false]);
  same([made[2].errors[0].statusCode, made[2].errors[0].fields], ['REQUIRED_FIELD_MISSING', ['LastName']]);
  const ids = made.slice(0, 2).map((each) => each.id);
  const changes = ids.map((Id) => ({ Id, Title: 'T' }));
  same((await conn.sobject('Contact').update(changes)).map((each) => each.success), [true, true]);
  const rows = await conn.sobject('Contact').retrieve([...ids, made[0].id.slice(0, 15)], { fields: ['Id', 'Title'] });
  same(rows.map((each) => each.Title), ['T', 'T', 'T']);
  const keys = [`n${unique()}`, `n${unique()}`];
  const upserts = (Title) => keys.map((HubSpot_Id__c) => ({ HubSpot_Id__c, LastName: 'Up', Title }));
  const first = await conn.sobject('Contact').upsert(upserts('1'), 'HubSpot_Id__c');
  const second = await conn.sobject('Contact').upsert(upserts('2'), 'HubSpot_Id__c');
  same([first.map((each) => each.created), second.map((each) => each.created)], [[true, true], [false, false]]);
  same(first.map((each) => each.id), second.map((each) => each.id));
  const gone = await conn.sobject('Contact').destroy([...ids, ids[0]]);
  same(gone.map((each) => each.success), [true, true, false]);
  same(gone[2].errors[0].statusCode, 'ENTITY_IS_DELETED');
});

await check('all or none: one bad row takes the others back', async () => {
  const company = `All ${unique()}`;
  const rows = [lead({ Company: company }), lead({ Company: company, Email: 'x' })];
  const answer = await conn.sobject('Lead').create(rows, { allOrNone: true });
  const codes = answer.map((each) => each.errors[0].statusCode);
  same(codes, ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'INVALID_EMAIL_ADDRESS']);
  same(await conn.sobject('Lead').count({ Company: company }), 0);
});

await check('upserts one row by external id', async () => {
  const key = `n${unique()}`;
  const upsert = (fields) => conn.sobject('Lead').upsert({ HubSpot_Id__c: key, ...fields }, 'HubSpot_Id__c');
  same((await upsert(lead())).created, true);
  same((await upsert({ Title: 'VP' })).created, false);
  const found = await conn.sobject('Lead').findOne({ HubSpot_Id__c: key }, 'Title');
  same(found.Title, 'VP');
});

await check('finds by conditions, relations, children, counts and groups', async () => {
  const account = (await conn.sobject('Account').create({ Name: `Node ${unique()}` })).id;
  for (const LastName of ['A', 'B']) await conn.sobject('Contact').create({ LastName, AccountId: account });
  const child = await conn.sobject('Contact')
    .find({ AccountId: account, LastName: { $like: 'a%' } }, ['LastName', 'Account.Name'])
    .sort({ LastName: 1 }).limit(5);
  same(child.map((each) => [each.LastName, each.Account.attributes.type]), [['A', 'Account']]);
  const parent = await conn.sobject('Account').find({ Id: account }, 'Name')
    .include('Contacts').select('LastName').orderby('LastName', 'DESC').end();
  same(parent[0].Contacts.records.map((each) => each.LastName), ['B', 'A']);
  same(await conn.sobject('Contact').count({ AccountId: account }), 2);
  const today = { CreatedDate: jsforce.Date.TODAY, AccountId: account };
  same(await conn.sobject('Contact').count(today), 2);
  const groups = `SELECT Account.Name, COUNT(Id) n FROM Contact WHERE AccountId = '${account}' GROUP BY Account.Name`;
  same((await conn.query(groups)).records[0].n, 2);
  const all = await conn.sobject('Contact').select('*').where({ AccountId: account });
  assert(all[0].LastModifiedDate.endsWith('+0000'));
});

await check('searches for words', async () => {
  const LastName = `Word${unique()}`;
  const { id } = await conn.sobject('Contact').create({ LastName });
  const { searchRecords } = await conn.search(`FIND {${LastName}} RETURNING Contact(Id, LastName)`);
  same(searchRecords.map((each) => [each.Id, each.LastName]), [[id, LastName]]);
});

await check('tells which rows were changed and deleted in a span of time', async () => {
  const { id } = await conn.sobject('Lead').create(lead());
  const [from, to] = [-600_000, 600_000].map((ms) => new Date(Date.now() + ms));
  assert((await conn.sobject('Lead').updated(from, to)).ids.includes(id));
  await conn.sobject('Lead').destroy(id);
  assert((await conn.sobject('Lead').deleted(from, to)).deletedRecords.some((each) => each.id === id));
});

const taken = `n${unique()}`;
await conn.sobject('Lead').create(lead({ HubSpot_Id__c: taken }));
const errors = [
  ['MALFORMED_QUERY', () => conn.query('SELECT FROM Lead')],
  ['INVALID_FIELD', () => conn.query('SELECT Nonsense FROM Lead')],
  ['INVALID_TYPE', () => conn.query('SELECT Id FROM Nonsense')],
  ['NOT_FOUND', () => conn.sobject('Contact').retrieve('003Hs00000000zz')],
  ['NOT_FOUND', () => conn.sobject('Nonsense').describe()],
  ['REQUIRED_FIELD_MISSING', () => conn.sobject('Lead').create({ LastName: 'A' })],
  ['INVALID_FIELD', () => conn.sobject('Lead').create(lead({ Nonsense: 1 }))],
  ['STRING_TOO_LONG', () => conn.sobject('Lead').create(lead({ LastName: 'x'.repeat(81) }))],
  ['DUPLICATE_VALUE', () => conn.sobject('Lead').create(lead({ HubSpot_Id__c: taken }))],
  ['INVALID_QUERY_LOCATOR', () => conn.queryMore('0r8xx0000000001AAA-2000')],
  ['INVALID_FIELD_FOR_INSERT_UPDATE', () => conn.sobject('Lead').create(lead({ IsConverted: true }))],
];
for (const [code, call] of errors) {
  await check(`${code}: ${call.toString().slice(6)}`, async () => same((await refused(call)).errorCode, code));
}

done();
