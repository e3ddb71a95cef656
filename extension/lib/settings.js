/** What the extension remembers: the server's address, its credentials, where it is paused, what is worth a badge. */

import {browser} from './browser.js';

/** @typedef {{id: string, token: string}} Credentials */
/** @typedef {'labels' | 'suspicion'} Threshold what is worth a badge: labels only, or suspicion by an estimate too */
/** @typedef {{address: string, credentials: Credentials | null, paused: Record<string, true>, threshold: Threshold}} Settings */
/** @typedef {{get(keys: any): Promise<any>, set(values: any): Promise<void>}} Area */

/** @type {Settings} */
export const DEFAULTS = {
	address: 'http://127.0.0.1:4543',
	credentials: null,
	paused: {},
	threshold: 'suspicion',
};

/**
 * Read all settings, defaults filled in.
 * @param {Area} [area]
 * @returns {Promise<Settings>}
 */
export async function read(area = browser.storage.local) {
	return area.get(structuredClone(DEFAULTS));
}

/**
 * Write some settings.
 * @param {Partial<Settings>} values
 * @param {Area} [area]
 */
export async function write(values, area = browser.storage.local) {
	await area.set(values);
}

/**
 * Pause on one site, or end the pause.
 * @param {string} site a host name
 * @param {boolean} on
 * @param {Area} [area]
 */
export async function pause(site, on, area = browser.storage.local) {
	const {paused} = await read(area);
	if (on) {
		paused[site] = true;
	} else {
		delete paused[site];
	}
	await write({paused}, area);
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
