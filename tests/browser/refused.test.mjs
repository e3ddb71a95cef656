/** A site that shows a picture to the page and keeps its file from us: said so, and its pixels checked from the screen on request. */

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {after, afterEach, before, describe, test} from 'node:test';

import {BROWSERS_OWN, assertBadges, badgeOn, closePages, imagesOf, looks, objections, pair, setUp, settle, shows, text} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';
import {startSite} from './site.mjs';
import {PYTHON, ROOT} from './touchstone.mjs';

const HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><style>body { margin: 0; background: #0a0; min-height: 4000px } img { display: block; width: 300px; height: 200px; margin: 10px }</style>';
const PAGES = {
	'refused.html': `${HEAD}<img src="{guard}/forbidden/frame.png" alt="forbidden"><img src="{guard}/notice/frame.png" alt="notice"><img src="{guard}/silent/frame.png" alt="silent"><img src="{guard}/absent/none.png" alt="absent">`,
	'marked.html': `${HEAD}<style>img { width: 512px; height: 512px }</style><img src="{guard}/forbidden/marked.png" alt="marked">`,
	// What lies over the picture lets clicks through in one case, is a part after its parent in another.
	'over.html': `${HEAD}<style>div { position: relative; width: 300px; margin: 10px } div img { margin: 0 } p { position: absolute; margin: 0; color: #fff }
		#low { inset: auto 0 0 0; height: 40px; background: #00000080; pointer-events: none } #high { inset: 60px 0 60px; text-align: center; }
		#drawn::after { content: ""; position: absolute; inset: 0; background: linear-gradient(transparent, #000); pointer-events: none }
		#link::after { content: ""; position: absolute; inset: 0; }
		#round img { border-radius: 50%; }</style>
		<div id="caption"><img src="{guard}/forbidden/frame.png?1" alt="caption"><p id="low">Below</p></div>
		<div><img src="{guard}/forbidden/frame.png?2" alt="title"><p id="high">A title across the middle</p></div>
		<div id="drawn"><img src="{guard}/forbidden/frame.png?3" alt="drawn"></div>`,
	'near.html': `${HEAD}<style>div { position: relative; width: 300px; margin: 10px } div img { margin: 0 } #link::after { content: ""; position: absolute; inset: 0; } #round img { border-radius: 50%; }
		iframe { border: 5px solid #0a0; padding: 6px; display: block; }</style>
		<div id="link"><img src="{guard}/forbidden/frame.png?4" alt="link"></div>
		<div id="round"><img src="{guard}/forbidden/frame.png?5" alt="round"></div>
		<iframe src="/inner.html" width="340" height="230"></iframe>`,
	'foreign.html': `${HEAD}<iframe src="{elsewhere}/inner.html" width="340" height="230"></iframe>`,
	// No edge falls on a pixel of the screen.
	'odd.html': `${HEAD}<img src="{guard}/forbidden/frame.png" alt="odd" style="margin: 10.3px 10.6px">`,
	'inner.html': `${HEAD}<img src="{guard}/forbidden/frame.png?6" alt="inner">`,
	'canvas.html': `${HEAD}<canvas width="300" height="200" style="display:block;margin:10px" role="img" aria-label="drawn"></canvas><script>
		const pen = document.querySelector('canvas').getContext('2d');
		pen.fillStyle = '#d00'; pen.fillRect(0, 0, 300, 200);</script>`,
};
// Red within, blue at its edge: a pixel of any other colour is not of the picture.
const FRAME = `
import sys
from PIL import Image
image = Image.new('RGB', (300, 200), (0, 0, 220))
image.paste((220, 0, 0), (4, 4, 296, 196))
image.save(sys.stdout.buffer, 'PNG')
`;
const MARKED = `
import sys
from server.watermarks import WORDS
from tests.marking import embed, encode, textured
word = next(word for word in WORDS if word.name == 'FLUX')
sys.stdout.buffer.write(encode(embed(textured(1), word.bits, 'float32'), 'PNG'))
`;
const [RED, BLUE] = ['4,0,0', '0,0,4'];
const REFUSED = /^Not checked: the site did not let us read it\. Show what was found\.$/;

/** A site that lets a page show its pictures and nobody else read them, each in its own way. @param {Map<string, Buffer>} pictures */
function startGuard(pictures) {
	return startSite((path, headers) => {
		const [way, name] = path.split('/');
		if (headers['sec-fetch-dest'] === 'image') {
			return pictures.get(name);
		}
		return {
			forbidden: {body: 'no', status: 403}, notice: {body: '<!doctype html>Please look at our page.', type: 'text/html'}, silent: {body: '', status: 0},
		}[way];
	});
}

/** Every colour of the pixels that were examined last, and their size. @param {any} bench @param {number} tab */
function shotOf(bench, tab) {
	return bench.popup.evaluate(async tab => {
		const {[`shot/${tab}`]: {sha256, base64}} = await (globalThis.browser ?? chrome).storage.session.get(`shot/${tab}`);
		const bitmap = await createImageBitmap(new Blob([Uint8Array.fromBase64(base64)]));
		const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
		pen.drawImage(bitmap, 0, 0);
		const {data} = pen.getImageData(0, 0, bitmap.width, bitmap.height);
		const colours = {};
		for (let at = 0; at < data.length; at += 4) {
			const colour = [...data.slice(at, at + 3)].map(value => Math.round(value / 60)).join();
			colours[colour] = (colours[colour] ?? 0) + 1;
		}
		return {sha256, base64, width: bitmap.width, height: bitmap.height, colours};
	}, tab);
}

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		const pictures = new Map();
		/** @type {any} */
		let bench;
		/** @type {any} */
		let guard;
		before(async () => {
			pictures.set('frame.png', execFileSync(PYTHON, ['-c', FRAME], {cwd: ROOT}));
			pictures.set('marked.png', execFileSync(PYTHON, ['-c', MARKED], {cwd: ROOT}));
			guard = await startGuard(pictures);
			const pages = Object.fromEntries(Object.entries(PAGES).map(([name, html]) => [name, html.replaceAll('{guard}', guard.address)]));
			bench = await setUp(browser, pages);
			for (const name of ['inner.html', 'foreign.html']) {
				// As `localhost` the same site is another one.
				pages[name] = pages[name].replace('{elsewhere}', bench.site.address.replace('127.0.0.1', 'localhost'));
			}
			await pair(bench);
		}, {timeout: 90_000});
		after(async () => {
			await bench?.end();
			guard?.end();
		});
		afterEach(() => closePages(bench));

		const {api, within, tabOf, chosenOf, pressInCard} = looks(() => bench);

		async function openCard(page, rect) {
			const badge = await until(async () => badgeOn(await bench.badges(page), rect), 'the badge');
			await page.mouse.click(badge.rect.x + 8, badge.rect.y + 8);
			await until(async () => (await bench.badges(page, 'card')).length === 1, 'a card');
			return badge;
		}

		test('a refused picture is "not checked", with the reason in its name, and never "unlabeled"', {timeout: 90_000}, async () => {
			const page = await bench.open('refused.html');
			await assertBadges(bench, page, {forbidden: 'not_checked', notice: 'not_checked', silent: 'not_checked', absent: 'not_checked'});
			const images = await imagesOf(page);
			for (const alt of ['forbidden', 'notice', 'silent']) {
				assert.match(badgeOn(await bench.badges(page), images[alt]).name, REFUSED, alt);
			}
			assert.match(badgeOn(await bench.badges(page), images.absent).name, /^Not checked\. /, 'what is not there was not kept back');
			await openCard(page, images.absent);
			assert.deepEqual(await within(page, 'screen'), [], 'and there is nothing to see of it');
			await page.close();
		});

		test('one click in the card: the pixels from the screen alone, and the report says so', {timeout: 90_000}, async () => {
			const page = await bench.open('refused.html');
			await assertBadges(bench, page, {forbidden: 'not_checked'});
			await openCard(page, (await imagesOf(page)).forbidden);
			const [card] = await within(page, 'card');
			assert.match(card.text, /^Not checked: the site did not let us read it.*answered 403.*Check the pixels from the screen/s);
			await pressInCard(page, 'screen');
			await until(async () => /only the pixels on the screen/.test((await within(page, 'card'))[0]?.text ?? ''), 'the card of the pixels');
			const [after] = await within(page, 'card');
			assert.ok(after.focused, 'it has the focus');
			assert.match(after.text, /did not let Touchstone read the file\. Labels in the file could not be looked at/);
			assert.match(after.text, /What could not be looked atContent Credentials.*AIGC label.*File metadata/s);
			assert.match(after.text, /The exact pixels that were checkedHow it was gotPixels from the screen, 100 % of the picture; not the filePicturePNG, 300 × 200/);
			assert.match((await bench.badges(page)).find(({name}) => /pixels/.test(name))?.name ?? '', /^Not checked: only the pixels on the screen were looked at/);
			const tab = await tabOf('refused.html');
			const shot = await shotOf(bench, tab);
			assert.deepEqual([shot.width, shot.height], [300, 200]);
			assert.deepEqual(shot.colours, {[RED]: 292 * 192, [BLUE]: 300 * 200 - 292 * 192}, 'nothing but the picture, our badge and card neither');
			const {record} = await chosenOf(tab);
			assert.deepEqual([record.source.how, record.source.type, record.report.sha256, record.report.verdict.label],
				['screen', 'image/png', createHash('sha256').update(Buffer.from(shot.base64, 'base64')).digest('hex'), 'not_checked']);
			const panel = await bench.ours(`panel.html?tab=${tab}`);
			await shows(panel, '#label', /^Not checked: only the pixels/);
			await until(() => panel.evaluate(() => document.querySelector('#image').naturalWidth === 300), 'the pixels are drawn');
			assert.equal(await text(panel, '#image-note'), '');
			assert.match(await text(panel, '#file'), /^\s*The exact pixels that were checked\s*Address of the file, which was not readhttp.*forbidden\/frame\.pngHow it was gotPixels from the screen, 100 %/);
			assert.equal(await panel.evaluate(() => document.querySelector('#screen').hidden), true);
			assert.deepEqual(await objections(panel), []);
			await panel.close();
			await page.close();
		});

		test('a mark in the pixels is found there, and named as found there', {timeout: 90_000}, async () => {
			const page = await bench.open('marked.html');
			await assertBadges(bench, page, {marked: 'not_checked'});
			const {marked} = await imagesOf(page);
			await openCard(page, marked);
			await pressInCard(page, 'screen');
			await assertBadges(bench, page, {marked: 'ai_generated'});
			// The card is drawn anew with the badge; for a moment there is none.
			const card = await until(async () => (await within(page, 'card'))[0], 'the card of the pixels');
			assert.match(card.text, /^AI-generatedOnly the pixels on the screen were looked at.*invisible watermark/s);
			await page.close();
		});

		test('from the panel: the tab with the page comes to the front and goes back; a picture out of sight is not checked', {timeout: 90_000}, async () => {
			const page = await bench.open('refused.html');
			await assertBadges(bench, page, {forbidden: 'not_checked'});
			await openCard(page, (await imagesOf(page)).forbidden);
			await page.keyboard.press('Escape');
			const tab = await tabOf('refused.html');
			const panel = await bench.ours(`panel.html?tab=${tab}`);
			await shows(panel, '#label', /did not let us read it$/);
			await page.bringToFront();
			await page.evaluate(() => scrollTo(0, 3000));
			await settle(page);
			await panel.show();
			await panel.press('#screen');
			await shows(panel, '#act-note', /cannot be seen on the screen now/);
			await shows(panel, '#label', /did not let us read it$/);
			await page.bringToFront();
			await page.evaluate(() => scrollTo(0, 0));
			await settle(page);
			await panel.show();
			await panel.press('#screen');
			await shows(panel, '#label', /^Not checked: only the pixels/);
			const front = await api(async () => (await (globalThis.browser ?? chrome).tabs.query({active: true})).map(({url}) => url));
			assert.ok(front.some(url => url.includes('panel.html')), front.join());
			assert.deepEqual((await shotOf(bench, tab)).colours, {[RED]: 292 * 192, [BLUE]: 300 * 200 - 292 * 192});
			await panel.close();
			await page.close();
		});

		test('what lies over a picture is never checked in its place: cut off, or refused', {timeout: 120_000}, async () => {
			const page = await bench.open('over.html');
			await assertBadges(bench, page, {caption: 'not_checked', title: 'not_checked', drawn: 'not_checked'});
			const images = await imagesOf(page);
			const tab = await tabOf('over.html');
			await openCard(page, images.caption);
			await pressInCard(page, 'screen');
			await until(async () => /only the pixels/.test((await within(page, 'card'))[0]?.text ?? ''), 'the card of the pixels');
			const shot = await shotOf(bench, tab);
			assert.deepEqual(Object.keys(shot.colours).sort(), [BLUE, RED], 'nothing of the caption');
			assert.ok(shot.height >= 144 && shot.height <= 160 && shot.width === 300, `${shot.width} × ${shot.height}`);
			const [, part] = (await within(page, 'card'))[0].text.match(/screen, (\d+) % of the picture/);
			assert.ok(Math.abs(part - shot.height / 2) <= 1, part);
			await page.keyboard.press('Escape');
			for (const alt of ['title', 'drawn']) {
				await openCard(page, images[alt]);
				await pressInCard(page, 'screen');
				await until(async () => /lies over the picture/.test((await within(page, 'note'))[0]?.text ?? ''), `${alt}: it is said`);
				assert.equal(badgeOn(await bench.badges(page), images[alt])?.label, 'not_checked');
				assert.ok((await within(page, 'screen'))[0].focused, 'the focus stays');
				await page.keyboard.press('Escape');
			}
			await page.close();
		});

		test('a link laid over it, round corners, a frame of the same site: the picture alone', {timeout: 120_000}, async () => {
			const page = await bench.open('near.html');
			await assertBadges(bench, page, {link: 'not_checked', round: 'not_checked'});
			const tab = await tabOf('near.html');
			const images = await imagesOf(page);
			const frame = await page.evaluate(() => document.querySelector('iframe').getBoundingClientRect().toJSON());
			images.inner = {x: frame.x + 5 + 6 + 10, y: frame.y + 5 + 6 + 10, width: 300, height: 200};
			for (const [alt, expected] of [['link', [300, 200]], ['round', null], ['inner', [300, 200]]]) {
				const inner = page.frames().find(frame => frame.url().includes('inner'));
				await page.mouse.click(images[alt].x + 12, images[alt].y + 14);
				await until(async () => (await bench.badges(page, 'card')).length > 0, `the card of ${alt}`);
				const panel = await bench.ours(`panel.html?tab=${tab}`);
				await shows(panel, '#label', /did not let us read it$/);
				// The last words to come move what is to be pressed.
				await shows(panel, '#image-note', /./);
				await panel.press('#screen');
				await shows(panel, '#label', /^Not checked: only the pixels/);
				await panel.close();
				const shot = await shotOf(bench, tab);
				assert.ok(Object.keys(shot.colours).every(colour => [RED, BLUE].includes(colour)), `${alt}: ${JSON.stringify(shot.colours)}`);
				if (expected) {
					assert.deepEqual([shot.width, shot.height], expected, alt);
				}
				await page.bringToFront();
				await (alt === 'inner' ? inner : page).evaluate(() => document.body.click());
				await page.keyboard.press('Escape');
			}
			await page.close();
		});

		test('in a frame of another site its place is not known, and that is said', {timeout: 90_000}, async () => {
			const page = await bench.open('foreign.html');
			const tab = await tabOf('foreign.html');
			// Chromium keeps that frame in a process of its own: what is in it is counted all the same.
			await bench.popup.open(`?tab=${tab}`);
			await shows(bench.popup, '#counts', /^Not checked1$/);
			await page.bringToFront();
			await settle(page);
			const frame = await page.evaluate(() => document.querySelector('iframe').getBoundingClientRect().toJSON());
			await page.mouse.click(frame.x + 2 + 10 + 12, frame.y + 2 + 10 + 14);
			const panel = await bench.ours(`panel.html?tab=${tab}`);
			await shows(panel, '#label', /did not let us read it$/);
			await panel.press('#screen');
			await shows(panel, '#act-note', /belongs to another site/);
			await panel.close();
			await page.close();
		});

		test('a canvas has no file: its pixels can be checked all the same', {timeout: 90_000}, async () => {
			const page = await bench.open('canvas.html');
			await until(async () => (await bench.badges(page)).some(({hidden}) => !hidden), 'a badge');
			await page.mouse.click(10 + 12, 10 + 14);
			await until(async () => (await bench.badges(page, 'card')).length === 1, 'a card');
			await pressInCard(page, 'screen');
			await until(async () => /only the pixels/.test((await within(page, 'card'))[0]?.text ?? ''), 'the card of the pixels');
			assert.deepEqual((await shotOf(bench, await tabOf('canvas.html'))).colours, {[RED]: 300 * 200});
			await page.close();
		});

		test('nothing in all of this went to any other host', () => {
			assert.deepEqual(bench.proxy.asked.filter((/** @type {string} */ url) => !BROWSERS_OWN.test(url)), []);
		});
	});
}

