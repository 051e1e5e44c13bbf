// jsforce against an org: logs in, reads and writes, and tells as JSON what came.
// Arguments: folder of node_modules, address, username, password with token, consumer key, consumer secret.
import { createRequire } from 'node:module'

const [folder, address, username, password, clientId, clientSecret] = process.argv.slice(2)
const jsforce = createRequire(`${folder}/`)('jsforce')
const version = '59.0'
const told = {}

const connection = new jsforce.Connection({ loginUrl: address, version })
await connection.login(username, password)
told.instance = connection.instanceUrl

const app = new jsforce.Connection({ instanceUrl: address, oauth2: { loginUrl: address, clientId, clientSecret }, version })
await app.authorize({ grant_type: 'client_credentials' })
told.counted = (await app.query('SELECT COUNT() FROM Account')).totalSize

const paged = await connection.query('SELECT Id, Name, Account.Name FROM Order ORDER BY Id', { autoFetch: true, maxFetch: 10000 })
told.paged = { total: paged.totalSize, ids: paged.records.map((record) => record.Id), parent: paged.records[0].Account.Name }

const nested = await connection.query('SELECT Id, (SELECT Id FROM Orders) FROM Account ORDER BY Id', { autoFetch: true })
told.children = nested.records.map((record) => record.Orders?.records.length ?? 0)

told.described = (await connection.describe('Order')).fields.map((field) => field.name)
told.objects = (await connection.describeGlobal()).sobjects.map((entry) => entry.name)
told.limits = await connection.limits()
told.usage = connection.limitInfo.apiUsage

connection.bulk2.pollInterval = 20
const stream = await connection.bulk2.query('SELECT Id, Name, Credit__c FROM Account', { scanAll: true })
told.bulk = await stream.toArray()

const account = connection.sobject('Account')
const created = await account.create([{ Name: 'from jsforce 1' }, { Name: 'from jsforce 2' }])
told.created = created.map((line) => line.success)
const ids = created.map((line) => line.id)
told.updated = (await account.update([{ Id: ids[0], Name: 'renamed' }])).map((line) => line.success)
told.retrieved = (await account.retrieve(ids, { fields: ['Name'] })).map((record) => record.Name)
told.refused = (await account.create([{ Nope__c: 1 }])).map((line) => line.errors[0].statusCode ?? line.errors[0].errorCode)
told.destroyed = (await account.destroy(ids)).map((line) => line.success)
told.wrong = await connection.query('SELECT Nope FROM Account').catch((error) => error.errorCode)

console.log(JSON.stringify(told))
