/** What the extension asks for, of whom, and what it leaves behind: every request of the browser is noted. */

import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {after, before, describe, test} from 'node:test';

import {DEFAULTS} from '../../extension/lib/settings.js';
import {texts} from '../extension/catalogue.mjs';
import {BROWSERS_OWN, assertBadges, pair, setUp, shows, text} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';

const NEWS = 'news.example';
const CDN = 'cdn.example';
const HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><style>body { margin: 0 } img { display: block; width: 300px; height: 200px; margin: 10px }</style>';
const PAGES = {
	'secret/page.html': `${HEAD}<img src="/iptc.jpg?own" alt="own"><img src="{other}/midjourney.png?cdn" alt="cdn"><img src="{other}/camera.jpg?plain" alt="plain"><img src="{other}/missing.jpg" alt="missing">`,
	'app.html': `${HEAD}<main></main><script>
		// An application of one page: each view takes the place of the last one, under an address of its own.
		function show(view, pictures) {
			history.pushState({}, '', '/app/' + view);
			document.querySelector('main').innerHTML = pictures.map(name => '<img src="/' + name + '" alt="' + name + '">').join('');
		}
	</script>`,
};
const ROUNDS = 10;

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bench;
		before(async () => {
			bench = await setUp(browser, PAGES, 'cautious', {hosts: [NEWS, CDN], language: 'zh-CN'});
			await pair(bench);
		}, {timeout: 90_000});
		after(() => bench?.end());

		const api = (act, ...values) => bench.popup.evaluate(act, ...values);
		const tabOf = name => api(async name => (await (globalThis.browser ?? chrome).tabs.query({})).find(({url}) => url?.includes(name))?.id, name);
		const sha256 = bytes => createHash('sha256').update(bytes).digest('hex');

		test('every request goes to the host of a picture of the page or to the server, and tells neither where it was seen', {timeout: 90_000}, async () => {
			const page = await bench.browser.newPage();
			await page.goto(`${bench.site.address}/secret/page.html`);
			await page.bringToFront();
			await assertBadges(bench, page, {own: 'ai_generated', cdn: 'ai_generated', plain: 'unlabeled', missing: 'not_checked'});
			await bench.popup.open(`?tab=${await tabOf('/secret/page.html')}`);
			await until(async () => /4/.test(await text(bench.popup, '#list-note')), 'the popup is at work too');
			const {host: server} = new URL(bench.server.address);
			const requests = bench.proxy.passed.map(request => ({...request, ...(({host, pathname, search}) => ({host, path: pathname + search}))(new URL(request.url))}));
			const others = bench.proxy.asked.filter(url => !BROWSERS_OWN.test(url) && ![NEWS, CDN, server].includes(URL.canParse(url) ? new URL(url).host : url)
				// Until the person has said where the server is: the default.
				&& url !== `${DEFAULTS.address}/healthz`);
			assert.deepEqual(others, []);
			const to = host => requests.filter(request => request.host === host);
			const paths = host => [...new Set(to(host).map(({path}) => path))].sort();
			assert.deepEqual(paths(CDN), ['/camera.jpg?plain', '/midjourney.png?cdn', '/missing.jpg']);
			assert.deepEqual(paths(NEWS).filter(path => path !== '/favicon.ico'), ['/iptc.jpg?own', '/secret/page.html']);
			assert.deepEqual(paths(server), ['/healthz', '/v1/examine?speed=quick', '/v1/hello', '/v1/pair']);
			// The page asks with its own name and cookies, the extension without: both have asked for the CDN's pictures.
			const ours = to(CDN).filter(({headers}) => !headers.referer);
			assert.ok(ours.length >= 2, 'the extension has asked');
			assert.ok(ours.every(({headers, method}) => method === 'GET' && !headers.cookie && !headers.origin && !/news|extension/.test(JSON.stringify(headers))), JSON.stringify(ours.map(({headers}) => headers)));
			for (const {headers, body, path} of to(server)) {
				assert.ok(!/news\.example|cdn\.example|secret/.test(JSON.stringify(headers) + body.toString('latin1')), `${path} tells where`);
				assert.equal(headers.cookie, undefined);
			}
			const examined = to(server).filter(({path}) => path === '/v1/examine?speed=quick').map(({body}) => sha256(body)).sort();
			assert.deepEqual([...new Set(examined)], ['iptc.jpg', 'midjourney.png', 'camera.jpg'].map(name => sha256(bench.pictures.get(name))).sort(), 'the files as they are');
			await page.close();
		});

		test('an application of one page: each view has its own badges and counts, and nothing of the last stays', {timeout: 120_000}, async () => {
			const page = await bench.browser.newPage();
			await page.goto(`${bench.site.address}/app.html`);
			await page.bringToFront();
			const view = async (name, pictures, expected) => {
				await page.evaluate((name, pictures) => show(name, pictures), name, pictures);
				await assertBadges(bench, page, expected);
				await until(async () => (await bench.badges(page)).length === pictures.length, `${pictures.length} badges`);
			};
			await view('first', ['iptc.jpg', 'camera.jpg'], {'iptc.jpg': 'ai_generated', 'camera.jpg': 'unlabeled'});
			await bench.popup.open(`?tab=${await tabOf('/app/first')}`);
			await shows(bench.popup, '#counts', /^AI生成1无标识1$/);
			const nodes = async () => {
				if (browser.kind === 'firefox') {
					return 0;
				}
				const session = await page.createCDPSession();
				await session.send('HeapProfiler.enable');
				await session.send('HeapProfiler.collectGarbage');
				const counted = await session.send('Memory.getDOMCounters');
				await session.detach();
				return counted.nodes;
			};
			const many = Array.from({length: 40}, (_, at) => `iptc.jpg?${at}`);
			await view('many', many.slice(0, 2), {'iptc.jpg?0': 'ai_generated'});
			const before = await nodes();
			for (let round = 0; round < ROUNDS; round++) {
				await page.evaluate((round, pictures) => show(`round${round}`, pictures), round, many);
				await until(async () => (await bench.badges(page)).length > 2, 'badges of the new view');
			}
			await view('many', many.slice(0, 2), {'iptc.jpg?0': 'ai_generated'});
			// 400 pictures and as many badges came and went: had they been kept, it would be thousands.
			const kept = await nodes() - before;
			assert.ok(kept < 200, `${kept} nodes more than before`);
			await view('last', ['midjourney.png'], {'midjourney.png': 'ai_generated'});
			await bench.popup.open(`?tab=${await tabOf('/app/last')}`);
			await shows(bench.popup, '#counts', /^AI生成1$/);
			await page.close();
		});

		test('all pages of the extension speak Chinese', {timeout: 60_000}, async () => {
			for (const file of ['popup.html', 'panel.html', 'welcome.html', 'options.html']) {
				const page = await bench.ours(file);
				const [language, said] = await page.evaluate(() => [document.documentElement.lang, [...document.querySelectorAll('[data-text]')].map(element => [element.dataset.text, element.textContent])]);
				assert.equal(language, 'zh-CN', file);
				assert.deepEqual(said.filter(([key, text]) => text !== texts('zh_CN')(key)), [], file);
				await (file === 'welcome.html' && shows(page, '#state', /^就绪$/));
				await page.close();
			}
		});
	});
}
