/** Starts a real Chromium or Firefox with the extension, and looks at what it drew. */

import {spawnSync} from 'node:child_process';
import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

import puppeteer from 'puppeteer-core';

export const EXTENSION = fileURLToPath(new URL('../../extension', import.meta.url));
const ID = JSON.parse(readFileSync(join(EXTENSION, 'manifest.json'), 'utf8')).browser_specific_settings.gecko.id;
// Firefox gives each installation another address; a fixed one lets the test open the popup.
const UUID = '6c5f8d3e-1f5b-4b3a-9c0e-2a7f0f6f9a11';
const TAG = 'touchstone-badges';
export const VIEWPORT = {width: 1000, height: 800};
/** Until the extension is loaded and asked; a quiet machine needs a tenth of it. */
const READY_MS = 40_000;

/** @typedef {{label: string, name: string, size: string, hidden: boolean, rect: {x: number, y: number, width: number, height: number}}} Seen */
/** A page of the extension. */
/** @typedef {{evaluate(act: Function | string, ...values: any[]): Promise<any>, press(selector: string): Promise<void>, type(selector: string, text: string): Promise<void>, show(): Promise<void>, open(query: string): Promise<void>, size(width: number, height: number): Promise<void>, screenshot(path: string): Promise<void>, close(): Promise<void>}} Popup */

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

/**
 * @typedef {object} Options
 * @property {string} [proxy]
 * @property {string} [language]
 * @property {boolean} [headless]
 * @property {any} [viewport]
 * @property {boolean} [fresh] as installed: nothing is decided yet, and no page may be read
 * @property {string} [extension] the folder of another build of it
 * @property {Record<string, string>} [env]
 * @property {string[]} [args] Chromium's own
 * @property {Record<string, any>} [prefs] Firefox's own
 */

/**
 * A copy of the extension, with the right to all pages at install or as shipped. Chromium's question cannot be
 * answered without a screen; but what was a right at install stays given when the same extension makes it optional.
 * @param {string} folder
 * @param {string} from
 */
function copyOfExtension(folder, from) {
	const file = join(folder, 'manifest.json');
	cpSync(from, folder, {recursive: true});
	const manifest = JSON.parse(readFileSync(file, 'utf8'));
	const withRights = {...manifest, version_name: 'with rights', host_permissions: [...manifest.host_permissions, ...manifest.optional_host_permissions]};
	return {
		asShipped: () => writeFileSync(file, JSON.stringify({...manifest, version_name: 'as shipped'})),
		withRights: () => writeFileSync(file, JSON.stringify(withRights)),
	};
}

/**
 * Start it and load the extension. Beside much other work a first page sometimes never answers: such a
 * Chromium is ended, not left behind, and another is started.
 * @param {string} path
 * @param {Options} [options]
 */
async function launchChromium(path, options = {}, tries = 2) {
	const downloads = mkdtempSync(join(tmpdir(), 'touchstone-downloads-'));
	const folder = mkdtempSync(join(tmpdir(), 'touchstone-extension-'));
	const forget = () => [downloads, folder].forEach(made => rmSync(made, {recursive: true, force: true}));
	/** @type {import('puppeteer-core').Browser | undefined} */
	let browser;
	/** @type {NodeJS.Timeout | undefined} */
	let clock;
	const late = new Promise((_, reject) => {
		clock = setTimeout(() => reject(new Error(`Chromium was not ready within ${READY_MS} ms.`)), READY_MS);
	});
	try {
		const ready = startChromium(path, options, downloads, folder, started => {
			browser = started;
		});
		// Where it fails after the time is over, the reason is told already.
		ready.catch(() => {});
		const driver = await Promise.race([ready, late]);
		return {...driver, close: async () => {
			await driver.close();
			forget();
		}};
	} catch (error) {
		browser?.process()?.kill('SIGKILL');
		forget();
		if (tries > 1) {
			return launchChromium(path, options, tries - 1);
		}
		throw error;
	} finally {
		clearTimeout(clock);
	}
}

