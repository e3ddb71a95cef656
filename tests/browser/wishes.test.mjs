/** What a page wishes and shows by itself: no badges, and its own marks of Content Credentials. */

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {assertBadges, imagesOf, pair, setUp, settle, shows} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';
import {startSite} from './site.mjs';
import {LANGUAGES, texts} from '../extension/catalogue.mjs';

const HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title>';
const STYLE = '<style>body { margin: 0 } figure { position: relative; width: 300px; height: 200px; margin: 20px } figure img { width: 300px; height: 200px; display: block } .mark { position: absolute; width: 32px; height: 28px; background: #fff }</style>';
const DECLINE = '<meta name="CR-allow-UI-injection" content="false">';
const image = (/** @type {string} */ alt, mark = '') => `<figure><img src="/iptc.jpg?${alt}" alt="${alt}">${mark}</figure>`;
const mark = (/** @type {string} */ style, element = 'button') => `<${element} class="mark" aria-label="Content Credentials" style="${style}"></${element}>`;
const PAGES = {
	'declines.html': `${HEAD}${DECLINE}${STYLE}${image('own')}<iframe src="/inner.html" style="width:340px;height:260px;border:0"></iframe>`,
	'inner.html': `${HEAD}${STYLE}${image('inner')}`,
	'allows.html': `${HEAD}<meta name="CR-allow-UI-injection" content="true">${STYLE}${image('own')}`,
	'later.html': `${HEAD}${STYLE}${image('own')}`,
	'marks.html': `${HEAD}${STYLE}${image('right', mark('top:6px;right:6px'))}${image('left', mark('top:6px;left:6px'))}
		<div dir="rtl">${image('rtl', mark('top:6px;right:6px'))}</div>
		<section>${image('tight', mark('top:6px;left:60px'))}${image('shadow', '<cr-holder></cr-holder>')}${image('bare')}</section>
		<script>
			customElements.define('cr-holder', class extends HTMLElement {
				connectedCallback() {
					this.attachShadow({mode: 'closed'}).innerHTML = '<i title="内容凭证" style="position:absolute;top:6px;left:6px;width:32px;height:28px"></i>';
				}
			});
		</script>`,
};

/** A page with a frame of another site, which may not look at its head. @param {string} other @param {string} head */
const around = (other, head) => `${HEAD}${head}<body><iframe src="${other}/framed.html" style="width:340px;height:260px;border:0"></iframe>`;
// Without the question to the top about two of five visits had the picture read.
const VISITS = 5;