for (const browser of BROWSERS) {
	describe(`${browser.kind}, a screen of one and a half pixels to each, in Chinese`, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bench;
		/** @type {any} */
		let guard;
		before(async () => {
			guard = await startGuard(new Map([['frame.png', execFileSync(PYTHON, ['-c', FRAME], {cwd: ROOT})]]));
			bench = await setUp(browser, {'odd.html': PAGES['odd.html'].replace('{guard}', guard.address)}, 'cautious', {
				language: 'zh-CN', viewport: null, args: ['--force-device-scale-factor=1.5'], prefs: {'layout.css.devPixelsPerPx': '1.5'},
			});
			await pair(bench);
		}, {timeout: 90_000});
		after(async () => {
			await bench?.end();
			guard?.end();
		});

		test('the crop is in the screen\'s own pixels, and no pixel beside the picture comes along', {timeout: 90_000}, async () => {
			const page = await bench.open('odd.html');
			assert.equal(await page.evaluate(() => devicePixelRatio), 1.5);
			const badge = await until(async () => (await bench.badges(page)).find(({hidden}) => !hidden), 'a badge');
			assert.match(badge.name, /^未检测：网站不让我们读取/);
			await page.mouse.click(badge.rect.x + 8, badge.rect.y + 8);
			await until(async () => (await bench.badges(page, 'screen')).length === 1, 'the card offers it');
			const press = async () => {
				const [{rect, text: words}] = await bench.badges(page, 'screen');
				assert.equal(words, '检测屏幕上的像素');
				await page.mouse.click(rect.x + 10, rect.y + 10);
			};
			await press();
			await until(async () => /^未检测：只查看了屏幕上的像素.*文件里的标识无法查看/s.test((await bench.badges(page, 'card'))[0]?.text ?? ''), 'the card of the pixels');
			const tab = await bench.popup.evaluate(async () => (await (globalThis.browser ?? chrome).tabs.query({})).find(({url}) => url?.includes('odd.html'))?.id);
			const {width, height, colours} = await shotOf(bench, tab);
			assert.ok(width >= 448 && width <= 450 && height >= 298 && height <= 300, `${width} × ${height}`);
			// Where red and blue meet they mix; of the green ground there is nothing.
			assert.ok(Object.keys(colours).every(colour => colour.split(',')[1] === '0'), JSON.stringify(colours));
			await page.close();
		});
	});
}
