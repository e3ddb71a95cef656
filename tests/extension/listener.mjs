/** A small HTTP server on a free loopback port, closed when the test ends. */

import {createServer} from 'node:http';

/**
 * @param {import('node:test').TestContext} t
 * @param {(request: import('node:http').IncomingMessage & {text: Buffer}, response: import('node:http').ServerResponse) => void} answer
 */
export async function serve(t, answer) {
	const server = createServer(async (request, response) => {
		const chunks = [];
		for await (const chunk of request) {
			chunks.push(chunk);
		}
		answer(Object.assign(request, {text: Buffer.concat(chunks)}), response);
	});
	await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
	t.after(() => {
		server.closeAllConnections();
		server.close();
	});
	return `http://127.0.0.1:${server.address().port}`;
}
