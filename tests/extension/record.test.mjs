import assert from 'node:assert/strict';
import {test} from 'node:test';

import {row, toCsv, toJson} from '../../extension/lib/export.js';
import {hold, nameOf, variant, viewOf} from '../../extension/lib/record.js';
import {LANGUAGES, texts} from './catalogue.mjs';

const ESTIMATE = {
	check: 'detector', claim: 'suspected_ai', strength: 'estimate', code: 'detector_estimate',
	params: {model: 'touchstone-1', score: 0.9}, false_alarm_rate: 0.001,
};
const SUSPECTED = {
	schema: 1, sha256: 'ab'.repeat(32), format: 'JPEG', width: 640, height: 426,
	verdict: {label: 'suspected_ai', basis: 'estimate', article6: '疑似', code: 'detector_estimate', params: ESTIMATE.params},
	evidence: [ESTIMATE], estimate: {score: 0.9, false_alarm_rate: 0.001, model: 'touchstone-1'},
	unavailable: {aigc_label: {code: 'aigc_label_unreadable', params: {where: 'x', reason: 'y'}}},
	versions: {touchstone: '0.1.0', code: 'c0de', model: 'm0del'},
};
const DECLARED = {
	...SUSPECTED, evidence: [{...ESTIMATE, check: 'aigc_label', strength: 'declaration', code: 'aigc_label_3', params: {producer: 'P'}, false_alarm_rate: null}],
	verdict: {label: 'suspected_ai', basis: 'declaration', article6: '疑似', code: 'aigc_label_3', params: {producer: 'P'}},
};
const SOURCE = {url: 'https://example.com/a%20b.jpg', type: 'image/jpeg', bytes: 12345};
const AT = Date.UTC(2026, 0, 2, 3, 4, 5);
const en = texts('en');

test('"only labels" holds an estimate back, and still tells it; a declared suspicion is a label', () => {
	const record = {report: SUSPECTED, source: SOURCE, at: AT};
	assert.equal(viewOf(record, 'suspicion', en).label, 'suspected_ai');
	const held = viewOf(record, 'labels', en);
	assert.equal(held.label, 'unlabeled');
	assert.deepEqual(held.findings, []);
	assert.match(held.sentence, /found none/);
	assert.match(held.estimate.text, /^About 1 in 1\u202F000 real pictures/);
	assert.match(held.estimate.note, /labels only/);
	assert.equal(hold(DECLARED, 'labels'), DECLARED);
	assert.equal(SUSPECTED.verdict.label, 'suspected_ai', 'the report itself is not changed');
});

for (const language of LANGUAGES) {
	test(`${language}: the exact variant is told: address, type, bytes, SHA-256, time, versions`, () => {
		const rows = variant({report: SUSPECTED, source: SOURCE, at: AT}, texts(language));
		const values = rows.map(([, value]) => value).join('\n');
		for (const part of [SOURCE.url, 'image/jpeg', '12,345', SUSPECTED.sha256, 'JPEG, 640 × 426', '2026', 'm0del', '0.1.0 · c0de']) {
			assert.ok(values.includes(part), part);
		}
		rows.flat().forEach(text => assert.ok(text && !/[{}]|undefined/.test(text), text));
		const failed = variant({failure: {code: 'not_read_network'}, source: {url: 'https://example.com/'}, at: AT}, texts(language));
		assert.equal(failed.length, 2);
	});
}

test('a file is called by its name', () => {
	assert.deepEqual(['https://x.example/a/b%20c.jpg?d', 'https://x.example/', 'data:image/png;base64,AA', 'blob:https://x/1', '', 'https://x.example/%E0%A4%A'].map(url => nameOf(url, en)),
		['b c.jpg', 'https://x.example/', 'in the page itself', 'in the page itself', 'in the page itself', '%E0%A4%A']);
});

test('a row has all that an audit needs', () => {
	const finding = {page: 'https://example.com/p', record: {report: SUSPECTED, source: SOURCE, at: AT}};
	assert.deepEqual(row(finding, 'suspicion'), {
		url: SOURCE.url, page_url: 'https://example.com/p', time: '2026-01-02T03:04:05.000Z', sha256: SUSPECTED.sha256,
		label: 'suspected_ai', basis: 'estimate', codes: ['detector_estimate'], unavailable: ['aigc_label:aigc_label_unreadable'],
		false_alarm_rate: 0.001, format: 'JPEG', width: 640, height: 426, bytes: 12345, response_type: 'image/jpeg',
		model: 'm0del', code: 'c0de', touchstone: '0.1.0', page_says: [], difference: null,
		copy: 'page', obtained: null, cookies: null,
	});
	const {label, basis, false_alarm_rate: rate} = row(finding, 'labels');
	assert.deepEqual([label, basis, rate], ['unlabeled', 'none', 0.001]);
	const failed = row({page: 'p', record: {failure: {code: 'not_read_http', params: {status: 404}}, source: {url: 'u'}, at: AT}}, 'labels');
	assert.deepEqual([failed.label, failed.codes, failed.sha256], ['not_checked', ['not_read_http'], null]);
	assert.deepEqual(JSON.parse(toJson([finding], 'suspicion')), [row(finding, 'suspicion')]);
	const said = row({...finding, sayings: [{where: 'alt', text: 'AI-generated cat'}, {where: 'near', text: 'AI生成'}]}, 'suspicion');
	assert.deepEqual([said.page_says, said.difference], [['alt: AI-generated cat', 'near: AI生成'], 'page_only']);
});

/** RFC 4180, read by the letter. @param {string} text */
function readCsv(text) {
	const rows = [[]];
	for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
		rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
		if (end === '\r\n') {
			rows.push([]);
		}
	}
	rows.pop();
	return rows;
}

test('CSV: a byte order mark, one row each, and no cell that a spreadsheet would run', () => {
	const hostile = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '=HYPERLINK("http://x.example","a,b")', '图片.jpg', 'a"b', "it's"];
	const text = toCsv(hostile.map(url => ({page: 'https://example.com/', record: {report: SUSPECTED, source: {url, bytes: -1}, at: AT}})), 'suspicion');
	assert.ok(text.startsWith('\uFEFFurl,page_url,time,sha256,label,basis,codes,'));
	assert.ok(text.endsWith('\r\n'));
	const [head, ...rows] = readCsv(text.slice(1));
	assert.equal(rows.length, hostile.length);
	rows.forEach((cells, at) => {
		assert.equal(cells.length, head.length);
		const [url] = cells;
		assert.equal(url, at < 9 ? `'${hostile[at]}` : hostile[at]);
		assert.ok(cells.every(cell => !/^\s*[=+@]|^\s*-\D/.test(cell)), cells.join('|'));
	});
	assert.equal(rows[0][head.indexOf('false_alarm_rate')], '0.001');
});
