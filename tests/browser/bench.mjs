/** One browser, one server, two sites: what every browser test stands on. */

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {until} from './driver.mjs';
import {startProxy, startSite} from './site.mjs';
import {drawPictures, startServer} from './touchstone.mjs';

const AXE = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/** What the gallery's files must be called, in the order of the page. */
export const EXPECTED = {
	'ai-signed.jpg': 'ai_generated',
	'ai-signed-altered.jpg': 'invalid_credential',
	'aigc-label-1.png': 'ai_generated',
	'aigc-label-2.jpg': 'possibly_ai',
	'iptc.jpg': 'ai_generated',
	'midjourney.png': 'ai_generated',
	'camera.jpg': 'unlabeled',
	'broken.jpg': 'not_checked',
	'missing.jpg': 'not_checked',
};

// What browsers ask their makers for by themselves, in spite of all flags.
export const BROWSERS_OWN = /^(https?:\/\/)?([\w-]+\.)*(google\.com|googleapis\.com|gstatic\.com|gvt1\.com|mozilla\.(com|org|net)|firefox\.com)(:443)?(\/|$)/;

/**
 * Start everything and pair. `pages` are the HTML pages of the site, by name; `{other}` in them is
 * the address of the other origin.
 * @param {{path: string, launch: Function}} browser
 * @param {Record<string, string>} pages
 * @param {string} [policy]
 * @param {import('./driver.mjs').Options & {rename?: (address: string) => string, publicSite?: boolean, hosts?: [string, string], program?: string[]}} [options] rename: what
 *   the sites are called; publicSite: for the browser the first is a part of the internet; hosts: of the sites, all requests are noted; program: what Python runs as the server
 */
export async function setUp({path, launch}, pages, policy = 'cautious', {rename = address => address, publicSite = false, hosts, program, ...options} = {}) {
	const pictures = drawPictures();
	/** @type {Record<string, string>} */
	const sites = {};
	const loopback = (/** @type {string} */ host) => host.startsWith('127.0.0.1:') ? `http://${host}` : undefined;
	const [server, proxy, other] = await Promise.all([
		startServer(policy, program), startProxy(host => hosts && (sites[host] ?? loopback(host))), startSite(name => pictures.get(name)),
	]);
	const named = (/** @type {string} */ address, /** @type {string | undefined} */ host) => {
		sites[host ?? ''] = address;
		return host ? `http://${host}` : rename(address);
	};
	other.address = named(other.address, hosts?.[1]);
	const site = await startSite(name => pages[name]?.replaceAll('{other}', other.address) ?? pictures.get(name));
	site.address = named(site.address, hosts?.[0]);
	const {host} = new URL(site.address);
	const outside = publicSite ? {
		args: [`--ip-address-space-overrides=${host}=public`],
		prefs: {'network.lna.enabled': true, 'network.lna.blocking': true, 'network.lna.address_space.public.override': host},
	} : {};
	const noted = hosts ? {args: ['--proxy-bypass-list=<-loopback>'], prefs: {'network.proxy.allow_hijacking_localhost': true}} : {};
	const driver = await launch(path, {proxy: proxy.address, ...outside, ...noted, ...options});
	const bench = {
		...driver, server, proxy, site, other, pictures,
		/** Open a page of the site in front. @param {string} name */
		open: async name => {
			const page = await driver.browser.newPage();
			await page.goto(`${site.address}/${name}`);
			await page.bringToFront();
			return page;
		},
		end: async () => {
			await driver.close();
			await server.end();
			[site, other, proxy].forEach(started => started.end());
		},
	};
	return bench;
}

/** Point the popup at the server and type the code, as a person does. */
export async function pair({popup, server}) {
	await popup.show();
	await popup.evaluate(address => {
		document.querySelector('details').open = true;
		document.querySelector('#address').value = address;
		document.querySelector('#advanced button').click();
	}, server.address);
	await until(() => popup.evaluate(() => !document.querySelector('#pairing').hidden), 'the pairing form is shown');
	await popup.type('#code', server.code());
	await popup.evaluate(() => document.querySelector('#pairing button').click());
	await until(() => popup.evaluate(() => document.querySelector('#light').dataset.state === 'ready'), 'paired');
}

/** Close what tests have opened of the site: a test that failed leaves no page to the next. */
export async function closePages({browser, site}) {
	for (const page of await browser.pages()) {
		await (page.url().startsWith(site.address) && page.close());
	}
}

/**
 * Look into the extension and the card of a bench that is set up when they are asked.
 * @param {() => any} bench
 */
