/** Pages that leave, move their images, are long, and are read by keyboard. */

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {assertBadges, badgeOn, imagesOf, pageTests, pair, setUp, settle} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';
import {startSite} from './site.mjs';

const HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><style>body { margin: 0 } img { display: block; width: 300px; height: 200px; margin: 10px }</style>';
const EAGER = 24;
const PAGES = {
	'leaving.html': `${HEAD}<img src="/slow.jpg" alt="slow">`,
	'coming.html': `${HEAD}<img src="/camera.jpg" alt="camera">`,
	'move.html': `${HEAD}<div id="from"><img src="/iptc.jpg" alt="moved"></div><div id="to" style="margin-left:120px"></div>`,
	'eager.html': `${HEAD}<img src="/camera.jpg" alt="first">`
		+ Array.from({length: EAGER}, (_, i) => `<img src="{other}/iptc.jpg?eager${i}" alt="" style="margin-top:800px">`).join(''),
	'long.html': `${HEAD}<style>main { display: grid; grid-template-columns: repeat(9, 104px) } main img { width: 100px; height: 100px; margin: 2px }</style><main>`
		+ `${'<img src="/iptc.jpg" alt="">'.repeat(5000)}</main>`,
	'keys.html': `${HEAD}<button id="before">Before</button><img src="/iptc.jpg" alt="one"><img src="/camera.jpg" alt="two"><img src="/iptc.jpg" alt="far" style="margin-top:3000px">`,
	'frames.html': `${HEAD}<button id="before">Before</button><img src="/iptc.jpg" alt="outer"><iframe src="/coming.html" style="width:340px;height:260px;border:0"></iframe>`,
	'dialog.html': `${HEAD}<dialog style="padding:10px"><img src="/iptc.jpg" alt="inside"></dialog>`,
};

/** The world of our content script, which only Chromium's debugger can enter. @param {any} page */
async function ourWorld(page) {
	const session = await page.createCDPSession();
	const worlds = [];
	session.on('Runtime.executionContextCreated', ({context}) => worlds.push(context));
	await session.send('Runtime.enable');
	const contextId = (await until(() => worlds.find(({name, auxData}) => name === 'Touchstone' && auxData.type === 'isolated'))).id;
	return async act => {
		const {result} = await session.send('Runtime.evaluate', {contextId, expression: `(${act})()`, awaitPromise: true, returnByValue: true});
		return result.value;
	};
}

