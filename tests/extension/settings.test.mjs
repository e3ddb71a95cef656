import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {DEFAULTS, FIXABLE, choose, fixed, normalizeAddress, normalizeSite, pause, read, write} from '../../extension/lib/settings.js';

/** As storage.local: `get` fills in the defaults that it is given. `byAdministrator`: what storage.managed has. */
function areas(byAdministrator = {}) {
	const stored = {};
	return {
		local: {get: async defaults => ({...defaults, ...stored}), set: async values => void Object.assign(stored, structuredClone(values))},
		managed: {get: async () => structuredClone(byAdministrator)},
	};
}

test('the default address is the one of the contract', async () => {
	assert.deepEqual(await read(areas()), DEFAULTS);
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
	const local = areas();
	await pause('a.example', true, local);
	await pause('b.example', true, local);
	await pause('a.example', false, local);
	assert.deepEqual((await read(local)).paused, {'b.example': true});
	assert.deepEqual(DEFAULTS.paused, {}, 'defaults are not written to');
	await write({address: 'http://127.0.0.1:1'}, local);
	assert.deepEqual((await read(local)).paused, {'b.example': true});
});

test('a site in many forms, and what is none', () => {
	for (const typed of ['example.com', ' https://Example.com/a?b#c ', 'example.com:8080/x', 'http://example.com']) {
		assert.equal(normalizeSite(typed), 'example.com', typed);
	}
	assert.equal(normalizeSite('\u4f8b\u5b50.cn'), 'xn--fsqu00a.cn');
	for (const typed of ['', '*', '*.example.com', 'ftp://example.com', 'a b', 'javascript:alert(1)', '<all_urls>', null]) {
		assert.equal(normalizeSite(typed), null, String(typed));
	}
});

test('choose and drop a site', async () => {
	const own = areas();
	await choose('b.example', true, own);
	await choose('a.example', true, own);
	await choose('b.example', true, own);
	assert.deepEqual((await read(own)).sites, ['a.example', 'b.example']);
	await choose('a.example', false, own);
	assert.deepEqual((await read(own)).sites, ['b.example']);
});

test('what an administrator fixed goes before what the person set, and is not written over', async () => {
	const own = areas({where: 'chosen', sites: ['https://News.example/'], threshold: 'labels', density: 'minimal', cookies: true, paused: ['bank.example'], private: true, address: 'localhost:9'});
	await write({where: 'everywhere', threshold: 'suspicion', off: true}, own);
	await pause('other.example', true, own);
	const values = await read(own);
	assert.deepEqual(values, {
		...DEFAULTS, where: 'chosen', sites: ['news.example'], threshold: 'labels', density: 'minimal', cookies: true, paused: {'bank.example': true}, private: true, address: 'http://127.0.0.1:9', off: true,
	});
	assert.deepEqual(Object.keys(await fixed(own.managed)).sort(), [...FIXABLE].sort());
	own.managed.get = async () => ({});
	assert.equal((await read(own)).where, 'click', 'it was not written, to come up when the administrator goes');
});

test('a value of the wrong form fixes nothing, and no administrator is no error', async () => {
	const own = areas({where: 'anywhere', sites: 'a.example', threshold: 1, density: 'loud', cookies: 'yes', paused: {a: 1}, private: 'yes', address: 'http://example.com', credentials: 'x', off: true});
	assert.deepEqual(await read(own), DEFAULTS);
	assert.deepEqual(await fixed({get: () => Promise.reject(new Error('Managed storage manifest not found'))}), {});
});

test('the schema for administrators names what they may fix, and nothing else', async () => {
	const fixedAs = async (name, value) => (await fixed({get: async () => ({[name]: value})}))[name];
	const {properties} = JSON.parse(readFileSync(new URL('../../extension/managed.json', import.meta.url), 'utf8'));
	assert.deepEqual(Object.keys(properties), FIXABLE);
	assert.deepEqual(await Promise.all(properties.where.enum.map(where => fixedAs('where', where))), properties.where.enum);
	assert.deepEqual(await Promise.all(properties.threshold.enum.map(value => fixedAs('threshold', value))), properties.threshold.enum);
	assert.deepEqual(await Promise.all(properties.density.enum.map(value => fixedAs('density', value))), properties.density.enum);
});
