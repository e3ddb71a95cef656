/** Starts a real Chromium or Firefox with the extension, and looks at what it drew. */

import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

import puppeteer from 'puppeteer-core';

const EXTENSION = fileURLToPath(new URL('../../extension', import.meta.url));
const ID = JSON.parse(readFileSync(join(EXTENSION, 'manifest.json'), 'utf8')).browser_specific_settings.gecko.id;
// Firefox gives each installation another address; a fixed one lets the test open the popup.
const UUID = '6c5f8d3e-1f5b-4b3a-9c0e-2a7f0f6f9a11';
const TAG = 'touchstone-badges';
export const VIEWPORT = {width: 1000, height: 800};

/** @typedef {{label: string, name: string, size: string, hidden: boolean, rect: {x: number, y: number, width: number, height: number}}} Seen */
/** A page of the extension. */
/** @typedef {{evaluate(act: Function | string, ...values: any[]): Promise<any>, type(selector: string, text: string): Promise<void>, show(): Promise<void>, open(query: string): Promise<void>, size(width: number, height: number): Promise<void>, screenshot(path: string): Promise<void>, close(): Promise<void>}} Popup */

/** The browsers to test, each with its program; a test of an absent one is skipped. */
export const BROWSERS = [
	{kind: 'chromium', path: program(process.env.CHROMIUM, ['chromium', 'google-chrome', 'chromium-browser']), launch: launchChromium},
	{kind: 'firefox', path: program(process.env.FIREFOX, ['firefox', 'firefox-esr']), launch: launchFirefox},
];

/** @param {string | undefined} named @param {string[]} names */
function program(named, names) {
	const found = name => spawnSync('/bin/sh', ['-c', `command -v ${name}`], {encoding: 'utf8'}).stdout.trim();
	return named || names.map(found).find(Boolean) || '';
}

/** @param {string} path @param {{proxy?: string, language?: string, headless?: boolean, viewport?: any}} [options] */
async function launchChromium(path, {proxy = '', language = 'en', headless = true, viewport = VIEWPORT} = {}) {
	const downloads = mkdtempSync(join(tmpdir(), 'touchstone-downloads-'));
	const browser = await puppeteer.launch({
		executablePath: path,
		headless,
		downloadBehavior: {policy: 'allow', downloadPath: downloads},
		pipe: true,
		enableExtensions: [EXTENSION],
		defaultViewport: viewport,
		env: {...process.env, LANGUAGE: language.replace('-', '_')},
		args: [
			`--lang=${language}`, '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
			'--disable-default-apps', '--disable-domain-reliability', '--metrics-recording-only', '--no-pings',
			'--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,CertificateTransparencyComponentUpdater',
			...process.getuid?.() === 0 ? ['--no-sandbox'] : [],
			...proxy ? [`--proxy-server=${proxy}`] : [],
		],
	});
	const worker = await browser.waitForTarget(target => target.type() === 'service_worker');
	const origin = `chrome-extension://${new URL(worker.url()).host}`;
	const ours = async (/** @type {string} */ file) => {
		const page = await browser.newPage();
		await page.goto(`${origin}/${file}`);
		return chromiumOurs(page);
	};
	return {
		browser, origin, downloads, ours,
		popup: await ours('popup.html'),
		/** The side panel, which is no tab. */
		sidePanel: async () => chromiumOurs(await (await browser.waitForTarget(target => target.url() === `${origin}/panel.html`)).asPage()),
		badges: (page, selector) => chromiumBadges(page, selector),
		close: async () => {
			await browser.close();
			rmSync(downloads, {recursive: true, force: true});
		},
	};
}

/** @param {import('puppeteer-core').Page} page @returns {Popup} */
function chromiumOurs(page) {
	return {
		evaluate: (act, ...values) => page.evaluate(/** @type {any} */ (act), ...values),
		type: (selector, text) => page.type(selector, text),
		show: () => page.bringToFront(),
		open: async query => void await page.goto(page.url().replace(/\?.*|$/, query)),
		size: (width, height) => page.setViewport({width, height}),
		screenshot: async file => void await page.screenshot({path: /** @type {any} */ (file)}),
		close: () => page.close(),
	};
}

