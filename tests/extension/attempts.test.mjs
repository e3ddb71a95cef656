import assert from 'node:assert/strict';
import {test} from 'node:test';

import {attempt} from '../../extension/lib/attempts.js';
import {readBytes} from '../../extension/lib/examine.js';

const URL_ = 'https://pictures.example/a.jpg';
const PAGE = {pageHost: 'news.example', pageOrigin: 'https://news.example', loaded: true, named: true};
const JPEG = Buffer.from('ffd8ffe000104a46494600', 'hex');

/** A site that gives the file to whom it likes. @param {(asked: {referrer: string, credentials: string}) => boolean | number} likes */
function site(likes) {
	const asked = [];
	const fetch = async (url, {referrer, credentials, referrerPolicy}) => {
		asked.push([referrer, credentials, referrerPolicy].join(' ').trim());
		const answer = likes({referrer, credentials});
		return new Response(answer === true ? JPEG : 'no', {status: answer === true ? 200 : answer || 403, headers: {'Content-Type': 'image/jpeg'}});
	};
	return {asked, fetch};
}

const PLAIN = 'omit no-referrer';
const NAMED = 'https://news.example/ omit unsafe-url';
const COOKIES = 'https://news.example/ include unsafe-url';

test('first without any name; only a refusal is asked again, first with the page\'s site, last with cookies', async () => {
	for (const [likes, how, cookies, expected] of [
		[() => true, 'plain', false, [PLAIN]],
		[({referrer}) => referrer !== '', 'referrer', false, [PLAIN, NAMED]],
		[({credentials}) => credentials === 'include', 'cookies', true, [PLAIN, NAMED, COOKIES]],
	]) {
		const {asked, fetch} = site(likes);
		const got = await attempt(URL_, {...PAGE, cookies: true, fetch});
		assert.deepEqual([got.how, got.cookies, asked], [how, cookies, expected]);
		assert.deepEqual(Buffer.from(got.bytes), JPEG);
	}
});

test('cookies only where the person allowed it, never for a private window, nothing twice for what the page did not get itself', async () => {
	for (const [asking, expected] of [
		[{}, [PLAIN, NAMED]],
		[{cookies: false}, [PLAIN, NAMED]],
		[{cookies: true, incognito: true}, [PLAIN, NAMED]],
		[{cookies: true, loaded: false}, [PLAIN]],
		[{named: false}, [PLAIN]],
		[{named: false, cookies: true}, [PLAIN, 'include no-referrer']],
		[{pageOrigin: ''}, [PLAIN]],
	]) {
		const {asked, fetch} = site(() => false);
		await assert.rejects(attempt(URL_, {...PAGE, ...asking, fetch}), {code: 'not_read_http', params: {status: 403}});
		assert.deepEqual(asked, expected, JSON.stringify(asking));
	}
	const {asked, fetch} = site(() => false);
	await assert.rejects(attempt('http://pictures.example/a.jpg', {...PAGE, fetch}), {code: 'not_read_http'});
	assert.deepEqual(asked, [PLAIN], 'a secured page is not named over an unsecured line');
});

test('a site that fails or is silent has refused nothing; a page in place of the picture is a refusal', async () => {
	for (const [status, times] of [[500, 1], [503, 1], [429, 1], [401, 2], [404, 2]]) {
		const {asked, fetch} = site(() => status);
		await assert.rejects(attempt(URL_, {...PAGE, fetch}), {code: 'not_read_http', params: {status}});
		assert.equal(asked.length, times, String(status));
	}
	let count = 0;
	const notice = async (_, {referrer}) => {
		count++;
		return new Response(referrer ? JPEG : '<!doctype html>Please look at our page.', {headers: {'Content-Type': referrer ? 'image/jpeg' : 'text/html'}});
	};
	assert.equal((await attempt(URL_, {...PAGE, fetch: notice})).how, 'referrer');
	assert.equal(count, 2);
	await assert.rejects(attempt(URL_, {...PAGE, fetch: async () => { throw new TypeError('nobody'); }}), {code: 'not_read_network'});
});

test('a local address is asked for in no way for a page of the web', async () => {
	const {asked, fetch} = site(() => true);
	await assert.rejects(attempt('http://192.168.0.1/a.jpg', {...PAGE, cookies: true, fetch}), {code: 'not_read_local_network'});
	assert.deepEqual(asked, []);
});

test('what the page itself reads is told as such, with the cookies that its request had', async () => {
	const read = (/** @type {object} */ more) => readBytes({url: URL_, pageHost: 'news.example', readInPage: async () => ({bytes: new Uint8Array(JPEG).buffer, type: 'image/jpeg', ...more})}, {});
	const {bytes: _, ...own} = await read({url: URL_, cookies: true});
	assert.deepEqual(own, {type: 'image/jpeg', url: URL_, how: 'page', cookies: true});
	const {bytes: __, ...data} = await read({url: 'data:image/jpeg;base64,'});
	assert.deepEqual(data, {type: 'image/jpeg', url: 'data:image/jpeg;base64,', how: 'embedded'});
});
