/** The server as the extension and as a hostile page see it: pairing, refusals, absence, silence. */

import assert from 'node:assert/strict';
import {request} from 'node:http';
import {after, before, describe, test} from 'node:test';

import {BROWSERS_OWN, assertBadges, pair, setUp, settle} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';
import {PAGES} from './pages.mjs';

/** Send exactly these headers, as no browser would. Returns the status and the error's code. */
function send(address, {method = 'POST', path = '/v1/examine', headers = {}, body = ''}) {
	const {hostname, port} = new URL(address);
	return new Promise((resolve, reject) => {
		const sent = request({hostname, port, method, path, headers: {'Content-Length': Buffer.byteLength(body), ...headers}}, async answer => {
			let text = '';
			for await (const chunk of answer) {
				text += chunk;
			}
			const cors = Object.keys(answer.headers).filter(name => name.startsWith('access-control'));
			resolve([answer.statusCode, JSON.parse(text || '{}').error?.code, ...cors]);
		});
		sent.on('error', reject);
		sent.end(body);
	});
}

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bench;
		const popupShows = (selector, pattern) => until(async () =>
			pattern.test(await bench.popup.evaluate(selector => document.querySelector(selector).textContent, selector)), `${selector} shows ${pattern}`);
		const tabOf = name => bench.popup.evaluate(async name => {
			const tabs = await (globalThis.browser ?? chrome).tabs.query({});
			return tabs.find(({url}) => url?.includes(name)).id;
		}, name);

		before(async () => {
			bench = await setUp(browser, PAGES);
		}, {timeout: 90_000});
		after(() => bench?.end());

		test('before pairing: no badge, no noise, and the popup asks for the code', {timeout: 90_000}, async () => {
			const page = await bench.open('layout.html');
			await bench.popup.show();
			await popupShows('#state', /not running/);
			await bench.popup.evaluate(address => {
				document.querySelector('#address').value = address;
				document.querySelector('#advanced').requestSubmit();
			}, bench.server.address);
			await popupShows('#state', /Not paired/);
			assert.equal(await bench.popup.evaluate(() => document.activeElement.id), 'code', 'ready for it');
			await page.bringToFront();
			await settle(page);
			assert.deepEqual(await bench.badges(page), []);
			assert.equal(await page.evaluate(() => document.querySelector('touchstone-badges')), null, 'not even our element');
			await bench.popup.open(`?tab=${await tabOf('layout.html')}`);
			await popupShows('#none', /No picture/);
			await bench.popup.open(`?tab=${await tabOf('popup.html')}`);
			await popupShows('#none', /does not let extensions/);
			await page.close();
		});

		test('the popup refuses an address elsewhere, and explains a wrong code', {timeout: 90_000}, async () => {
			await bench.popup.show();
			await bench.popup.evaluate(() => {
				document.querySelector('#address').value = 'http://example.com:4543';
				document.querySelector('#advanced').requestSubmit();
			});
			await popupShows('#address-answer', /on this computer/);
			const wrong = bench.server.code().replace(/\d/, digit => String((Number(digit) + 1) % 10));
			await bench.popup.type('#code', wrong);
			await bench.popup.evaluate(() => document.querySelector('#pairing').requestSubmit());
			await popupShows('#pairing-answer', /not the code/);
			await bench.popup.evaluate(() => { document.querySelector('#code').value = ''; });
			await pair(bench);
		});

		test('the popup counts this page and pauses this site', {timeout: 90_000}, async () => {
			const page = await bench.open('nine.html');
			await until(async () => (await bench.badges(page)).length === 9, 'nine badges');
			await bench.popup.open(`?tab=${await tabOf('nine.html')}`);
			await popupShows('#counts', /^AI-generated4Possibly AI \(declared by uploader\)1Credential broken: changed after signing1Unlabeled1Not checked2$/);
			const toolbar = await bench.popup.evaluate(async tabId => {
				const {action} = globalThis.browser ?? chrome;
				return [await action.getBadgeText({tabId}), await action.getTitle({tabId})];
			}, await tabOf('nine.html'));
			assert.deepEqual(toolbar, ['5', 'Touchstone: 5 of 9 pictures carry an AI label']);
			await bench.popup.evaluate(() => document.querySelector('#pause').click());
			await popupShows('#none', /Paused/);
			await until(async () => (await bench.badges(page)).length === 0, 'no badge while paused');
			await bench.popup.evaluate(() => document.querySelector('#pause').click());
			await page.bringToFront();
			await until(async () => (await bench.badges(page)).length === 9, 'nine badges again');
			await page.close();
		});

		test('a worker that was stopped wakes, verifies the server again and knows its pages', {timeout: 90_000}, async () => {
			const before = await bench.open('layout.html');
			await assertBadges(bench, before, {plain: 'ai_generated', inner: 'ai_generated'});
			await bench.stopBackground();
			const page = await bench.open('nine.html');
			await until(async () => (await bench.badges(page)).length === 9, 'nine badges');
			await bench.popup.open(`?tab=${await tabOf('layout.html')}`);
			await popupShows('#counts', /AI-generated2/);
			await Promise.all([before.close(), page.close()]);
		});

		test('a script of a page cannot reach the server', {timeout: 90_000}, async () => {
			const page = await bench.open('empty.html');
			const {address} = bench.server;
			const attempts = await page.evaluate(async address => {
				const attempt = async (path, options) => {
					try {
						const response = await fetch(address + path, options);
						return `${response.type} ${response.status}`;
					} catch (error) {
						return error.name;
					}
				};
				return [
					await attempt('/healthz', {}),
					await attempt('/v1/examine', {method: 'POST', body: 'x'}),
					await attempt('/v1/examine', {method: 'POST', body: 'x', headers: {Authorization: 'Bearer x'}}),
					await attempt('/v1/pair', {method: 'POST', body: '{"code":"12345678","client":"x"}', headers: {'Content-Type': 'application/json'}}),
				];
			}, address);
			assert.deepEqual(attempts, ['TypeError', 'TypeError', 'TypeError', 'TypeError']);
			const extension = await page.evaluate(origin => fetch(`${origin}/popup.html`).then(() => 'read', error => error.name), bench.origin);
			assert.equal(extension, 'TypeError', 'nor a file of the extension');
			await page.close();
		});

		test('no token, wrong token, Origin, Host, method: each refused', async () => {
			const {address} = bench.server;
			const {host} = new URL(address);
			const {credentials: {token}} = await bench.popup.evaluate(() => (globalThis.browser ?? chrome).storage.local.get('credentials'));
			const good = {'Authorization': `Bearer ${token}`, 'Content-Type': 'application/octet-stream', 'Origin': bench.origin};
			const body = 'no image';
			assert.deepEqual(await send(address, {headers: good, body}), [415, 'unsupported_format'], 'the extension itself is let in');
			for (const [headers, expected] of [
				[{Authorization: ''}, [401, 'unauthorized']],
				[{Authorization: `Bearer ${'0'.repeat(64)}`}, [401, 'unauthorized']],
				[{Origin: bench.site.address}, [403, 'forbidden_origin']],
				[{Origin: 'null'}, [403, 'forbidden_origin']],
				[{Origin: `chrome-extension://${'a'.repeat(32)}`}, [403, 'forbidden_origin']],
				[{Host: 'evil.example'}, [403, 'forbidden_host']],
				[{Host: `evil.example:${new URL(address).port}`}, [403, 'forbidden_host']],
				[{Host: host.replace(/\d+$/, '1')}, [403, 'forbidden_host']],
			]) {
				assert.deepEqual(await send(address, {headers: {...good, ...headers}, body}), expected, JSON.stringify(headers));
			}
			assert.deepEqual(await send(address, {method: 'OPTIONS', headers: {Origin: bench.site.address, 'Access-Control-Request-Method': 'POST'}}), [403, 'forbidden_origin']);
			const {Origin: _, ...page} = good;
			assert.deepEqual(await send(address, {headers: {...page, 'Sec-Fetch-Site': 'cross-site'}, body}), [403, 'forbidden_site']);
		});

		test('the server goes: quiet and grey; it comes back: badges by themselves', {timeout: 120_000}, async () => {
			await bench.server.stop();
			const page = await bench.browser.newPage();
			const noise = [];
			page.on('console', message => noise.push(message.text()));
			page.on('pageerror', error => noise.push(String(error)));
			await page.goto(`${bench.site.address}/layout.html`);
			await page.bringToFront();
			const tab = await tabOf('layout.html');
			const title = () => bench.popup.evaluate(tabId => (globalThis.browser ?? chrome).action.getTitle({tabId}), tab);
			await until(async () => /not running/.test(await title()), 'the toolbar says it');
			await settle(page);
			assert.deepEqual(await bench.badges(page), []);
			await bench.popup.open(`?tab=${tab}`);
			await popupShows('#state', /not running/);
			await until(() => bench.popup.evaluate(() => document.querySelector('#none').hidden), 'the popup does not say that no picture was seen');
			await bench.server.restart();
			await assertBadges(bench, page, {plain: 'ai_generated', inner: 'ai_generated'});
			await until(async () => /2 of 3/.test(await title()), 'the toolbar counts again');
			assert.deepEqual(noise, [], 'nothing on the console of the page');
			await page.close();
		});

		test('a revoked token: the popup asks for a new code, no image is sent on', {timeout: 90_000}, async () => {
			const {credentials} = await bench.popup.evaluate(() => (globalThis.browser ?? chrome).storage.local.get('credentials'));
			bench.server.revoke(credentials.id);
			const page = await bench.open('layout.html');
			await settle(page);
			assert.deepEqual(await bench.badges(page), []);
			await bench.popup.show();
			await popupShows('#state', /Not paired/);
			await page.close();
		});

		test('nothing in all of this went to any other host', {timeout: 60_000}, async () => {
			const foreign = () => bench.proxy.asked.filter((/** @type {string} */ url) => !BROWSERS_OWN.test(url));
			assert.deepEqual(foreign(), []);
			// The proxy would have seen it.
			const page = await bench.open('empty.html');
			await page.evaluate(() => fetch('http://elsewhere.example/', {mode: 'no-cors'}).catch(() => {}));
			assert.deepEqual(foreign(), ['http://elsewhere.example/']);
			await page.close();
		});
	});
}
