/** Messages between the parts of the extension: a table from name to handler. */

import {browser} from './browser.js';

/** @typedef {chrome.runtime.MessageSender} Sender */
/**
 * @typedef {object} Handler
 * @property {'page' | 'popup'} from who may ask: a content script, or a page of the extension
 * @property {Record<string, string>} [shape] typeof each field
 * @property {(body: any, sender: Sender) => Promise<any>} run
 */

/**
 * Answer messages. To be called once, at the top level, before anything is awaited: a worker
 * that wakes for a message must already listen.
 * @param {Record<string, Handler>} table
 */
export function listen(table) {
	browser.runtime.onMessage.addListener((message, sender, reply) => {
		const handler = find(table, message, sender);
		if (!handler) {
			return false;
		}
		handler.run(message, sender).then(
			value => reply({value}),
			error => reply({error: error?.code ?? error?.name ?? 'Error', params: error?.params}),
		);
		// Keeps the channel open, and with it the worker alive.
		return true;
	});
}

/**
 * The handler of a message that is well formed and comes from where it may.
 * @param {Record<string, Handler>} table
 * @param {any} message
 * @param {Sender} sender
 * @param {{id: string, getURL(path: string): string}} [self]
 */
export function find(table, message, sender, self = browser.runtime) {
	const name = message?.name;
	const handler = typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : null;
	if (!handler || sender.id !== self.id) {
		return null;
	}
	const ours = sender.url?.startsWith(self.getURL('')) ?? false;
	const allowed = handler.from === 'popup' ? ours : !ours && sender.tab?.id !== undefined;
	const formed = Object.entries(handler.shape ?? {}).every(([field, type]) => typeof message[field] === type);
	return allowed && formed ? handler : null;
}

/**
 * Ask the background from a page of the extension. Throws an Error whose message is the code.
 * @param {string} name
 * @param {object} [body]
 */
export async function ask(name, body = {}) {
	const {value, error} = await browser.runtime.sendMessage({...body, name});
	if (error) {
		throw new Error(error);
	}
	return value;
}
