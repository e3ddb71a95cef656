import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Chosen} from '../../extension/lib/chosen.js';
import {Examiner} from '../../extension/lib/examiner.js';
import {texts} from './catalogue.mjs';

/** As storage.session. */
function session() {
	const stored = {};
	return {
		get: async key => structuredClone(key in stored ? {[key]: stored[key]} : {}),
		set: async values => void Object.assign(stored, structuredClone(values)),
		remove: async keys => [keys].flat().forEach(key => delete stored[key]),
	};
}

/** A picture that nobody can read: the answer is a reason, and needs no server. */
function picture(id) {
	return {id, url: 'ftp://pictures.example/a.jpg', own: false, frame: 0, pageHost: 'example.com', page: 'https://example.com/'};
}

/** @param {string | (() => Promise<string>)} state */
function setUp(state) {
	const chosen = new Chosen(session());
	const connection = {doubt: () => {}, state: async () => typeof state === 'string' ? state : state()};
	return {chosen, examiner: new Examiner({connection, chosen, texts: texts('en'), taste: async () => ({threshold: 'suspicion', density: 'quiet'})})};
}

test('each tab has its own picture', async () => {
	const chosen = new Chosen(session());
	await Promise.all([chosen.set(1, picture(1)), chosen.set(2, picture(2))]);
	assert.deepEqual([(await chosen.get(1))?.id, (await chosen.get(2))?.id], [1, 2]);
	await chosen.forget(1);
	assert.deepEqual([await chosen.get(1), (await chosen.get(2))?.id], [null, 2]);
});

test('a check ends with a record, or with the reason why there is none', async () => {
	const {chosen, examiner} = setUp('ready');
	await examiner.check(picture(1), 1);
	const {busy, record} = await chosen.get(1);
	assert.deepEqual([busy, record.failure.code, record.source.url], [false, 'not_read_network', picture(1).url]);
	const away = setUp('away');
	await away.examiner.check(picture(1), 1);
	const {problem, record: none} = await away.chosen.get(1);
	assert.deepEqual([problem, none], ['away', null]);
});

test('a check that ends late changes nothing: another picture was chosen, or the page was left', async () => {
	let answer = () => {};
	const {chosen, examiner} = setUp(() => new Promise(resolve => { answer = () => resolve('ready'); }));
	for (const after of [() => chosen.set(1, {...picture(2), url: 'ftp://pictures.example/b.jpg'}), () => chosen.forget(1)]) {
		const check = examiner.check(picture(1), 1);
		await new Promise(resolve => setTimeout(resolve, 5));
		await after();
		const expected = await chosen.get(1);
		answer();
		await check;
		assert.deepEqual(await chosen.get(1), expected);
	}
});
