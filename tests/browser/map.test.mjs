/** "Where in the picture?" in the panel: the map over the picture, its words, and when there is none. */

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {after, before, describe, test} from 'node:test';

import {assertBadges, looks, objections, pair, setUp, shows, text} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';
import {PYTHON, ROOT, registerHome} from './touchstone.mjs';

const PAGES = {
	'parts.html': `<!doctype html><html lang="en"><title>Test</title><style>img { width: 300px; height: 300px; display: block; margin: 8px }</style>
		<img src="/part.png" alt="part"><img src="/other.png" alt="other"><img src="/flat.png" alt="flat">`,
};
// A tiny model that sees AI where a picture is red.
const MODEL = 'test_regions';
const PART = `
import sys
from tests.test_regions import patched
sys.stdout.buffer.write(patched(int(sys.argv[1]), int(sys.argv[2]), 300).data)
`;
const FLAT = `
import sys
from PIL import Image
Image.new('RGB', (300, 300), (90, 90, 90)).save(sys.stdout.buffer, 'PNG')
`;

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bench;
		/** @type {any} */
		let home;
		before(async () => {
			home = registerHome(MODEL);
			bench = await setUp(browser, PAGES);
			const draw = (/** @type {string[]} */ ...args) => execFileSync(PYTHON, ['-c', ...args], {cwd: ROOT});
			bench.pictures.set('part.png', draw(PART, '2', '0'));
			bench.pictures.set('other.png', draw(PART, '0', '1'));
			bench.pictures.set('flat.png', draw(FLAT));
			await pair(bench);
		}, {timeout: 90_000});
		after(async () => {
			await bench?.end();
			home?.end();
		});

		const {tabOf, openCard} = looks(() => bench);

		test('the map is asked for by a button, lies over its picture, is told in words, and goes with the picture', {timeout: 120_000}, async () => {
			const page = await bench.open('parts.html');
			await until(async () => (await bench.badges(page)).length === 3, 'three badges');
			const panel = await bench.ours(`panel.html?tab=${await tabOf('parts.html')}`);
			await openCard(page, 'part');
			await panel.show();
			await until(() => panel.evaluate(() => !document.querySelector('#where').hidden), 'the map is offered');
			assert.equal(await panel.evaluate(() => document.querySelector('#map').hidden), true, 'nothing unasked');
			await panel.press('#where');
			await shows(panel, '#map-note', /^About [\d\s,.]+ in [\d\s,.]+ real pictures have a part .* Strongest here: upper right\. A guess/);
			const {same, size, opacity, focus, offered} = await panel.evaluate(() => {
				const [image, canvas] = ['#image', '#map'].map(id => document.querySelector(id));
				const [under, over] = [image, canvas].map(node => node.getBoundingClientRect());
				const at = (x, y) => canvas.getContext('2d').getImageData(x, y, 1, 1).data[3];
				return {
					same: ['x', 'y', 'width', 'height'].every(side => Math.abs(under[side] - over[side]) < 1.5),
					size: [canvas.width, canvas.height], opacity: [at(7, 0), at(0, 7)],
					focus: document.activeElement.id, offered: !document.querySelector('#where').hidden,
				};
			});
			assert.ok(same, 'the map lies over the picture');
			assert.deepEqual(size, [8, 8]);
			assert.ok(opacity[0] > 60 && opacity[1] === 0, `${opacity}`);
			assert.deepEqual([focus, offered], ['map-note', false]);
			assert.deepEqual(await objections(panel), []);

			await openCard(page, 'other');
			await until(() => panel.evaluate(() => document.querySelector('#map').hidden && !document.querySelector('#where').hidden), 'another picture has no map yet');
			assert.equal(await text(panel, '#map-note'), '');
			await bench.server.stop();
			await panel.show();
			await panel.press('#where');
			await shows(panel, '#map-note', /could not be looked at/);
			await bench.server.restart();
			await panel.press('#where');
			await shows(panel, '#map-note', /Strongest here: left\./);

			await openCard(page, 'flat');
			await until(() => panel.evaluate(() => document.querySelector('#map').hidden), 'the map is gone');
			await shows(panel, '#evidence', /too little detail/);
			assert.equal(await panel.evaluate(() => document.querySelector('#where').hidden), true, 'no map without an estimate');
			await assertBadges(bench, page, {flat: 'unlabeled'});
			await page.close();
		});
	});
}
