/**
 * Take the pictures of the documentation and of the stores, in Chromium without a window:
 *
 *     node scripts/screenshots.mjs
 *
 * docs/states: each state of popup, welcome page and settings. docs/store: 1280 × 800 and the tile of 440 × 280.
 * `scripts.shrink` then makes them small.
 */

import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {pair, shows} from '../tests/browser/bench.mjs';
import {BROWSERS, until} from '../tests/browser/driver.mjs';
import {startSite} from '../tests/browser/site.mjs';
import {PYTHON, ROOT, drawPictures, startServer} from '../tests/browser/touchstone.mjs';
import {gallery} from './gallery.mjs';

const STORE = {width: 1280, height: 800};
const TILE = {width: 440, height: 280};
const POPUP = 340;
const PAGE = 760;

const states = join(ROOT, 'docs/states');
const store = join(ROOT, 'docs/store');
const parts = mkdtempSync(join(tmpdir(), 'touchstone-parts-'));
const data = (/** @type {string} */ file) => `data:image/png;base64,${readFileSync(file).toString('base64')}`;

/** Photograph a page of the extension at its own height. @param {any} ours @param {string} file @param {number} width */
async function photograph(ours, file, width) {
	await ours.size(width, 100);
	await ours.show();
	const height = await ours.evaluate(() => Math.ceil(document.documentElement.getBoundingClientRect().height));
	await ours.size(width, height);
	await ours.screenshot(file);
}

/** A store's picture: what is to be seen, under one sentence. @param {any} browser @param {string} file @param {string} title @param {string} inside */
async function compose(browser, file, title, inside, size = STORE, colours = 'background: #231a3d; color: #fff') {
	const page = await browser.newPage();
	await page.setViewport(size);
	await page.setContent(`<!doctype html><style>
		body { margin: 0; width: ${size.width}px; height: ${size.height}px; overflow: hidden; ${colours};
			font: 650 34px/1.25 system-ui, "Noto Sans", sans-serif; letter-spacing: -.01em; }
		h1 { font: inherit; margin: 0; padding: 34px 48px 26px; }
		main { position: relative; display: flex; gap: 20px; padding: 0 48px; align-items: start; }
		img.shot { display: block; border-radius: 12px; box-shadow: 0 12px 40px #0008; }
	</style>${title ? `<h1>${title}</h1>` : ''}<main>${inside}</main>`);
	await page.evaluate(() => Promise.all([...document.images].map(image => image.decode())));
	await page.screenshot({path: /** @type {any} */ (file)});
	await page.close();
}

/** What a person meets before all is set up. @param {any} driver @param {any} server @param {string} address */
async function before(driver, server, address) {
	const {ours} = driver;
	const [page, popup] = await pressed(driver, address);
	await shows(popup, '#state', /not running/);
	await photograph(popup, join(states, 'popup-away.png'), POPUP);
	const welcome = await ours('welcome.html');
	await welcome.show();
	await shows(welcome, '#state', /not running/);
	await welcome.press('#test');
	await shows(welcome, '#test-answer', /fails here/);
	await photograph(welcome, join(states, 'welcome-failing.png'), PAGE);
	await welcome.close();
	await popup.evaluate(address => {
		document.querySelector('#address').value = address;
		document.querySelector('#advanced').requestSubmit();
	}, server.address);
	await shows(popup, '#state', /Not paired/);
	await photograph(popup, join(states, 'popup-unpaired.png'), POPUP);
	await pair({popup, server});
	await popup.evaluate(() => { document.querySelector('details').open = false; });
	await shows(popup, '#reason', /until you ask/);
	await photograph(popup, join(states, 'popup-click.png'), POPUP);
	await Promise.all([popup.close(), page.close()]);
}

/** @param {any} driver @param {string} address */
async function openGallery(driver, address) {
	const page = await driver.browser.newPage();
	await page.setViewport({width: 1180, height: 700});
	await page.goto(`${address}/`);
	await page.bringToFront();
	return page;
}

/** The gallery, and the popup beside it after a press on our button. @param {any} driver @param {string} address @returns {Promise<any[]>} */
async function pressed(driver, address) {
	const page = await openGallery(driver, address);
	const opened = await driver.press(page);
	const tab = await until(() => opened.evaluate(async (/** @type {string} */ url) => (await chrome.tabs.query({})).find(tab => tab.url === url)?.id, page.url()), 'the tab may be known');
	// The popup itself has the size that Chromium gives it.
	return [page, await driver.ours(`popup.html?tab=${tab}`)];
}