/** Only the debugger sees into a closed shadow root; a page cannot. @param {import('puppeteer-core').Page} page */
async function chromiumBadges(page, selector = 'badge') {
	const session = await page.createCDPSession();
	try {
		const {root} = await session.send('DOM.getDocument', {depth: -1, pierce: true});
		const found = [];
		const visit = (/** @type {any} */ node, inside = false) => {
			const ours = inside || node.localName === TAG;
			const attributes = Object.fromEntries(pairs(node.attributes ?? []));
			if (ours && attributes.class?.split(' ').includes(selector)) {
				found.push({attributes, id: node.backendNodeId});
			}
			for (const child of [...node.children ?? [], ...node.shadowRoots ?? [], ...node.contentDocument ? [node.contentDocument] : []]) {
				visit(child, ours);
			}
		};
		visit(root);
		return await Promise.all(found.map(async ({attributes, id}) => {
			const {object} = await session.send('DOM.resolveNode', {backendNodeId: id});
			const {result} = await session.send('Runtime.callFunctionOn', {
				objectId: object.objectId, functionDeclaration: String(look), returnByValue: true,
			});
			return seen(attributes, result.value);
		}));
	} finally {
		await session.detach();
	}
}

/** @param {string[]} flat */
function pairs(flat) {
	return flat.flatMap((name, at) => at % 2 ? [] : [[name, flat[at + 1]]]);
}

/** Runs in the page, on a node of ours. */
function look() {
	const {x, y, width, height} = this.getBoundingClientRect();
	return {text: this.textContent, rect: {x, y, width, height}, focused: this.getRootNode().activeElement === this};
}

/** @returns {Seen} */
function seen(attributes, looked) {
	return {
		label: attributes.class.split(' ').at(-1),
		name: attributes['aria-label'],
		size: attributes['data-size'] ?? '',
		hidden: 'hidden' in attributes,
		...looked,
	};
}

/** @param {string} path @param {{proxy?: string, language?: string, headless?: boolean, viewport?: any}} [options] */
async function launchFirefox(path, {proxy = '', language = 'en-US', headless = true, viewport = VIEWPORT} = {}) {
	const [host, port] = proxy ? [new URL(proxy).hostname, Number(new URL(proxy).port)] : ['', 0];
	const profile = mkdtempSync(join(tmpdir(), 'touchstone-firefox-'));
	const downloads = mkdtempSync(join(tmpdir(), 'touchstone-downloads-'));
	const browser = await puppeteer.launch({
		browser: 'firefox',
		executablePath: path,
		headless,
		userDataDir: profile,
		defaultViewport: viewport,
		// Without it a test may not open a page of the extension.
		args: ['--remote-allow-system-access'],
		extraPrefsFirefox: {
			'extensions.webextensions.uuids': JSON.stringify({[ID]: UUID}),
			'intl.locale.requested': language,
			'browser.download.folderList': 2, 'browser.download.dir': downloads, 'browser.download.useDownloadDir': true,
			'app.normandy.enabled': false, 'app.update.disabledForTesting': true, 'browser.region.network.url': '',
			'browser.safebrowsing.downloads.enabled': false, 'browser.safebrowsing.malware.enabled': false,
			'browser.safebrowsing.phishing.enabled': false, 'browser.search.update': false, 'captivedetect.canonicalURL': '',
			'datareporting.healthreport.uploadEnabled': false, 'extensions.getAddons.cache.enabled': false,
			'extensions.systemAddon.update.enabled': false, 'extensions.update.enabled': false, 'geo.provider.testing': true,
			'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false,
			'services.settings.server': 'data:,#remote-settings-dummy/v1', 'toolkit.telemetry.server': '',
			...proxy ? {'network.proxy.type': 1, 'network.proxy.http': host, 'network.proxy.http_port': port, 'network.proxy.ssl': host, 'network.proxy.ssl_port': port} : {},
		},
	});
	await browser.installExtension(EXTENSION);
	const send = async (method, params) => {
		const {result} = await /** @type {any} */ (browser).connection.send(method, params);
		if (result.type === 'exception') {
			throw new Error(result.exceptionDetails.text);
		}
		return result;
	};
	return {
		browser,
		origin: `moz-extension://${UUID}`,
		downloads,
		send,
		ours: (/** @type {string} */ file) => firefoxOurs(send, file),
		popup: await firefoxOurs(send, 'popup.html'),
		badges: (page, selector) => firefoxBadges(send, page, selector),
		close: async () => {
			await browser.close();
			[profile, downloads].forEach(folder => rmSync(folder, {recursive: true, force: true}));
		},
	};
}

