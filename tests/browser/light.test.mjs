/** What runs in a page while it is looked at, and that nothing does after it is switched off: counted in our own scripts. */

import assert from 'node:assert/strict';
import {rmSync} from 'node:fs';
import {after, before, describe, test} from 'node:test';

import {assertBadges, pair, setUp} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';
import {countOf, countedExtension} from './footprint.mjs';

const IMAGES = 54;
const PAGES = {
	'light.html': `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><style>img { width: 100px; height: 100px }</style>
		<img src="/iptc.jpg" alt="first" style="width:300px;height:200px;display:block">${'<img src="{other}/camera.jpg" alt="">'.repeat(IMAGES - 1)}`,
};

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		const extension = countedExtension();
		/** @type {any} */
		let bench;
		before(async () => {
			bench = await setUp(browser, PAGES, 'cautious', {extension});
			await pair(bench);
		}, {timeout: 180_000});
		after(async () => {
			await bench?.end();
			rmSync(extension, {recursive: true, force: true});
		});

		const set = (/** @type {string} */ setting, /** @type {any} */ value) => bench.popup.evaluate((/** @type {string} */ setting, /** @type {any} */ value) =>
			(globalThis.browser ?? chrome).runtime.sendMessage({name: 'set', setting, value}), setting, value);
		const count = () => countOf(bench.popup, 'light.html');

		test('switched off, a page has no timer, observer or listener of ours, and nothing works; switched on, all is back', {timeout: 120_000}, async () => {
			const page = await bench.open('light.html');
			await until(async () => (await count()).badges === IMAGES, 'all badges', 60_000);
			const working = await count();
			assert.ok(working.observers === 3 && working.timers.length > 0 && working.listeners.length > 10, JSON.stringify(working));
			await set('off', true);
			await until(async () => (await count()).badges === 0, 'no badges');
			// What had been asked before may still be answered.
			await until(async () => {
				const {timers, observers, listeners} = await count();
				return timers.length + observers + listeners.length === 0;
			}, 'nothing is left').catch(async error => assert.fail(`${error.message}: ${JSON.stringify(await count())}`));
			let before = await count();
			await until(async () => {
				const then = before;
				await new Promise(resolve => setTimeout(resolve, 1000));
				before = await count();
				return before.entries === then.entries;
			}, 'the last message was heard');
			await page.evaluate(() => {
				scrollTo(0, 200);
				document.body.append(...Array.from({length: 20}, () => Object.assign(new Image(200, 200), {src: '/iptc.jpg'})));
			});
			await new Promise(resolve => setTimeout(resolve, 3000));
			const {entries, timers, observers, listeners} = await count();
			assert.deepEqual([entries, timers, observers, listeners], [before.entries, [], 0, []], 'whatever the page does');
			await set('off', false);
			await page.evaluate(() => scrollTo(0, 0));
			await assertBadges(bench, page, {first: 'ai_generated'});
			await page.close();
		});

		test('a page at rest is looked at a few times a second at most, and nothing moves', {timeout: 120_000}, async () => {
			const page = await bench.open('light.html');
			await until(async () => (await count()).badges === IMAGES, 'all badges', 60_000);
			await new Promise(resolve => setTimeout(resolve, 3000));
			const before = await count();
			await new Promise(resolve => setTimeout(resolve, 6000));
			const after = await count();
			assert.ok(after.entries - before.entries < 30, `${after.entries - before.entries} entries in 6 s`);
			await page.close();
		});
	});
}