/** All at work, on every site. @param {any} driver @param {string} address */
async function atWork(driver, address) {
	const welcome = await driver.ours('welcome.html');
	await welcome.show();
	await shows(welcome, '#state', /Ready/);
	await welcome.press('[value=everywhere]');
	await welcome.press('#test');
	await shows(welcome, '#test-answer', /All steps pass/);
	await photograph(welcome, join(states, 'welcome.png'), PAGE);
	await welcome.close();
	const page = await openGallery(driver, address);
	await page.setViewport({width: 1180, height: 1130});
	const badges = await until(async () => {
		const shown = (await driver.badges(page)).filter((/** @type {any} */ {hidden}) => !hidden);
		return shown.length === 9 && shown;
	}, 'nine badges');
	await page.screenshot({path: join(parts, 'whole.png')});
	await page.setViewport({width: 1180, height: 700});
	await page.screenshot({path: join(parts, 'page.png')});
	const first = badges.sort((/** @type {any} */ a, /** @type {any} */ b) => a.rect.y - b.rect.y || a.rect.x - b.rect.x)[0];
	await page.mouse.click(first.rect.x + 12, first.rect.y + 12);
	await until(async () => (await driver.badges(page, 'card')).length === 1, 'a card');
	await page.mouse.move(4, 4);
	await page.screenshot({path: join(parts, 'card.png')});
	const popup = await driver.ours('popup.html');
	const tab = await popup.evaluate(async (/** @type {string} */ url) => (await chrome.tabs.query({})).find(tab => tab.url === url)?.id, page.url());
	await popup.open(`?tab=${tab}`);
	await shows(popup, '#list-note', /9 of 9/);
	await photograph(popup, join(states, 'popup-list.png'), POPUP);
	const panel = await driver.ours(`panel.html?tab=${tab}`);
	await until(() => panel.evaluate(() => document.querySelector('#image').complete && !document.querySelector('#image').hidden), 'the panel');
	await photograph(panel, join(parts, 'panel.png'), 420);
	await panel.close();
	const options = await driver.ours('options.html');
	await shows(options, '#state', /Ready/);
	await photograph(options, join(states, 'options.png'), PAGE);
	await popup.evaluate(() => chrome.permissions.remove({origins: ['<all_urls>']}));
	await shows(popup, '#state', /Not allowed/);
	await photograph(popup, join(states, 'popup-not-allowed.png'), POPUP);
	// Nothing is asked from a page of ours that nobody looks at.
	await options.show();
	await shows(options, '#where-missing', /taken back/);
	await photograph(options, join(states, 'options-not-allowed.png'), PAGE);
	await Promise.all([popup.close(), options.close(), page.close()]);
}

/** @param {any} browser */
async function forStores(browser) {
	const shot = (/** @type {string} */ file, /** @type {number} */ width, style = '') => `<img class="shot" style="${style}" width="${width}" src="${data(file)}">`;
	await compose(browser, join(store, '1-page.png'), 'Every picture says what label it carries', shot(join(parts, 'page.png'), 1184));
	await compose(browser, join(store, '2-card.png'), 'A label is read, and an estimate stays an estimate', shot(join(parts, 'card.png'), 1184));
	await compose(browser, join(store, '3-panel.png'), 'All evidence, and what could not be looked at',
		shot(join(parts, 'whole.png'), 744) + shot(join(parts, 'panel.png'), 400));
	await compose(browser, join(store, '4-list.png'), 'The whole page at a glance, and as a file',
		shot(join(parts, 'whole.png'), 744) + shot(join(states, 'popup-list.png'), 372));
	await compose(browser, join(store, '5-welcome.png'), 'You decide where it looks', shot(join(states, 'welcome.png'), 700, 'margin: 0 auto'));
	const icon = data(join(ROOT, 'extension/icons/128.png'));
	await compose(browser, join(store, 'tile.png'), '', `<div style="display: grid; justify-items: center; gap: 14px; width: 100%; padding-top: 44px">
		<img width="96" src="${icon}"><span style="font-size: 40px">Touchstone</span>
		<span style="font: 500 17px/1.3 system-ui, 'Noto Sans', sans-serif; color: #4b4560; letter-spacing: 0">Does this picture carry an AI label?</span></div>`, TILE, 'background: #f6f4fb; color: #1b1030');
}

async function main() {
	const [chromium] = BROWSERS;
	[states, store].forEach(folder => mkdirSync(folder, {recursive: true}));
	const pictures = drawPictures();
	const page = gallery('en');
	const site = await startSite(path => path === '' ? page : pictures.get(path));
	const address = site.address.replace('127.0.0.1', 'localhost');
	const server = await startServer();
	const driver = await chromium.launch(chromium.path, {fresh: true});
	try {
		await before(driver, server, address);
		await driver.grant();
		await atWork(driver, address);
		await forStores(driver.browser);
	} finally {
		await driver.close().catch(() => {});
		await server.end();
		site.end();
		rmSync(parts, {recursive: true});
	}
	execFileSync(PYTHON, ['-m', 'scripts.shrink', states, store], {cwd: ROOT, stdio: 'inherit'});
}

await main();
