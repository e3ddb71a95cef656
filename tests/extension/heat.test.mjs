/** The colours of the map of regions, and its words. */

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {colours, told} from '../../extension/lib/heat.js';
import {texts} from './catalogue.mjs';

test('what is no more like AI than like real has no colour; above, the more the stronger', () => {
	const found = [...colours([[0, 0.5, 0.75, 1]])];
	const opacity = [3, 7, 11, 15].map(at => found[at]);
	assert.deepEqual(opacity, [0, 0, 95, 190]);
	assert.deepEqual(found.slice(12, 15), [217, 0, 255]);
});

test('cells go row by row', () => {
	const found = colours([[0, 1], [1, 0], [0, 0]]);
	assert.equal(found.length, 24);
	assert.deepEqual([3, 7, 11, 15].map(at => found[at] > 0), [false, true, true, false]);
});

for (const language of ['en', 'zh_CN']) {
	test(`a map is told in words, ${language}`, () => {
		const say = texts(language);
		const said = told({regions: {values: [[0]], place: 'left', false_alarm_rate: 0.005, model: 'm'}, unavailable: null}, say);
		assert.match(said, /200/);
		assert.ok(said.includes(say('part_left')) && !said.includes(say('place_left')) && said.includes(say('regions_note')), said);
		assert.doesNotMatch(said, /[{}]|undefined/);
	});

	test(`why there is no map is told, ${language}`, () => {
		const said = told({regions: null, unavailable: {code: 'detector_too_small', params: {width: 20, height: 30, limit: 64}}}, texts(language));
		assert.match(said, /20 × 30/);
		assert.match(said, /64/);
	});
}
