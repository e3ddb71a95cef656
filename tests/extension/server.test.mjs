import assert from 'node:assert/strict';
import {createHash, createHmac} from 'node:crypto';
import {test} from 'node:test';

import {Connection} from '../../extension/lib/connection.js';
import {ServerError, examine, greet, pair, proof} from '../../extension/lib/server.js';
import {DEFAULTS} from '../../extension/lib/settings.js';
import {serve} from './listener.mjs';

const TOKEN = 'ab'.repeat(32);
const CREDENTIALS = {id: 'one', token: TOKEN};
const HEALTH = {name: 'touchstone', api: 1, version: '0.1.0', warm: true};

/** A server after the contract; `seen` are its requests, `paired` whether it knows the token. */
function touchstone({seen = [], health = HEALTH, paired = true, prove = hmac, report = () => [200, {schema: 1}]} = {}) {
	return (request, response) => {
		seen.push(request);
		const body = request.headers['content-type'] === 'application/json' ? JSON.parse(request.text) : null;
		const [status, answer, headers = {}] = {
			'/healthz': () => [200, health],
			'/v1/hello': () => paired ? [200, {proof: prove(body.nonce)}] : [401, {error: {code: 'unauthorized', message: ''}}],
			'/v1/pair': () => body.code === '12345678' ? [200, CREDENTIALS] : [403, {error: {code: 'pairing_code_wrong', message: ''}}],
			'/v1/examine?speed=quick': report, '/v1/examine': report, '/v1/examine?pixels=screen': report,
		}[request.url]();
		response.writeHead(status, {'Content-Type': 'application/json', ...headers}).end(JSON.stringify(answer));
	};
}

function hmac(nonce) {
	return createHmac('sha256', createHash('sha256').update(TOKEN).digest()).update(nonce).digest('hex');
}

test('the proof is HMAC-SHA256 under the hash of the token', async () => {
	assert.equal(await proof(TOKEN, 'n'.repeat(32)), hmac('n'.repeat(32)));
});

test('ready: a server that proves itself, and the token is not said before', async t => {
	const seen = [];
	const address = await serve(t, touchstone({seen}));
	assert.equal(await greet({address, credentials: CREDENTIALS}), 'ready');
	assert.deepEqual(seen.map(request => request.url), ['/healthz', '/v1/hello']);
	assert.ok(seen.every(request => !request.headers.authorization && !request.text.includes(TOKEN)));
	const [first] = seen.slice(-1);
	await greet({address, credentials: CREDENTIALS});
	assert.notEqual(seen.at(-1).text.toString(), first.text.toString(), 'a new nonce each time');
});

for (const [name, options, expected] of [
	['a wrong proof', {prove: () => '00'.repeat(32)}, 'other_program'],
	['no proof', {prove: () => undefined}, 'other_program'],
	['a revoked token', {paired: false}, 'unpaired'],
	['another name', {health: {...HEALTH, name: 'other'}}, 'other_program'],
	['another API', {health: {...HEALTH, api: 2}}, 'too_old'],
]) {
	test(`${expected}: ${name}`, async t => {
		const address = await serve(t, touchstone(options));
		assert.equal(await greet({address, credentials: CREDENTIALS}), expected);
	});
}

test('unpaired without credentials, and nothing is asked but who is there', async t => {
	const seen = [];
	const address = await serve(t, touchstone({seen}));
	assert.equal(await greet({address, credentials: null}), 'unpaired');
	assert.deepEqual(seen.map(request => request.url), ['/healthz']);
});

test('another program: a page, and a redirect that is not followed', async t => {
	const page = await serve(t, (_, response) => response.end('<html>'));
	assert.equal(await greet({address: page, credentials: null}), 'other_program');
	const real = await serve(t, touchstone());
	const lure = await serve(t, ({url}, response) => response.writeHead(302, {Location: real + url}).end());
	assert.equal(await greet({address: lure, credentials: CREDENTIALS}), 'other_program');
});

test('away: nobody listens', async () => {
	assert.equal(await greet({address: 'http://127.0.0.1:9', credentials: null}), 'away');
});

test('pairing: the right code, and a wrong one', async t => {
	const address = await serve(t, touchstone());
	assert.deepEqual(await pair({address, credentials: null}, '12345678', 'Test'), CREDENTIALS);
	await assert.rejects(pair({address, credentials: null}, '11111111', 'Test'), {code: 'pairing_code_wrong'});
});

test('examine sends the very bytes with the token, and no cookie', async t => {
	const seen = [];
	const address = await serve(t, touchstone({seen}));
	const bytes = crypto.getRandomValues(new Uint8Array(1000)).buffer;
	assert.deepEqual(await examine({address, credentials: CREDENTIALS}, bytes, 'quick'), {schema: 1});
	const [{headers, text}] = seen;
	assert.equal(headers.authorization, `Bearer ${TOKEN}`);
	assert.equal(headers['content-type'], 'application/octet-stream');
	assert.equal(headers.cookie, undefined);
	assert.deepEqual(new Uint8Array(text), new Uint8Array(bytes));
});

