/** The tabs whose page wishes no badges, and those where a person asked for them all the same: until the page is left. */

const PREFIX = 'declined/';

export class Declined {
	/** @param {any} session survives the worker, not the browser */
	constructor(session) {
		this.session = session;
	}

	/** @param {number} tab @param {'respected' | 'overruled'} what */
	async set(tab, what) {
		await this.session.set({[PREFIX + tab]: what});
	}

	/** @param {number} tab @returns {Promise<'respected' | 'overruled' | null>} */
	async get(tab) {
		return (await this.session.get(PREFIX + tab))[PREFIX + tab] ?? null;
	}

	/** @param {number} tab */
	async forget(tab) {
		await this.session.remove(PREFIX + tab);
	}
}
