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
		const file = touchstone.pictures.find(id);
		if (!file) {
			return null;
		}
		const {source, credentials} = file;
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

	touchstone.bytes = {read};
}
