/** What a person is told of one picture and of the whole page: panel, context menu, list, export, threshold, report page. */

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {after, afterEach, before, describe, test} from 'node:test';

import {BROWSERS_OWN, EXPECTED, assertBadges, badgeOn, closePages, imagesOf, looks, objections, pair, setUp, settle, shows, text} from './bench.mjs';
import {BROWSERS, pressMenuItem, until} from './driver.mjs';
import {PAGES as COMMON} from './pages.mjs';
import {PYTHON, ROOT} from './touchstone.mjs';

const PAGES = {
	...COMMON,
	'suspected.html': `<!doctype html><html lang="en"><title>Test</title><img src="/face.jpg" alt="face" style="width:300px;height:300px;display:block"><img src="/iptc.jpg" alt="labelled" style="width:300px;height:200px;display:block">`,
	'far.html': `<!doctype html><html lang="en"><title>Test</title><figure style="margin:0"><img src="/iptc.jpg" alt="near" style="width:300px;height:200px;display:block"><figcaption>Illustration: AI-generated</figcaption></figure><img src="{other}/midjourney.png" alt="far" style="width:300px;height:200px;display:block;margin-top:2500px">`,
};
// A drawing that the first model suspects at the eager limit; nothing in it says who made it.
process.env.TOUCHSTONE_MODEL = 'touchstone-1';
const FACE = `
import sys
from PIL import Image, ImageDraw, ImageFilter
image = Image.new('RGB', (512, 512), (250, 240, 220))
draw = ImageDraw.Draw(image)
draw.ellipse([150, 100, 362, 360], fill=(230, 190, 160))
draw.ellipse([200, 190, 230, 215], fill=(40, 30, 30))
draw.ellipse([282, 190, 312, 215], fill=(40, 30, 30))
draw.arc([210, 240, 302, 310], 20, 160, fill=(150, 40, 40), width=8)
draw.pieslice([130, 60, 382, 300], 180, 360, fill=(60, 40, 20))
draw.ellipse([100, 370, 412, 700], fill=(60, 90, 160))
image.filter(ImageFilter.GaussianBlur(6)).save(sys.stdout.buffer, 'JPEG')
`;

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bench;
		before(async () => {
			bench = await setUp(browser, PAGES, 'eager');
			bench.pictures.set('face.jpg', execFileSync(PYTHON, ['-c', FACE], {cwd: ROOT}));
			await pair(bench);
		}, {timeout: 90_000});
		after(() => bench?.end());
		afterEach(() => closePages(bench));

		const {api, tabOf, chosenOf, openCard} = looks(() => bench);
		const sha256 = name => createHash('sha256').update(bench.pictures.get(name)).digest('hex');

		/** Choose an entry of the picture's menu, as far as the browser lets a test do so. */
		async function chooseInMenu(page, alt) {
			const rect = (await imagesOf(page))[alt];
			if (browser.kind === 'firefox') {
				await page.mouse.click(rect.x + rect.width / 2, rect.y + rect.height / 2, {button: 'right'});
				await pressMenuItem(bench.send);
				return;
			}
			await page.evaluate(alt => document.querySelector(`[alt="${alt}"]`).dispatchEvent(new MouseEvent('contextmenu', {bubbles: true, composed: true})), alt);
			// No test can press an entry of Chromium's menu: the same event, sent from within.
			const worker = await (await bench.browser.waitForTarget((/** @type {any} */ target) => target.type() === 'service_worker')).worker();
			const srcUrl = await page.evaluate(alt => document.querySelector(`[alt="${alt}"]`).currentSrc, alt);
			await worker.evaluate(async (srcUrl, pageUrl) => {
				const tab = (await chrome.tabs.query({})).find(({url}) => url === pageUrl);
				chrome.contextMenus.onClicked.dispatch({menuItemId: 'check', srcUrl, pageUrl, frameId: 0, editable: false, mediaType: 'image'}, tab);
			}, srcUrl, page.url());
		}

		test('"Details" opens the panel: beside the page where the browser allows it, else as a tab', {timeout: 90_000}, async () => {
			const page = await bench.open('nine.html');
			await assertBadges(bench, page, {'iptc.jpg': 'ai_generated'});
			await openCard(page, 'iptc.jpg');
			// From the card the Tab key goes to its two buttons and nowhere else.
			const focus = async () => (await Promise.all(['card', 'close', 'more'].map(name => bench.badges(page, name)))).flat().find(({focused}) => focused)?.label;
			const walk = [];
			for (const key of ['Tab', 'Tab', 'Tab']) {
				await page.keyboard.press(key);
				walk.push(await focus());
			}
			assert.deepEqual([...new Set(walk)].sort(), ['close', 'more'], walk.join());
			while (await focus() !== 'more') {
				await page.keyboard.press('Tab');
			}
			await page.keyboard.press('Enter');
			const tab = await tabOf('nine.html');
			const shown = browser.kind === 'chromium' ? bench.sidePanel() : until(() => tabOf(`panel.html?tab=${tab}`), 'a tab with the panel');
			const panel = await shown;
			if (browser.kind === 'chromium') {
				await shows(panel, '#label', /^AI-generated$/);
				// It goes with the tab in front, and comes back with it.
				const other = await bench.open('empty.html');
				await until(() => panel.evaluate(() => !document.querySelector('#empty').hidden), 'nothing of another tab');
				await other.close();
				await page.bringToFront();
				await shows(panel, '#label', /^AI-generated$/);
				await until(() => panel.evaluate(() => !document.querySelector('#picture').hidden), 'the picture again');
			} else {
				await api(id => browser.tabs.remove(id), panel);
			}
			await page.close();
		});

		test('the panel tells all of the chosen picture, and follows the badge that is opened', {timeout: 120_000}, async () => {
			const page = await bench.open('nine.html');
			await assertBadges(bench, page, {'iptc.jpg': 'ai_generated', 'ai-signed-altered.jpg': 'invalid_credential'});
			const panel = await bench.ours(`panel.html?tab=${await tabOf('nine.html')}`);
			await shows(panel, '#empty', /Press a badge/);
			await page.bringToFront();
			await openCard(page, 'iptc.jpg');
			await shows(panel, '#label', /^AI-generated$/);
			assert.match(await text(panel, '#hint'), /carries a label/);
			const evidence = await text(panel, '#evidence');
			assert.match(evidence, /Declared: anyone could have written it.*File metadata.*made by AI.*Estimate from pixels, not a label.*About .* real pictures/s);
			const variant = await text(panel, '#variant');
			for (const part of [`${bench.site.address}/iptc.jpg`, 'image/jpeg', `${bench.pictures.get('iptc.jpg').length.toLocaleString('en')} bytes`, sha256('iptc.jpg'), 'JPEG, 640 × 426']) {
				assert.ok(variant.includes(part) || (await text(panel, '#variant')).includes(part), `${part} in ${variant}`);
			}
			assert.equal(await text(panel, '#page'), `${bench.site.address}/nine.html`);
			assert.equal(await panel.evaluate(() => document.querySelector('#report').href), `${bench.server.address}/report/${sha256('iptc.jpg')}`);
			await until(() => panel.evaluate(() => document.querySelector('#image').naturalWidth === 640), 'the picture is drawn');
			assert.match(await panel.evaluate(() => document.querySelector('#image').src), /^blob:/);
			assert.equal(await text(panel, '#image-note'), '');
			await panel.evaluate(() => document.querySelector('#report').click());
			const report = await until(() => api(async () => (await (globalThis.browser ?? chrome).tabs.query({}))
				.find(({url, title}) => url?.includes('/report/') && title?.startsWith('AI-generated · Report on a picture'))?.id), 'the full report in a tab');
			await api(id => (globalThis.browser ?? chrome).tabs.remove(id), report);
			await page.bringToFront();
			await openCard(page, 'ai-signed-altered.jpg');
			await shows(panel, '#label', /^Credential broken/);
			assert.match(await text(panel, '#evidence'), /Proof: a signature was checked.*Content Credentials/s);
			assert.match(await text(panel, '#said'), /ai-signed-altered.jpg: Credential broken/);
			await openCard(page, 'broken.jpg');
			await shows(panel, '#label', /^Not checked$/);
			assert.match(await text(panel, '#sentence'), /damaged/);
			assert.equal(await panel.evaluate(() => document.querySelector('#again').hidden), false);
			// A page that is left leaves nothing in the panel.
			await page.goto(`${bench.site.address}/empty.html`);
			await until(() => panel.evaluate(() => !document.querySelector('#empty').hidden), 'the panel is empty');
			await panel.close();
			await page.close();
		});

		test('a site that sends another file the second time: the panel says that it is another', {timeout: 90_000}, async () => {
			const page = await bench.open('far.html');
			await assertBadges(bench, page, {near: 'ai_generated'});
			const tab = await tabOf('far.html');
			await openCard(page, 'near');
			// What was examined had other bytes than what the address gives now.
			await api(async (tab, other) => {
				const {session} = (globalThis.browser ?? chrome).storage;
				const key = `chosen/${tab}`;
				const {[key]: picture} = await session.get(key);
				picture.record.report.sha256 = other;
				await session.set({[key]: picture});
			}, tab, '0'.repeat(64));
			const panel = await bench.ours(`panel.html?tab=${tab}`);
			await shows(panel, '#image-note', /another file/);
			assert.match(await text(panel, '#evidence'), /What this page says of it, not the fileCaptionIllustration: AI-generated/);
			await panel.close();
			await page.close();
		});

		test('the menu checks a picture that is too small for a badge, and one on a paused site', {timeout: 120_000}, async () => {
			const page = await bench.open('ways.html');
			await assertBadges(bench, page, {picture: 'ai_generated', tiny: 'none'});
			const tab = await tabOf('ways.html');
			const panel = await bench.ours(`panel.html?tab=${tab}`);
			await page.bringToFront();
			await chooseInMenu(page, 'tiny');
			await shows(panel, '#label', /^AI-generated$/);
			assert.match(await text(panel, '#variant'), /iptc\.jpg\?tiny/);
			await page.bringToFront();
			await chooseInMenu(page, 'data');
			await shows(panel, '#label', /^Possibly AI/);
			assert.match(await text(panel, '#name'), /in the page itself/);
			await until(() => panel.evaluate(() => document.querySelector('#image').naturalWidth === 640), 'the picture in the page is drawn');
			await api(site => (globalThis.browser ?? chrome).runtime.sendMessage({name: 'pause', site, on: true}), '127.0.0.1');
			await until(async () => (await bench.badges(page)).length === 0, 'paused');
			await page.bringToFront();
			await chooseInMenu(page, 'crossorigin');
			await shows(panel, '#label', /^Unlabeled$/);
			assert.deepEqual(await bench.badges(page), [], 'no badge while paused');
			assert.equal(await api(tabId => (globalThis.browser ?? chrome).action.getBadgeText({tabId}), tab), 'OFF');
			await api(site => (globalThis.browser ?? chrome).runtime.sendMessage({name: 'pause', site, on: false}), '127.0.0.1');
			if (browser.kind === 'firefox') {
				assert.equal(await api(() => browser.sidebarAction.isOpen({})), true, 'the menu has opened the sidebar');
				const tabs = await api(async () => (await browser.tabs.query({})).length);
				await page.bringToFront();
				await openCard(page, 'picture');
				const [more] = await bench.badges(page, 'more');
				await page.mouse.click(more.rect.x + 5, more.rect.y + 5);
				await settle(page);
				assert.equal(await api(async () => (await browser.tabs.query({})).length), tabs, 'no tab beside the sidebar');
			}
			await panel.close();
			await page.close();
		});

		test('the menu says in words why there is no answer', {timeout: 120_000}, async () => {
			const page = await bench.open('nine.html');
			await assertBadges(bench, page, {'camera.jpg': 'unlabeled'});
			const panel = await bench.ours(`panel.html?tab=${await tabOf('nine.html')}`);
			await bench.server.stop();
			try {
				await page.bringToFront();
				await chooseInMenu(page, 'broken.jpg');
				await shows(panel, '#sentence', /not running/);
				assert.match(await text(panel, '#hint'), /make run/);
			} finally {
				await bench.server.restart();
			}
			await new Promise(resolve => setTimeout(resolve, 2000));
			await panel.evaluate(() => document.querySelector('#again').click());
			await shows(panel, '#sentence', /damaged/);
			await panel.close();
			await page.close();
		});

		test('the list: filter by label, go to the picture, its badge has the focus', {timeout: 90_000}, async () => {
			const page = await bench.open('far.html');
			await assertBadges(bench, page, {near: 'ai_generated'});
			await page.evaluate(() => scrollTo(0, 9999));
			// The badge of a picture that is far away has no element: only the one that is seen is there.
			await until(async () => badgeOn(await bench.badges(page), (await imagesOf(page)).far)?.label === 'ai_generated', 'the far badge');
			await page.evaluate(() => scrollTo(0, 0));
			await settle(page);
			await bench.popup.open(`?tab=${await tabOf('far.html')}`);
			await shows(bench.popup, '#list', /^iptc.jpg AI-generatedmidjourney.png AI-generated Only the file says AI, the page does not$/);
			await shows(bench.popup, '#list-note', /^2 of 2/);
			assert.equal(await text(bench.popup, '#filter'), 'All (2)AI-generated (2)Only the file says AI, the page does not (1)');
			await api(() => document.querySelectorAll('#list button')[1].click());
			await until(() => page.evaluate(() => scrollY > 1500), 'the page has scrolled');
			await until(async () => {
				const focused = (await bench.badges(page)).filter(badge => badge.focused);
				return badgeOn(focused, (await imagesOf(page)).far);
			}, 'its badge has the focus');
			await page.evaluate(() => document.querySelector('[alt=near]').remove());
			await api(() => document.querySelectorAll('#list button')[0].click());
			await shows(bench.popup, '#list-more', /no longer shows/);
			await page.close();
			const frames = await bench.open('frames.html');
			await until(async () => (await bench.badges(frames)).length === 2, 'two badges in two frames');
			await bench.popup.open(`?tab=${await tabOf('frames.html')}`);
			await shows(bench.popup, '#list', /^midjourney.png AI-generated Only the file says AI, the page does notiptc.jpg AI-generated Only the file says AI, the page does not$/);
			await frames.close();
			const nine = await bench.open('nine.html');
			await until(async () => (await bench.badges(nine)).length === 9, 'nine badges');
			await bench.popup.open(`?tab=${await tabOf('nine.html')}`);
			await shows(bench.popup, '#list-note', /^9 of 9/);
			await api(() => {
				const filter = document.querySelector('#filter');
				filter.value = 'not_checked';
				filter.dispatchEvent(new Event('change'));
			});
			await shows(bench.popup, '#list', /^broken.jpg Not checkedmissing.jpg Not checked$/);
			await shows(bench.popup, '#list-note', /^2 of 9/);
			await nine.close();
		});

		test('what the file says beside what the page says: in the panel, as a filter, in the export', {timeout: 120_000}, async () => {
			const page = await bench.open('said.html');
			await assertBadges(bench, page, {caption: 'unlabeled', near: 'unlabeled', silent: 'unlabeled'});
			const tab = await tabOf('said.html');
			const panel = await bench.ours(`panel.html?tab=${tab}`);
			await page.bringToFront();
			await openCard(page, 'caption');
			await shows(panel, '#evidence', /What this page says of it, not the file.*Midjourney.*The page speaks of AI; the file carries no such label/s);
			await page.bringToFront();
			await openCard(page, 'silent');
			await shows(panel, '#name', /camera/);
			await until(async () => !/speaks of AI/.test(await text(panel, '#evidence')), 'nothing of the other picture');
			await panel.close();
			await bench.popup.open(`?tab=${tab}`);
			await shows(bench.popup, '#filter', /^All \((\d)\)Unlabeled \(\1\)Only the page says AI, the file does not \(4\)$/);
			await api(() => {
				const filter = document.querySelector('#filter');
				filter.value = 'page_only';
				filter.dispatchEvent(new Event('change'));
			});
			await shows(bench.popup, '#list-note', /^4 of 5/);
			await bench.popup.show();
			await api(() => document.querySelector('#json').click());
			const name = await until(() => readdirSync(bench.downloads).find(name => name.endsWith('.json') && readFileSync(join(bench.downloads, name)).length > 0), 'the file');
			const rows = JSON.parse(readFileSync(join(bench.downloads, name), 'utf8'));
			rmSync(join(bench.downloads, name));
			const {page_says, difference} = rows.find(({url}) => url.endsWith('?near'));
			assert.deepEqual([page_says, difference], [['near: AI 生成'], 'page_only']);
			assert.deepEqual(rows.filter(row => row.difference === null).map(({url}) => url.split('?')[1]), ['silent']);
			await page.close();
		});

		test('the export is a file, in JSON and in CSV', {timeout: 90_000}, async () => {
			const page = await bench.open('nine.html');
			await until(async () => (await bench.badges(page)).length === 9, 'nine badges');
			await bench.popup.open(`?tab=${await tabOf('nine.html')}`);
			await shows(bench.popup, '#list-note', /^9 of 9/);
			assert.equal(await bench.popup.evaluate(() => getComputedStyle(document.querySelector('#list .pill.ai_generated')).backgroundColor), 'rgb(84, 31, 174)', 'as its badge');
			await bench.popup.show();
			await api(() => document.querySelector('#json').click());
			await api(() => document.querySelector('#csv').click());
			const files = await until(() => {
				const found = existsSync(bench.downloads) ? readdirSync(bench.downloads).filter(name => /\.(json|csv)$/.test(name)) : [];
				return found.length === 2 && found.every(name => readFileSync(join(bench.downloads, name)).length > 0) && found;
			}, 'two files');
			assert.ok(files.every(name => /^touchstone-127\.0\.0\.1-\d{12}\.(json|csv)$/.test(name)), files.join());
			const [json, csv] = ['json', 'csv'].map(kind => readFileSync(join(bench.downloads, files.find(name => name.endsWith(kind))), 'utf8'));
			const rows = JSON.parse(json);
			const signed = rows.find(({url}) => url.endsWith('/ai-signed.jpg'));
			assert.deepEqual([rows.length, signed.sha256, signed.label, signed.basis, signed.page_url],
				[9, sha256('ai-signed.jpg'), 'ai_generated', 'declaration', `${bench.site.address}/nine.html`]);
			assert.match(signed.codes[0], /^credential_ai_generated_/);
			assert.match(signed.model, /^touchstone/);
			assert.ok(csv.startsWith('\uFEFFurl,page_url,time,sha256,label,'));
			assert.equal(csv.trim().split('\r\n').length, 10);
			await page.close();
		});

		test('three densities: always words, a dot where no label is, AI and suspicion alone; the list shows the rest', {timeout: 120_000}, async () => {
			const page = await bench.open('nine.html');
			const options = await bench.ours('options.html');
			const choose = async density => {
				await options.evaluate(value => document.querySelector(`[name=density][value=${value}]`).click(), density);
				await until(() => options.evaluate(async value => (await (globalThis.browser ?? chrome).storage.local.get('density')).density === value, density), 'kept');
				await page.bringToFront();
			};
			const width = async name => badgeOn(await bench.badges(page), (await imagesOf(page))[name])?.rect.width ?? 0;
			await page.bringToFront();
			await assertBadges(bench, page, EXPECTED);
			assert.equal(await options.evaluate(() => document.querySelector('[name=density]:checked')?.value), 'quiet');
			assert.equal(await width('camera.jpg'), 24, 'a dot');
			assert.ok(await width('iptc.jpg') > 60, 'words');
			await choose('full');
			await until(async () => await width('camera.jpg') > 60 && await width('broken.jpg') > 60, 'words on all');
			await assertBadges(bench, page, EXPECTED);
			await choose('minimal');
			await assertBadges(bench, page, {
				...EXPECTED, 'camera.jpg': 'none', 'broken.jpg': 'none', 'missing.jpg': 'none', 'ai-signed-altered.jpg': 'none',
			});
			await bench.popup.open(`?tab=${await tabOf('nine.html')}`);
			await shows(bench.popup, '#list-note', /^9 of 9/);
			await page.bringToFront();
			await api(() => [...document.querySelectorAll('#list button')].find(({textContent}) => textContent.includes('camera')).click());
			await assertBadges(bench, page, {'camera.jpg': 'unlabeled', 'missing.jpg': 'none'});
			await choose('quiet');
			// The list has scrolled to the picture.
			await assertBadges(bench, page, {'camera.jpg': 'unlabeled', 'missing.jpg': 'not_checked'});
			assert.equal(await width('missing.jpg'), 24);
			await options.close();
			await page.close();
		});

		test('"labels only": a suspicion by estimate is a dot, is not counted, and is told in the panel', {timeout: 120_000}, async () => {
			const page = await bench.open('suspected.html');
			await assertBadges(bench, page, {face: 'suspected_ai', labelled: 'ai_generated'});
			const tab = await tabOf('suspected.html');
			const toolbar = () => api(async tabId => {
				const {action} = globalThis.browser ?? chrome;
				return [await action.getBadgeText({tabId}), await action.getTitle({tabId})];
			}, tab);
			await until(async () => (await toolbar())[0] === '2', 'both are counted');
			assert.match((await toolbar())[1], /1 of 2 .* AI label; 1 without one are suspected/);
			await bench.popup.open(`?tab=${tab}`);
			assert.equal(await until(() => api(() => document.querySelector('[name=threshold]:checked')?.value), 'the threshold'), 'suspicion');
			await api(() => document.querySelector('[value=labels]').click());
			await page.bringToFront();
			await assertBadges(bench, page, {face: 'unlabeled', labelled: 'ai_generated'});
			await until(async () => (await toolbar())[0] === '1', 'the label alone is counted');
			await openCard(page, 'face');
			const panel = await bench.ours(`panel.html?tab=${tab}`);
			await shows(panel, '#label', /^Unlabeled$/);
			assert.match(await text(panel, '#evidence'), /^Estimate from pixels, not a labelAbout .* in .* real pictures look at least this much like AI\.Not counted: you chose to see labels only\./);
			await panel.close();
			await bench.popup.open(`?tab=${tab}`);
			await api(() => document.querySelector('[value=suspicion]').click());
			await page.bringToFront();
			await assertBadges(bench, page, {face: 'suspected_ai'});
			// A page of the browser's own has no count of the page that was left.
			assert.ok(await chosenOf(tab));
			await page.goto(browser.kind === 'chromium' ? 'chrome://version' : 'about:blank');
			await until(async () => (await toolbar())[0] === '', 'no count');
			assert.equal(await chosenOf(tab), undefined, 'nor is its picture kept');
			await page.close();
		});

		test('popup, panel and report page: axe-core objects to nothing', {timeout: 120_000}, async () => {
			const page = await bench.open('nine.html');
			await until(async () => (await bench.badges(page)).length === 9, 'nine badges');
			const tab = await tabOf('nine.html');
			await openCard(page, 'ai-signed.jpg');
			await bench.popup.open(`?tab=${tab}`);
			await shows(bench.popup, '#list-note', /^9 of 9/);
			assert.equal(await bench.popup.evaluate(() => getComputedStyle(document.querySelector('#list .pill.ai_generated')).backgroundColor), 'rgb(84, 31, 174)', 'as its badge');
			await bench.popup.show();
			assert.deepEqual(await objections(bench.popup), []);
			const panel = await bench.ours(`panel.html?tab=${tab}`);
			await shows(panel, '#label', /^AI-generated$/);
			await panel.show();
			assert.deepEqual(await objections(panel), []);
			await panel.close();
			const report = await bench.browser.newPage();
			await report.goto(`${bench.server.address}/report/${sha256('ai-signed.jpg')}`);
			await report.waitForSelector('#report[data-state=found]');
			assert.deepEqual(await objections(report), []);
			assert.match(await report.$eval('#report', node => node.textContent), /AI-generated.*Content Credentials/s);
			await report.goto(`${bench.server.address}/report/${'0'.repeat(64)}`);
			await report.waitForSelector('#report[data-state=gone]');
			await report.select('#language', 'en');
			assert.match(await report.$eval('#report', node => node.textContent), /no longer kept/);
			await report.select('#language', 'zh_CN');
			await until(() => report.$eval('#report', node => /不再保存/.test(node.textContent)), 'and in Chinese');
			assert.deepEqual(await objections(report), []);
			await report.close();
			await page.close();
		});

		test('nothing in all of this went to any other host', () => {
			assert.deepEqual(bench.proxy.asked.filter((/** @type {string} */ url) => !BROWSERS_OWN.test(url)), []);
		});
	});
}
