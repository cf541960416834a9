// Both sides as the Node clients read them, written as JSON to the file that is named.

import { writeFileSync } from 'node:fs';

import { Client } from '@hubspot/api-client';
import jsforce from 'jsforce';

const { hubspot, salesforce } = JSON.parse(process.env.SANDBOX);
const contactProperties = [
  'email', 'firstname', 'lastname', 'jobtitle', 'phone', 'mobilephone', 'company', 'city', 'zip', 'hs_lead_status',
];
const both = ['Id', 'Email', 'FirstName', 'LastName', 'Title', 'Phone', 'MobilePhone', 'HubSpot_Id__c'];
const fields = {
  Lead: [...both, 'Company', 'City', 'PostalCode', 'Status'],
  Contact: [...both, 'MailingCity', 'MailingPostalCode'],
};

const client = new Client({ accessToken: hubspot.token, basePath: hubspot.url });
const contacts = await client.crm.contacts.getAll(100, undefined, contactProperties);
const conn = new jsforce.Connection({ loginUrl: salesforce.url, version: '59.0' });
await conn.login(salesforce.username, salesforce.password + salesforce.token);
const rows = {};
for (const [object, names] of Object.entries(fields)) {
  const found = await conn.query(`SELECT ${names.join(', ')} FROM ${object}`, { autoFetch: true, maxFetch: 10000 });
  rows[object] = found.records.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
}
const portal = contacts.map(({ id, properties }) => ({
  id, ...Object.fromEntries(contactProperties.map((name) => [name, properties[name]])),
}));
writeFileSync(process.argv[2], JSON.stringify({ contact: portal, ...rows }));
