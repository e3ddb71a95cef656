/** Which file was checked: the order in which a site is asked, cookies only where a person allowed them, and the best copy beside the one on the page. */

import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {after, afterEach, before, describe, test} from 'node:test';

import {BROWSERS_OWN, assertBadges, badgeOn, closePages, imagesOf, looks, objections, pair, setUp, settle, shows, text} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';
import {startSite} from './site.mjs';

const HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><style>body { margin: 0 } img { display: block; width: 300px; height: 200px; margin: 10px }</style>';
const PAGES = {
	'guarded.html': `${HEAD}<img src="{guard}/open/iptc.jpg" alt="open"><img src="{guard}/named/midjourney.png" alt="named"><img src="{guard}/cookies/aigc-label-1.png" alt="cookies">`,
	'secret.html': `${HEAD}<meta name="referrer" content="no-referrer"><img src="{guard}/shy/iptc.jpg" alt="shy">`,
	'own.html': `${HEAD}<img src="/iptc.jpg?own" alt="own">`,
	'copies.html': `${HEAD}<a href="{other}/iptc.jpg"><img src="/camera.jpg" alt="linked"></a>
		<img src="/camera.jpg?s" srcset="/camera.jpg?s 300w, {other}/midjourney.png?l 2000w, /camera.jpg?m 700w" sizes="300px" alt="set">
		<picture><source media="(min-width: 9000px)" srcset="/iptc.jpg?other 4000w"><source srcset="/camera.jpg?a 1x, /camera.jpg?b 3x"><img src="/camera.jpg?c" alt="picture"></picture>`,
	'none.html': `${HEAD}<a href="/wiki/File:iptc.jpg"><img src="/camera.jpg?1" alt="wiki"></a><a href="/page.html"><img src="/camera.jpg?2" alt="page"></a>
		<a href="/iptc.jpg"><img src="/camera.jpg?3" alt="two"><img src="/camera.jpg?4" alt="of two"></a><a href="/camera.jpg?5"><img src="/camera.jpg?5" srcset="/camera.jpg?5 2000w, /camera.jpg?6 300w" sizes="1800px" alt="same"></a>`,
};

