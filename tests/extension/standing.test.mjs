import assert from 'node:assert/strict';
import {test} from 'node:test';

import {mayRead, serverRight, sitesRight} from '../../extension/lib/access.js';
import {toolbar} from '../../extension/lib/pages.js';
import {DEFAULTS} from '../../extension/lib/settings.js';
import {reasonNotTo} from '../../extension/lib/standing.js';
import {stepsTo} from '../../extension/lib/steps.js';
import {LANGUAGES, texts} from './catalogue.mjs';

const TAB = {host: 'a.example', incognito: false, asked: false, allowed: true};

test('whether a tab is looked at', () => {
	for (const [settings, tab, expected] of [
		[{}, {}, 'click'],
		[{}, {asked: true, allowed: false}, null],
		[{where: 'everywhere'}, {}, null],
		[{where: 'everywhere'}, {allowed: false}, 'permission'],
		[{where: 'chosen', sites: ['a.example']}, {}, null],
		[{where: 'chosen', sites: ['a.example']}, {allowed: false}, 'permission'],
		[{where: 'chosen', sites: ['a.example']}, {host: 'b.example'}, 'chosen'],
		[{where: 'chosen', sites: ['a.example']}, {host: 'sub.a.example'}, 'chosen'],
		[{where: 'chosen', sites: ['a.example']}, {host: ''}, 'chosen'],
		[{where: 'chosen', sites: ['a.example']}, {host: 'b.example', asked: true}, null],
		// What was switched off stays off, whatever was asked for.
		[{where: 'everywhere', paused: {'a.example': true}}, {asked: true}, 'site'],
		[{where: 'everywhere', off: true}, {asked: true}, 'off'],
		[{where: 'everywhere'}, {incognito: true}, 'private'],
		[{where: 'everywhere'}, {incognito: true, asked: true}, 'private'],
		[{where: 'everywhere', private: true}, {incognito: true}, null],
		// What a page wishes holds until a person asks for it all the same; what they switched off goes before.
		[{where: 'everywhere'}, {declined: true}, 'declined'],
		[{where: 'everywhere'}, {declined: true, asked: true}, 'declined'],
		[{where: 'everywhere', paused: {'a.example': true}}, {declined: true}, 'site'],
		[{where: 'everywhere', private: true, off: true}, {incognito: true}, 'off'],
	]) {
		assert.equal(reasonNotTo({...DEFAULTS, ...settings}, {...TAB, ...tab}), expected, JSON.stringify([settings, tab]));
	}
});

test('the toolbar says each reason in words, and asks only where the person can act', () => {
	for (const language of LANGUAGES) {
		const said = ['off', 'private', 'site', 'click', 'chosen', 'permission', 'declined'].map(reason => toolbar({state: 'ready', reason, counts: null}, texts(language)));
		assert.equal(new Set(said.map(({title}) => title)).size, 7, language);
		assert.ok(said.every(({title}) => /Touchstone/.test(title)));
		const off = texts(language)('toolbar_off');
		assert.deepEqual(said.map(({text}) => text), [off, off, off, '', '', '!', '']);
	}
});

test('the connection test: all before the failing step have passed, none after it was tried', () => {
	const results = state => stepsTo(state).map(({result}) => result[0]).join('');
	assert.deepEqual(
		Object.fromEntries(['ready', 'no_permission', 'away', 'silent', 'other_program', 'too_old', 'unpaired'].map(state => [state, results(state)])),
		{ready: 'ppppp', no_permission: 'foooo', away: 'pfooo', silent: 'pfooo', other_program: 'ppfoo', too_old: 'pppfo', unpaired: 'ppppf'},
	);
	for (const language of LANGUAGES) {
		for (const state of ['no_permission', 'away', 'silent', 'other_program', 'too_old', 'unpaired', 'ready']) {
			assert.ok(texts(language)(`server_${state}`) && texts(language)(`server_${state}_step`), `${language} ${state}`);
		}
		stepsTo('ready').forEach(({step}) => assert.ok(texts(language)(`step_${step}`), `${language} ${step}`));
	}
});

test('the right that each address needs', async () => {
	const asked = [];
	const permissions = {contains: async ({origins}) => asked.push(...origins) > 0};
	for (const url of ['https://a.example:8443/x.jpg', 'http://[::1]:80/x.png', 'about:blank', '']) {
		await mayRead(url, permissions);
	}
	assert.deepEqual(asked, ['*://a.example/*', '*://[::1]/*', '<all_urls>', '<all_urls>']);
	assert.deepEqual(serverRight('http://127.0.0.1:4543'), {origins: ['http://127.0.0.1/*']});
	assert.deepEqual(sitesRight(['a.example']), {origins: ['*://a.example/*']});
});
