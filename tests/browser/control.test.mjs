/** Where Touchstone looks is the person's decision: at install, at a click, by choice, taken back, in private windows, fixed by an administrator. */

import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';

import {assertBadges, badgeOn, imagesOf, objections, pair, setUp, settle, shows, text} from './bench.mjs';
import {BROWSERS, pressMenuItem, until} from './driver.mjs';
import {startServer} from './touchstone.mjs';

const HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><style>body { margin: 0 } img { display: block; width: 300px; height: 200px; margin: 10px }</style>';
const PAGES = {
	'own.html': `${HEAD}<img src="/iptc.jpg" alt="own">`,
	'drawn.html': `${HEAD}<canvas width="300" height="200"></canvas>`,
	'both.html': `${HEAD}<img src="/iptc.jpg" alt="own"><img src="{other}/midjourney.png" alt="elsewhere">`,
};
/** The server's host may always be asked: as `localhost` the same site has a right of its own. @param {string} address */
const named = address => address.replace('127.0.0.1', 'localhost');

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bench;
		before(async () => {
			bench = await setUp(browser, PAGES, 'cautious', {fresh: true, rename: named});
			await pair(bench);
		}, {timeout: 90_000});
		after(() => bench?.end());

		const api = (act, ...values) => bench.popup.evaluate(act, ...values);
		const tabOf = name => api(async name => (await (globalThis.browser ?? chrome).tabs.query({})).find(({url}) => url?.includes(name))?.id, name);
		const title = () => api(() => (globalThis.browser ?? chrome).action.getTitle({}));
		const contains = host => api(host => (globalThis.browser ?? chrome).permissions.contains({origins: [`*://${host}/*`]}), host);
		const none = async page => {
			await until(async () => (await bench.badges(page)).length === 0, 'no badge');
			await settle(page);
			assert.deepEqual(await bench.badges(page), []);
		};
		/** In Chromium the consent is given beforehand: its question has no answer without a screen. */
		const consent = async () => {
			if (browser.kind === 'chromium') {
				await bench.grant();
				bench.popup = await bench.ours('popup.html');
			}
		};
		const ours = async (file, act) => {
			const page = await bench.ours(file);
			await page.show();
			// What the page still has to say moves what is to be pressed.
			await until(() => page.evaluate(() => document.querySelector('#step')?.textContent !== ''), `${file} is complete`);
			try {
				await act(page);
			} finally {
				await page.close();
			}
		};

		test('installed: the welcome page opens by itself, and no page has anything of ours', {timeout: 90_000}, async () => {
			await until(() => tabOf('/welcome.html'), 'the welcome page');
			const page = await bench.open('own.html');
			await settle(page);
			await none(page);
			assert.equal(await page.evaluate(() => document.querySelector('touchstone-badges')), null);
			assert.match(await title(), /press to check this page/);
			assert.equal(await contains('localhost'), false);
			assert.deepEqual(await api(() => (globalThis.browser ?? chrome).scripting.getRegisteredContentScripts()), []);
			await page.close();
		});

		test('on a click: this page and no other, until it is left; what lies elsewhere is told, and offered', {timeout: 90_000}, async () => {
			const page = await bench.open('both.html');
			// A click on our button, or on our entry in a picture's menu, is a consent to this page.
			let popup;
			if (browser.kind === 'chromium') {
				popup = await bench.press(page);
			} else {
				const {own} = await imagesOf(page);
				await page.mouse.click(own.x + 150, own.y + 100, {button: 'right'});
				await pressMenuItem(bench.send);
				popup = bench.popup;
				await popup.open(`?tab=${await until(() => tabOf('both.html'), 'the tab may be known')}`);
			}
			await shows(popup, '#reason', /until you ask/);
			await none(page);
			await popup.evaluate(() => document.querySelector('#look').click());
			if (browser.kind === 'firefox') {
				await page.bringToFront();
			}
			await assertBadges(bench, page, {own: 'ai_generated', elsewhere: 'not_checked'});
			await bench.popup.open(`?tab=${await tabOf('both.html')}`);
			await shows(bench.popup, '#missing-hosts', /not allowed Touchstone to read pictures from: localhost$/);
			const asked = bench.other.requests.filter(({url, headers}) => url.includes('midjourney') && !headers.referer);
			assert.deepEqual(asked, [], 'it was not asked for in our name');
			// The panel says it of the one picture, and asks the browser.
			await page.bringToFront();
			const badge = badgeOn(await bench.badges(page), (await imagesOf(page)).elsewhere);
			await page.mouse.click(badge.rect.x + 8, badge.rect.y + 8);
			await until(async () => (await bench.badges(page, 'card')).length === 1, 'a card');
			await ours(`panel.html?tab=${await tabOf('both.html')}`, async panel => {
				await shows(panel, '#sentence', /not allowed Touchstone to read pictures from localhost/);
				assert.ok(await panel.evaluate(() => !document.querySelector('#allow').hidden));
				if (browser.kind === 'firefox') {
					await panel.press('#allow');
					await shows(panel, '#label', /^AI-generated$/);
					await until(() => api(() => document.querySelector('#missing').hidden), 'the popup no longer offers it');
					await panel.evaluate(() => (globalThis.browser ?? chrome).permissions.remove({origins: ['*://localhost/*']}));
				}
			});
			// The click is a consent to see this page too, and so the pixels of what may not be read.
			await page.bringToFront();
			await page.keyboard.press('Escape');
			const again = await until(async () => badgeOn(await bench.badges(page), (await imagesOf(page)).elsewhere), 'the badge');
			await page.mouse.click(again.rect.x + 8, again.rect.y + 8);
			const [button] = await until(async () => (await bench.badges(page, 'screen')).length === 1 && bench.badges(page, 'screen'), 'the screen is offered');
			await page.mouse.click(button.rect.x + 8, button.rect.y + 8);
			await until(async () => /only the pixels on the screen/.test((await bench.badges(page, 'card'))[0]?.text ?? ''), 'the card of the pixels');
			await page.goto(`${bench.site.address}/own.html`);
			await settle(page);
			await none(page);
			await page.close();
		});

		test('chosen sites: with the browser\'s consent, at once, and nowhere else', {timeout: 90_000}, async () => {
			await consent();
			const page = await bench.open('own.html');
			await ours('options.html', async options => {
				await options.press('[value=chosen]');
				await until(() => options.evaluate(() => !document.querySelector('#chosen').hidden), 'the list of sites');
				await options.type('#site', 'no site');
				await options.press('#site-form button');
				await shows(options, '#where-answer', /not the name of a site/);
				await options.evaluate(() => { document.querySelector('#site').value = ''; });
				await options.type('#site', `${bench.site.address}/own.html`);
				await options.press('#site-form button');
				await shows(options, '#sites', /^localhostRemove$/);
				assert.equal(await text(options, '#where-missing'), '');
			});
			assert.equal(await contains('localhost'), true);
			await page.bringToFront();
			await assertBadges(bench, page, {own: 'ai_generated'});
			// A right to single sites lets nobody take a picture of the screen: that is said, with what to do. In Chromium a test has the right to all.
			const expected = browser.kind === 'firefox' ? ['note', /after you press its button in the toolbar/] : ['card', /only the pixels on the screen/];
			const drawn = await bench.open('drawn.html');
			const unread = await until(async () => (await bench.badges(drawn)).find(({hidden}) => !hidden), 'the badge of a canvas');
			await drawn.mouse.click(unread.rect.x + 8, unread.rect.y + 8);
			const [button] = await until(async () => (await bench.badges(drawn, 'screen')).length === 1 && bench.badges(drawn, 'screen'), 'the screen is offered');
			await drawn.mouse.click(button.rect.x + 8, button.rect.y + 8);
			await until(async () => expected[1].test((await bench.badges(drawn, expected[0]))[0]?.text ?? ''), 'it is said');
			await drawn.close();
			await page.bringToFront();
			const other = await bench.browser.newPage();
			await other.goto(`${bench.site.address.replace('localhost', '127.0.0.1')}/own.html`);
			await other.bringToFront();
			await settle(other);
			await none(other);
			await other.close();
			await ours('options.html', async options => {
				await until(() => options.evaluate(() => document.querySelector('#sites button')), 'the site');
				await options.press('#sites button');
				await shows(options, '#sites', /^$/);
			});
			await page.bringToFront();
			await none(page);
			await page.close();
		});

		test('on every site, paused everywhere, and on', {timeout: 90_000}, async () => {
			const page = await bench.open('both.html');
			await ours('welcome.html', async welcome => {
				await welcome.press('[value=everywhere]');
				await until(() => title().then(title => /0 of 0/.test(title)), 'the toolbar is at work');
			});
			await page.bringToFront();
			// The page was open before, and was not loaded again.
			await assertBadges(bench, page, {own: 'ai_generated', elsewhere: 'ai_generated'});
			await bench.popup.open(`?tab=${await tabOf('both.html')}`);
			await api(() => document.querySelector('#off').click());
			await page.bringToFront();
			await none(page);
			await shows(bench.popup, '#none', /Paused everywhere/);
			assert.match(await title(), /paused everywhere/);
			await api(() => document.querySelector('#off').click());
			await page.bringToFront();
			await assertBadges(bench, page, {own: 'ai_generated', elsewhere: 'ai_generated'});
			// A pause on one site stands in the settings, and ends there.
			await shows(bench.popup, '#pause-text', /Pause on localhost/);
			await api(() => document.querySelector('#pause').click());
			await none(page);
			await ours('options.html', async options => {
				await shows(options, '#pauses', /^localhostResume$/);
				await options.press('#pauses button');
				await shows(options, '#pauses', /^$/);
			});
			await page.bringToFront();
			await assertBadges(bench, page, {own: 'ai_generated', elsewhere: 'ai_generated'});
			await page.close();
		});

		test('consent taken back: the badges go at once, toolbar, popup and welcome page say it; given anew, they come back', {timeout: 120_000}, async () => {
			const page = await bench.open('own.html');
			await assertBadges(bench, page, {own: 'ai_generated'});
			const tab = await tabOf('own.html');
			await api(() => (globalThis.browser ?? chrome).permissions.remove({origins: ['<all_urls>', '*://localhost/*']}));
			await none(page);
			const taken = () => api(tabId => (globalThis.browser ?? chrome).action.getTitle({tabId}), tab);
			if (browser.kind === 'firefox') {
				await until(async () => /consent was taken back/.test(await taken()), 'the toolbar says it');
			} else {
				// Chromium takes the right to the server back with the one to all sites.
				await until(async () => /Not allowed to reach it/.test(await taken()), 'the toolbar says it');
				await shows(bench.popup, '#state', /Not allowed to reach it/);
				const opened = await bench.press(page);
				await shows(opened, '#reason', /not allowed Touchstone to read localhost, or the consent was taken back/);
				assert.ok(await opened.evaluate(() => !document.querySelector('#allow-page').hidden));
			}
			await ours('welcome.html', welcome => shows(welcome, '#where-missing', /consent was taken back/));
			await consent();
			if (browser.kind === 'firefox') {
				await ours('welcome.html', async welcome => {
					await until(() => welcome.evaluate(() => !document.querySelector('#allow-pages').hidden), 'the button');
					await welcome.press('#allow-pages');
					await shows(welcome, '#where-missing', /^$/);
				});
			}
			await page.bringToFront();
			await assertBadges(bench, page, {own: 'ai_generated'});
			await page.close();
		});

		test('private windows are off by default, also where the browser lets us in', {timeout: 90_000}, async () => {
			await bench.allowPrivate();
			bench.popup = await bench.ours('popup.html');
			await api(url => (globalThis.browser ?? chrome).windows.create({incognito: true, url}), `${bench.site.address}/own.html?private`);
			const page = await until(async () => (await bench.pages()).find(page => page.url().endsWith('?private')), 'the private window');
			await until(async () => Object.keys(await imagesOf(page).catch(() => ({}))).length === 1, 'its picture');
			await settle(page);
			await none(page);
			await ours('options.html', async options => {
				await shows(options, '#private-note', /keeps what it found/);
				await options.press('#private');
				await until(() => options.evaluate(async () => (await (globalThis.browser ?? chrome).storage.local.get('private')).private), 'kept');
			});
			await assertBadges(bench, page, {own: 'ai_generated'});
			await page.close();
		});

		test('axe-core objects to nothing on welcome page and options', {timeout: 90_000}, async () => {
			for (const file of ['welcome.html', 'options.html']) {
				await ours(file, async page => {
					await shows(page, '#state', /Ready/);
					await page.evaluate(() => document.querySelector('#test').click());
					await shows(page, '#test-answer', /All steps pass/);
					assert.deepEqual(await objections(page), []);
				});
			}
		});
	});

	describe(`${browser.kind}, with an administrator`, {skip: browser.kind === 'firefox' && browser.path ? false : 'Chromium takes its policies from the whole computer'}, () => {
		const home = mkdtempSync(join(tmpdir(), 'touchstone-home-'));
		/** @type {any} */
		let driver;
		/** @type {any} */
		let server;
		before(async () => {
			const folder = join(home, '.mozilla/managed-storage');
			mkdirSync(folder, {recursive: true});
			server = await startServer();
			writeFileSync(join(folder, 'touchstone@touchstone.invalid.json'), JSON.stringify({
				name: 'touchstone@touchstone.invalid', description: 'Test', type: 'storage',
				data: {address: server.address, where: 'chosen', sites: ['news.example'], threshold: 'labels', paused: ['bank.example'], private: 'perhaps'},
			}));
			driver = await browser.launch(browser.path, {fresh: true, env: {HOME: home}});
		}, {timeout: 90_000});
		after(async () => {
			await driver?.close();
			await server?.end();
			rmSync(home, {recursive: true, force: true});
		});

		test('what was fixed is shown, cannot be changed, and is said to be fixed', {timeout: 60_000}, async () => {
			const options = await driver.ours('options.html');
			await options.show();
			await shows(options, '#state', /Not paired/);
			const controls = await options.evaluate(() => Object.fromEntries([...document.querySelectorAll('input')].map(({id, value, name, disabled, checked}) =>
				[id || `${name} ${value}`, `${checked ? 'on' : 'off'}${disabled ? ', fixed' : ''}`])));
			assert.deepEqual(controls, {
				'code': 'off', 'address': 'off, fixed', 'site': 'off', 'off': 'off',
				'where everywhere': 'off, fixed', 'where chosen': 'on, fixed', 'where click': 'off, fixed',
				'threshold suspicion': 'off, fixed', 'threshold labels': 'on, fixed',
				'density full': 'off', 'density quiet': 'on', 'density minimal': 'off', 'private': 'off, fixed', 'cookies': 'off',
			});
			assert.equal(await options.evaluate(() => document.querySelector('#address').value), server.address);
			assert.deepEqual(await options.evaluate(() => [...document.querySelectorAll('#where-fixed, #threshold-fixed, #private-fixed, #pauses-fixed')].map(({id, hidden}) => [id, hidden])),
				[['where-fixed', false], ['threshold-fixed', false], ['private-fixed', true], ['pauses-fixed', false]]);
			assert.equal(await text(options, '#sites'), 'news.example', 'no button to remove it');
			assert.equal(await text(options, '#pauses'), 'bank.example');
			assert.match(await text(options, '#where-missing'), /not allowed .* all of these sites/);
			assert.match(await text(options, '#private-note'), /keeps extensions out of private windows/);
		});
	});
}
