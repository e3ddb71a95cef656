/** The pages of the test site. `{other}` becomes the address of the other origin. */

import {EXPECTED} from './bench.mjs';

const HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title>';
const STYLE = `<style>
	body { margin: 0 0 0 12px; min-height: 3000px; }
	main { display: grid; grid-template-columns: repeat(3, 280px); gap: 16px; }
	main img { width: 280px; height: 186px; display: block; }
</style>`;

const nine = Object.keys(EXPECTED)
	.map((name, at) => `<img src="${at % 2 ? '{other}' : ''}/${name}" alt="${name}">`).join('\n');

/** @type {Record<string, string>} */
export const PAGES = {
	'nine.html': `${HEAD}${STYLE}<main>${nine}</main>`,

	'layout.html': `${HEAD}<style>
		body { margin: 0; min-height: 3000px; }
		#bar { position: fixed; inset: 0 0 auto; height: 50px; background: #eee; display: none; }
		#scroller { width: 400px; height: 260px; overflow: auto; border: 3px solid; margin: 10px; }
		#scroller div { height: 900px; padding-top: 20px; }
		img { width: 300px; height: 200px; display: block; margin: 10px; }
	</style>
	<div id="bar">Bar</div><p id="space"></p>
	<img src="/iptc.jpg" alt="plain">
	<div id="scroller"><div><img src="/midjourney.png" alt="inner"></div></div>
	<div dir="rtl" style="width:320px"><img src="/camera.jpg" alt="rtl"></div>`,

	'ways.html': `${HEAD}<style>img { width: 200px; height: 133px; display: inline-block; margin: 4px; } .tiny { width: 60px; height: 40px; }</style>
	<img alt="data"><img alt="blob">
	<picture><source srcset="/none.avif" type="image/unknown"><source srcset="{other}/midjourney.png 2x, {other}/iptc.jpg 1x"><img src="/camera.jpg" alt="picture"></picture>
	<img alt="crossorigin" crossorigin="anonymous" src="/camera.jpg">
	<img alt="tiny" class="tiny" src="{other}/iptc.jpg?tiny">
	<div id="host"></div>
	<script type="module">
		const bytes = await (await fetch('/aigc-label-1.png')).blob();
		document.querySelector('[alt=blob]').src = URL.createObjectURL(bytes);
		const reader = new FileReader();
		reader.onload = () => { document.querySelector('[alt=data]').src = reader.result; };
		reader.readAsDataURL(await (await fetch('/aigc-label-2.jpg')).blob());
		setTimeout(() => {
			const root = document.querySelector('#host').attachShadow({mode: 'open'});
			root.innerHTML = '<img src="/iptc.jpg" alt="shadow" style="width:200px;height:133px">';
		}, 500);
	</script>`,

	'frames.html': `${HEAD}<iframe src="/inner.html" style="width:340px;height:260px;border:0"></iframe>
	<iframe srcdoc="&lt;img src='{other}/iptc.jpg' alt=inner style='width:200px;height:133px'&gt;" style="width:340px;height:260px;border:0"></iframe>`,
	'inner.html': `${HEAD}<style>body{margin:10px}</style><img src="/midjourney.png" alt="inner" style="width:300px;height:200px">`,

	'feed.html': `${HEAD}<style>body{margin:0} img { display: block; width: 300px; height: 200px; margin: 0 0 600px; }</style>
	<img src="/camera.jpg" alt="first"><img src="/iptc.jpg" alt="lazy" loading="lazy" style="margin-top:4000px">
	<script>
		addEventListener('scroll', () => {
			if (!document.querySelector('[alt=endless]') && scrollY > 1000) {
				const image = new Image();
				image.alt = 'endless';
				image.src = '{other}/midjourney.png';
				document.querySelector('[alt=first]').after(image);
			}
		});
	</script>`,

	'dialog.html': `${HEAD}<style>img { width: 300px; height: 200px; } dialog { top: 250px; padding: 10px; }</style>
	<img src="/camera.jpg" alt="behind">
	<dialog><img src="/iptc.jpg" alt="inside"></dialog>`,

	'said.html': `${HEAD}<style>body { margin: 0; } img { width: 300px; height: 200px; display: block; } .icon { width: 20px; height: 20px; }
		.row { display: flex; gap: 120px; margin: 20px; } .tag { position: absolute; margin: -30px 0 0 200px; }</style>
	<div class="row">
		<figure><img src="/camera.jpg?caption" alt="caption"><figcaption><div>A valley.</div><div>Image: generated with Midjourney</div></figcaption></figure>
		<div><div><img src="/camera.jpg?near" alt="near"></div><p>Posted today <span class="tag">AI 生成</span></p></div>
	</div>
	<div class="row">
		<article><a href="#"><img src="/camera.jpg?icon" alt="icon"></a><img class="icon" src="/iptc.jpg?icon" alt="Fully AI-Generated"></article>
		<figure><img src="/camera.jpg?silent" alt="silent"><figcaption>Not AI-generated: taken in 2021</figcaption></figure>
	</div>
	<div class="row"><img src="/camera.jpg?alt" alt="An AI-generated valley" id="alt"><p id="far">Made with AI</p></div>`,

	'many.html': `${HEAD}<style>img { width: 120px; height: 120px; }</style>${'<img src="{other}/iptc.jpg?many" alt="">'.repeat(24)}`,

	'plain.html': `${HEAD}<img src="http://pictures.example/a.jpg" alt="plain" style="width:200px;height:150px;display:block">`,

	'empty.html': `${HEAD}<p>Nothing.`,
};