/** Scroll through the long page until every image has its badge; returns our world. @param {any} page */
async function seeAll(page) {
	const inside = await ourWorld(page);
	await until(() => inside(() => touchstone.badges.all.size > 0), 'the first answer');
	await page.evaluate(async () => {
		const frame = () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
		for (let y = 0; y < document.documentElement.scrollHeight; y += 900) {
			scrollTo(0, y);
			await frame();
		}
		scrollTo(0, 0);
		await frame();
	});
	await until(() => inside(() => touchstone.badges.all.size === 5000), 'every image has a badge');
	return inside;
}

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bench;
		/** @type {Awaited<ReturnType<typeof startSite>>} */
		let site;
		let release = () => {};
		before(async () => {
			bench = await setUp(browser, {});
			await pair(bench);
			const released = new Promise(resolve => {
				release = () => resolve(undefined);
			});
			site = await startSite(async (name, headers) => {
				if (name === 'slow.jpg') {
					// The page has it at once, who asks for the bytes waits.
					await (headers['sec-fetch-dest'] === 'image' || released);
					return {body: bench.pictures.get('iptc.jpg'), cache: 'no-store'};
				}
				return PAGES[name]?.replaceAll('{other}', bench.other.address) ?? bench.pictures.get(name);
			});
		}, {timeout: 90_000});
		after(async () => {
			release();
			await bench?.end();
			site?.end();
		});

		const onPage = pageTests(async name => {
			const page = await bench.browser.newPage();
			await page.goto(`${site.address}/${name}`);
			await page.bringToFront();
			return page;
		});

		/** Send a page what the background sends at the command; returns its answer. */
		const step = (name, go) => bench.popup.evaluate(async (name, go) => {
			const {tabs} = globalThis.browser ?? chrome;
			const {id} = (await tabs.query({})).find(({url}) => url?.endsWith(name));
			return tabs.sendMessage(id, {name: 'badge', go}, {frameId: 0});
		}, name, go);
		const focusedAlt = async page => {
			const [images, badges] = [await imagesOf(page), await bench.badges(page)];
			return Object.keys(images).find(alt => badgeOn(badges, images[alt])?.focused);
		};

		onPage('the next page’s first image is not told what the last page’s was', 'leaving.html', async page => {
			await until(() => site.requests.some(({url, headers}) => url === '/slow.jpg' && headers['sec-fetch-dest'] !== 'image'), 'the bytes are asked for');
			await page.goto(`${site.address}/coming.html`);
			await settle(page);
			release();
			await assertBadges(bench, page, {camera: 'unlabeled'});
			await settle(page);
			await assertBadges(bench, page, {camera: 'unlabeled'});
		});

		onPage('an image that is taken out and put back keeps its badge', 'move.html', async page => {
			await assertBadges(bench, page, {moved: 'ai_generated'});
			for (const how of ['sync', 'microtask', 'frame', 'timeout', 'shadow']) {
				await page.evaluate(async how => {
					const waits = {
						sync: () => null,
						microtask: () => Promise.resolve(),
						frame: () => new Promise(requestAnimationFrame),
						timeout: () => new Promise(resolve => setTimeout(resolve)),
						shadow: () => new Promise(requestAnimationFrame),
					};
					let moved = document.querySelector('[alt=moved]');
					if (how === 'shadow') {
						// An image that is moved with the host of its shadow tree.
						moved = document.createElement('div');
						moved.attachShadow({mode: 'open'}).append(Object.assign(new Image(300, 200), {src: '/camera.jpg'}));
						document.body.prepend(moved);
						await new Promise(resolve => setTimeout(resolve, 1500));
					}
					moved.remove();
					const wait = waits[how]();
					if (wait) {
						await wait;
					}
					const to = document.querySelector(how === 'frame' ? '#from' : '#to');
					to.append(moved);
				}, how);
				await assertBadges(bench, page, {moved: 'ai_generated'}, 3000).catch(error => assert.fail(`${how}: ${error.message}`));
			}
			await until(async () => (await bench.badges(page)).some(({label, hidden}) => label === 'unlabeled' && !hidden), 'the one in the shadow tree', 3000);
		});

		onPage('eager images far below are not fetched', 'eager.html', async page => {
			await assertBadges(bench, page, {first: 'unlabeled'});
			await settle(page);
			await new Promise(resolve => setTimeout(resolve, 1500));
			const counts = Array.from({length: EAGER}, (_, i) => bench.other.requests.filter(({url}) => url === `/iptc.jpg?eager${i}`).length);
			assert.deepEqual(counts.slice(1), Array(EAGER - 1).fill(1), 'by the page alone');
			await page.evaluate(() => document.querySelectorAll('img')[5].scrollIntoView());
			await until(() => bench.other.requests.filter(({url}) => url === '/iptc.jpg?eager4').length === 2, 'fetched when it comes near');
		});

		onPage('on a long page only the images near the viewport are measured at every frame', 'long.html', async page => {
			const inside = await seeAll(page);
			const reads = await inside(async () => {
				const {getBoundingClientRect} = Element.prototype;
				let count = 0;
				Element.prototype.getBoundingClientRect = function () {
					count++;
					return getBoundingClientRect.call(this);
				};
				for (let i = 0; i < 10; i++) {
					scrollBy(0, 3);
					await new Promise(requestAnimationFrame);
				}
				Element.prototype.getBoundingClientRect = getBoundingClientRect;
				return count / 10;
			});
			assert.ok(reads > 50 && reads < 1000, `${reads} boxes read a frame`);
		}, {skip: browser.kind !== 'chromium' && 'only Chromium lets a test count in our script'});

		onPage('removing many images of a long page costs one look at the others', 'long.html', async page => {
			const inside = await seeAll(page);
			await inside(() => {
				const {get} = Object.getOwnPropertyDescriptor(Node.prototype, 'isConnected');
				globalThis.looks = 0;
				Object.defineProperty(Node.prototype, 'isConnected', {get() {
					globalThis.looks++;
					return get.call(this);
				}});
			});
			await page.evaluate(() => [...document.querySelectorAll('img')].slice(0, 1500).forEach(image => image.remove()));
			await until(() => inside(() => touchstone.badges.all.size === 3500), 'their badges are gone');
			const looks = await inside(() => globalThis.looks);
			assert.ok(looks >= 5000 && looks < 50_000, `${looks} looks`);
		}, {skip: browser.kind !== 'chromium' && 'only Chromium lets a test count in our script'});

		onPage('by keyboard: from badge to badge in view, Enter opens, Escape goes back', 'keys.html', async page => {
			await assertBadges(bench, page, {one: 'ai_generated', two: 'unlabeled'});
			await page.evaluate(() => document.querySelector('#before').focus());
			assert.equal(await step('keys.html', 'on'), 'none');
			assert.equal(await step('keys.html', 'first'), 'moved');
			assert.equal(await focusedAlt(page), 'one');
			assert.equal(await step('keys.html', 'on'), 'moved');
			assert.equal(await focusedAlt(page), 'two');
			assert.equal(await step('keys.html', 'on'), 'end', 'the one far below is not in view');
			await bench.popup.evaluate(async () => {
				const {tabs} = globalThis.browser ?? chrome;
				const {id} = (await tabs.query({})).find(({url}) => url?.endsWith('keys.html'));
				await tabs.sendMessage(id, {name: 'tell', text: '1 of 2'}, {frameId: 0});
			});
			const [live] = await bench.badges(page, 'live');
			assert.deepEqual([live.text, live.role, live.rect.width <= 1 && live.rect.height <= 1], ['1 of 2', 'status', true], 'a live region tells the counts');
			assert.equal(await step('keys.html', 'first'), 'moved');
			assert.equal(await focusedAlt(page), 'one');
			await page.keyboard.press('Enter');
			await until(async () => (await bench.badges(page, 'card')).length === 1, 'the card is open');
			assert.equal(await step('keys.html', 'on'), 'moved');
			assert.equal((await bench.badges(page, 'card')).length, 0, 'the card is closed');
			assert.equal(await focusedAlt(page), 'two');
			const seen = await page.evaluate(() => {
				const seen = [];
				addEventListener('keydown', ({key}) => seen.push(key));
				globalThis.seen = seen;
				return document.activeElement.localName;
			});
			assert.equal(seen, 'touchstone-badges');
			await page.keyboard.press('Escape');
			await until(() => page.evaluate(() => document.activeElement.id === 'before'), 'the focus is back');
			await page.keyboard.press('Escape');
			assert.deepEqual(await page.evaluate(() => globalThis.seen), ['Escape'], 'the second is the page’s own');
		});

		onPage('the command goes through the frames and comes back', 'frames.html', async page => {
			const frame = page.frames()[1];
			await assertBadges(bench, page, {outer: 'ai_generated'});
			await until(async () => (await bench.badges(page)).filter(({hidden}) => !hidden).length === 2, 'two badges');
			await page.evaluate(() => document.querySelector('#before').focus());
			const target = await bench.browser.waitForTarget(target => target.type() === 'service_worker');
			const worker = await target.worker();
			const press = () => worker.evaluate(async () => {
				const tab = (await chrome.tabs.query({})).find(({url}) => url?.endsWith('frames.html'));
				chrome.commands.onCommand.dispatch('next_badge', tab);
			});
			// The command knows the frames that have told what they show.
			await until(() => worker.evaluate(async () => {
				const tab = (await chrome.tabs.query({})).find(({url}) => url?.endsWith('frames.html'));
				return /1 of 2/.test(await chrome.action.getTitle({tabId: tab.id}));
			}), 'both frames have told their counts');
			const focused = (where, name) => until(() => where.evaluate(name => document.hasFocus() && document.activeElement.localName === name, name), name);
			await press();
			await focused(page, 'touchstone-badges');
			await until(async () => (await bench.badges(page, 'live'))[0]?.text === 'Touchstone: 1 of 2 pictures carry an AI label', 'the counts are told');
			await press();
			await focused(frame, 'touchstone-badges');
			await press();
			await focused(page, 'touchstone-badges');
			await press();
			await focused(frame, 'touchstone-badges');
			await page.keyboard.press('Escape');
			await until(() => page.evaluate(() => document.activeElement.id === 'before'), 'the focus is back in the page');
		}, {skip: browser.kind !== 'chromium' && 'only Chromium lets a test give the command'});

		onPage('a page’s own clicks do not find our badges in a dialog', 'dialog.html', async page => {
			await page.evaluate(() => document.querySelector('dialog').showModal());
			await assertBadges(bench, page, {inside: 'ai_generated'});
			const [{rect}] = (await bench.badges(page)).filter(({hidden}) => !hidden);
			const passed = await page.evaluate((clientX, clientY) => {
				const click = new MouseEvent('click', {bubbles: true, cancelable: true, composed: true, clientX, clientY});
				let seen = false;
				document.addEventListener('click', () => { seen = true; }, {once: true});
				return document.querySelector('[alt=inside]').dispatchEvent(click) && seen;
			}, rect.x + 10, rect.y + 10);
			assert.ok(passed);
			assert.deepEqual(await bench.badges(page, 'card'), []);
		});
	});
}