/** A site whose pictures are for itself, for whom its pages name, or for whom it knows. @param {Map<string, Buffer>} pictures @param {() => string} site */
function startGuard(pictures, site) {
	return startSite((path, {referer = '', cookie = '', ...headers}) => {
		const [way, name] = path.split('/');
		const body = pictures.get(name);
		const known = referer.startsWith(site());
		// The page's own request never fails: it is what the person sees.
		const given = headers['sec-fetch-dest'] === 'image' || {open: true, named: known, cookies: known && cookie.includes('who=me'), shy: known}[way];
		return body && given ? body : {body: 'no', status: 403};
	});
}

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bench;
		/** @type {any} */
		let guard;
		before(async () => {
			const pictures = new Map();
			guard = await startGuard(pictures, () => bench.site.address);
			bench = await setUp(browser, Object.fromEntries(Object.entries(PAGES).map(([name, html]) => [name, html.replaceAll('{guard}', guard.address)])));
			bench.pictures.forEach((bytes, name) => pictures.set(name, bytes));
			await pair(bench);
		}, {timeout: 90_000});
		after(async () => {
			await bench?.end();
			guard?.end();
		});
		afterEach(() => closePages(bench));

		const {api, within, tabOf, chosenOf, pressInCard} = looks(() => bench);
		const sha256 = name => createHash('sha256').update(bench.pictures.get(name)).digest('hex');
		const ours = path => guard.requests.filter(({url, headers}) => url.startsWith(path) && headers['sec-fetch-dest'] !== 'image')
			.map(({headers: {referer = '', cookie = ''}}) => [referer, cookie]);
		const left = () => api(async () => (await (globalThis.browser ?? chrome).declarativeNetRequest?.getSessionRules() ?? []).length);

		async function openCard(page, alt) {
			const {rect} = await until(async () => badgeOn(await bench.badges(page), (await imagesOf(page))[alt]), `the badge of ${alt}`);
			await page.mouse.click(rect.x + 8, rect.y + 8);
			await until(async () => (await bench.badges(page, 'card')).length === 1, `the card of ${alt}`);
		}

		test('a stranger first; refused, with the site of the page; with cookies only once a person allows it', {timeout: 120_000}, async () => {
			// The browser has a cookie of that host.
			const visit = await bench.browser.newPage();
			await visit.goto(`${guard.address}/open/iptc.jpg`);
			await visit.close();
			guard.requests.length = 0;
			const page = await bench.open('guarded.html');
			await assertBadges(bench, page, {open: 'ai_generated', named: 'ai_generated', cookies: 'not_checked'});
			const site = `${bench.site.address}/`;
			assert.deepEqual(ours('/open'), [['', '']]);
			assert.deepEqual(ours('/named'), [['', ''], [site, '']], 'the page\'s site and no more, in the second request alone');
			assert.deepEqual(ours('/cookies'), [['', ''], [site, '']]);
			assert.equal(await left(), 0, 'no rule stays');
			await openCard(page, 'named');
			const tab = await tabOf('guarded.html');
			const panel = await bench.ours(`panel.html?tab=${tab}`);
			await shows(panel, '#variant', /Asked for by Touchstone once more, naming the site of the page/);
			assert.match(await text(panel, '#variant'), /Cookiesnone.*SHA-256/s);
			assert.ok((await text(panel, '#variant')).includes(sha256('midjourney.png')));
			await panel.close();
			const options = await bench.ours('options.html');
			await options.show();
			await until(() => options.evaluate(() => document.querySelector('#step').textContent), 'the settings are complete');
			assert.equal(await options.evaluate(() => document.querySelector('#cookies').checked), false, 'off until a person decides');
			assert.match(await text(options, '#cookies-note'), /second request with your cookies.*Never in private windows/);
			await options.press('#cookies');
			await until(() => options.evaluate(async () => (await (globalThis.browser ?? chrome).storage.local.get('cookies')).cookies), 'kept');
			assert.deepEqual(await objections(options), []);
			await options.close();
			await page.bringToFront();
			await assertBadges(bench, page, {cookies: 'ai_generated'});
			const [referrer, sent] = ours('/cookies').at(-1);
			// The browser may know the cookie twice: alone, and of this host within that site.
			assert.deepEqual([referrer, [...new Set(sent.split('; '))]], [site, ['who=me']]);
			assert.ok(ours('/named').every(([, cookie]) => cookie === '') && ours('/open').every(asked => asked.join('') === ''), 'nothing more is told where it need not be');
			await openCard(page, 'cookies');
			const {record: {source}} = await chosenOf(tab);
			assert.deepEqual([source.how, source.cookies, source.type], ['cookies', true, 'image/png']);
			await api(() => (globalThis.browser ?? chrome).runtime.sendMessage({name: 'set', setting: 'cookies', value: false}));
			await page.close();
		});

		test('a page that names itself to nobody is not named by us', {timeout: 90_000}, async () => {
			guard.requests.length = 0;
			const page = await bench.open('secret.html');
			await assertBadges(bench, page, {shy: 'not_checked'});
			assert.deepEqual(ours('/shy'), [['', '']]);
			await page.close();
		});

		test('what the page itself has read is told as such', {timeout: 90_000}, async () => {
			const page = await bench.open('own.html');
			await assertBadges(bench, page, {own: 'ai_generated'});
			await openCard(page, 'own');
			const {record: {source}} = await until(async () => chosenOf(await tabOf('own.html')), 'chosen');
			assert.deepEqual(source, {url: `${bench.site.address}/iptc.jpg?own`, type: 'image/jpeg', bytes: bench.pictures.get('iptc.jpg').length, how: 'page', cookies: true});
			await page.close();
		});

		test('the best copy is checked beside the one on the page, and what only it says is said to be only its own', {timeout: 120_000}, async () => {
			const page = await bench.open('copies.html');
			await assertBadges(bench, page, {linked: 'unlabeled', set: 'unlabeled', picture: 'unlabeled'});
			const tab = await tabOf('copies.html');
			await openCard(page, 'linked');
			await pressInCard(page, 'better');
			await until(async () => (await within(page, 'best')).length === 1, 'the best copy in the card');
			const [card] = await within(page, 'card');
			assert.match(card.text, /^Unlabeled.*The copy on the page.*The best copy/s, 'what the page shows stays what it is');
			const [best] = await within(page, 'best');
			assert.match(best.text, /^AI-generatedThe file that the picture links to\. Only this copy carries the label “AI-generated”\. The copy on the page carries none\..*made by AI.*iptc\.jpg/s);
			assert.ok(best.text.includes(sha256('iptc.jpg')) && best.text.includes('JPEG, 640 × 426'));
			assert.deepEqual(await within(page, 'better'), [], 'it is not offered again');
			await assertBadges(bench, page, {linked: 'unlabeled'});
			const panel = await bench.ours(`panel.html?tab=${tab}`);
			await shows(panel, '#label', /^Unlabeled$/);
			await shows(panel, '#best', /The best copy\s*AI-generated\s*The file that the picture links to\. Only this copy carries/);
			const variants = await Promise.all(['#variant', '#best-variant'].map(selector => text(panel, selector)));
			assert.ok(variants[0].includes(sha256('camera.jpg')) && variants[1].includes(sha256('iptc.jpg')) && variants[1].includes(`${bench.other.address}/iptc.jpg`));
			assert.deepEqual(await objections(panel), []);
			await panel.close();
			await page.bringToFront();
			await page.keyboard.press('Escape');
			await openCard(page, 'linked');
			assert.equal((await within(page, 'best')).length, 1, 'it is still known when the card is opened again');
			await page.keyboard.press('Escape');
			await bench.popup.open(`?tab=${tab}`);
			await shows(bench.popup, '#list-note', /^3 of 3/);
			await bench.popup.show();
			await api(() => document.querySelector('#json').click());
			const file = await until(() => existsSync(bench.downloads) && readdirSync(bench.downloads).find(name => name.endsWith('.json')
				&& readFileSync(join(bench.downloads, name)).length > 0), 'a file');
			const rows = JSON.parse(readFileSync(join(bench.downloads, file), 'utf8'));
			assert.deepEqual(rows.map(({copy, label, obtained, cookies, sha256}) => [copy, label, obtained, cookies, sha256]), [
				['page', 'unlabeled', 'page', true, sha256('camera.jpg')], ['best', 'ai_generated', 'plain', false, sha256('iptc.jpg')],
				['page', 'unlabeled', 'page', true, sha256('camera.jpg')], ['page', 'unlabeled', 'page', true, sha256('camera.jpg')],
			]);
			await page.close();
		});

		test('the largest of the list that the browser chose from, asked for from the panel', {timeout: 120_000}, async () => {
			const page = await bench.open('copies.html');
			await assertBadges(bench, page, {set: 'unlabeled', picture: 'unlabeled'});
			const tab = await tabOf('copies.html');
			for (const [alt, url, said] of [
				['set', `${bench.other.address}/midjourney.png?l`, /AI-generated\s*The largest file that the page offers.*Only this copy carries/s],
				['picture', `${bench.site.address}/camera.jpg?b`, /Unlabeled\s*The largest file that the page offers of this picture\. It is the same file as on the page, byte for byte/],
			]) {
				await page.bringToFront();
				await openCard(page, alt);
				assert.equal((await chosenOf(tab)).best.url, url, alt);
				const panel = await bench.ours(`panel.html?tab=${tab}`);
				await until(() => panel.evaluate(() => !document.querySelector('#better').hidden), 'it is offered');
				await panel.press('#better');
				await shows(panel, '#best', said);
				assert.equal(await panel.evaluate(() => document.querySelector('#better').hidden), true);
				await panel.close();
				await page.bringToFront();
				await page.keyboard.press('Escape');
			}
			await page.close();
		});

		test('no best copy where there is none: a page about the picture, a link of two pictures, the same file', {timeout: 90_000}, async () => {
			const page = await bench.open('none.html');
			await assertBadges(bench, page, {wiki: 'unlabeled', page: 'unlabeled', two: 'unlabeled'});
			for (const alt of ['wiki', 'page', 'two', 'same']) {
				await page.evaluate(alt => document.querySelector(`[alt="${alt}"]`).scrollIntoView({block: 'center'}), alt);
				await settle(page);
				await openCard(page, alt);
				assert.deepEqual(await within(page, 'better'), [], alt);
				await page.keyboard.press('Escape');
			}
			await page.close();
		});

		test('nothing in all of this went to any other host', () => {
			assert.deepEqual(bench.proxy.asked.filter((/** @type {string} */ url) => !BROWSERS_OWN.test(url)), []);
		});
	});
}