test('each kind of look asks for its own', async t => {
	const seen = [];
	const address = await serve(t, touchstone({seen}));
	for (const look of /** @type {const} */ (['quick', 'full', 'screen'])) {
		await examine({address, credentials: CREDENTIALS}, new ArrayBuffer(1), look);
	}
	assert.deepEqual(seen.map(({url}) => url), ['/v1/examine?speed=quick', '/v1/examine', '/v1/examine?pixels=screen']);
});

test('an error carries its code and how long to wait', async t => {
	const busy = () => [503, {error: {code: 'busy', message: ''}}, {'Retry-After': '2'}];
	const address = await serve(t, touchstone({report: busy}));
	await assert.rejects(examine({address, credentials: CREDENTIALS}, new ArrayBuffer(1), 'quick'), {code: 'busy', retryAfter: 2000});
});

/** @param {object} settings @param {Partial<ConstructorParameters<typeof Connection>[0]>} [parts] */
function connect(settings, parts = {}) {
	const stored = {...DEFAULTS, ...settings};
	const states = [];
	const connection = new Connection({
		read: async () => stored,
		write: async values => void Object.assign(stored, values),
		changed: state => states.push(state),
		...parts,
	});
	return {connection, states, stored};
}

test('a connection verifies once, and again after a failure', async t => {
	const seen = [];
	let report = () => [200, {schema: 1}];
	const address = await serve(t, touchstone({seen, report: () => report()}));
	const {connection, states} = connect({address, credentials: CREDENTIALS});
	await Promise.all([connection.examine(new ArrayBuffer(1), 'quick'), connection.examine(new ArrayBuffer(1), 'quick')]);
	assert.equal(seen.filter(({url}) => url === '/v1/hello').length, 1);
	report = () => [401, {error: {code: 'unauthorized', message: ''}}];
	await assert.rejects(connection.examine(new ArrayBuffer(1), 'quick'), ServerError);
	assert.equal(seen.filter(({url}) => url === '/v1/hello').length, 2);
	assert.equal(states[0], 'ready');
});

test('no image goes to a program that cannot prove itself', async t => {
	const seen = [];
	const address = await serve(t, touchstone({seen, prove: () => 'no'}));
	const {connection} = connect({address, credentials: CREDENTIALS});
	await assert.rejects(connection.examine(new ArrayBuffer(1), 'quick'), {code: 'other_program'});
	assert.ok(!seen.some(({url}) => url.startsWith('/v1/examine')));
});

test('a program that takes the port over gets neither token nor image', async t => {
	let now = 0;
	const seen = [];
	let answer = touchstone();
	const address = await serve(t, (request, response) => answer(request, response));
	const {connection, states} = connect({address, credentials: CREDENTIALS}, {now: () => now});
	await connection.examine(new ArrayBuffer(1), 'quick');
	answer = touchstone({seen, prove: () => '00'.repeat(32)});
	now += 3000;
	await assert.rejects(connection.examine(new ArrayBuffer(1), 'quick'), {code: 'other_program'});
	assert.deepEqual(seen.map(({url}) => url), ['/healthz', '/v1/hello']);
	assert.ok(seen.every(request => !request.headers.authorization && !request.text.includes(TOKEN)));
	assert.deepEqual(states, ['ready', 'other_program']);
});

test('an absent server is not asked for every image', async () => {
	let now = 0;
	let asked = 0;
	const fetch = async () => {
		asked++;
		throw new TypeError('refused');
	};
	const {connection, states} = connect({credentials: CREDENTIALS}, {fetch, now: () => now});
	for (let i = 0; i < 10; i++) {
		await assert.rejects(connection.examine(new ArrayBuffer(1), 'quick'), {code: 'away'});
	}
	assert.equal(asked, 1);
	now += 5000;
	assert.equal(await connection.state(), 'away');
	assert.equal(asked, 2);
	assert.deepEqual(states, ['away'], 'told once');
});

test('pairing stores the credentials and verifies them; a stranger gets no code', async t => {
	const address = await serve(t, touchstone());
	const {connection, stored} = connect({address});
	assert.equal(await connection.state(), 'unpaired');
	assert.equal(await connection.pair('12345678', 'Test'), 'ready');
	assert.deepEqual(stored.credentials, CREDENTIALS);
	const seen = [];
	const other = await serve(t, touchstone({seen, health: {name: 'other'}}));
	await assert.rejects(connect({address: other}).connection.pair('12345678', 'Test'), {code: 'other_program'});
	assert.ok(seen.every(({url}) => url === '/healthz'));
});
