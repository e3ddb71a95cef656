/** Reads an image's original bytes with the page's rights and from the page's cache. */

'use strict';

{
	// As lib/images.js: content scripts cannot import.
	const BYTE_LIMIT = 50 * 1024 * 1024;
	const TIMEOUT_MS = 25_000;
	const ACCEPT = 'image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5';

	/**
	 * Answer the background: the bytes, or why there are none. Never a canvas copy: it has no labels.
	 * @param {{id: number}} body
	 */
	async function read({id}) {
		const file = touchstone.pictures.find(id) ?? touchstone.findings.find(id);
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
		const blob = await response.blob();
		if (blob.size > BYTE_LIMIT) {
			return {error: 'not_read_too_large', params: {bytes: blob.size, limit: BYTE_LIMIT}};
		}
		const url = /^http/.test(source) ? response.url : source.slice(0, 100);
		return {bytes: await blob.arrayBuffer(), type: blob.type, url};
	}

	/**
	 * Whether the page may read a file itself; all others only the background can. What the page failed
	 * to load it would fail to load again, and the browser would write that on the page's console.
	 * @param {string} source
	 * @param {Element} image
	 * @returns {{own: boolean, credentials: RequestCredentials}}
	 */
	function access(source, image) {
		const {protocol, origin} = new URL(source, document.baseURI);
		const {naturalWidth, crossOrigin} = /** @type {HTMLImageElement} */ (image);
		// Only an `img` says itself whether its file came.
		const loaded = naturalWidth === undefined ? !hasFailed(source) : naturalWidth > 0;
		return {
			own: ['blob:', 'data:', 'canvas:'].includes(protocol) || loaded && (origin === self.origin || typeof crossOrigin === 'string'),
			credentials: crossOrigin === 'use-credentials' ? 'include' : 'same-origin',
		};
	}

	/** @param {string} source */
	function hasFailed(source) {
		const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByName(source, 'resource'));
		return entries.some(({responseStatus}) => responseStatus >= 400);
	}

	/**
	 * What the background is told of a file. A data: URL is the image itself, a canvas has no address:
	 * the bytes are asked for by id.
	 * @param {{id: number, source: string, own: boolean}} file
	 */
	function request({id, source, own}) {
		return {id, own, url: source.startsWith('data:') ? source.slice(0, 100) : source.startsWith('canvas:') ? '' : source};
	}

	touchstone.bytes = {read, access, request};
}
