import assert from 'node:assert/strict';
import {test} from 'node:test';

import {examine} from '../../extension/lib/examine.js';
import {ACCEPT, fetchImage, isLocal} from '../../extension/lib/images.js';
import {TryAgain} from '../../extension/lib/queue.js';
import {ServerError} from '../../extension/lib/server.js';
import {texts} from './catalogue.mjs';
import {serve} from './listener.mjs';

const JPEG = Buffer.from('ffd8ffe000104a46494600', 'hex');
const LOCAL = {pageHost: '127.0.0.1'};

/** @param {import('node:test').TestContext} t @param {Buffer | string} body */
function file(t, body, headers = {}, status = 200) {
	return serve(t, (_, response) => response.writeHead(status, headers).end(body));
}

test('fetches the bytes as they are, asking as a browser asks for an image', async t => {
	const seen = [];
	const address = await serve(t, ({headers}, response) => {
		seen.push(headers);
		response.writeHead(200, {'Content-Type': 'image/jpeg'}).end(JPEG);
	});
	const picture = await fetchImage(`${address}/a.jpg`, LOCAL);
	assert.deepEqual(Buffer.from(picture.bytes), JPEG);
	assert.deepEqual([picture.type, picture.url], ['image/jpeg', `${address}/a.jpg`]);
	assert.equal(seen[0].accept, ACCEPT);
	assert.equal(seen[0].cookie, undefined);
});

test('a redirect is followed and its end is the variant that was analysed', async t => {
	const address = await serve(t, ({url}, response) => url === '/a'
		? response.writeHead(302, {Location: '/b'}).end() : response.end(JPEG));
	assert.equal((await fetchImage(`${address}/a`, LOCAL)).url, `${address}/b`);
});

test('a page instead of an image', async t => {
	for (const [body, type] of [
		['<!DOCTYPE html><p>log in', 'text/html'], ['\n <html>', 'image/jpeg'],
		['Access denied', 'text/html'], ['{"error": 1}', 'application/json'],
	]) {
		const address = await file(t, body, {'Content-Type': type});
		await assert.rejects(fetchImage(address, LOCAL), {code: 'not_read_type'}, body);
	}
});

