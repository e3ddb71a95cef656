/** The content scripts' only way to the background. First of the files that share `touchstone`. */

'use strict';

globalThis.touchstone = /** @type {any} */ ({});

{
	/** @type {typeof chrome} */
	const browser = /** @type {any} */ (globalThis).browser ?? chrome;

	/** False once the extension was updated or removed: this script is then an orphan. */
	function alive() {
		try {
			return Boolean(browser.runtime?.id);
		} catch {
			return false;
		}
	}

	/**
	 * Ask the background; null if it does not answer (it may have been stopped in between).
	 * @param {string} name
	 * @param {object} body
	 * @returns {Promise<any>}
	 */
	async function ask(name, body) {
		try {
			return (await browser.runtime.sendMessage({...body, name}))?.value ?? null;
		} catch {
			return null;
		}
	}

	/**
	 * Answer the background's messages by name.
	 * @param {Record<string, (body: any) => Promise<any>>} handlers
	 */
	function listen(handlers) {
		browser.runtime.onMessage.addListener((message, sender, reply) => {
			if (sender.id !== browser.runtime.id || !Object.hasOwn(handlers, message?.name)) {
				return false;
			}
			handlers[message.name](message).then(reply, () => reply(null));
			return true;
		});
	}

	touchstone.port = {alive, ask, listen};
}
