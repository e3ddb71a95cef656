/** What the browser lets us read: the right to web pages is given, and taken back, by the person alone. */

import {browser} from './browser.js';

/** @typedef {{contains(wanted: {origins: string[]}): Promise<boolean>}} Permissions */

export const EVERYWHERE = {origins: ['<all_urls>']};

/** The right to read sites, by host name. @param {string[]} hosts */
export function sitesRight(hosts) {
	return {origins: hosts.map(host => `*://${host}/*`)};
}

/**
 * What the browser must allow for a choice of where to look.
 * @param {Pick<import('./settings.js').Settings, 'where' | 'sites'>} settings
 */
export function rightFor({where, sites}) {
	return where === 'everywhere' ? EVERYWHERE : sitesRight(where === 'chosen' ? sites : []);
}

/** The right to speak to the server. @param {string} address */
export function serverRight(address) {
	return {origins: [`http://${new URL(address).hostname}/*`]};
}

/**
 * Whether we may read what lies at an address. Asked before each request: without the right a browser
 * would send the request all the same, with our name in it, and keep the answer from us.
 * @param {string} url
 * @param {Permissions} [permissions]
 */
export function mayRead(url, permissions = browser.permissions) {
	const {protocol, hostname} = URL.canParse(url) ? new URL(url) : {protocol: '', hostname: ''};
	return permissions.contains(/^https?:$/.test(protocol) ? sitesRight([hostname]) : EVERYWHERE);
}