/** @param {any} send @param {string} file @returns {Promise<Popup>} */
async function firefoxOurs(send, file) {
	const {context} = await send('browsingContext.create', {type: 'tab'});
	const call = async (act, ...values) => {
		const {result} = await send('script.callFunction', {
			functionDeclaration: `async (...values) => JSON.stringify(await (${act})(...values.map(JSON.parse)))`,
			arguments: values.map(value => ({type: 'string', value: JSON.stringify(value)})),
			target: {context}, awaitPromise: true, userActivation: true,
		});
		return result.value === undefined ? undefined : JSON.parse(result.value);
	};
	const [name] = file.split('?');
	const open = async (query = file.slice(name.length)) => {
		await send('browsingContext.navigate', {context, url: `moz-extension://${UUID}/${name}${query}`, wait: 'none'});
		// Its script has run: all texts are there.
		await until(() => call(() => document.querySelector('[data-text]')?.textContent).catch(() => ''));
	};
	await open();
	return {
		evaluate: call,
		open,
		show: () => send('browsingContext.activate', {context}),
		size: (width, height) => send('browsingContext.setViewport', {context, viewport: {width, height}}),
		type: async (selector, text) => {
			await send('browsingContext.activate', {context});
			await call(selector => document.querySelector(selector).focus(), selector);
			const actions = [...text].flatMap(value => [{type: 'keyDown', value}, {type: 'keyUp', value}]);
			await send('input.performActions', {context, actions: [{type: 'key', id: 'keyboard', actions}]});
		},
		screenshot: async file => {
			const {data} = await send('browsingContext.captureScreenshot', {context});
			writeFileSync(file, Buffer.from(data, 'base64'));
		},
		close: () => send('browsingContext.close', {context}),
	};
}

/** WebDriver BiDi serializes closed shadow roots too. */
async function firefoxBadges(send, page, selector = 'badge') {
	const found = [];
	for (const frame of page.frames()) {
		const context = frame._id ?? frame.browsingContext?.id;
		const {result} = await send('script.evaluate', {
			expression: `document.querySelector('${TAG}')`, target: {context}, awaitPromise: false,
			serializationOptions: {maxDomDepth: 4, includeShadowTree: 'all'},
		});
		const within = (/** @type {any} */ node) => (node.value?.children ?? []).flatMap((/** @type {any} */ child) => [child, ...within(child)]);
		for (const node of within(result.value?.shadowRoot ?? {})) {
			const {attributes = {}} = node.value;
			if (attributes.class?.split(' ').includes(selector)) {
				const looked = await send('script.callFunction', {
					functionDeclaration: `function () { return JSON.stringify((${look}).call(this)); }`,
					this: {sharedId: node.sharedId}, target: {context}, awaitPromise: false,
				});
				found.push(seen(attributes, JSON.parse(looked.result.value)));
			}
		}
	}
	return found;
}

/**
 * Wait until something is true; returns it. Throws with what was seen last.
 * @template T
 * @param {() => T | Promise<T>} look
 * @param {string} [what]
 * @param {number} [ms]
 * @returns {Promise<T>}
 */
export async function until(look, what = String(look), ms = 20_000) {
	const end = Date.now() + ms;
	for (;;) {
		const value = await look();
		if (value) {
			return value;
		}
		if (Date.now() > end) {
			throw new Error(`Not within ${ms} ms: ${what}`);
		}
		await new Promise(resolve => setTimeout(resolve, 100));
	}
}
