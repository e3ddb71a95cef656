import assert from 'node:assert/strict';
import {test} from 'node:test';

import {DEFAULTS, normalizeAddress, pause, read, write} from '../../extension/lib/settings.js';

/** As storage.local: `get` fills in the defaults that it is given. */
function area() {
	const stored = {};
	return {get: async defaults => ({...defaults, ...stored}), set: async values => void Object.assign(stored, structuredClone(values))};
}

test('the default address is the one of the contract', async () => {
	assert.deepEqual(await read(area()), DEFAULTS);
	assert.equal(DEFAULTS.address, 'http://127.0.0.1:4543');
});

test('an address in many forms', () => {
	for (const typed of ['http://127.0.0.1:4543', 'http://localhost:4543/', ' localhost:4543 ', '127.0.0.1:4543/v1/examine?x#y', 'localhost', 'HTTP://LOCALHOST:4543']) {
		assert.equal(normalizeAddress(typed), 'http://127.0.0.1:4543', typed);
	}
	assert.equal(normalizeAddress('[::1]:8000'), 'http://[::1]:8000');
});

test('an address elsewhere is refused: the token never leaves this computer', () => {
	for (const typed of ['http://example.com:4543', 'https://127.0.0.1:4543', '192.168.1.2', 'http://127.0.0.1.example.com', 'http://127.0.0.1@example.com', '', 'http://', 'javascript:alert(1)']) {
		assert.equal(normalizeAddress(typed), null, typed);
	}
});

test('pause and resume on one site', async () => {
	const local = area();
	await pause('a.example', true, local);
	await pause('b.example', true, local);
	await pause('a.example', false, local);
	assert.deepEqual((await read(local)).paused, {'b.example': true});
	assert.deepEqual(DEFAULTS.paused, {}, 'defaults are not written to');
	await write({address: 'http://127.0.0.1:1'}, local);
	assert.deepEqual((await read(local)).paused, {'b.example': true});
});
