/** The tabs whose page a person has asked to look at, whatever holds elsewhere. */

const PREFIX = 'asked/';

export class Asked {
	/** @param {any} session survives the worker, not the browser */
	constructor(session) {
		this.session = session;
	}

	/** @param {number} tab */
	async add(tab) {
		await this.session.set({[PREFIX + tab]: true});
	}

	/** @param {number} tab @returns {Promise<boolean>} */
	async has(tab) {
		return (await this.session.get(PREFIX + tab))[PREFIX + tab] === true;
	}

	/** @param {number} tab */
	async forget(tab) {
		await this.session.remove(PREFIX + tab);
	}
}
