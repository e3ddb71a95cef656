import assert from 'node:assert/strict';
import {test} from 'node:test';

import {compare} from '../../extension/lib/best.js';
import {variant, viewOf} from '../../extension/lib/record.js';
import {LANGUAGES, texts} from './catalogue.mjs';

const AT = Date.UTC(2026, 0, 2);
const report = (label, more = {}) => ({
	sha256: 'ab'.repeat(32), format: 'PNG', width: 600, height: 400, evidence: [], unavailable: {}, versions: {},
	verdict: {label, basis: 'none', code: label === 'not_checked' ? 'could_not_look' : 'nothing_found', params: {checks: 'metadata'}}, ...more,
});
const SCREEN = {url: 'https://pictures.example/a.jpg', type: 'image/png', bytes: 9, how: 'screen', part: 75};
const failed = (code, params = {}) => ({failure: {code, params}, source: {url: 'https://pictures.example/a.jpg'}, at: AT});

for (const language of LANGUAGES) {
	const words = texts(language);

	test(`${language}: a site that keeps a file back is named so; what is not there, or too large, is not`, () => {
		for (const record of [failed('not_read_http', {status: 403}), failed('not_read_http', {status: 401}), failed('not_read_network'), failed('not_read_type'), failed('not_read_cross_origin')]) {
			const {name, label, action, acts} = viewOf(record, 'suspicion', words);
			assert.deepEqual([name, label, acts.screen], [words('label_not_read'), 'not_checked', words('act_screen')]);
			assert.ok(action.includes(name));
		}
		for (const [record, offered] of [
			[failed('not_read_http', {status: 404}), true], [failed('not_read_http', {status: 410}), true], [failed('not_read_canvas'), true],
			[failed('not_read_permission', {host: 'x'}), true], [failed('not_read_too_large', {bytes: 9, limit: 1}), false], [failed('unreadable_image'), false],
		]) {
			const {name, acts} = viewOf(record, 'suspicion', words);
			assert.deepEqual([name, acts.screen !== ''], [words('label_not_checked'), offered], record.failure.code);
		}
	});

	test(`${language}: pixels from the screen never speak of the file`, () => {
		const unknown = viewOf({report: report('not_checked'), source: SCREEN, at: AT}, 'suspicion', words);
		assert.deepEqual([unknown.name, unknown.hint, unknown.acts.screen], [words('label_screen_not_checked'), words('label_screen_hint'), '']);
		const suspected = viewOf({report: report('suspected_ai'), source: SCREEN, at: AT}, 'suspicion', words);
		assert.equal(suspected.name, words('label_screen_suspected_ai'));
		assert.notEqual(suspected.name, words('label_suspected_ai'), 'that name says that there is no label in the file');
		assert.equal(suspected.words.file, words('panel_pixels'));
		assert.ok(suspected.facts.every(([, value]) => value !== SCREEN.url), 'the file at that address was not looked at');
		const rows = Object.fromEntries(variant({report: report('not_checked'), source: SCREEN, at: AT}, words));
		assert.equal(rows[words('variant_unread')], SCREEN.url);
		assert.match(rows[words('way')], /75/);
	});

	test(`${language}: how a file was got, and with which cookies`, () => {
		for (const how of ['page', 'embedded', 'plain', 'referrer', 'cookies']) {
			const rows = Object.fromEntries(variant({report: report('unlabeled'), source: {url: 'https://x.example/', how, cookies: how === 'cookies'}, at: AT}, words));
			assert.ok(rows[words('way')], how);
			assert.equal(rows[words('cookies')], words(`cookies_${how === 'cookies'}`));
		}
	});

	test(`${language}: what only one of two copies says is said to be only its own`, () => {
		const shown = {report: report('unlabeled'), source: {url: 'u'}, at: AT};
		const best = (label, more) => ({url: 'v', why: 'linked', own: false, record: {report: report(label, {sha256: 'cd'.repeat(32), ...more}), source: {url: 'v'}, at: AT}});
		const said = (...copies) => compare(...copies, words);
		assert.equal(said(shown, best('unlabeled')), words('best_linked'));
		assert.ok(said(shown, best('ai_generated')).includes(words('label_ai_generated')));
		assert.ok(said({...shown, report: report('ai_edited')}, best('unlabeled')).endsWith(words('best_page_only')));
		assert.ok(said(shown, best('unlabeled', {sha256: shown.report.sha256})).endsWith(words('best_same')));
		assert.ok(said(shown, best('unlabeled', {width: 400})).endsWith(words('best_shape')));
		assert.equal(said(shown, best('unlabeled', {width: 1200, height: 801})), words('best_linked'), 'rounding is no other shape');
		assert.ok(said(failed('not_read_http', {status: 403}), best('possibly_ai')).includes(words('label_possibly_ai')));
	});
}
