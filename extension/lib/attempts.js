/** In which order a site is asked for a picture's file, and how the file was got in the end. */

import {ImageError, fetchImage} from './images.js';
import {withReferrer} from './referrer.js';

/** @typedef {'plain' | 'referrer' | 'cookies'} Way without saying who asks and from where; naming the page's site; with the person's cookies too */
/**
 * @typedef {object} Asking
 * @property {string} pageHost
 * @property {string} [pageOrigin] of the page that shows the picture; '' if it has none
 * @property {boolean} [loaded] whether the page itself got the file: only then another way of asking can be the difference
 * @property {boolean} [named] whether the page lets its name be told to the hosts of its pictures
 * @property {boolean} [incognito] the cookies that an extension has are not those of a private window
 * @property {boolean} [cookies] the person has allowed to ask with theirs
 * @property {typeof fetch} [fetch]
 */

/**
 * Ask for a file without a name, and only where the site refuses that, as the page itself has asked. Throws ImageError: the first refusal.
 * @param {string} url
 * @param {Asking} asking
 * @returns {Promise<import('./images.js').Picture & {how: Way, cookies: boolean}>}
 */
export async function attempt(url, asking) {
	const {pageHost, fetch} = asking;
	/** @type {unknown} */
	let refusal;
	for (const {how, referrer, cookies} of ways(url, asking)) {
		const get = () => fetchImage(url, {pageHost, fetch, referrer, credentials: cookies ? 'include' : 'omit'});
		try {
			return {...await (referrer ? withReferrer(url, referrer, get) : get()), how, cookies};
		} catch (error) {
			refusal ??= error;
			if (!isRefusal(error)) {
				break;
			}
		}
	}
	throw refusal;
}

/** @param {string} url @param {Asking} asking @returns {{how: Way, referrer: string, cookies: boolean}[]} */
function ways(url, {pageOrigin = '', loaded = false, named = false, incognito = false, cookies = false}) {
	// The page's site and no more, as browsers tell it to other sites; none from a secured page to an unsecured address.
	const downgrade = pageOrigin.startsWith('https:') && url.startsWith('http:');
	const referrer = named && pageOrigin && !downgrade ? `${pageOrigin}/` : '';
	return [
		{how: 'plain', referrer: '', cookies: false},
		...loaded && referrer ? [{how: /** @type {const} */ ('referrer'), referrer, cookies: false}] : [],
		...loaded && cookies && !incognito ? [{how: /** @type {const} */ ('cookies'), referrer, cookies: true}] : [],
	];
}

/** Whether a site has answered, and would not give the file: an address that nobody answers at is asked once. @param {unknown} error */
function isRefusal(error) {
	if (!(error instanceof ImageError)) {
		return false;
	}
	const status = Number(error.params.status);
	return error.code === 'not_read_type' || error.code === 'not_read_http' && status >= 400 && status < 500 && status !== 429;
}
