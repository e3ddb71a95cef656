/** Lets few jobs run at once, nearest to the viewport first, each key once, no tab before all others. */

/**
 * @typedef {object} Job
 * @property {string} key
 * @property {string | number} group whose it is: the tab
 * @property {number} rank 0 = in the viewport; the smaller, the sooner
 * @property {() => Promise<any>} run
 * @property {number} askers
 * @property {number} tries
 * @property {boolean} running began, or waits for its next try
 * @property {boolean} placed holds one of the places
 * @property {Promise<any>} promise
 * @property {(value: any) => void} resolve
 * @property {(reason: any) => void} reject
 */

/** Rejects the promise of a job that nobody wants any more. */
export class Cancelled extends Error {}

/** Thrown by a job that is worth another try, `after` ms at the earliest; `cause` is the last word. */
export class TryAgain extends Error {
	/** @param {unknown} cause @param {number} [after] */
	constructor(cause, after = 0) {
		super('try again', {cause});
		this.after = after;
	}
}

export class Queue {
	/** @type {Map<string, Job>} */
	#jobs = new Map();
	#placed = 0;

	/** @param {{limit?: number, tries?: number, delay?: number}} [options] delay in ms, doubled at each try */
	constructor({limit = 4, tries = 3, delay = 800} = {}) {
		this.limit = limit;
		this.tries = tries;
		this.delay = delay;
	}

	/**
	 * Run a job, or join the one with the same key.
	 * @param {string} key
	 * @param {number} rank
	 * @param {() => Promise<any>} run
	 * @param {string | number} [group]
	 */
	add(key, rank, run, group = key) {
		const known = this.#jobs.get(key);
		if (known) {
			known.askers++;
			known.rank = Math.min(known.rank, rank);
			return known.promise;
		}
		const job = {key, group, rank, run, askers: 1, tries: 0, running: false, placed: false, ...promiseParts()};
		this.#jobs.set(key, job);
		this.#next();
		return job.promise;
	}

	/**
	 * Take back one `add`; the job is dropped if it has not begun and nobody else wants it.
	 * @param {string} key
	 */
	cancel(key) {
		const job = this.#jobs.get(key);
		if (job && --job.askers <= 0 && !job.running) {
			this.#jobs.delete(key);
			job.reject(new Cancelled());
		}
	}

	#next() {
		while (this.#placed < this.limit) {
			const job = this.#nearest();
			if (!job) {
				return;
			}
			this.#start(job);
		}
	}

	/** First come, first served among equals: a Map keeps the order. */
	#nearest() {
		const jobs = [...this.#jobs.values()];
		const waiting = jobs.filter(job => !job.running);
		const groups = new Set(waiting.map(({group}) => group));
		/** @type {Map<string | number, number>} */
		const held = new Map();
		for (const {group} of jobs.filter(job => job.placed)) {
			held.set(group, (held.get(group) ?? 0) + 1);
		}
		// A page whose pictures never come must not make the other tabs wait: half the places for
		// each tab that is not alone, and the last one never for a tab that has all the others.
		const share = Math.max(1, groups.size > 1 ? Math.floor(this.limit / 2) : this.limit - 1);
		return waiting.filter(({group}) => (held.get(group) ?? 0) < share)
			.reduce((best, job) => best && best.rank <= job.rank ? best : job, /** @type {Job | null} */ (null));
	}

	/** @param {Job} job */
	async #start(job) {
		job.running = true;
		job.placed = true;
		this.#placed++;
		try {
			this.#finish(job, job.resolve, await job.run());
		} catch (error) {
			this.#failed(job, error);
		} finally {
			job.placed = false;
			this.#placed--;
			this.#next();
		}
	}

	/** @param {Job} job @param {unknown} error */
	#failed(job, error) {
		if (!(error instanceof TryAgain)) {
			this.#finish(job, job.reject, error);
		} else if (++job.tries >= this.tries) {
			this.#finish(job, job.reject, error.cause);
		} else {
			// Stays `running`, so that it is not started, but leaves its place to others.
			const wait = Math.max(error.after, this.delay * 2 ** (job.tries - 1));
			setTimeout(() => {
				job.running = false;
				this.#next();
			}, wait);
		}
	}

	/** @param {Job} job @param {(value: any) => void} settle @param {unknown} value */
	#finish(job, settle, value) {
		this.#jobs.delete(job.key);
		settle(value);
	}
}

/** A promise and its two ends. */
function promiseParts() {
	/** @type {any} */
	const parts = {};
	parts.promise = new Promise((resolve, reject) => {
		Object.assign(parts, {resolve, reject});
	});
	return parts;
}
