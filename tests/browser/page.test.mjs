/** The server's own page in both browsers: drop, read, pair, in both languages, offline. */

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, it} from 'node:test';

import puppeteer from 'puppeteer-core';

import {BROWSERS} from './driver.mjs';
import {PYTHON, ROOT, drawPictures, startServer} from './touchstone.mjs';

const WANTED = {
	'ai-signed.jpg': 'AI-generated',
	'ai-signed-altered.jpg': 'Credential broken: changed after signing',
	'aigc-label-2.jpg': 'Possibly AI (declared by uploader)',
	'camera.jpg': 'Unlabeled',
	'broken.jpg': 'Not checked',
};

/** A picture that bears words which say AI; the recogniser may take one letter for its twin. */
const MARKED = `
import sys
from PIL import ImageDraw, ImageFont
from scripts.pictures import scene
picture = scene(3, 640, 400)
draw = ImageDraw.Draw(picture)
draw.rectangle([390, 340, 630, 390], fill=(0, 0, 0))
draw.text((400, 345), 'AI-generated', font=ImageFont.load_default(36), fill=(255, 255, 255))
picture.save(sys.stdout.buffer, 'PNG')
`;

for (const {kind, path} of BROWSERS) {
	describe(`page in ${kind}`, {timeout: 120_000}, () => {
		/** @type {Awaited<ReturnType<typeof startServer>>} */
		let server;
		/** @type {import('puppeteer-core').Browser} */
		let browser;
		/** @type {import('puppeteer-core').Page} */
		let page;
		const folder = mkdtempSync(join(tmpdir(), 'touchstone-page-'));
		/** @type {string[]} */
		const asked = [];
		/** @type {string[]} */
		const complaints = [];

		before(async () => {
			for (const [name, data] of drawPictures()) {
				writeFileSync(join(folder, name), data);
			}
			server = await startServer();
			browser = await puppeteer.launch({
				browser: /** @type {any} */ (kind === 'firefox' ? 'firefox' : 'chrome'),
				executablePath: path,
				args: kind === 'chromium' ? ['--no-sandbox', '--lang=en', '--disable-background-networking'] : [],
			});
			page = await browser.newPage();
			page.on('request', request => asked.push(request.url()));
			page.on('console', message => message.type() === 'error' && complaints.push(message.text()));
			page.on('pageerror', error => complaints.push(String(error)));
			await page.goto(server.address);
			await page.waitForSelector('#legend dt');
			await page.select('#language', 'en');
		});

		after(async () => {
			await browser?.close();
			await server?.end();
			rmSync(folder, {recursive: true});
		});

		const read = () => page.$$eval('#results .result', entries => Object.fromEntries(entries.map(
			entry => [entry.querySelector('h3')?.textContent, entry.querySelector('.pill')?.textContent],
		)));

		it('gives every chosen picture its label', async () => {
			const files = await page.$('#files');
			await /** @type {any} */ (files).uploadFile(...Object.keys(WANTED).map(name => join(folder, name)));
			await page.waitForFunction(count => document.querySelectorAll('#results .pill').length === count,
				{timeout: 60_000}, Object.keys(WANTED).length);
			assert.deepEqual(await read(), WANTED);
			assert.match(await page.$eval('#status', node => node.textContent ?? ''), /^5 of 5/);
		});

		it('tells the estimate apart from the label', async () => {
			const text = await page.$$eval('#results .result', entries => entries
				.find(entry => entry.querySelector('h3')?.textContent === 'ai-signed.jpg')?.textContent ?? '');
			assert.match(text, /Declared Content Credentials: An intact content credential says AI made this picture/);
			assert.match(text, /Estimate from pixels, not a label/);
		});

		it('says exactly what was wrong with a broken file', async () => {
			assert.match(await page.$eval('.exact', node => node.textContent ?? ''), /cannot be read/);
		});

		it('shows where in a picture it looks like AI, in words too, and keeps that in the other language', async () => {
			const entry = (/** @type {string} */ name) => page.evaluateHandle(wanted =>
				[...document.querySelectorAll('#results .result')].find(found => found.querySelector('h3')?.textContent === wanted), name);
			const camera = /** @type {any} */ (await entry('camera.jpg'));
			assert.equal(await (/** @type {any} */ (await entry('broken.jpg'))).$('.where'), null);
			await (await camera.$('.where')).click();
			const figure = await camera.waitForSelector('.regions canvas');
			assert.deepEqual(await figure.evaluate((/** @type {any} */ {width, height}) => [width, height]), [28, 28]);
			const fits = await camera.$eval('.stack', (/** @type {any} */ stack) => {
				const [image, canvas] = [...stack.children].map(child => child.getBoundingClientRect());
				return Math.abs(image.width - canvas.width) + Math.abs(image.height - canvas.height) + Math.abs(image.x - canvas.x);
			});
			assert.ok(fits < 2, `the map lies over the picture: ${fits}`);
			const caption = () => camera.$eval('.regions figcaption', (/** @type {any} */ node) => node.textContent);
			assert.match(await caption(), /^About [\d\s,.]+ in [\d\s,.]+ real pictures have a part .* Strongest here: [a-z ]+\. A guess/);
			assert.equal(await page.evaluate(() => document.activeElement?.className), 'regions');
			await page.select('#language', 'zh_CN');
			await page.waitForFunction(() => /^真实图片中/.test(document.querySelector('.regions figcaption')?.textContent ?? ''));
			await page.select('#language', 'en');
			await page.waitForFunction(() => /^About/.test(document.querySelector('.regions figcaption')?.textContent ?? ''));
		});

		it('speaks Chinese, results included', async () => {
			await page.select('#language', 'zh_CN');
			await page.waitForFunction(() => document.documentElement.lang === 'zh-CN');
			await page.waitForFunction(() => document.querySelector('.result .pill')?.textContent === '未检测');
			assert.equal((await read())['ai-signed.jpg'], 'AI生成');
			await page.select('#language', 'en');
			await page.waitForFunction(() => document.querySelector('.result .pill')?.textContent === 'Not checked');
		});

		it('shows a code that pairs, and the browser that paired', async () => {
			await page.click('#open-code');
			await page.waitForFunction(() => /^\d{4} \d{4}$/.test(document.querySelector('#code')?.textContent ?? ''));
			const code = await page.$eval('#code', node => node.textContent);
			const answer = await fetch(`${server.address}/v1/pair`, {
				method: 'POST',
				headers: {'Content-Type': 'application/json', Origin: `chrome-extension://${'abcdefghijklmnop'.repeat(2)}`},
				body: JSON.stringify({code, client: '<b>Browser</b>'}),
			});
			assert.equal(answer.status, 200);
			await page.waitForSelector('#paired li', {timeout: 10_000});
			assert.match(await page.$eval('#paired li', node => node.textContent ?? ''), /^<b>Browser<\/b>, /);
			await page.click('#paired button');
			await page.waitForFunction(() => !document.querySelector('#paired li'));
		});

		it('can be used by keyboard alone', async () => {
			await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement)?.blur());
			const reached = new Set();
			for (let step = 0; step < 24; step += 1) {
				await page.keyboard.press('Tab');
				reached.add(await page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName));
			}
			for (const id of ['language', 'files', 'open-code', 'SUMMARY']) {
				assert.ok(reached.has(id), `${id} is not reached: ${[...reached]}`);
			}
		});

		it('says of pixels from the screen that they are no file, in both languages', async () => {
			const base64 = execFileSync(PYTHON, ['-c', MARKED], {cwd: ROOT}).toString('base64');
			const sha256 = await page.evaluate(async body => {
				const {content} = /** @type {any} */ (document.querySelector('meta[name=touchstone-token]'));
				const headers = {'Authorization': `Bearer ${content}`, 'Content-Type': 'application/octet-stream'};
				const answer = await fetch('/v1/examine?pixels=screen', {method: 'POST', headers, body: Uint8Array.from(atob(body), letter => letter.charCodeAt(0))});
				return (await answer.json()).sha256;
			}, base64);
			const report = await browser.newPage();
			try {
				await report.goto(`${server.address}/report/${sha256}`);
				await report.waitForSelector('#report[data-state=found]');
				const words = () => report.evaluate(() => ['h2', '.pill', '.hint', '#report'].map(part => document.querySelector(part)?.textContent ?? ''));
				await report.select('#language', 'en');
				await report.waitForFunction(() => document.documentElement.lang === 'en');
				const [heading, name, hint, all] = await words();
				assert.deepEqual([heading, name], ['The pixels with this SHA-256, taken from the screen', 'Suspected AI, from the pixels on the screen']);
				assert.match(hint, /^Only the pixels on the screen were looked at: .* so nothing is said about them\.$/);
				assert.match(all, /^Suspected AI.*Visible mark.*A[Il]-generated.*The exact pixels that were checked/is);
				assert.ok(!/Unlabeled|The file that was checked/.test(all.replace(/"verdict".*/s, '')), all);
				assert.match(await report.title(), /^Suspected AI, from the pixels on the screen · /);
				await report.select('#language', 'zh_CN');
				await report.waitForFunction(() => document.documentElement.lang === 'zh-CN');
				assert.deepEqual((await words()).slice(0, 2), ['SHA-256 为以下值的像素，取自屏幕', '疑似AI生成（仅据屏幕像素）']);
			} finally {
				await report.close();
				await page.select('#language', 'en');
			}
		});

		it('asks nobody but its own server and hears no complaint', () => {
			assert.deepEqual(asked.filter(url => /^(https?|wss?|ftp):/.test(url) && !url.startsWith(`${server.address}/`)), []);
			// The broken file's 422 is the only refusal.
			assert.deepEqual(complaints.filter(text => !text.includes('422')), []);
		});
	});
}
