/**
 * Show Touchstone at work: a gallery of nine files in a browser with the extension, already paired.
 *
 *     node scripts/demo.mjs [--browser chromium|firefox] [--language en|zh-CN]
 *                           [--screenshot FILE [--card N [--panel]]] [--running]
 *
 * It starts a server of its own; --running uses the one at the default address instead.
 * --screenshot runs without a window, writes a PNG and ends; --card opens the Nth picture's card;
 * --panel takes the side panel's picture instead of the page's.
 */

import {execFileSync} from 'node:child_process';
import {parseArgs} from 'node:util';

import {pair} from '../tests/browser/bench.mjs';
import {BROWSERS, until} from '../tests/browser/driver.mjs';
import {startSite} from '../tests/browser/site.mjs';
import {PYTHON, ROOT, drawPictures, startServer} from '../tests/browser/touchstone.mjs';
import {gallery} from './gallery.mjs';

const WIDTH = 1180;
const HEIGHT = 1130;
const PANEL = [420, 1345];

/** A server that already runs at the default address, told a fresh code by the command line. */
function runningServer() {
	return {
		address: 'http://127.0.0.1:4543',
		code: () => execFileSync(PYTHON, ['-m', 'server', 'pair'], {cwd: ROOT, encoding: 'utf8'}).trim(),
		end: async () => {},
	};
}

/** @param {any} driver @param {import('puppeteer-core').Page} page @param {{screenshot?: string, card: string, panel: boolean}} wanted */
async function photograph(driver, page, {screenshot: file = '', card, panel}) {
	const badges = await until(async () => {
		const shown = (await driver.badges(page)).filter(({hidden}) => !hidden);
		return shown.length === 9 && shown;
	}, 'nine badges');
	if (Number(card) > 0) {
		const {rect} = badges.sort((a, b) => a.rect.y - b.rect.y || a.rect.x - b.rect.x)[Number(card) - 1];
		await page.mouse.click(rect.x + 12, rect.y + 12);
	}
	// The pointer must not hover over a badge in the picture.
	await page.mouse.move(4, 4);
	await new Promise(resolve => setTimeout(resolve, 600));
	await (panel ? photographPanel(driver, page, file) : page.screenshot({path: /** @type {any} */ (file)}));
}

/** @param {any} driver @param {import('puppeteer-core').Page} page @param {string} file */
async function photographPanel({popup, ours}, page, file) {
	const tab = await popup.evaluate(async url => (await (globalThis.browser ?? chrome).tabs.query({})).find(tab => tab.url === url).id, page.url());
	const panel = await ours(`panel.html?tab=${tab}`);
	await panel.size(...PANEL);
	await panel.show();
	await until(() => panel.evaluate(() => document.querySelector('#image').complete && !document.querySelector('#image').hidden), 'the panel');
	await panel.screenshot(file);
}

async function main() {
	const {values} = parseArgs({options: {
		browser: {type: 'string', default: 'chromium'}, language: {type: 'string', default: 'en'},
		screenshot: {type: 'string'}, card: {type: 'string', default: '0'}, panel: {type: 'boolean', default: false}, running: {type: 'boolean', default: false},
	}});
	const browser = BROWSERS.find(({kind}) => kind === values.browser);
	if (!browser?.path) {
		throw new Error(`There is no ${values.browser} here. Set CHROMIUM or FIREFOX to its path.`);
	}
	const pictures = drawPictures();
	const page = gallery(values.language.startsWith('zh') ? 'zh' : 'en');
	const site = await startSite(path => path === '' ? page : pictures.get(path));
	const server = values.running ? runningServer() : await startServer();
	const headless = values.screenshot !== undefined;
	const viewport = headless ? {width: WIDTH, height: HEIGHT} : null;
	const driver = await browser.launch(browser.path, {headless, viewport, language: values.language});
	try {
		await pair({popup: driver.popup, server});
		const tab = await driver.browser.newPage();
		await tab.goto(`${site.address}/`);
		await tab.bringToFront();
		if (values.screenshot) {
			await photograph(driver, tab, values);
		} else {
			await driver.popup.close();
			console.log(`The gallery is at ${site.address}/ in the window that has opened. Close the window to end.`);
			await new Promise(resolve => driver.browser.on('disconnected', resolve));
		}
	} finally {
		await driver.close().catch(() => {});
		await server.end();
		site.end();
	}
}

await main();
