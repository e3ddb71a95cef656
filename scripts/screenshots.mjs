/**
 * Take the pictures of the documentation and of the stores, without a window, in both languages:
 *
 *     node scripts/screenshots.mjs
 *
 * docs/states: each state of popup, panel, welcome page and settings in Chromium; popup and panel in Firefox too.
 * docs/store: 1280 × 800 and the tile of 440 × 280. `scripts.shrink` then makes them small.
 */

import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {pair, shows} from '../tests/browser/bench.mjs';
import {BROWSERS, until} from '../tests/browser/driver.mjs';
import {startSite} from '../tests/browser/site.mjs';
import {PYTHON, ROOT, drawPictures, startServer} from '../tests/browser/touchstone.mjs';
import {texts} from '../tests/extension/catalogue.mjs';
import {gallery} from './gallery.mjs';

const STORE = {width: 1280, height: 800};
const TILE = {width: 440, height: 280};
const POPUP = 340;
const PAGE = 760;
const TALL = 2000;

const states = join(ROOT, 'docs/states');
const store = join(ROOT, 'docs/store');
const parts = mkdtempSync(join(tmpdir(), 'touchstone-parts-'));
/** @typedef {{browser: string, page: 'en' | 'zh', catalogue: string, suffix: string, titles: string[]}} Language */
/** @type {Language[]} browser: what the browser speaks; suffix: of the files; titles: of the stores' pictures */
const LANGUAGES = [
	{browser: 'en', page: 'en', catalogue: 'en', suffix: '', titles: [
		'Every picture says what label it carries', 'A label is read, and an estimate stays an estimate', 'All evidence, and what could not be looked at',
		'The whole page at a glance, and as a file', 'You decide where it looks', 'Does this picture carry an AI label?',
	]},
	{browser: 'zh-CN', page: 'zh', catalogue: 'zh_CN', suffix: '.zh-CN', titles: [
		'每张图片都说明带有什么标识', '标识如实读取，估计仍是估计', '全部依据，以及无法查看的内容', '整页结果一目了然，并可导出为文件', '在哪里检测由您决定', '这张图片带有AI标识吗？',
	]},
];
const data = (/** @type {string} */ file) => `data:image/png;base64,${readFileSync(file).toString('base64')}`;

/** Photograph a page of the extension at its own height. @param {any} ours @param {string} file @param {number} width */
async function photograph(ours, file, width) {
	await ours.show();
	// What is a share of the window's height grows with it.
	await ours.size(width, TALL);
	const height = await ours.evaluate(() => Math.ceil(document.documentElement.getBoundingClientRect().height));
	await ours.size(width, height);
	await ours.screenshot(file);
}

/** What a language calls something, up to the first value in it. @param {Language} language @param {string} key */
function said({catalogue}, key) {
	return new RegExp(texts(catalogue)(key).split('{')[0].replace(/[.?()]/g, '\\$&'));
}

/** A store's picture: what is to be seen, under one sentence. @param {any} browser @param {string} file @param {string} title @param {string} inside */
async function compose(browser, file, title, inside, size = STORE, colours = 'background: #231a3d; color: #fff') {
	const page = await browser.newPage();
	await page.setViewport(size);
	await page.setContent(`<!doctype html><style>
		body { margin: 0; width: ${size.width}px; height: ${size.height}px; overflow: hidden; ${colours};
			font: 650 34px/1.25 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; letter-spacing: -.01em; }
		h1 { font: inherit; margin: 0; padding: 34px 48px 26px; }
		main { position: relative; display: flex; gap: 20px; padding: 0 48px; align-items: start; }
		img.shot { display: block; border-radius: 12px; box-shadow: 0 12px 40px #0008; }
	</style>${title ? `<h1>${title}</h1>` : ''}<main>${inside}</main>`);
	await page.evaluate(() => Promise.all([...document.images].map(image => image.decode())));
	await page.screenshot({path: /** @type {any} */ (file)});
	await page.close();
}

