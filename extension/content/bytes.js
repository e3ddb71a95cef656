/** Reads an image's original bytes with the page's rights and from the page's cache. */

'use strict';

{
	// As lib/images.js: content scripts cannot import.
	const BYTE_LIMIT = 50 * 1024 * 1024;
	const TIMEOUT_MS = 25_000;
	const ACCEPT = 'image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5';

	// The policies under which a page names itself to no other site.
	const SECRETIVE = new Set(['no-referrer', 'same-origin', 'never']);
	const POLICY_MS = 500;
	let [policy, policyAt] = ['', -Infinity];

	/**
	 * Answer the background: the bytes, or why there are none. Never a canvas copy: it has no labels.
	 * @param {{id: number, best?: boolean}} body best: of its better copy, where the page may read that
	 */
	async function read({id, best = false}) {
		const file = best ? better(id) : touchstone.files.find(id) ?? touchstone.findings.find(id);
		if (!file) {
			return null;
		}
		const {source, credentials} = file;
		if (source.startsWith('canvas:')) {
			return {error: 'not_read_canvas'};
		}
		const signal = AbortSignal.timeout(TIMEOUT_MS);
		const response = await fetch(source, {cache: 'force-cache', credentials, headers: {Accept: ACCEPT}, signal});
		if (!response.ok) {
			return {error: 'not_read_http', params: {status: response.status}};
		}
		const bytes = await response.arrayBuffer();
		if (bytes.byteLength > BYTE_LIMIT) {
			return {error: 'not_read_too_large', params: {bytes: bytes.byteLength, limit: BYTE_LIMIT}};
		}
		const url = /^http/.test(source) ? response.url : source.slice(0, 100);
		const cookies = credentials === 'include' || URL.canParse(url) && new URL(url).origin === self.origin;
		return {bytes, type: response.headers.get('Content-Type') ?? '', url, cookies};
	}

	/** @param {number} id @returns {{source: string, credentials: RequestCredentials} | null} */
	function better(id) {
		const image = touchstone.findings.imageOf(id);
		const copy = image && touchstone.better.of(image);
		return copy?.own ? {source: copy.url, credentials: 'same-origin'} : null;
	}

	/**
	 * Whether the page may read a file itself; all others only the background can. What the page failed
	 * to load it would fail to load again, and the browser would write that on the page's console.
	 * @param {string} source
	 * @param {Element} image
	 * @returns {{own: boolean, credentials: RequestCredentials, loaded: boolean, named: boolean}} loaded: the page has it;
	 *   named: the page lets its site be told to the host
	 */
	function access(source, image) {
		const {protocol, origin} = new URL(source, document.baseURI);
		const {naturalWidth, crossOrigin} = /** @type {HTMLImageElement} */ (image);
		// Only an `img` says itself whether its file came; of most others nobody says that it did not.
		const [loaded, perhaps] = naturalWidth === undefined ? [hasCome(source), !hasFailed(source)] : [naturalWidth > 0, naturalWidth > 0];
		return {
			own: ['blob:', 'data:', 'canvas:'].includes(protocol) || perhaps && (origin === self.origin || typeof crossOrigin === 'string'),
			credentials: crossOrigin === 'use-credentials' ? 'include' : 'same-origin',
			loaded,
			named: !SECRETIVE.has(/** @type {HTMLImageElement} */ (image).referrerPolicy || policyOfPage()),
		};
	}

	/** What the page's last word on it is; its headers a script does not see. Not looked for with each picture: it is one in thousands of elements. */
	function policyOfPage() {
		if (performance.now() - policyAt > POLICY_MS) {
			const metas = /** @type {NodeListOf<HTMLMetaElement>} */ (document.querySelectorAll('meta[name=referrer i]'));
			[policy, policyAt] = [[...metas].at(-1)?.content.trim().toLowerCase() ?? '', performance.now()];
		}
		return policy;
	}

	/** @param {string} source */
	const hasFailed = source => statuses(source).some(status => status >= 400);
	/** @param {string} source */
	const hasCome = source => statuses(source).some(status => status >= 200 && status < 300);

	/** What the page was answered, where the browser says it: 0 for most other sites. @param {string} source */
	function statuses(source) {
		const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByName(source, 'resource'));
		return entries.map(({responseStatus}) => responseStatus);
	}

	/**
	 * What the background is told of a file. A data: URL is the image itself, a canvas has no address:
	 * the bytes are asked for by id.
	 * @param {{id: number, source: string, own: boolean, loaded: boolean, named: boolean}} file
	 */
	function request({id, source, own, loaded, named}) {
		return {id, own, loaded, named, url: source.startsWith('data:') ? source.slice(0, 100) : source.startsWith('canvas:') ? '' : source};
	}

	touchstone.bytes = {read, access, request};
}
