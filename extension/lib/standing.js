/** Whether the pictures of a tab are looked at. Pure. */

/** @typedef {'off' | 'private' | 'site' | 'declined' | 'click' | 'chosen' | 'permission'} Reason */

/**
 * Why they are not; null if they are. What a person switched off goes before what they asked for.
 * @param {Pick<import('./settings.js').Settings, 'off' | 'private' | 'paused' | 'where' | 'sites'>} settings
 * @param {object} tab
 * @param {string} tab.host of its page; '' if it has none or we may not know it
 * @param {boolean} tab.incognito
 * @param {boolean} tab.asked a person asked for this page
 * @param {boolean} [tab.declined] the page wishes no badges, and nobody has asked for them all the same
 * @param {boolean} tab.allowed the browser lets us read it
 * @returns {Reason | null}
 */
export function reasonNotTo({off, private: inPrivate, paused, where, sites}, {host, incognito, asked, declined = false, allowed}) {
	if (off) {
		return 'off';
	}
	if (incognito && !inPrivate) {
		return 'private';
	}
	if (paused[host]) {
		return 'site';
	}
	if (declined) {
		return 'declined';
	}
	if (asked) {
		return null;
	}
	if (where !== 'everywhere' && !(where === 'chosen' && sites.includes(host))) {
		return where;
	}
	return allowed ? null : 'permission';
}
