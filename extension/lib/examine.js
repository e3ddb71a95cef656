/** One image's way: its bytes, the server's report, the words for the page. */

import {attempt} from './attempts.js';
import {BYTE_LIMIT, ImageError, isPage} from './images.js';
import {viewOf} from './record.js';
import {TryAgain} from './queue.js';
import {ServerError} from './server.js';

/**
 * @typedef {object} Wanted
 * @property {string} url the image's address; the beginning of it for data:
 * @property {(() => Promise<any>) | null} readInPage asks the content script for the bytes
 * @property {string} pageHost
 * @property {string} [pageOrigin]
 * @property {boolean} [loaded]
 * @property {boolean} [named]
 * @property {boolean} [incognito]
 */
/**
 * @typedef {object} Parts
 * @property {{examine(bytes: ArrayBuffer, look: import('./server.js').Look): Promise<any>}} connection
 * @property {import('./server.js').Look} look
 * @property {import('./words.js').Texts} texts
 * @property {import('./settings.js').Threshold} [threshold]
 * @property {import('./settings.js').Density} [density]
 * @property {boolean} [cookies] the person has allowed to ask with theirs
 * @property {typeof fetch} [fetch]
 * @property {(url: string) => Promise<boolean>} [allowed] whether the browser lets us read an address
 */

// The server's answers about the image; any other is about the server and makes the image wait.
const ABOUT_IMAGE = new Set([
	'unreadable_image', 'unsupported_format', 'empty_body', 'too_large', 'too_many_pixels',
	'unsupported_media_type', 'internal_error',
]);
const BUSY = new Set(['busy', 'rate_limited']);

/**
 * Examine an image. Returns `{view}` with the record that it was made from, or `{wait: state}` if the server cannot be asked now.
 * Throws TryAgain for what may pass.
 * @param {Wanted} wanted
 * @param {Parts} parts
 */
export async function examine(wanted, parts) {
	/** @type {import('./record.js').Source} */
	let source = {url: wanted.url};
	try {
		const {bytes, ...got} = await readBytes(wanted, parts);
		source = {...got, bytes: bytes.byteLength};
		return told({report: await parts.connection.examine(bytes, parts.look), source, at: Date.now()}, parts);
	} catch (error) {
		return failed(error, source, parts);
	}
}

/**
 * The page first: it has the bytes in its cache, with the person's rights, and nobody else has
 * `blob:` and `data:` at all.
 * @param {Wanted} wanted
 * @param {Pick<Parts, 'fetch' | 'allowed' | 'cookies'>} parts
 * @returns {Promise<import('./images.js').Picture & {how: import('./record.js').How, cookies?: boolean}>}
 */
export async function readBytes({url, readInPage, ...asking}, parts) {
	const read = await readInPage?.();
	if (read?.bytes instanceof ArrayBuffer && !isPage(read.bytes, read.type)) {
		if (read.bytes.byteLength > BYTE_LIMIT) {
			throw new ImageError('not_read_too_large', {bytes: read.bytes.byteLength, limit: BYTE_LIMIT});
		}
		const fetched = /^https?:/.test(String(read.url));
		return {bytes: read.bytes, type: String(read.type), url: String(read.url), ...fetched ? {how: 'page', cookies: read.cookies === true} : {how: 'embedded'}};
	}
	if (!/^https?:/.test(url)) {
		throw new ImageError(read?.error ?? 'not_read_network', read?.params);
	}
	if (await parts.allowed?.(url) === false) {
		throw new ImageError('not_read_permission', {host: new URL(url).hostname});
	}
	return attempt(url, {...asking, cookies: parts.cookies, fetch: parts.fetch});
}

/**
 * A record, and the words that a page shows of it.
 * @param {import('./record.js').Record} record
 * @param {Pick<Parts, 'texts' | 'threshold' | 'density'>} parts
 */
export function told(record, {texts, threshold = 'suspicion', density = 'quiet'}) {
	return {view: {...viewOf(record, threshold, texts), density, record}};
}

/** @param {unknown} error @param {import('./record.js').Source} source @param {Parts} parts */
function failed(error, source, parts) {
	const answer = () => {
		const {code, params} = /** @type {ImageError} */ (error);
		return told({failure: {code, params}, source, at: Date.now()}, parts);
	};
	if (error instanceof ImageError) {
		if (error.transient) {
			throw new TryAgain(answer());
		}
		return answer();
	}
	if (error instanceof ServerError && ABOUT_IMAGE.has(error.code)) {
		return answer();
	}
	if (error instanceof ServerError && BUSY.has(error.code)) {
		throw new TryAgain({wait: error.code}, error.retryAfter);
	}
	if (error instanceof ServerError) {
		return {wait: error.code};
	}
	throw error;
}