/** Whether two boxes have a point in common. */
const meet = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bench;
		before(async () => {
			bench = await setUp(browser, PAGES, 'cautious', {viewport: {width: 1000, height: 1600}});
			await pair(bench);
		}, {timeout: 180_000});
		after(() => bench?.end());

		const tabOf = name => bench.popup.evaluate(async name => (await (globalThis.browser ?? chrome).tabs.query({})).find(({url}) => url?.includes(name))?.id, name);
		const none = async page => assert.deepEqual(await bench.badges(page), []);

		test('a page that wishes no badges gets none, in its frames too; the popup says so and offers to check anyway', {timeout: 90_000}, async () => {
			const page = await bench.open('declines.html');
			const tab = await tabOf('declines.html');
			await bench.popup.open(`?tab=${tab}`);
			await shows(bench.popup, '#reason', /This site asks programs like this one to lay no marks/);
			await settle(page);
			await none(page);
			const asked = bench.site.requests.filter(({url, headers}) => url.startsWith('/iptc.jpg') && headers['sec-fetch-dest'] !== 'image');
			assert.deepEqual(asked, [], 'and none of its pictures is read');
			const title = await bench.popup.evaluate(tabId => (globalThis.browser ?? chrome).action.getTitle({tabId}), tab);
			assert.match(title, /asks for no marks/);
			await shows(bench.popup, '#look', /^Check anyway$/);
			await bench.popup.press('#look');
			await page.bringToFront();
			await assertBadges(bench, page, {own: 'ai_generated'});
			await until(async () => (await bench.badges(page)).length === 2, 'also in the frame');
			// It was asked for this page alone.
			await page.reload();
			await page.bringToFront();
			await shows(bench.popup, '#reason', /lay no marks/);
			await settle(page);
			await none(page);
			await page.close();
		});

		test('a wish that says yes is none, and one that comes later holds from then on', {timeout: 90_000}, async () => {
			const allows = await bench.open('allows.html');
			await assertBadges(bench, allows, {own: 'ai_generated'});
			await allows.close();
			const later = await bench.open('later.html');
			await assertBadges(bench, later, {own: 'ai_generated'});
			await later.evaluate(decline => document.head.insertAdjacentHTML('beforeend', decline), DECLINE);
			await until(async () => (await bench.badges(later)).length === 0, 'the badges are gone');
			await later.close();
		});

		test('a frame of another site reads no picture before it has heard what the page wishes', {timeout: 120_000}, async () => {
			const other = await startSite(name => ({
				'framed.html': {body: PAGES['inner.html'].replace('?inner', '?framed')}, 'iptc.jpg': {body: bench.pictures.get('iptc.jpg'), cache: 'no-store'},
			})[name]);
			const site = await startSite(name => around(other.address, name === 'declines.html' ? DECLINE : ''));
			const read = () => other.requests.filter(({url, headers}) => url === '/iptc.jpg?framed' && headers['sec-fetch-dest'] !== 'image').length;
			const visit = async (/** @type {string} */ name, /** @type {() => Promise<any>} */ seen) => {
				const page = await bench.browser.newPage();
				await page.bringToFront();
				await page.goto(`${site.address}/${name}`);
				await seen();
				await page.close();
			};
			try {
				for (let at = 0; at < VISITS; at++) {
					await visit('declines.html', () => new Promise(resolve => setTimeout(resolve, 1000)));
				}
				assert.equal(read(), 0);
				await visit('silent.html', () => until(() => read() === 1, 'the picture in a page that wishes nothing is read'));
			} finally {
				[site, other].forEach(started => started.end());
			}
		});

		test('the page’s own mark of Content Credentials is not covered, and the card tells of it', {timeout: 120_000}, async () => {
			const page = await bench.open('marks.html');
			const places = await until(async () => {
				const badges = (await bench.badges(page)).filter(({hidden, label}) => !hidden && label === 'ai_generated');
				const marks = await page.evaluate(() => [...document.querySelectorAll('.mark'), ...document.querySelectorAll('cr-holder')].map(element => {
					const {x, y, width, height} = element.getBoundingClientRect();
					// The mark in the closed tree lies where its host cannot say.
					const {left, top} = element.parentElement.getBoundingClientRect();
					return element.localName === 'cr-holder' ? {x: left + 6, y: top + 6, width: 32, height: 28} : {x, y, width, height};
				}));
				const free = badges.length === 6 && badges.every(({rect}) => marks.every(mark => !meet(rect, mark)));
				return free && badges.map(({rect}) => rect);
			}, 'six badges, none of them on a mark');
			const images = await imagesOf(page);
			const on = alt => places.find(rect => meet(rect, images[alt]));
			assert.ok(Math.abs(on('right').x - images.right.x - 8) < 2 && Math.abs(on('right').y - images.right.y - 8) < 2, 'where it always is, if there is room');
			assert.ok(on('tight').width < 60, 'smaller, where there is less');
			for (const [alt, told] of [['left', true], ['shadow', true], ['bare', false]]) {
				await page.mouse.click(on(alt).x + 8, on(alt).y + 8);
				const [card] = await until(async () => {
					const cards = await bench.badges(page, 'card');
					return cards.length === 1 && cards;
				}, 'the card');
				assert.equal(/shows its own mark of Content Credentials/.test(card.text), told, card.text);
				await page.keyboard.press('Escape');
				await until(async () => (await bench.badges(page, 'card')).length === 0, 'no card');
			}
			assert.equal(await page.evaluate(() => document.querySelectorAll('.mark, cr-holder').length), 5, 'the page’s own are still there');
			await page.close();
		});
	});
}

test('in both languages', () => {
	const all = ['reason_declined', 'look_anyway', 'toolbar_reason_declined', 'card_page_mark'].flatMap(key => LANGUAGES.map(language => texts(language)(key)));
	assert.ok(all.every(Boolean) && new Set(all).size === all.length);
});
