/** The only calls from the page to its own server. */

const token = document.querySelector('meta[name=touchstone-token]')?.getAttribute('content') ?? '';

/** A refusal in the API's one error shape. */
export class Refused extends Error {
	/** @param {string} code @param {string} message */
	constructor(code, message) {
		super(message);
		this.code = code;
	}
}

/**
 * Call the server and return its JSON.
 * @param {string} method
 * @param {string} path
 * @param {Blob} [body]
 * @returns {Promise<any>} rejects with Refused
 */
export async function call(method, path, body) {
	const headers = {Authorization: `Bearer ${token}`, 'Content-Type': 'application/octet-stream'};
	let answer;
	try {
		answer = await fetch(path, {method, headers, body});
	} catch {
		throw new Refused('server_away', '');
	}
	const value = await answer.json();
	if (!answer.ok) {
		throw new Refused(value.error.code, value.error.message);
	}
	return value;
}