export function looks(bench) {
	const api = (act, ...values) => bench().popup.evaluate(act, ...values);
	const within = async (page, name) => (await bench().badges(page, name)).filter(({hidden}) => !hidden);
	return {
		api, within,
		tabOf: name => api(async name => (await (globalThis.browser ?? chrome).tabs.query({})).find(({url}) => url?.includes(name))?.id, name),
		chosenOf: tab => api(async key => (await (globalThis.browser ?? chrome).storage.session.get(key))[key], `chosen/${tab}`),
		/** Open the card of an image by its badge, in place of one that is open and may lie above it. */
		openCard: async (page, alt) => {
			await page.bringToFront();
			await page.keyboard.press('Escape');
			await until(async () => (await within(page, 'card')).length === 0, 'no card');
			await page.evaluate(alt => document.querySelector(`[alt="${alt}"]`).scrollIntoView({block: 'nearest'}), alt);
			const {rect} = await until(async () => badgeOn(await bench().badges(page), (await imagesOf(page))[alt]), `the badge of ${alt}`);
			await page.mouse.click(rect.x + 8, rect.y + 8);
			await until(async () => (await within(page, 'card')).length === 1, 'a card');
		},
		/** Press a button of the open card, by the keyboard. */
		pressInCard: async (page, name) => {
			for (let i = 0; i < 6 && !(await within(page, name))[0]?.focused; i++) {
				await page.keyboard.press('Tab');
			}
			assert.ok((await within(page, name))[0]?.focused, `${name} has the focus`);
			await page.keyboard.press('Enter');
		},
	};
}

/**
 * A function that names a test of one page, which is opened for it and closed after it.
 * @param {(name: string) => Promise<any>} open
 */
export function pageTests(open) {
	return (title, name, run, options = {}) => void test(title, {timeout: 90_000, ...options}, async () => {
		const page = await open(name);
		try {
			await run(page);
		} finally {
			await page.close();
		}
	});
}

/** The rects of images by file name (alt). @param {import('puppeteer-core').Page | import('puppeteer-core').Frame} page */
export function imagesOf(page) {
	return page.evaluate(() => Object.fromEntries([...document.querySelectorAll('img')].map(image => {
		const {x, y, width, height} = image.getBoundingClientRect();
		return [image.alt, {x, y, width, height}];
	})));
}

/** The badge that lies in the upper corner of a rect. */
export function badgeOn(badges, rect) {
	return badges.find(({hidden, rect: {x, y}}) => !hidden && Math.abs(x - rect.x - 8) < 6 && Math.abs(y - rect.y - 8) < 2);
}

/**
 * Wait until each named image has its badge in its corner.
 * @param {Record<string, string>} expected label by alt, `none` for no badge
 * @param {number} [ms]
 */
export async function assertBadges(bench, page, expected, ms) {
	let problem = '';
	try {
		await until(async () => {
			const [images, badges] = [await imagesOf(page), await bench.badges(page)];
			const labels = Object.fromEntries(Object.keys(expected).map(alt => [alt, badgeOn(badges, images[alt])?.label ?? 'none']));
			try {
				assert.deepEqual(labels, expected);
			} catch (error) {
				problem = `${error.message}\n${JSON.stringify({images, badges})}`;
				return false;
			}
			return true;
		}, 'badges', ms);
	} catch {
		assert.fail(problem);
	}
}

/** Let the page settle: two frames and the time a badge may take to follow. */
export async function settle(page) {
	await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 350)))));
}

/** The colour that is drawn at a point of the viewport: [red, green, blue]. @returns {Promise<number[]>} */
export async function pixel(page, x, y) {
	const png = await page.screenshot({encoding: 'base64', clip: {x: Math.round(x), y: Math.round(y), width: 1, height: 1}, captureBeyondViewport: false});
	return page.evaluate(async png => {
		const canvas = new OffscreenCanvas(1, 1).getContext('2d');
		canvas.drawImage(await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob()), 0, 0);
		return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
	}, png);
}

/** All that axe-core objects to on a page, in its words. @param {any} ours */
export async function objections(ours) {
	await ours.evaluate(Object.assign(() => {}, {toString: () => `() => { ${AXE} }`}));
	return ours.evaluate(async () => {
		const {violations} = await axe.run(document, {resultTypes: ['violations']});
		return violations.map(({id, nodes}) => `${id}: ${nodes.map(({html, failureSummary}) => `${html} ${failureSummary}`).join('; ')}`);
	});
}

/** The text of an element of a page of ours. @param {any} ours @param {string} selector @returns {Promise<string>} */
export function text(ours, selector) {
	return ours.evaluate(selector => document.querySelector(selector)?.textContent ?? '', selector);
}

/** Wait until an element of a page of ours says something. @param {any} ours @param {string} selector @param {RegExp} pattern */
export async function shows(ours, selector, pattern) {
	await until(async () => pattern.test(await text(ours, selector)), `${selector} shows ${pattern}`)
		.catch(async error => assert.fail(`${error.message}, but ${await text(ours, selector)}`));
}
