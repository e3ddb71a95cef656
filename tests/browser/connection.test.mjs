/** The test of the connection names the step that fails; pages of the "public" network change nothing in it. */

import assert from 'node:assert/strict';
import {createServer as createHttp} from 'node:http';
import {createServer as createTcp} from 'node:net';
import {after, before, describe, test} from 'node:test';

import {assertBadges, pair, setUp, shows, text} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';

const PAGES = {'own.html': '<!doctype html><html lang="en"><title>Test</title><img src="/iptc.jpg" alt="own" style="width:300px;height:200px;display:block">'};

/** Another program on a port of this computer. @param {import('node:net').Server} program */
async function listen(program) {
	/** @type {Set<import('node:net').Socket>} */
	const sockets = new Set();
	program.on('connection', socket => sockets.add(socket));
	await new Promise(resolve => program.listen(0, '127.0.0.1', () => resolve(undefined)));
	const {port} = /** @type {import('node:net').AddressInfo} */ (program.address());
	return {address: `http://127.0.0.1:${port}`, end: () => {
		sockets.forEach(socket => socket.destroy());
		program.close();
	}};
}

/** @param {number} status @param {string} body */
function answering(status, body) {
	return listen(createHttp((_, response) => response.writeHead(status, {'Content-Type': 'application/json'}).end(body)));
}

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bench;
		/** @type {any} */
		let welcome;
		before(async () => {
			bench = await setUp(browser, PAGES, 'cautious', {
				// The sites count as a part of the internet, which may not speak to this computer unasked.
				publicSite: true,
			});
			welcome = await bench.ours('welcome.html');
			await welcome.show();
		}, {timeout: 90_000});
		after(() => bench?.end());

		/** Test the connection to an address; returns the step that fails and the words. */
		async function tested(address) {
			await welcome.evaluate(address => {
				document.querySelector('#address').value = address;
				document.querySelector('#advanced').requestSubmit();
			}, address);
			await until(() => welcome.evaluate(async address => (await (globalThis.browser ?? chrome).storage.local.get('address')).address === address, address), 'the address is kept');
			await welcome.evaluate(() => {
				document.querySelector('#steps').replaceChildren();
				document.querySelector('#test').click();
			});
			await shows(welcome, '#test-answer', /\./);
			const results = await welcome.evaluate(() => [...document.querySelectorAll('#steps li')].map(({className}) => className));
			return [results.map(result => result[0]).join(''), await text(welcome, '#test-answer')];
		}

		test('each step that can fail is named', {timeout: 120_000}, async () => {
			const nobody = await answering(200, '');
			nobody.end();
			const others = await Promise.all([
				listen(createTcp(() => {})), answering(200, '<!doctype html>Another'), answering(200, '{"name": "touchstone", "api": 99}'),
			]);
			const [silent, other, newer] = others;
			for (const [address, results, words] of [
				[nobody.address, 'pfooo', /^It fails here: Touchstone is not running\. Start it/],
				[silent.address, 'pfooo', /^It fails here: No answer\. .*firewall/],
				[other.address, 'ppfoo', /^It fails here: Another program answers\. .*Nothing is sent to it/],
				[newer.address, 'pppfo', /^It fails here: Versions do not match\. Update/],
				[bench.server.address, 'ppppf', /^It fails here: Not paired yet\. Type the code/],
			]) {
				const [got, said] = await tested(address);
				assert.equal(got, results, said);
				assert.match(said, words);
			}
			others.forEach(({end}) => end());
			await pair({popup: welcome, server: bench.server});
			assert.deepEqual(await tested(bench.server.address), ['ppppp', 'All steps pass.']);
		});

		test('a page of the public network may not speak to the server; the extension works on it as anywhere', {timeout: 60_000}, async () => {
			const page = await bench.open('own.html');
			await assertBadges(bench, page, {own: 'ai_generated'});
			// Any program of this computer will do; our server would refuse a page from anywhere.
			const program = await answering(200, '{}');
			const reach = () => page.evaluate(async address => Promise.race([
				fetch(address, {mode: 'no-cors'}).then(() => 'reached', () => 'refused'),
				// Firefox asks the person, whom a test does not have.
				new Promise(resolve => setTimeout(resolve, 3000, 'asked')),
			]), program.address);
			assert.equal(await reach(), browser.kind === 'chromium' ? 'refused' : 'asked');
			// That it is the other network, and nothing else, a page of this one shows.
			await page.goto(`${bench.other.address}/iptc.jpg`);
			assert.equal(await reach(), 'reached');
			program.end();
			await page.close();
		});

		test('without the right to the server it is the first step that fails, and the page asks for it', {timeout: 60_000}, async () => {
			await welcome.show();
			await welcome.evaluate(async kind => {
				const {permissions} = globalThis.browser ?? chrome;
				// Chromium lets go of the server's right only together with the one to all sites; in Firefox either covers it.
				await permissions.remove({origins: ['<all_urls>']});
				await (kind === 'firefox' && permissions.remove({origins: ['http://127.0.0.1/*', 'http://[::1]/*']}));
			}, browser.kind);
			await shows(welcome, '#state', /Not allowed to reach it/);
			const [results, said] = await tested(bench.server.address);
			assert.equal(results, 'foooo');
			assert.match(said, /^It fails here: Not allowed to reach it\. .*Press “Allow”/);
			if (browser.kind === 'firefox') {
				await welcome.press('#allow-server');
				await shows(welcome, '#state', /^Ready$/);
			} else {
				assert.ok(await welcome.evaluate(() => !document.querySelector('#allow-server').hidden));
			}
		});
	});
}