/** @param {string} path @param {Options} options @param {string} downloads @param {string} folder @param {(browser: import('puppeteer-core').Browser) => void} started */
async function startChromium(path, {proxy = '', language = 'en', headless = true, viewport = VIEWPORT, fresh = false, extension = EXTENSION, env = {}, args = []}, downloads, folder, started) {
	const copy = copyOfExtension(folder, extension);
	copy.withRights();
	const browser = await puppeteer.launch({
		executablePath: path,
		headless,
		downloadBehavior: {policy: 'allow', downloadPath: downloads},
		pipe: true,
		enableExtensions: [folder],
		defaultViewport: viewport,
		env: {...process.env, LANGUAGE: language.replace('-', '_'), ...env},
		args: [
			`--lang=${language}`, '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
			'--disable-default-apps', '--disable-domain-reliability', '--metrics-recording-only', '--no-pings',
			'--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,CertificateTransparencyComponentUpdater',
			...process.getuid?.() === 0 ? ['--no-sandbox'] : [],
			...proxy ? [`--proxy-server=${proxy}`] : [], ...args,
		],
	});
	started(browser);
	const worker = await browser.waitForTarget(target => target.type() === 'service_worker');
	const origin = `chrome-extension://${new URL(worker.url()).host}`;
	/** Look at the extension from within; null while it is loaded, for a page that opens then is closed with it. @param {() => Promise<any>} look */
	const within = async look => {
		const page = await browser.newPage();
		// A question to a page that goes with the extension may never be answered.
		const unanswered = new Promise(resolve => setTimeout(resolve, 5000, null).unref());
		try {
			await page.goto(`${origin}/popup.html`, {timeout: 3000});
			return await Promise.race([page.evaluate(look), unanswered]);
		} catch {
			return null;
		} finally {
			await Promise.race([page.close().catch(() => {}), unanswered]);
		}
	};
	/** @param {'asShipped' | 'withRights'} how */
	const load = async how => {
		copy[how]();
		await browser.installExtension(folder);
		const named = how === 'asShipped' ? 'as shipped' : 'with rights';
		await until(async () => await within(async () => chrome.runtime.getManifest().version_name) === named, `the extension is loaded ${named}`);
	};
	const grant = async () => {
		await load('withRights');
		await load('asShipped');
	};
	await load('asShipped');
	if (fresh) {
		await within(() => chrome.permissions.remove({origins: ['<all_urls>']}));
		// Chromium has taken the right to the server back with the one to all sites.
		await load('asShipped');
	}
	const ours = async (/** @type {string} */ file) => {
		const page = await browser.newPage();
		await page.goto(`${origin}/${file}`);
		return chromiumOurs(page);
	};
	if (!fresh) {
		await decide(await ours('welcome.html'));
	}
	return {
		browser, origin, downloads, ours, grant,
		popup: await ours('popup.html'),
		pages: () => browser.pages(true),
		/** Stop the background, as the browser does when it has been idle. */
		stopBackground: async () => {
			const target = await browser.waitForTarget(target => target.type() === 'service_worker' && target.url().startsWith(origin));
			await (await target.worker())?.close();
		},
		/** Let the extension into private windows, as the person does on the browser's page of extensions. */
		allowPrivate: async () => {
			const page = await browser.newPage();
			await page.goto('chrome://extensions/');
			await page.evaluate(async extensionId => {
				const {developerPrivate} = /** @type {any} */ (chrome);
				// Without it an unpacked extension is switched off as soon as it is loaded anew.
				await developerPrivate.updateProfileConfiguration({inDeveloperMode: true});
				await developerPrivate.updateExtensionConfiguration({extensionId, incognitoAccess: true});
			}, new URL(origin).host);
			await page.close();
			await until(() => within(() => chrome.extension.isAllowedIncognitoAccess()), 'the extension is let in');
		},
		/** Press our button in the toolbar while a tab is in front; returns the popup that opens. @param {import('puppeteer-core').Page} page */
		press: async page => {
			const session = await browser.target().createCDPSession();
			const {targetInfos} = await session.send('Target.getTargets', {filter: [{type: 'tab'}]});
			const tab = targetInfos.find(({url}) => url === page.url());
			const popups = () => browser.targets().filter(target => target.url() === `${origin}/popup.html`);
			const before = popups();
			await session.send(/** @type {any} */ ('Extensions.triggerAction'), {id: new URL(origin).host, targetId: tab?.targetId});
			await session.detach();
			const opened = await until(() => popups().find(target => !before.includes(target)), 'the popup opens');
			return chromiumOurs(await opened.asPage());
		},
		/** The side panel, which is no tab. */
		sidePanel: async () => chromiumOurs(await (await browser.waitForTarget(target => target.url() === `${origin}/panel.html`)).asPage()),
		badges: (page, selector) => chromiumBadges(page, selector),
		close: () => browser.close(),
	};
}