test('a wrong type does not hide an image; nor is an SVG a page', async t => {
	for (const body of [JPEG, Buffer.from('GIF89a............'), Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')]) {
		const type = body[0] === 0x3C ? 'image/svg+xml' : 'text/plain';
		assert.ok((await fetchImage(await file(t, body, {'Content-Type': type}), LOCAL)).bytes.byteLength > 0);
	}
});

test('404 is final, 500 and 429 may pass', async t => {
	for (const [status, transient] of [[404, false], [403, false], [500, true], [429, true]]) {
		const address = await file(t, 'no', {}, status);
		await assert.rejects(fetchImage(address, LOCAL), {code: 'not_read_http', params: {status}, transient});
	}
});

test('too large: said by the header, or found while reading', async t => {
	const body = Buffer.alloc(3000, 0xFF);
	await assert.rejects(fetchImage(await file(t, body, {'Content-Length': 3000}), {...LOCAL, limit: 1000}),
		{code: 'not_read_too_large', params: {bytes: 3000, limit: 1000}});
	let ended = false;
	const endless = await serve(t, (_, response) => {
		const timer = setInterval(() => response.write(body), 1);
		response.on('close', () => {
			clearInterval(timer);
			ended = true;
		});
	});
	await assert.rejects(fetchImage(endless, {...LOCAL, limit: 10_000}), {code: 'not_read_too_large'});
	for (let i = 0; i < 100 && !ended; i++) {
		await new Promise(resolve => setTimeout(resolve, 10));
	}
	assert.ok(ended, 'the download was ended');
});

test('nobody there: may pass', async () => {
	await assert.rejects(fetchImage('http://127.0.0.1:9/a', LOCAL), {code: 'not_read_network', transient: true});
});

test('a site that takes the request and says nothing is left soon; one that answers slowly is not', async t => {
	const silent = await serve(t, () => {});
	const began = Date.now();
	await assert.rejects(fetchImage(silent, {...LOCAL, patience: 40}), {code: 'not_read_network', transient: true});
	assert.ok(Date.now() - began < 5000);
	const slow = await serve(t, (_, response) => {
		response.writeHead(200, {'Content-Type': 'image/jpeg'}).write(JPEG.subarray(0, 4));
		setTimeout(() => response.end(JPEG.subarray(4)), 1200);
	});
	assert.deepEqual(Buffer.from((await fetchImage(slow, {...LOCAL, patience: 600})).bytes), JPEG);
});

test('a page of the web cannot make us fetch from the own network, not even by a redirect', async t => {
	const seen = [];
	const address = await serve(t, ({url}, response) => {
		seen.push(url);
		response.end(JPEG);
	});
	await assert.rejects(fetchImage(`${address}/admin`, {pageHost: 'example.com'}), {code: 'not_read_local_network'});
	assert.deepEqual(seen, []);
	const redirected = async () => Object.defineProperty(new Response(JPEG), 'url', {value: 'http://192.168.0.1/x'});
	await assert.rejects(fetchImage('https://example.com/a', {pageHost: 'example.com', fetch: redirected}), {code: 'not_read_local_network'});
});

test('which hosts are of the own network', () => {
	const local = ['localhost', 'a.localhost', 'printer.local', 'router', '127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.9.9',
		'localhost.', 'printer.local.', 'router.', 'a.lan', 'nas.home', 'fritz.box', 'fritz.box.', 'a.fritz.box', 'home.arpa', 'x.home.arpa.',
		'192.168.1.1', '169.254.1.1', '100.64.0.1', '0.0.0.0', '[::1]', '[fd00::1]', '[fe80::1]', '[::ffff:7f00:1]'];
	const web = ['example.com', '8.8.8.8', '172.32.0.1', '100.128.0.1', '11.0.0.1', '[2001:db8::1]', '',
		'example.com.', 'plan.com', 'myhome.example', 'notfritz.box'];
	assert.deepEqual(local.filter(host => !isLocal(host)), []);
	assert.deepEqual(web.filter(isLocal), []);
});

const REPORT = {
	sha256: 'ab'.repeat(32), format: 'JPEG', width: 1, height: 1, evidence: [], unavailable: {},
	verdict: {label: 'unlabeled', basis: 'none', code: 'nothing_found', params: {}},
};

/** @param {object} wanted @param {(bytes: ArrayBuffer) => Promise<any>} answer */
function run(wanted, answer = async () => REPORT, more = {}) {
	const parts = {connection: {examine: answer}, look: /** @type {const} */ ('quick'), texts: texts('en'), ...more};
	return examine({url: 'http://127.0.0.1:9/none', readInPage: null, ...LOCAL, ...wanted}, parts);
}

test('the page reads what it can, and the background fetches what the page could not', async t => {
	const sent = [];
	const answer = async bytes => {
		sent.push(Buffer.from(bytes).toString());
		return REPORT;
	};
	const own = async () => ({bytes: new TextEncoder().encode('\xFFpage').buffer, type: 'image/png', url: 'blob:x'});
	assert.equal((await run({url: 'blob:x', readInPage: own}, answer)).view.label, 'unlabeled');
	const url = await file(t, Buffer.from('background'));
	await run({url, readInPage: async () => null}, answer);
	assert.deepEqual(sent, ['\xFFpage', 'background']);
	const {view} = await run({url: 'blob:x', readInPage: async () => null}, answer);
	assert.deepEqual([view.label, sent.length], ['not_checked', 2], 'a blob: that is gone is not checked');
});

test('what the browser does not let us read is not asked for, and the host is named', async () => {
	let asked = 0;
	const fetch = async () => {
		asked++;
		return new Response(JPEG);
	};
	const url = 'https://pictures.example/a.jpg';
	const {view} = await run({url}, undefined, {fetch, allowed: async () => false});
	assert.deepEqual([view.label, asked], ['not_checked', 0]);
	assert.match(view.sentence, /not allowed Touchstone to read pictures from pictures\.example/);
	assert.equal((await run({url}, undefined, {fetch, allowed: async () => true})).view.label, 'unlabeled');
});

test('an image that cannot be read is not checked, never unlabeled', async t => {
	const url = await file(t, 'no', {}, 404);
	const {view} = await run({url});
	assert.equal(view.label, 'not_checked');
	assert.match(view.sentence, /404/);
	for (const code of ['unreadable_image', 'unsupported_format', 'too_large', 'too_many_pixels', 'internal_error']) {
		const refused = await run({url: await file(t, JPEG)}, async () => {
			throw new ServerError(code);
		});
		assert.equal(refused.view.label, 'not_checked', code);
	}
});

test('a server that is away makes the image wait; a busy one is asked again', async t => {
	const url = await file(t, JPEG);
	const failing = (code, after = 0) => run({url}, async () => {
		throw new ServerError(code, after);
	});
	assert.deepEqual(await failing('away'), {wait: 'away'});
	assert.deepEqual(await failing('unpaired'), {wait: 'unpaired'});
	await assert.rejects(failing('busy', 2000), error => error instanceof TryAgain && error.after === 2000);
	await assert.rejects(run({}), error => error instanceof TryAgain && error.cause.view.label === 'not_checked');
});
