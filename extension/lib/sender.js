/** Where a message of a content script comes from, and what this browser is called. */

/** @typedef {chrome.runtime.MessageSender} Sender */

/**
 * The host of an address; of the other address that we know where it has none (about:srcdoc).
 * @param {Sender} sender
 * @param {string | undefined} first
 */
export function hostOf(sender, first) {
	const addresses = [first, sender.origin, sender.tab?.url, sender.url].filter(url => url && URL.canParse(url));
	return addresses.map(url => new URL(/** @type {string} */ (url)).hostname).find(Boolean) ?? '';
}

/** @param {Sender} sender */
export function tabOf(sender) {
	return /** @type {number} */ (sender.tab?.id);
}

/** The frame, and the site of its page. @param {Sender} sender */
export function whereabouts(sender) {
	return {frame: sender.frameId ?? 0, ...placeOf(sender, sender.url)};
}

/** The site of a page, and whether its window is a private one. @param {Sender} sender @param {string | undefined} page its address */
export function placeOf(sender, page) {
	const origins = [page, sender.origin].filter(url => url && /^https?:/.test(url) && URL.canParse(url));
	return {pageHost: hostOf(sender, page), pageOrigin: origins.map(url => new URL(/** @type {string} */ (url)).origin)[0] ?? '', incognito: sender.tab?.incognito ?? false};
}

/** What the server's list of paired extensions calls this browser. */
export function clientName() {
	const agent = navigator.userAgent;
	return agent.match(/(Firefox|Edg|Chrome)\/\d+/)?.[0].replace('Edg/', 'Edge/').replace('/', ' ') ?? 'Browser';
}
