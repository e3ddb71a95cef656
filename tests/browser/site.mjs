/** Web sites on loopback ports for the tests, and a proxy that catches every request to elsewhere. */

import {createServer, request as send} from 'node:http';

const TYPES = {html: 'text/html; charset=utf-8', jpg: 'image/jpeg', png: 'image/png', svg: 'image/svg+xml'};

/** @typedef {{url: string, headers: import('node:http').IncomingHttpHeaders, method: string}} Request */

/**
 * Serve files by path, kept in the browser's cache unless `cache` says otherwise; what is absent is a 404, and
 * a status of 0 ends the connection without an answer.
 * @typedef {Buffer | string | {body: Buffer | string, cache?: string, status?: number, type?: string} | undefined} Served
 * @param {(path: string, headers: import('node:http').IncomingHttpHeaders) => Served | Promise<Served>} files
 */
export async function startSite(files) {
	/** @type {Request[]} */
	const requests = [];
	const server = createServer(async ({url = '', headers, method = ''}, response) => {
		requests.push({url, headers, method});
		const path = url.slice(1).replace(/\?.*/, '');
		const found = await files(path, headers);
		const {body, cache = 'max-age=600', status = 200, type = TYPES[/** @type {keyof TYPES} */ (path.split('.').pop())] ?? TYPES.html} =
			typeof found === 'object' && 'body' in found ? found : {body: found};
		if (status === 0) {
			response.destroy();
			return;
		}
		if (body === undefined) {
			response.writeHead(404, {'Content-Type': TYPES.html}).end('<!doctype html>There is nothing here.');
			return;
		}
		response.writeHead(status, {'Content-Type': type, 'Cache-Control': cache, 'Set-Cookie': 'who=me; SameSite=Lax'}).end(body);
	});
	await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
	const {port} = /** @type {import('node:net').AddressInfo} */ (server.address());
	return {address: `http://127.0.0.1:${port}`, requests, end: () => {
		server.closeAllConnections();
		server.close();
	}};
}

/**
 * Loopback goes past a proxy; all else comes here, is noted and refused. Where the browser sends everything here,
 * `hosts` says which host is which site, and what goes to loopback is passed on.
 * @param {(host: string) => string | undefined} [hosts] the address of a host
 */
export async function startProxy(hosts = () => undefined) {
	/** @type {string[]} */
	const asked = [];
	/** @type {(Request & {body: Buffer})[]} */
	const passed = [];
	const server = createServer(async (request, response) => {
		const {url = '', headers, method = ''} = request;
		asked.push(url);
		const target = hosts(URL.canParse(url) ? new URL(url).host : '');
		if (!target) {
			response.writeHead(502).end();
			return;
		}
		const chunks = [];
		for await (const chunk of request) {
			chunks.push(chunk);
		}
		const body = Buffer.concat(chunks);
		passed.push({url, headers, method, body});
		const {pathname, search} = new URL(url);
		const onward = send(target + pathname + search, {method, headers}, answer => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(response);
		});
		onward.on('error', () => response.destroy());
		onward.end(body);
	});
	server.on('connect', (request, socket) => {
		asked.push(String(request.url));
		socket.end('HTTP/1.1 502 Refused\r\n\r\n');
	});
	await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
	const {port} = /** @type {import('node:net').AddressInfo} */ (server.address());
	return {address: `http://127.0.0.1:${port}`, asked, passed, end: () => {
		server.closeAllConnections();
		server.close();
	}};
}
