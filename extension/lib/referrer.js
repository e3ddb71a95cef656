/** Lets a request of ours name the page's site, for hosts that serve their pictures to no one else. */

import {browser} from './browser.js';

// Firefox sends the referrer that `fetch` is told; Chromium sends none of an extension, and wants a rule instead.
const rules = globalThis.location?.protocol === 'chrome-extension:' ? browser.declarativeNetRequest : undefined;
// A rule outlives the worker that made it.
const cleared = rules?.getSessionRules().then(left => rules.updateSessionRules({removeRuleIds: left.map(({id}) => id)}));

let last = 0;

/**
 * Run a request with a rule for it: for this one address, for requests of this extension, and of no tab.
 * @template T
 * @param {string} url
 * @param {string} referrer
 * @param {() => Promise<T>} act
 * @returns {Promise<T>}
 */
export async function withReferrer(url, referrer, act) {
	if (!rules) {
		return act();
	}
	await cleared;
	const id = ++last;
	const {href} = new URL(url);
	await rules.updateSessionRules({addRules: [{
		id,
		action: {type: 'modifyHeaders', requestHeaders: [{header: 'referer', operation: 'set', value: referrer}]},
		condition: {
			urlFilter: `|${href.replace(/#.*/, '')}|`, isUrlFilterCaseSensitive: true, initiatorDomains: [browser.runtime.id],
			resourceTypes: ['xmlhttprequest'], requestMethods: ['get'], tabIds: [-1],
		},
	}]});
	try {
		return await act();
	} finally {
		await rules.updateSessionRules({removeRuleIds: [id]});
	}
}
