/** Whether the server may be spoken to: verified for a few seconds, again after any failure, never assumed. */

import * as server from './server.js';

/** @typedef {import('./server.js').State} State */
/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {typeof globalThis.fetch} Fetch */

// Ask again no sooner than this, however many pages want to know.
const PATIENCE_MS = 1500;
// Another program may take the port over: a proof holds no longer than this.
const PROOF_MS = 3000;

/** The worker may be stopped at any time; a new one knows nothing and verifies again. */
export class Connection {
	/** @type {State | null} */
	#known = null;
	#askedAt = -Infinity;
	/** @type {Promise<State> | null} */
	#asking = null;

	/**
	 * @param {{
	 *   read: () => Promise<Settings>,
	 *   write: (values: Partial<Settings>) => Promise<void>,
	 *   changed: (state: State) => void,
	 *   allowed?: (address: string) => Promise<boolean>,
	 *   fetch?: Fetch,
	 *   now?: () => number,
	 * }} parts
	 */
	constructor({read, write, changed, allowed = async () => true, fetch, now = Date.now}) {
		this.read = read;
		this.write = write;
		this.changed = changed;
		this.allowed = allowed;
		this.fetch = fetch;
		this.now = now;
	}

	/** The state, verified if it is not known to be ready. */
	async state() {
		const age = this.now() - this.#askedAt;
		if (this.#known && age < (this.#known === 'ready' ? PROOF_MS : PATIENCE_MS)) {
			return this.#known;
		}
		this.#asking ??= this.#ask().finally(() => {
			this.#asking = null;
		});
		return this.#asking;
	}

	/** Forget what was known: the next question goes to the server. */
	doubt() {
		this.#askedAt = -Infinity;
		if (this.#known === 'ready') {
			this.#known = null;
		}
	}

	/**
	 * Send an image's bytes; returns the report. Throws ServerError.
	 * @param {ArrayBuffer} bytes
	 * @param {import('./server.js').Look} look
	 */
	async examine(bytes, look) {
		return this.#send(known => server.examine(known, bytes, look));
	}

	/** Send an image's bytes; returns where it looks like AI. Throws ServerError. @param {ArrayBuffer} bytes */
	async regions(bytes) {
		return this.#send(known => server.regions(known, bytes));
	}

	/** Say something to the server that is verified. @param {(known: server.Server & {credentials: import('./settings.js').Credentials}) => Promise<any>} say */
	async #send(say) {
		const state = await this.state();
		if (state !== 'ready') {
			throw new server.ServerError(state);
		}
		const {address, credentials} = await this.read();
		if (!credentials) {
			throw new server.ServerError('unpaired');
		}
		try {
			return await say({address, credentials, fetch: this.fetch});
		} catch (error) {
			if (error instanceof server.ServerError && ['away', 'silent', 'unauthorized', 'forbidden_origin', 'unknown'].includes(error.code)) {
				this.doubt();
				// Says what it is now: away, unpaired or another program.
				const now = await this.state();
				throw now === 'ready' ? error : new server.ServerError(now);
			}
			throw error;
		}
	}

	/**
	 * Pair with the code a person typed. Throws ServerError.
	 * @param {string} code
	 * @param {string} client
	 */
	async pair(code, client) {
		const {address} = await this.read();
		const state = await server.greet({address, credentials: null, fetch: this.fetch});
		if (state !== 'unpaired') {
			throw new server.ServerError(state);
		}
		const credentials = await server.pair({address, credentials: null, fetch: this.fetch}, code, client);
		await this.write({credentials});
		this.doubt();
		return this.state();
	}

	async #ask() {
		const {address, credentials} = await this.read();
		const state = await this.allowed(address) ? await server.greet({address, credentials, fetch: this.fetch}) : 'no_permission';
		this.#askedAt = this.now();
		if (state !== this.#known) {
			this.#known = state;
			this.changed(state);
		}
		return state;
	}
}
