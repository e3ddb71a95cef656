/** The badges on real pages in real browsers: the right label, on the right image, wherever it goes. */

import assert from 'node:assert/strict';
import {after, before, describe} from 'node:test';

import {EXPECTED, assertBadges, badgeOn, imagesOf, pageTests, pair, pixel, setUp} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';
import {PAGES} from './pages.mjs';

// The ground of the badges, as in content/style.js.
const VIOLET = [0x54, 0x1F, 0xAE];

/** Whether a badge is what one sees at its place, and not something above it. */
async function assertSeen(page, {rect}, colour) {
	let seen = [];
	await until(async () => {
		seen = await pixel(page, rect.x + 4, rect.y + rect.height / 2);
		return seen.every((value, at) => Math.abs(value - colour[at]) < 12);
	}, `the badge's colour ${colour} at ${JSON.stringify(rect)}`, 5000).catch(error => assert.fail(`${error.message}, but ${seen}`));
}

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bench;
		before(async () => {
			bench = await setUp(browser, PAGES);
			await pair(bench);
		}, {timeout: 90_000});
		after(() => bench?.end());

		const onPage = pageTests(name => bench.open(name));

		onPage('nine images, nine right badges, and no page node changed', 'nine.html', async page => {
			await assertBadges(bench, page, EXPECTED);
			const badges = await bench.badges(page);
			assert.equal(badges.length, 9, 'one badge an image');
			await assertSeen(page, badgeOn(badges, (await imagesOf(page))['iptc.jpg']), VIOLET);
			const [, body] = PAGES['nine.html'].split('</style>');
			const markup = await page.evaluate(() => document.querySelector('main').outerHTML);
			assert.equal(markup, body.replaceAll('{other}', bench.other.address));
			const own = await page.evaluate(() => [...document.documentElement.children].map(element => element.localName));
			assert.deepEqual(own, ['head', 'body', 'touchstone-badges']);
			const reached = await page.evaluate(() => [typeof globalThis.touchstone, document.querySelector('touchstone-badges').shadowRoot]);
			assert.deepEqual(reached, ['undefined', null], 'a page sees neither our scripts nor our badges');
		});

		onPage('badges follow scrolling, resizing and new layout', 'layout.html', async page => {
			const expected = {plain: 'ai_generated', inner: 'ai_generated'};
			await assertBadges(bench, page, expected);
			for (const change of [
				() => { document.querySelector('#space').style.height = '120px'; },
				() => { document.querySelector('#scroller').scrollTop = 15; },
				() => { document.querySelector('[alt=plain]').style.cssText = 'width:420px;height:260px;margin-left:90px'; },
				() => { scrollTo(0, 60); },
				() => { document.querySelector('[alt=plain]').style.cssText = 'transform:translate(200px,30px);transition:transform .4s'; },
			]) {
				await page.evaluate(change);
				// Sooner than the slow look that catches what no event tells.
				await assertBadges(bench, page, expected, 900);
			}
			await page.evaluate(() => document.querySelector('[alt=plain]').removeAttribute('style'));
			for (const top of [10, 30, 10, 30, 10]) {
				// Nothing but the scroll event tells of this one.
				await new Promise(resolve => setTimeout(resolve, 500));
				await page.evaluate(top => scrollTo(0, top), top);
				await assertBadges(bench, page, expected, 600);
			}
			await page.setViewport({width: 700, height: 600});
			await assertBadges(bench, page, expected);
			await page.evaluate(() => scrollTo(0, 2000));
			await until(async () => (await bench.badges(page)).every(badge => badge.hidden), 'no badge far from its image');
		});

		onPage('a badge hides where its image is hidden, cut off or covered', 'layout.html', async page => {
			await assertBadges(bench, page, {plain: 'ai_generated', inner: 'ai_generated', rtl: 'none'});
			const hidden = label => until(async () => {
				const {plain, inner} = await imagesOf(page);
				const badges = await bench.badges(page);
				return !badgeOn(badges, {plain, inner}[label]);
			}, `${label} has no badge`);
			await page.evaluate(() => { document.querySelector('#scroller').scrollTop = 500; });
			await hidden('inner');
			await page.evaluate(() => { document.querySelector('[alt=plain]').style.visibility = 'hidden'; });
			await hidden('plain');
			await page.evaluate(() => { document.querySelector('[alt=plain]').style.visibility = ''; });
			await assertBadges(bench, page, {plain: 'ai_generated'});
			await page.evaluate(() => { document.querySelector('#bar').style.display = 'block'; });
			// Below the bar that covers the image's upper edge.
			await until(async () => (await bench.badges(page)).some(({hidden, rect}) => !hidden && Math.abs(rect.y - 58) < 2), 'below the bar');
		});

		onPage('right-to-left: the badge is in the other corner', 'layout.html', async page => {
			await page.evaluate(() => document.querySelector('[alt=rtl]').scrollIntoView());
			await until(async () => {
				const {rtl} = await imagesOf(page);
				return (await bench.badges(page)).some(({label, hidden, rect}) => label === 'unlabeled' && !hidden
					&& Math.abs(rect.x + rect.width - (rtl.x + rtl.width - 8)) < 2);
			}, 'in the right corner');
		});

		onPage('removed, replaced, shrunk: the badge goes at once; a new file is examined', 'nine.html', async page => {
			await assertBadges(bench, page, EXPECTED);
			await page.evaluate(() => document.querySelector('[alt="iptc.jpg"]').remove());
			await until(async () => (await bench.badges(page)).length === 8, 'one badge fewer');
			await page.evaluate(() => { document.querySelector('[alt="camera.jpg"]').src = '/iptc.jpg?new'; });
			await assertBadges(bench, page, {'camera.jpg': 'ai_generated'});
			await page.evaluate(() => { document.querySelector('[alt="camera.jpg"]').style.cssText = 'width:50px;height:40px'; });
			await until(async () => (await bench.badges(page)).filter(badge => !badge.hidden).length === 7, 'too small for a badge');
		});

		onPage('data:, blob:, picture, crossorigin, shadow root; not what is tiny', 'ways.html', async page => {
			await assertBadges(bench, page, {data: 'possibly_ai', blob: 'ai_generated', picture: 'ai_generated', crossorigin: 'unlabeled', tiny: 'none'});
			await until(async () => (await bench.badges(page)).filter(({hidden}) => !hidden).length === 5, 'and the one in the shadow root');
			assert.equal(bench.other.requests.filter(({url}) => url === '/iptc.jpg?tiny').length, 1, 'only the page fetched the tiny one');
		});

		onPage('images in frames get their badge in the frame', 'frames.html', async page => {
			const labels = await until(async () => {
				const badges = (await bench.badges(page)).filter(({hidden}) => !hidden);
				return badges.length === 2 && badges;
			}, 'two badges');
			assert.deepEqual(labels.map(({label}) => label), ['ai_generated', 'ai_generated']);
		});

		onPage('lazy images and endless pages', 'feed.html', async page => {
			await assertBadges(bench, page, {first: 'unlabeled'});
			assert.equal((await bench.badges(page)).length, 1, 'nothing far away is examined');
			await page.evaluate(() => scrollTo(0, 1200));
			await until(() => page.evaluate(() => document.querySelector('[alt=endless]')?.complete), 'the page has grown');
			await page.evaluate(() => document.querySelector('[alt=endless]').scrollIntoView());
			await assertBadges(bench, page, {endless: 'ai_generated'});
			await page.evaluate(() => document.querySelector('[alt=lazy]').scrollIntoView());
			await assertBadges(bench, page, {lazy: 'ai_generated'});
		});

		onPage('a modal dialog: its badges on top and clickable, those behind it hidden', 'dialog.html', async page => {
			await assertBadges(bench, page, {behind: 'unlabeled'});
			await page.evaluate(() => document.querySelector('dialog').showModal());
			await assertBadges(bench, page, {inside: 'ai_generated', behind: 'none'});
			const [inside] = (await bench.badges(page)).filter(({hidden}) => !hidden);
			await assertSeen(page, inside, VIOLET);
			await page.mouse.click(inside.rect.x + 10, inside.rect.y + 10);
			await until(async () => (await bench.badges(page, 'card')).length === 1, 'the card is open');
			await page.evaluate(() => document.querySelector('dialog').close());
			await assertBadges(bench, page, {behind: 'unlabeled'});
		});

		onPage('the card says what was found; Escape closes it and returns the focus', 'nine.html', async page => {
			await assertBadges(bench, page, EXPECTED);
			const first = badgeOn(await bench.badges(page), (await imagesOf(page))['ai-signed.jpg']);
			assert.equal(first.name, 'AI-generated. Show what was found.');
			await page.mouse.click(first.rect.x + 10, first.rect.y + 10);
			const [card] = await until(async () => {
				const cards = await bench.badges(page, 'card');
				return cards.length === 1 && cards;
			}, 'one card');
			for (const words of ['AI-generated', 'Declared', 'Content Credentials', 'Example Studio', 'SHA-256', '/ai-signed.jpg', 'JPEG, 640 × 426']) {
				assert.ok(card.text.includes(words), `${words} in ${card.text}`);
			}
			assert.match(card.text, /no words beside the picture that say so/);
			assert.ok(card.rect.x >= 0 && card.rect.y >= 0 && card.rect.x + card.rect.width <= 1000 && card.rect.y + card.rect.height <= 800);
			assert.ok(card.focused);
			await page.keyboard.press('Escape');
			await until(async () => (await bench.badges(page, 'card')).length === 0, 'no card');
			assert.ok((await bench.badges(page)).find(({rect}) => rect.x === first.rect.x && rect.y === first.rect.y).focused);
		});

		onPage('the card repeats what the page says of its image, apart from what the file says', 'said.html', async page => {
			const unlabeled = Object.fromEntries(['caption', 'near', 'icon', 'silent'].map(name => [name, 'unlabeled']));
			await assertBadges(bench, page, unlabeled);
			const said = {};
			for (const [name, {x, y}] of Object.entries(await imagesOf(page)).filter(([name]) => name !== 'Fully AI-Generated')) {
				await page.mouse.click(x + 20, y + 20);
				const [card] = await until(async () => {
					const cards = await bench.badges(page, 'card');
					return cards.length === 1 && cards;
				}, `the card of ${name}`);
				assert.ok(card.text.includes('Unlabeled'), card.text);
				[, said[name] = ''] = card.text.split('What this page says of it, not the file');
				await page.keyboard.press('Escape');
				await until(async () => (await bench.badges(page, 'card')).length === 0, 'no card');
			}
			assert.match(said.caption, /Caption\s*“?A valley\. Image: generated with Midjourney/);
			assert.match(said.near, /Words beside it\s*“?AI 生成/);
			assert.match(said.icon, /Words beside it\s*“?Fully AI-Generated/);
			assert.match(said.near, /The page speaks of AI; the file carries no such label/);
			assert.equal(said.silent, '');
			assert.match(said['An AI-generated valley'], /Text for those who cannot see it\s*“?An AI-generated valley/);
			assert.ok(!said['An AI-generated valley'].includes('Made with AI'), 'what stands far away is about something else');
		});

		onPage('one image shown many times is fetched and examined once', 'many.html', async page => {
			await until(async () => (await bench.badges(page)).filter(({label}) => label === 'ai_generated').length === 24, '24 badges');
			const requests = bench.other.requests.filter(({url}) => url === '/iptc.jpg?many');
			assert.equal(requests.length, 2, 'the page and the background, once each');
			const [{headers}] = requests.slice(-1);
			assert.match(String(headers.accept), /^image\/avif,image\/webp/);
			assert.equal(headers.cookie, undefined, 'without the person’s cookies');
		});

		onPage('an image that cannot be fetched is not checked; http: is not turned into https:', 'plain.html', async page => {
			await assertBadges(bench, page, {plain: 'not_checked'});
			const asked = bench.proxy.asked.filter((/** @type {string} */ url) => url.includes('pictures.example'));
			assert.ok(asked.length >= 2, 'the page and the background');
			assert.deepEqual([...new Set(asked)], ['http://pictures.example/a.jpg']);
		});

		onPage('a page that removes our element gets it back, but not for ever', 'nine.html', async page => {
			await assertBadges(bench, page, EXPECTED);
			await page.evaluate(() => document.querySelector('touchstone-badges').remove());
			await assertBadges(bench, page, EXPECTED);
			const returns = await page.evaluate(async () => {
				let count = 0;
				for (let i = 0; i < 40; i++) {
					await new Promise(resolve => setTimeout(resolve, 50));
					const ours = document.querySelector('touchstone-badges');
					ours?.remove();
					count += ours ? 1 : 0;
					document.body.append(document.createElement('i'));
				}
				return count;
			});
			assert.ok(returns > 0 && returns <= 5, `${returns}`);
		});
	});
}
