/** The only module that speaks HTTP to the Touchstone server. It keeps no state. */

/** @typedef {import('./settings.js').Credentials} Credentials */
/** @typedef {'ready' | 'no_permission' | 'away' | 'silent' | 'unpaired' | 'other_program' | 'too_old'} State away: refused at once; silent: no answer in time */
/** @typedef {{address: string, credentials: Credentials | null, fetch?: typeof fetch}} Server */
/**
 * @typedef {'quick' | 'full' | 'screen'} Look quick: a page has many pictures, and what the server's fast student is sure of gets no badge
 *   and need not wait; full: for the one that a person asks about; screen: a copy of pixels on the screen
 */

const API = 1;
const LOOKS = {quick: '?speed=quick', full: '', screen: '?pixels=screen'};
const GREETING_MS = 4000;
// A cold detector on a slow computer, behind three other images.
const EXAMINE_MS = 90_000;

/** The server refused or failed; `code` is its word for why, `retryAfter` in ms where it said so. */
export class ServerError extends Error {
	/**
	 * @param {string} code
	 * @param {number} [retryAfter]
	 */
	constructor(code, retryAfter = 0) {
		super(code);
		this.code = code;
		this.retryAfter = retryAfter;
	}
}

/**
 * Find out who answers, without telling anything: neither the token nor an image.
 * @param {Server} server
 * @returns {Promise<State>}
 */
export async function greet(server) {
	const health = await answer(server, '/healthz', {timeout: GREETING_MS});
	if (typeof health === 'string') {
		return health;
	}
	if (health.status !== 200 || health.body?.name !== 'touchstone') {
		return 'other_program';
	}
	if (health.body.api !== API) {
		return 'too_old';
	}
	return server.credentials ? verify(server, server.credentials) : 'unpaired';
}

/**
 * Let the server prove that it knows our token before we say it.
 * @param {Server} server
 * @param {Credentials} credentials
 * @returns {Promise<State>}
 */
async function verify(server, {id, token}) {
	const nonce = hex(crypto.getRandomValues(new Uint8Array(32)));
	const hello = await answer(server, '/v1/hello', {json: {id, nonce}, timeout: GREETING_MS});
	if (typeof hello === 'string') {
		return hello;
	}
	if (hello.status === 401) {
		return 'unpaired';
	}
	const expected = await proof(token, nonce);
	return hello.status === 200 && hello.body?.proof === expected ? 'ready' : 'other_program';
}

/**
 * HMAC-SHA256(key = SHA-256(token's text), nonce's text), in hex.
 * @param {string} token
 * @param {string} nonce
 */
export async function proof(token, nonce) {
	const text = new TextEncoder();
	const secret = await crypto.subtle.digest('SHA-256', text.encode(token));
	const key = await crypto.subtle.importKey('raw', secret, {name: 'HMAC', hash: 'SHA-256'}, false, ['sign']);
	return hex(new Uint8Array(await crypto.subtle.sign('HMAC', key, text.encode(nonce))));
}

/**
 * Exchange the one-time code for credentials. Throws ServerError.
 * @param {Server} server
 * @param {string} code
 * @param {string} client what the server's list calls this browser
 * @returns {Promise<Credentials>}
 */
export async function pair(server, code, client) {
	const {id, token} = take(await answer(server, '/v1/pair', {json: {code, client}, timeout: GREETING_MS}));
	if (typeof id !== 'string' || !/^[0-9a-f]{64}$/.test(token)) {
		throw new ServerError('unknown');
	}
	return {id, token};
}

/**
 * Send an image's bytes; returns the report. Throws ServerError (`away` or `silent` if nobody answers).
 * @param {Server & {credentials: Credentials}} server verified by `greet`
 * @param {ArrayBuffer} bytes
 * @param {Look} look
 */
export async function examine(server, bytes, look) {
	return send(server, `/v1/examine${LOOKS[look]}`, bytes);
}

/**
 * Send an image's bytes; returns where it looks like AI, or why that was not looked at. Throws ServerError.
 * @param {Server & {credentials: Credentials}} server verified by `greet`
 * @param {ArrayBuffer} bytes
 * @returns {Promise<{sha256: string, regions: import('./heat.js').Regions | null, unavailable: {code: string, params: Record<string, any>} | null}>}
 */
export async function regions(server, bytes) {
	return send(server, '/v1/regions', bytes);
}

/** @param {Server & {credentials: Credentials}} server @param {string} path @param {ArrayBuffer} body */
async function send(server, path, body) {
	const headers = {'Authorization': `Bearer ${server.credentials.token}`, 'Content-Type': 'application/octet-stream'};
	return take(await answer(server, path, {body, headers, timeout: EXAMINE_MS}));
}

/** The page that a person reads a report on. @param {string} address @param {string} sha256 */
export function reportAddress(address, sha256) {
	return `${address}/report/${sha256}`;
}

/**
 * @param {Awaited<ReturnType<typeof answer>>} response
 * @returns {any}
 */
function take(response) {
	if (typeof response === 'string') {
		throw new ServerError(response);
	}
	if (response.status === 200 && response.body && typeof response.body === 'object') {
		return response.body;
	}
	throw new ServerError(response.body?.error?.code ?? 'unknown', response.retryAfter);
}

/**
 * One request. 'away' if nobody answers, 'silent' if not in time; `body` is undefined if the answer is not JSON.
 * @param {Server} server
 * @param {string} path
 * @param {{json?: object, body?: ArrayBuffer, headers?: Record<string, string>, timeout: number}} options
 */
async function answer(server, path, {json, body, headers, timeout}) {
	const post = json ? {method: 'POST', body: JSON.stringify(json), headers: {'Content-Type': 'application/json'}}
		: body ? {method: 'POST', body, headers} : {};
	try {
		const response = await (server.fetch ?? fetch)(server.address + path, {
			...post,
			// A redirect is an answer of another program, not one to follow.
			redirect: 'manual',
			credentials: 'omit',
			cache: 'no-store',
			referrerPolicy: 'no-referrer',
			signal: AbortSignal.timeout(timeout),
		});
		const retryAfter = 1000 * (Number(response.headers.get('Retry-After')) || 0);
		return {status: response.status, body: parse(await response.text()), retryAfter};
	} catch (error) {
		return /** @type {Error} */ (error).name === 'TimeoutError' ? 'silent' : 'away';
	}
}

/** @param {string} text @returns {any} */
function parse(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
	return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
