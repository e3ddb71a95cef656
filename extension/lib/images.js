/** Fetches an image's original bytes in the background, as the page's own request would. */

// The server's limit, checked here too so that no large file is read in vain.
export const BYTE_LIMIT = 50 * 1024 * 1024;
const TIMEOUT_MS = 25_000;
// A site that accepts the request and says nothing holds a place that other pictures wait for.
const HEADERS_MS = 10_000;

// What browsers ask for. A server that chooses the format by it gives `*/*` another file: other
// bytes, other labels.
export const ACCEPT = 'image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5';

/** @typedef {{bytes: ArrayBuffer, type: string, url: string}} Picture */

/** The image could not be read; `code` and `params` are a message of the catalogue. */
export class ImageError extends Error {
	/**
	 * @param {string} code
	 * @param {Record<string, string | number>} [params]
	 * @param {boolean} [transient] worth another try
	 */
	constructor(code, params = {}, transient = false) {
		super(code);
		this.code = code;
		this.params = params;
		this.transient = transient;
	}
}

/** @typedef {{credentials?: 'omit' | 'include', referrer?: string}} Manner without the person's cookies and without naming the page, unless it says so */

/**
 * Fetch an image. Throws ImageError.
 * @param {string} url
 * @param {Manner & {pageHost: string, limit?: number, patience?: number, fetch?: typeof fetch}} options patience: ms until the headers
 * @returns {Promise<Picture>}
 */
export async function fetchImage(url, {pageHost, limit = BYTE_LIMIT, patience = HEADERS_MS, fetch: get = fetch, ...manner}) {
	refuseLocal(url, pageHost);
	const response = await request(url, patience, get, manner);
	if (!response.ok) {
		const {status} = response;
		throw new ImageError('not_read_http', {status}, status === 429 || status >= 500);
	}
	// What lies where the address itself may not point is not looked at. The browser has asked there
	// already, without cookies: it follows redirects before it says where they lead (docs/security.md).
	refuseLocal(response.url || url, pageHost);
	const bytes = await readBytes(response, limit);
	const type = response.headers.get('Content-Type') ?? '';
	if (isPage(bytes, type)) {
		throw new ImageError('not_read_type');
	}
	return {bytes, type, url: response.url || url};
}

/** @param {string} url @param {number} patience @param {typeof fetch} get @param {Manner} manner */
async function request(url, patience, get, {credentials = 'omit', referrer = ''}) {
	const silent = new AbortController();
	const timer = setTimeout(() => silent.abort(), patience);
	try {
		return await get(url, {
			headers: {Accept: ACCEPT},
			credentials,
			referrer,
			referrerPolicy: referrer ? 'unsafe-url' : 'no-referrer',
			// A refusal may be kept too, and would answer the next way of asking.
			cache: referrer || credentials === 'include' ? 'reload' : 'default',
			signal: AbortSignal.any([silent.signal, AbortSignal.timeout(TIMEOUT_MS)]),
		});
	} catch {
		throw new ImageError('not_read_network', {}, true);
	} finally {
		clearTimeout(timer);
	}
}

/**
 * Read the body, and stop at the limit: Content-Length may be absent or wrong.
 * @param {Response} response
 * @param {number} limit
 */
async function readBytes(response, limit) {
	const stated = Number(response.headers.get('Content-Length'));
	if (stated > limit) {
		throw new ImageError('not_read_too_large', {bytes: stated, limit});
	}
	const chunks = [];
	let length = 0;
	try {
		for await (const chunk of stream(response)) {
			length += chunk.length;
			if (length > limit) {
				throw new ImageError('not_read_too_large', {bytes: `> ${limit}`, limit});
			}
			chunks.push(chunk);
		}
	} catch (error) {
		throw error instanceof ImageError ? error : new ImageError('not_read_network', {}, true);
	}
	return new Blob(chunks).arrayBuffer();
}

/** @param {Response} response @returns {AsyncGenerator<Uint8Array<ArrayBuffer>>} */
async function* stream(response) {
	const reader = response.body?.getReader();
	try {
		for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
			yield part.value;
		}
	} finally {
		// Leaving early must end the download, not only the reading.
		reader?.cancel().catch(() => {});
	}
}

/**
 * Whether a site answered with a page (a hotlink notice, a login) where an image was asked for.
 * @param {ArrayBuffer} bytes
 * @param {string} type
 */
export function isPage(bytes, type) {
	const start = new TextDecoder('latin1').decode(new Uint8Array(bytes, 0, Math.min(256, bytes.byteLength)));
	if (/^(\xEF\xBB\xBF)?\s*<(!doctype html|html|head|body|script)/i.test(start)) {
		return true;
	}
	return /^(text\/(html|plain)|application\/json)/i.test(type) && /^[\s\x20-\x7E]{4,}$/.test(start)
		&& !/^(GIF8|RIFF|BM)|^....ftyp/.test(start);
}

/**
 * Refuse to fetch from the person's own network for a page that is not part of it: the browser
 * guards against such requests of pages, and an extension's requests pass that guard.
 * @param {string} url
 * @param {string} pageHost
 */
function refuseLocal(url, pageHost) {
	const target = URL.canParse(url) ? new URL(url) : null;
	if (!target || !['http:', 'https:'].includes(target.protocol)) {
		throw new ImageError('not_read_cross_origin');
	}
	if (isLocal(target.hostname) && !isLocal(pageHost)) {
		throw new ImageError('not_read_local_network');
	}
}

/** @param {string} host a URL's hostname: IPv4 is already in dotted decimal */
export function isLocal(host) {
	// The root's dot changes nothing for the resolver.
	const name = host.replace(/\.$/, '');
	return /^((.*\.)?(localhost|local|internal|home\.arpa|lan|home|fritz\.box)|[^.:]+)$/.test(name)
		|| /^(0|10|127)\.|^169\.254\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(name)
		|| /^\[(::1?|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*|::ffff:.*)\]$/.test(name);
}