/** Choose "On every site" on the welcome page, as a person does. @param {Popup} welcome */
async function decide(welcome) {
	await welcome.show();
	// What the page still has to say moves what is to be pressed.
	await until(() => welcome.evaluate(() => document.querySelector('#step').textContent), 'the welcome page is complete');
	await welcome.press('[value=everywhere]');
	await until(() => welcome.evaluate(async () => {
		const {storage, permissions} = globalThis.browser ?? chrome;
		return (await storage.local.get('where')).where === 'everywhere' && permissions.contains({origins: ['<all_urls>']});
	}), 'the choice is kept');
	await welcome.close();
}

/** @param {import('puppeteer-core').Page} page @returns {Popup} */
function chromiumOurs(page) {
	return {
		evaluate: (act, ...values) => page.evaluate(/** @type {any} */ (act), ...values),
		press: async selector => {
			// A welcome page that opens meanwhile takes the front, and a page behind is never drawn.
			await page.bringToFront();
			await page.click(selector);
		},
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
	return {text: this.textContent, role: this.role, rect: {x, y, width, height}, focused: this.getRootNode().activeElement === this};
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

/** @param {string} path @param {Options} [options] */
async function launchFirefox(path, {proxy = '', language = 'en-US', headless = true, viewport = VIEWPORT, fresh = false, extension = EXTENSION, env = {}, prefs = {}} = {}) {
	const [host, port] = proxy ? [new URL(proxy).hostname, Number(new URL(proxy).port)] : ['', 0];
	const profile = mkdtempSync(join(tmpdir(), 'touchstone-firefox-'));
	const downloads = mkdtempSync(join(tmpdir(), 'touchstone-downloads-'));
	const browser = await puppeteer.launch({
		browser: 'firefox',
		executablePath: path,
		headless,
		userDataDir: profile,
		defaultViewport: viewport,
		env: {...process.env, ...env},
		// Without it a test may not open a page of the extension.
		args: ['--remote-allow-system-access'],
		extraPrefsFirefox: {
			'extensions.webextensions.uuids': JSON.stringify({[ID]: UUID}),
			'intl.locale.requested': language,
			// A test gives its consent by the click alone: nobody could answer the question.
			'extensions.webextOptionalPermissionPrompts': false,
			'browser.download.folderList': 2, 'browser.download.dir': downloads, 'browser.download.useDownloadDir': true,
			'app.normandy.enabled': false, 'app.update.disabledForTesting': true, 'browser.region.network.url': '',
			'browser.safebrowsing.downloads.enabled': false, 'browser.safebrowsing.malware.enabled': false,
			'browser.safebrowsing.phishing.enabled': false, 'browser.search.update': false, 'captivedetect.canonicalURL': '',
			'datareporting.healthreport.uploadEnabled': false, 'extensions.getAddons.cache.enabled': false,
			'extensions.systemAddon.update.enabled': false, 'extensions.update.enabled': false, 'geo.provider.testing': true,
			'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false,
			'services.settings.server': 'data:,#remote-settings-dummy/v1', 'toolkit.telemetry.server': '',
			...proxy ? {'network.proxy.type': 1, 'network.proxy.http': host, 'network.proxy.http_port': port, 'network.proxy.ssl': host, 'network.proxy.ssl_port': port} : {},
			...prefs,
		},
	});
	const send = async (method, params) => {
		const {result} = await /** @type {any} */ (browser).connection.send(method, params);
		if (result.type === 'exception') {
			throw new Error(result.exceptionDetails.text);
		}
		return result;
	};
	/** Run something in the browser itself. @param {string} expression */
	const inBrowser = async expression => {
		const {contexts} = await send('browsingContext.getTree', {'moz:scope': 'chrome'});
		return send('script.evaluate', {expression, target: {context: contexts[0].context}, awaitPromise: true});
	};
	if (!language.startsWith('en')) {
		// The extension speaks a language that this Firefox itself may have no texts in.
		await inBrowser(`Services.locale.availableLocales = ['${language}', 'en-US']; Services.locale.requestedLocales = ['${language}'];`);
	}
	await browser.installExtension(extension);
	const ours = (/** @type {string} */ file) => firefoxOurs(send, file);
	if (!fresh) {
		await decide(await ours('welcome.html'));
	}
	return {
		browser,
		origin: `moz-extension://${UUID}`,
		downloads,
		send,
		ours,
		popup: await ours('popup.html'),
		pages: () => browser.pages(),
		stopBackground: () => inBrowser(`WebExtensionPolicy.getByID('${ID}').extension.terminateBackground({ignoreDevToolsAttached: true})`),
		allowPrivate: () => inBrowser(`(async () => {
			const {ExtensionPermissions} = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
			const {AddonManager} = ChromeUtils.importESModule('resource://gre/modules/AddonManager.sys.mjs');
			await ExtensionPermissions.add('${ID}', {permissions: ['internal:privateBrowsingAllowed'], origins: []});
			await (await AddonManager.getAddonByID('${ID}')).reload();
		})()`),
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
		press: async selector => {
			await send('browsingContext.activate', {context});
			const {x, y} = await call(selector => {
				const element = document.querySelector(selector);
				element.scrollIntoView({block: 'center'});
				const {x, y, width, height} = element.getBoundingClientRect();
				return {x: Math.round(x + width / 2), y: Math.round(y + height / 2)};
			}, selector);
			const actions = [{type: 'pointerMove', x, y}, {type: 'pointerDown', button: 0}, {type: 'pointerUp', button: 0}];
			await send('input.performActions', {context, actions: [{type: 'pointer', id: 'mouse', actions}]});
		},
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
 * A browser without the extension, whose person may wish other colours, less motion, or paper.
 * @param {{kind: string, path: string}} browser
 */
export async function launchBare({kind, path}) {
	if (kind === 'chromium') {
		const browser = await puppeteer.launch({executablePath: path, headless: true, args: process.getuid?.() === 0 ? ['--no-sandbox'] : []});
		/** @type {Record<string, string>} */
		const features = {};
		const wish = async (/** @type {any} */ page, /** @type {string} */ name, /** @type {string} */ value) => {
			features[name] = value;
			const session = await page.createCDPSession();
			// The session stays: the wish ends with it.
			await session.send('Emulation.setEmulatedMedia', {features: Object.entries(features).map(([name, value]) => ({name, value}))});
		};
		return {
			browser, close: () => browser.close(),
			scheme: (page, scheme) => wish(page, 'prefers-color-scheme', scheme),
			reduceMotion: (page, on) => wish(page, 'prefers-reduced-motion', on ? 'reduce' : 'no-preference'),
			forceColours: (page, on) => wish(page, 'forced-colors', on ? 'active' : 'none'),
			print: (page, on) => page.emulateMediaType(on ? 'print' : null),
		};
	}
	const browser = await puppeteer.launch({browser: 'firefox', executablePath: path, headless: true, args: ['--remote-allow-system-access']});
	const run = async (/** @type {string} */ expression) => {
		const {connection} = /** @type {any} */ (browser);
		const {result: {contexts}} = await connection.send('browsingContext.getTree', {'moz:scope': 'chrome'});
		const {result} = await connection.send('script.evaluate', {expression, target: {context: contexts[0].context}, awaitPromise: true});
		if (result.type === 'exception') {
			throw new Error(result.exceptionDetails.text);
		}
		// What follows from a preference reaches the page a moment later.
		await new Promise(resolve => setTimeout(resolve, 500));
	};
	return {
		browser, close: () => browser.close(),
		scheme: (_, scheme) => run(`Services.prefs.setIntPref('layout.css.prefers-color-scheme.content-override', ${scheme === 'dark' ? 0 : 1})`),
		reduceMotion: (_, on) => run(`Services.prefs.setIntPref('ui.prefersReducedMotion', ${Number(on)})`),
		forceColours: (_, on) => run(`Services.prefs.setIntPref('browser.display.document_color_use', ${on ? 2 : 0})`),
		print: (_, on) => run(`gBrowser.selectedBrowser.browsingContext.mediumOverride = '${on ? 'print' : ''}'`),
	};
}

/** Press our entry in the picture's menu, which is open: Firefox lets a test see its own menu. @param {(method: string, params: object) => Promise<any>} send */
export async function pressMenuItem(send) {
	const {contexts} = await send('browsingContext.getTree', {'moz:scope': 'chrome'});
	const [{context}] = contexts;
	const run = async expression => (await send('script.evaluate', {expression, target: {context}, awaitPromise: true})).result.value;
	await until(() => run(`document.querySelector('#contentAreaContextMenu').state === 'open'`), 'the menu is open');
	const pressed = await run(`(() => {
		const menu = document.querySelector('#contentAreaContextMenu');
		const item = [...menu.querySelectorAll('menuitem')].find(({label, hidden}) => label === 'Check this picture' && !hidden);
		if (item) { menu.activateItem(item); } else { menu.hidePopup(); }
		return Boolean(item);
	})()`);
	if (!pressed) {
		throw new Error('our entry is not in the menu');
	}
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
