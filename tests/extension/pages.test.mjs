import assert from 'node:assert/strict';
import {test} from 'node:test';

import {find} from '../../extension/lib/messages.js';
import {Pages, toolbar} from '../../extension/lib/pages.js';
import {texts} from './catalogue.mjs';

function session() {
	const stored = {};
	return {get: async () => structuredClone(stored), set: async values => void Object.assign(stored, structuredClone(values))};
}

test('counts are the sum of all frames, and survive the worker', async () => {
	const storage = session();
	const pages = new Pages(storage);
	assert.equal(await pages.counts(1), null);
	await Promise.all([pages.note(1, 0, {ai_generated: 2}), pages.note(1, 7, {ai_generated: 1, unlabeled: 1}), pages.note(2, 0, {})]);
	await pages.note(1, 0, {ai_generated: 3});
	assert.deepEqual(await new Pages(storage).counts(1), {ai_generated: 4, unlabeled: 1});
	await pages.clear(1);
	assert.equal(await pages.counts(1), null);
	assert.deepEqual(await pages.tabs(), [2]);
});

test('the toolbar counts labels and suspicions, and its words tell the two apart', () => {
	const counts = {ai_generated: 2, ai_edited: 1, possibly_ai: 1, suspected_ai: 5, unlabeled: 3, waiting: 9};
	const {text, title} = toolbar({state: 'ready', reason: null, counts}, texts('en'));
	assert.equal(text, '9');
	assert.match(title, /4 of 12 pictures carry an AI label; 5 without one are suspected/);
	const labels = toolbar({state: 'ready', reason: null, counts: {...counts, suspected_ai: 0}}, texts('en'));
	assert.equal(labels.text, '4');
	assert.doesNotMatch(labels.title, /suspected/);
	assert.equal(toolbar({state: 'ready', reason: null, counts: {unlabeled: 3}}, texts('en')).text, '');
});

test('the toolbar is grey when the server is away, without a mark', () => {
	const {icon, text, title} = toolbar({state: 'away', reason: null, counts: {ai_generated: 1}}, texts('en'));
	assert.deepEqual([icon[16], text], ['icons/grey-16.png', '']);
	assert.match(title, /not running/);
	assert.equal(toolbar({state: 'unpaired', reason: null, counts: null}, texts('en')).text, '!');
	const off = toolbar({state: 'ready', reason: 'site', counts: {ai_generated: 1}}, texts('en'));
	assert.match(off.title, /paused/);
	assert.deepEqual([off.text, off.icon[16]], ['OFF', 'icons/grey-16.png']);
});

const SELF = {id: 'me', getURL: path => `chrome-extension://me/${path}`};
const TABLE = {
	examine: {from: 'page', shape: {url: 'string'}, run: async () => {}},
	pair: {from: 'popup', shape: {code: 'string'}, run: async () => {}},
};
const PAGE = {id: 'me', url: 'https://example.com/', tab: {id: 1}};
const POPUP = {id: 'me', url: 'chrome-extension://me/popup.html'};

test('messages are answered by name, sender and shape', () => {
	assert.equal(find(TABLE, {name: 'examine', url: 'u'}, PAGE, SELF), TABLE.examine);
	assert.equal(find(TABLE, {name: 'pair', code: '1'}, POPUP, SELF), TABLE.pair);
	for (const [message, sender] of [
		[{name: 'pair', code: '1'}, PAGE], [{name: 'examine', url: 'u'}, POPUP],
		[{name: 'examine', url: 'u'}, {...PAGE, id: 'other'}], [{name: 'examine', url: 1}, PAGE],
		[{name: 'examine', url: 'u'}, {id: 'me', url: 'https://example.com/'}],
		[{name: 'toString', url: 'u'}, PAGE], [{name: 'constructor'}, PAGE], [null, PAGE], ['examine', PAGE],
		[{name: 'pair', code: '1'}, {id: 'me', url: 'https://example.com/?chrome-extension://me/'}],
	]) {
		assert.equal(find(TABLE, message, sender, SELF), null, JSON.stringify([message, sender]));
	}
});
