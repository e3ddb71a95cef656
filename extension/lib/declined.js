/** The tabs whose page wishes no badges, and those where a person asked for them all the same: until the page is left. */

const PREFIX = 'declined/';
// How long a frame waits for the document at the top to say what it wishes, and how often we ask where nobody hears us yet.
const WAIT_MS = 4000;
const EACH_MS = 200;

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

/**
 * Whether the document at a tab's top wishes no badges, asked for a frame that may not look there itself. Where it does
 * not say so in time, as if it wished nothing: what it says later holds from then on.
 * @param {() => Promise<any>} ask
 * @param {number} [wait] in ms
 * @returns {Promise<boolean>}
 */
export async function wished(ask, wait = WAIT_MS) {
	const end = Date.now() + wait;
	const late = new Promise(resolve => setTimeout(resolve, wait, null));
	while (Date.now() < end) {
		const said = await Promise.race([ask().catch(() => null), late]);
		if (typeof said === 'boolean') {
			return said;
		}
		await new Promise(resolve => setTimeout(resolve, EACH_MS));
	}
	return false;
}