/** What a person meets before all is set up. @param {any} driver @param {any} server @param {string} address @param {Language} language */
async function before(driver, server, address, language) {
	const {ours} = driver;
	const file = (/** @type {string} */ name) => join(states, `${name}${language.suffix}.png`);
	const [page, popup] = await pressed(driver, address);
	await shows(popup, '#state', said(language, 'server_away'));
	await photograph(popup, file('popup-away'), POPUP);
	const welcome = await ours('welcome.html');
	await welcome.show();
	await shows(welcome, '#state', said(language, 'server_away'));
	await welcome.press('#test');
	await shows(welcome, '#test-answer', said(language, 'test_failed'));
	await photograph(welcome, file('welcome-failing'), PAGE);
	await welcome.close();
	await popup.evaluate(address => {
		document.querySelector('#address').value = address;
		document.querySelector('#advanced').requestSubmit();
	}, server.address);
	await shows(popup, '#state', said(language, 'server_unpaired'));
	await photograph(popup, file('popup-unpaired'), POPUP);
	await pair({popup, server});
	await popup.evaluate(() => { document.querySelector('details').open = false; });
	await shows(popup, '#reason', said(language, 'reason_click'));
	await photograph(popup, file('popup-click'), POPUP);
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

/** All at work, on every site. @param {any} driver @param {string} address @param {Language} language */
async function atWork(driver, address, language) {
	const file = (/** @type {string} */ name) => join(states, `${name}${language.suffix}.png`);
	const welcome = await driver.ours('welcome.html');
	await welcome.show();
	await shows(welcome, '#state', said(language, 'server_ready'));
	await welcome.press('[value=everywhere]');
	await welcome.press('#test');
	await shows(welcome, '#test-answer', said(language, 'test_passed'));
	await photograph(welcome, file('welcome'), PAGE);
	await welcome.close();
	const page = await openGallery(driver, address);
	const first = await firstBadge(driver, page);
	await page.screenshot({path: join(parts, 'whole.png')});
	await page.setViewport({width: 1180, height: 700});
	await page.screenshot({path: join(parts, 'page.png')});
	await page.mouse.click(first.x + 12, first.y + 12);
	await until(async () => (await driver.badges(page, 'card')).length === 1, 'a card');
	await page.mouse.move(4, 4);
	await page.screenshot({path: join(parts, 'card.png')});
	const popup = await asked(driver, page.url(), file);
	const options = await driver.ours('options.html');
	await shows(options, '#state', said(language, 'server_ready'));
	await photograph(options, file('options'), PAGE);
	await popup.evaluate(() => chrome.permissions.remove({origins: ['<all_urls>']}));
	await shows(popup, '#state', said(language, 'server_no_permission'));
	await photograph(popup, file('popup-not-allowed'), POPUP);
	// Nothing is asked from a page of ours that nobody looks at.
	await options.show();
	await shows(options, '#where-missing', said(language, 'permission_missing_everywhere'));
	await photograph(options, file('options-not-allowed'), PAGE);
	await Promise.all([popup.close(), options.close(), page.close()]);
}

/** Where the first badge of the gallery is, when all nine are there. @param {any} driver @param {any} page */
async function firstBadge(driver, page) {
	await page.setViewport({width: 1180, height: 1130});
	const badges = await until(async () => {
		const shown = (await driver.badges(page)).filter((/** @type {any} */ {hidden}) => !hidden);
		return shown.length === 9 && shown;
	}, 'nine badges', 120_000);
	return badges.map((/** @type {any} */ {rect}) => rect).sort((/** @type {any} */ a, /** @type {any} */ b) => a.y - b.y || a.x - b.x)[0];
}

/** The popup's list and the panel of the picture whose card is open. @param {any} driver @param {string} url @param {(name: string) => string} file */
async function asked(driver, url, file) {
	const popup = await driver.ours('popup.html');
	const tab = await popup.evaluate(async (/** @type {string} */ url) => (await (globalThis.browser ?? chrome).tabs.query({})).find(tab => tab.url === url)?.id, url);
	await popup.open(`?tab=${tab}`);
	await shows(popup, '#list-note', /9.*9/);
	await photograph(popup, file('popup-list'), POPUP);
	const panel = await driver.ours(`panel.html?tab=${tab}`);
	await until(() => panel.evaluate(() => {
		const image = document.querySelector('#image');
		return image.complete && !image.hidden && document.querySelector('#closer').textContent === '';
	}), 'the panel', 60_000);
	await photograph(panel, file('panel'), 420);
	await panel.close();
	return popup;
}

/** Popup and panel as Firefox draws them. @param {any} server @param {string} address @param {Language} language */
async function inFirefox(server, address, language) {
	const firefox = BROWSERS[1];
	const driver = await firefox.launch(firefox.path, {language: language.browser === 'en' ? 'en-US' : language.browser});
	try {
		await pair({popup: driver.popup, server});
		const page = await openGallery(driver, address);
		const first = await firstBadge(driver, page);
		await page.mouse.click(first.x + 12, first.y + 12);
		await until(async () => (await driver.badges(page, 'card')).length === 1, 'a card');
		await asked(driver, page.url(), name => join(states, `${name}.firefox${language.suffix}.png`));
	} finally {
		await driver.close().catch(() => {});
	}
}

/** @param {any} browser @param {Language} language */
async function forStores(browser, {suffix, titles}) {
	const shot = (/** @type {string} */ file, /** @type {number} */ width, style = '') => `<img class="shot" style="${style}" width="${width}" src="${data(file)}">`;
	const state = (/** @type {string} */ name) => join(states, `${name}${suffix}.png`);
	const whole = shot(join(parts, 'whole.png'), 744);
	const inside = {
		'1-page': shot(join(parts, 'page.png'), 1184), '2-card': shot(join(parts, 'card.png'), 1184),
		'3-panel': whole + shot(state('panel'), 400), '4-list': whole + shot(state('popup-list'), 372),
		'5-welcome': shot(state('welcome'), 700, 'margin: 0 auto'),
	};
	for (const [at, [name, shown]] of Object.entries(inside).entries()) {
		await compose(browser, join(store, `${name}${suffix}.png`), titles[at], shown);
	}
	const icon = data(join(ROOT, 'extension/icons/128.png'));
	await compose(browser, join(store, `tile${suffix}.png`), '', `<div style="display: grid; justify-items: center; gap: 14px; width: 100%; padding-top: 44px">
		<img width="96" src="${icon}"><span style="font-size: 40px">Touchstone</span>
		<span style="font: 500 17px/1.3 system-ui, 'Noto Sans', 'Noto Sans CJK SC', sans-serif; color: #4b4560; letter-spacing: 0">${titles[5]}</span></div>`, TILE, 'background: #f6f4fb; color: #1b1030');
}

/** @param {Language} language @param {Map<string, Buffer>} pictures */
async function take(language, pictures) {
	const [chromium] = BROWSERS;
	const page = gallery(language.page);
	const site = await startSite(path => path === '' ? page : pictures.get(path));
	const address = site.address.replace('127.0.0.1', 'localhost');
	const server = await startServer();
	const driver = await chromium.launch(chromium.path, {fresh: true, language: language.browser});
	try {
		await before(driver, server, address, language);
		await driver.grant();
		await atWork(driver, address, language);
		await forStores(driver.browser, language);
		await inFirefox(server, address, language);
	} finally {
		await driver.close().catch(() => {});
		await server.end();
		site.end();
	}
}

[states, store].forEach(folder => mkdirSync(folder, {recursive: true}));
const pictures = drawPictures();
for (const language of LANGUAGES) {
	await take(language, pictures);
}
rmSync(parts, {recursive: true});
execFileSync(PYTHON, ['-m', 'scripts.shrink', states, store], {cwd: ROOT, stdio: 'inherit'});
