/** One image's way: its bytes, the server's report, the words for the page. */

import {BYTE_LIMIT, ImageError, fetchImage, isPage} from './images.js';
import {TryAgain} from './queue.js';
import {ServerError} from './server.js';
import {describe, describeFailure} from './words.js';

/**
 * @typedef {object} Wanted
 * @property {string} url the image's address; the beginning of it for data:
 * @property {(() => Promise<any>) | null} readInPage asks the content script for the bytes
 * @property {string} pageHost
 */
/**
 * @typedef {object} Parts
 * @property {{examine(bytes: ArrayBuffer): Promise<any>}} connection
 * @property {import('./words.js').Texts} texts
 * @property {typeof fetch} [fetch]
 */

// The server's answers about the image; any other is about the server and makes the image wait.
const ABOUT_IMAGE = new Set([
	'unreadable_image', 'unsupported_format', 'empty_body', 'too_large', 'too_many_pixels',
	'unsupported_media_type', 'internal_error',
]);
const BUSY = new Set(['busy', 'rate_limited']);

/**
 * Examine an image. Returns `{view}`, or `{wait: state}` if the server cannot be asked now.
 * Throws TryAgain for what may pass.
 * @param {Wanted} wanted
 * @param {Parts} parts
 */
export async function examine(wanted, parts) {
	let source = {url: wanted.url};
	try {
		const picture = await readBytes(wanted, parts);
		source = picture;
		return {view: describe(await parts.connection.examine(picture.bytes), picture, parts.texts)};
	} catch (error) {
		return failed(error, source, parts);
	}
}

/**
 * The page first: it has the bytes in its cache, with the person's rights, and nobody else has
 * `blob:` and `data:` at all.
 * @param {Wanted} wanted
 * @param {Parts} parts
 * @returns {Promise<import('./images.js').Picture>}
 */
async function readBytes({url, readInPage, pageHost}, parts) {
	const read = await readInPage?.();
	if (read?.bytes instanceof ArrayBuffer && !isPage(read.bytes, read.type)) {
		if (read.bytes.byteLength > BYTE_LIMIT) {
			throw new ImageError('not_read_too_large', {bytes: read.bytes.byteLength, limit: BYTE_LIMIT});
		}
		return {bytes: read.bytes, type: String(read.type), url: String(read.url)};
	}
	if (!/^https?:/.test(url)) {
		throw new ImageError(read?.error ?? 'not_read_network', read?.params);
	}
	return fetchImage(url, {pageHost, fetch: parts.fetch});
}

/** @param {unknown} error @param {{url: string}} source @param {Parts} parts */
function failed(error, source, parts) {
	if (error instanceof ImageError) {
		const view = describeFailure(error, source, parts.texts);
		if (error.transient) {
			throw new TryAgain({view});
		}
		return {view};
	}
	if (error instanceof ServerError && ABOUT_IMAGE.has(error.code)) {
		return {view: describeFailure(error, source, parts.texts)};
	}
	if (error instanceof ServerError && BUSY.has(error.code)) {
		throw new TryAgain({wait: error.code}, error.retryAfter);
	}
	if (error instanceof ServerError) {
		return {wait: error.code};
	}
	throw error;
}
