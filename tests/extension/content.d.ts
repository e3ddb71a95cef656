/** What the content scripts share; each file sets its own field. */

type Listener = {
	near(image: HTMLImageElement): void;
	far(image: HTMLImageElement): void;
	loaded(image: HTMLImageElement): void;
	source(image: HTMLImageElement): void;
	removed(): Iterable<HTMLImageElement>;
	moved(): void;
};
type Badge = {
	button: HTMLButtonElement;
	word: HTMLElement;
	view: any;
	widths: number[];
	x: number;
	y: number;
};
type Box = {left: number; top: number; right: number; bottom: number};

declare var touchstone: {
	port: {
		alive(): boolean;
		ask(name: string, body: object): Promise<any>;
		listen(handlers: Record<string, (body: any) => Promise<any>>): void;
	};
	finder: {start(listener: Listener, signal: AbortSignal): void};
	pictures: {
		start(listener: {wait(): void; changed(): void}): void;
		near: ReadonlySet<HTMLImageElement>;
		come(image: HTMLImageElement): void;
		leave(image: HTMLImageElement): void;
		consider(image: HTMLImageElement): void;
		reconsider(): void;
		forget(image: HTMLImageElement): void;
		sweep(): HTMLImageElement[];
		resume(): void;
		clear(): void;
		counts(): Record<string, number>;
		find(id: number): {source: string; credentials: RequestCredentials} | undefined;
	};
	bytes: {
		read(body: {id: number}): Promise<any>;
		access(source: string, image: HTMLImageElement): {own: boolean; credentials: RequestCredentials};
	};
	findings: {
		start(): void;
		list(body: {whole: boolean}): Promise<any>;
		choose(image: HTMLImageElement, view: any, open: boolean): void;
		pick(body: {url: string}): Promise<any>;
		reveal(body: {id: number}): Promise<'shown' | 'hidden' | 'gone'>;
		find(id: number): {source: string; credentials: RequestCredentials} | undefined;
	};
	style: string;
	layer: {
		open(): ShadowRoot;
		keep(): void;
		modals(): Element[];
		sweep(): void;
		close(): void;
		owns(element: Element | null): boolean;
		active(): HTMLElement | null;
	};
	badges: {
		show(image: HTMLImageElement, view: any): void;
		put(badge: Badge, place: {x: number; y: number; width: number; rtl: boolean} | null): void;
		hide(image: HTMLImageElement): void;
		remove(image: HTMLImageElement): void;
		at(x: number, y: number): [HTMLImageElement, Badge] | undefined;
		all: Map<HTMLImageElement, Badge>;
		GAP: number;
	};
	geometry: {
		visible(image: HTMLImageElement, modals: Element[]): Box | null;
		coverAt(image: Element, x: number, y: number): Element | null;
		refresh(): void;
	};
	tracker: {start(signal: AbortSignal): void; kick(): void};
	captions: {
		of(image: HTMLImageElement): {where: 'alt' | 'caption' | 'near'; text: string}[];
		saysAi(text: string): boolean;
	};
	card: {
		toggle(image: HTMLImageElement, badge: Badge): void;
		close(): void;
		closeFor(image: HTMLImageElement): void;
		follow(): void;
		isOpen(): boolean;
	};
	keyboard: {
		step(body: {go: 'on' | 'first' | 'back'}): Promise<'moved' | 'end' | 'none'>;
		back(): boolean;
		focus(button: HTMLElement): boolean;
	};
};
