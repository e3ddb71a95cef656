/** What the extension remembers: server and credentials, where it looks, where it is paused, what is worth a badge. */

import {browser} from './browser.js';

/** @typedef {{id: string, token: string}} Credentials */
/** @typedef {'labels' | 'suspicion'} Threshold what is worth a badge: labels only, or suspicion by an estimate too */
/** @typedef {'full' | 'quiet' | 'minimal'} Density how much badges say: always words, a dot for what has no label, AI and suspicion only */
/** @typedef {'everywhere' | 'chosen' | 'click'} Where pages are looked at: all, those of chosen sites, or one at a click */
/**
 * @typedef {object} Settings
 * @property {string} address the server's
 * @property {Credentials | null} credentials
 * @property {Where} where
 * @property {string[]} sites chosen ones, as host names
 * @property {Record<string, true>} paused sites that are off, by host name
 * @property {boolean} off paused everywhere
 * @property {boolean} private whether private windows are looked at
 * @property {Threshold} threshold
 * @property {Density} density
 * @property {boolean} cookies whether a site that refuses is asked again with the person's cookies
 */
/** @typedef {{get(keys: any): Promise<any>, set(values: any): Promise<void>}} Area */
/** @typedef {{local?: Area, managed?: Pick<Area, 'get'>}} Areas */

/** @type {Settings} */
export const DEFAULTS = {
	address: 'http://127.0.0.1:4543',
	credentials: null,
	// Until a person has decided otherwise, which needs a right that only they can give.
	where: 'click',
	sites: [],
	paused: {},
	off: false,
	private: false,
	threshold: 'suspicion',
	density: 'quiet',
	cookies: false,
};

/** The form of each value that comes from elsewhere; null for one that has none. @type {{[name: string]: (value: any) => any}} */
const FORMS = {
	address: value => typeof value === 'string' ? normalizeAddress(value) : null,
	where: value => ['everywhere', 'chosen', 'click'].includes(value) ? value : null,
	sites: value => Array.isArray(value) ? value.map(normalizeSite).filter(Boolean) : null,
	paused: value => Array.isArray(value) ? Object.fromEntries(value.map(normalizeSite).filter(Boolean).map(site => [site, true])) : null,
	off: value => typeof value === 'boolean' ? value : null,
	private: value => typeof value === 'boolean' ? value : null,
	threshold: value => ['labels', 'suspicion'].includes(value) ? value : null,
	cookies: value => typeof value === 'boolean' ? value : null,
	density: value => ['full', 'quiet', 'minimal'].includes(value) ? value : null,
};

/** What an administrator may fix: the properties of managed.json. */
export const FIXABLE = ['address', 'where', 'sites', 'paused', 'private', 'threshold', 'density', 'cookies'];

/**
 * Read all settings: an administrator's go before the person's, these before the defaults.
 * @param {Areas} [areas]
 * @returns {Promise<Settings>}
 */
export async function read({local = browser.storage.local, managed = browser.storage.managed} = {}) {
	return {...await local.get(structuredClone(DEFAULTS)), ...await fixed(managed)};
}

/**
 * What an administrator has fixed. A value of the wrong form fixes nothing: Firefox does not check it.
 * @param {Pick<Area, 'get'>} [managed]
 * @returns {Promise<Partial<Settings>>}
 */
export async function fixed(managed = browser.storage.managed) {
	// Firefox refuses where there is no administrator.
	const found = await managed?.get(null).catch(() => null) ?? {};
	const formed = FIXABLE.map(name => [name, name in found ? FORMS[name](found[name]) : null]);
	return Object.fromEntries(formed.filter(([, value]) => value !== null));
}

/**
 * Write some settings; those that an administrator has fixed stay as they are.
 * @param {Partial<Settings>} values
 * @param {Areas} [areas]
 */
export async function write(values, {local = browser.storage.local, managed = browser.storage.managed} = {}) {
	const kept = await fixed(managed);
	await local.set(Object.fromEntries(Object.entries(values).filter(([name]) => !(name in kept))));
}

/**
 * Write one setting, if its value has the form of one.
 * @param {string} name
 * @param {any} value
 */
export async function put(name, value) {
	const formed = Object.hasOwn(FORMS, name) ? FORMS[name](value) : null;
	await write(formed === null ? {} : {[name]: formed});
}

/**
 * Pause on one site, or end the pause.
 * @param {string} site a host name
 * @param {boolean} on
 * @param {Areas} [areas]
 */
export async function pause(site, on, areas) {
	const {paused} = await read(areas);
	if (on) {
		paused[site] = true;
	} else {
		delete paused[site];
	}
	await write({paused}, areas);
}

/**
 * Choose one site, or drop it.
 * @param {string} site a host name
 * @param {boolean} on
 * @param {Areas} [areas]
 */
export async function choose(site, on, areas) {
	const {sites} = await read(areas);
	const others = sites.filter(other => other !== site);
	await write({sites: on ? [...others, site].sort() : others}, areas);
}

/**
 * Bring what a person typed into the form `http://127.0.0.1:PORT`; null if it is not this computer.
 * Only loopback: the token and the images must never leave the computer.
 * @param {string} typed
 */
export function normalizeAddress(typed) {
	const text = typed.trim();
	const whole = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
	const address = URL.canParse(whole) ? new URL(whole) : null;
	if (address?.protocol !== 'http:' || !['127.0.0.1', 'localhost', '[::1]'].includes(address.hostname)) {
		return null;
	}
	const host = address.hostname === '[::1]' ? '[::1]' : '127.0.0.1';
	// 4543 is what a person means who leaves the port out; `http://host:80` is written out by nobody.
	return `http://${host}:${address.port || new URL(DEFAULTS.address).port}`;
}

/**
 * The host name of a site as a person types it, with or without the rest of an address; null if it is none.
 * @param {unknown} typed
 */
export function normalizeSite(typed) {
	const text = typeof typed === 'string' ? typed.trim() : '';
	const whole = /^[a-z]+:/i.test(text) && text.includes('//') ? text : `https://${text}`;
	const address = URL.canParse(whole) ? new URL(whole) : null;
	return address && /^https?:$/.test(address.protocol) && !/[*%]/.test(address.hostname) && address.hostname ? address.hostname : null;
}
