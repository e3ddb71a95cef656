/** What runs in a page while it is looked at, and that nothing does after it is switched off: counted in our own scripts. */

import assert from 'node:assert/strict';
import {rmSync} from 'node:fs';
import {after, before, describe, test} from 'node:test';

import {assertBadges, pair, setUp} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';
import {countOf, countedExtension} from './footprint.mjs';

const IMAGES = 54;
const LONG = 600;
// As content/covers.js: so many pictures are asked about in one frame.
const ASKED = 24;
const PAGES = {
	'light.html': `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><style>img { width: 100px; height: 100px }</style>
		<img src="/iptc.jpg" alt="first" style="width:300px;height:200px;display:block">${'<img src="{other}/camera.jpg" alt="">'.repeat(IMAGES - 1)}`,
	'far.html': `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><style>body { margin: 0 } main { display: grid; grid-template-columns: repeat(9, 104px) }
		img { width: 100px; height: 100px; margin: 2px }</style><main>${'<img src="/iptc.jpg" alt="">'.repeat(LONG)}</main>`,
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
		const count = (name = 'light.html') => countOf(bench.popup, name);

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
			const asked = name => after.questions[name].all - before.questions[name].all;
			assert.ok(asked('elementsFromPoint') <= 2 * IMAGES && asked('querySelectorAll') < 30, JSON.stringify(after.questions));
			await page.close();
		});

		test('a long page: few questions in a frame, no element for a badge far away, and what we do is no change of the page', {timeout: 120_000}, async () => {
			const page = await bench.open('far.html');
			await until(async () => (await count('far.html')).badges > 0, 'the first badges', 60_000);
			const first = await count('far.html');
			const rows = Math.ceil(LONG / 9);
			for (let row = 0; row < rows; row += 4) {
				await page.evaluate(y => scrollTo(0, y), row * 104);
				const due = 9 * Math.min(row + 6, rows - 1);
				await until(async () => (await count('far.html')).badges >= due, `${due} badges`);
			}
			const {questions, times, badges} = await until(async () => {
				const now = await count('far.html');
				return now.badges === LONG && now;
			}, 'all badges');
			assert.ok(questions.elementsFromPoint.most <= ASKED, `${questions.elementsFromPoint.most} in one frame`);
			assert.ok(questions.elementsFromPoint.all <= 6 * LONG, `${questions.elementsFromPoint.all} for ${LONG} pictures`);
			// Our element came into the page once.
			assert.ok((times.MutationObserver ?? 0) - (first.times.MutationObserver ?? 0) <= 1, JSON.stringify(times));
			const drawn = (await bench.badges(page)).length;
			assert.ok(drawn > 0 && drawn < badges / 3, `${drawn} of ${badges} are drawn`);
			await page.close();
		});
	});
}
