/** A page's pictures get a quick look; the one that the panel shows gets a full one, and its badge follows. */

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {after, before, describe, test} from 'node:test';

import {assertBadges, looks, pair, setUp, shows, text} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';
import {PYTHON, ROOT, registerHome} from './touchstone.mjs';

const PAGES = {
	'two.html': `<!doctype html><html lang="en"><title>Test</title><style>img { width: 300px; height: 200px; display: block; margin: 8px }</style>
		<img src="/one.png" alt="one"><img src="/two.png" alt="two"><img src="/iptc.jpg" alt="labelled">`,
};
// A tiny model whose student is sure of what is blue, while the model itself sees what is red.
const MODEL = 'test_quick';
const PURPLE = `
import sys
import numpy as np
from PIL import Image
noise = np.random.default_rng(int(sys.argv[1])).normal(0, 20, (200, 300, 1))
pixels = (np.array([180, 0, 180]) + noise * np.array([1, 0, 1])).clip(0, 255).astype(np.uint8)
Image.fromarray(pixels).save(sys.stdout.buffer, 'PNG')
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
			for (const [at, name] of ['one.png', 'two.png'].entries()) {
				bench.pictures.set(name, execFileSync(PYTHON, ['-c', PURPLE, String(at)], {cwd: ROOT}));
			}
			await pair(bench);
		}, {timeout: 90_000});
		after(async () => {
			await bench?.end();
			home?.end();
		});

		const {tabOf, chosenOf, within, pressInCard, openCard, api} = looks(() => bench);

		test('"Details" asks for the full check: panel, badge, card and count follow; what was not possible is said', {timeout: 120_000}, async () => {
			const page = await bench.open('two.html');
			await assertBadges(bench, page, {one: 'unlabeled', two: 'unlabeled', labelled: 'ai_generated'});
			const tab = await tabOf('two.html');
			await openCard(page, 'one');
			assert.equal((await chosenOf(tab)).record.report.versions.speed, 'quick', 'a card alone asks for nothing');
			await pressInCard(page, 'more');
			const panel = browser.kind === 'chromium' ? await bench.sidePanel()
				: await bench.ours(`panel.html?tab=${await until(async () => await tabOf(`panel.html?tab=${tab}`) && tab, 'a tab with the panel')}`);
			await shows(panel, '#label', /^Unlabeled · suspected AI$/);
			assert.match(await text(panel, '#evidence'), /Estimate.*Modelmine/s);
			await until(async () => await text(panel, '#closer') === '', 'nothing more is awaited');
			assert.equal((await chosenOf(tab)).record.report.versions.speed, undefined);
			await page.bringToFront();
			await assertBadges(bench, page, {one: 'suspected_ai', two: 'unlabeled', labelled: 'ai_generated'});
			await until(async () => /suspected AI/.test((await within(page, 'card'))[0]?.text ?? ''), 'the card is open and says the same');
			await until(() => api(async tabId => /1 of 3 .* 1 without one/.test(await (globalThis.browser ?? chrome).action.getTitle({tabId})), tab), 'the toolbar counts it');

			await bench.server.stop();
			await openCard(page, 'two');
			await shows(panel, '#closer', /^A quick look only: the full check was not possible\.$/);
			assert.match(await text(panel, '#label'), /^Unlabeled$/, 'what is known stays');
			await bench.server.restart();
			await panel.show();
			await panel.press('#again');
			await shows(panel, '#label', /^Unlabeled · suspected AI$/);
			assert.equal(await text(panel, '#closer'), '');
			await page.bringToFront();
			await assertBadges(bench, page, {two: 'suspected_ai'});
			await page.close();
		});
	});
}
