/** What the content scripts share; each file sets its own field. */

type Listener = {
	near(image: Element): void;
	far(image: Element): void;
	loaded(image: Element): void;
	source(image: Element): void;
	removed(): Iterable<Element>;
	moved(changed?: boolean): void;
	wish(): void;
};
type Badge = {
	image: Element;
	view: any;
	/** None until it is seen. */
	button: HTMLButtonElement | null;
	x: number;
	y: number;
	asked: boolean;
};
type Drawn = Badge & {button: HTMLButtonElement};
type PictureFile = {
	id: number;
	source: string;
	state: 'new' | 'asked' | 'waiting' | 'done';
	own: boolean;
	loaded: boolean;
	named: boolean;
	credentials: RequestCredentials;
	view: any;
	images: Set<Element>;
	tries: number;
};
type CardTools = {
	node(tag: string, properties: object, text?: string): HTMLElement;
	list(rows: [string, string][]): HTMLElement;
};
type Place = {x: number; y: number; width: number; rtl: boolean};
type Box = {left: number; top: number; right: number; bottom: number};

declare var touchstone: {
	port: {
		alive(): boolean;
		ask(name: string, body: object): Promise<any>;
		listen(handlers: Record<string, (body: any) => Promise<any>>): void;
	};
	sources: {
		of(element: Element): string;
		isPicture(element: Element): boolean;
		isStyled(element: Element): boolean;
		nameOf(element: Element): string;
		shadowOf(element: Element): ShadowRoot | null;
	};
	Walk: new (visit: (element: Element, styles: boolean) => void, signal: AbortSignal) => {
		readonly done: boolean;
		add(nodes: Iterable<Node>): void;
		restyle(element: Element): void;
		all(node: Node, styles?: boolean): void;
	};
	Turns: new <T>(act: (one: T) => void) => {
		add(one: T): void;
		drop(one: T): void;
		clear(): void;
	};
	rules: {changed(): boolean};
	finder: {start(listener: Listener, signal: AbortSignal): void};
	files: {
		of(source: string, image: Element): PictureFile;
		holds(file: PictureFile): boolean;
		find(id: number): PictureFile | undefined;
		clear(): void;
		all(): Iterable<PictureFile>;
	};
	pictures: {
		start(listener: {wait(): void; changed(): void}): void;
		near: ReadonlySet<Element>;
		come(image: Element): void;
		leave(image: Element): void;
		consider(image: Element): void;
		reconsider(): void;
		forget(image: Element): void;
		sweep(): Set<Element>;
		resume(): void;
		clear(): void;
		counts(): Record<string, number>;
		answer(image: Element, view: any): void;
	};
	bytes: {
		read(body: {id: number; best?: boolean}): Promise<any>;
		access(source: string, image: Element): {own: boolean; credentials: RequestCredentials; loaded: boolean; named: boolean};
		request(file: {id: number; source: string; own: boolean; loaded: boolean; named: boolean}): {id: number; own: boolean; loaded: boolean; named: boolean; url: string};
	};
	findings: {
		start(signal: AbortSignal): void;
		list(body: {whole: boolean}): Promise<any>;
		context(image: Element): any;
		choose(image: Element, view: any, open: boolean): void;
		pick(body: {url: string}): Promise<any>;
		reveal(body: {id: number}): Promise<'shown' | 'hidden' | 'gone'>;
		find(id: number): {source: string; credentials: RequestCredentials} | undefined;
		imageOf(id: number): Element | undefined;
	};
	sight: {free(image: Element, box: Box, levels: {frame: Element; x: number; y: number; scaleX: number; scaleY: number}[]): Box};
	screen: {veil(body: {on: boolean}): Promise<any>; pose(body: {id: number}): Promise<any>; hasPicture(image: Element): boolean};
	better: {
		of(image: Element): {url: string; why: 'linked' | 'largest'; own: boolean} | null;
		known(image: Element): any;
		keep(image: Element, best: any): void;
	};
	actions: {
		draw(image: Element, view: any, tools: CardTools): HTMLElement[];
		drawFiles(image: Element, view: any, tools: CardTools): HTMLElement[];
		act(body: {id: number; what: string}): Promise<any>;
		renew(body: {id: number; view: any}): Promise<any>;
	};
	colours: {of: Record<string, {back: string; ink: string; line: string}>; rules: string};
	style: string;
	layer: {
		know(tree: Document | ShadowRoot): void;
		all(selector: string): Element[];
		open(): ShadowRoot;
		keep(): void;
		modals(): Element[];
		veil(on: boolean): void;
		sweep(): void;
		close(): void;
		owns(element: Element | null): boolean;
		active(): HTMLElement | null;
	};
	badges: {
		show(image: Element, view: any): void;
		put(badge: Badge, place: {x: number; y: number; width: number; rtl: boolean} | null): void;
		hide(image: Element): void;
		remove(image: Element): void;
		isWanted(badge: Badge): boolean;
		seen(): Drawn[];
		at(x: number, y: number): Drawn | undefined;
		all: Map<Element, Badge>;
		GAP: number;
	};
	geometry: {
		visible(image: Element, frame: {modals: Element[]; boxes: Map<Element, Box>}): Box | null;
		isRtl(image: Element): boolean;
		isBuried(element: Element): boolean;
		distance(images: Iterable<Element>): number;
		coverAt(image: Element, x: number, y: number): Element | null;
		refresh(): void;
	};
	wishes: {
		declines(): boolean;
		say(): Promise<boolean>;
		isDecline(element: Element): boolean;
		marksOn(image: Element): DOMRect[];
		giveWay(place: Place, image: Element, bottom: number): Place;
	};
	covers: {
		age(): void;
		ask(spots: {image: Element; box: Box; x: number}[]): void;
		free(spot: {image: Element; box: Box; x: number}): number | null;
		waiting: ReadonlySet<Element>;
	};
	tracker: {start(signal: AbortSignal): void; kick(): void; glance(changed?: boolean): void; place(image: Element): void};
	captions: {
		of(image: Element): {where: 'alt' | 'caption' | 'near'; text: string}[];
		saysAi(text: string): boolean;
		difference(view: {label: string; record?: any}, sayings: {where: 'alt' | 'caption' | 'near'; text: string}[]): 'file_only' | 'page_only' | null;
	};
	card: {
		toggle(image: Element, badge: Badge): void;
		close(): void;
		closeFor(image: Element): void;
		follow(): void;
		isOpen(): boolean;
		shows(image: Element): boolean;
	};
	input: {start(signal: AbortSignal): void};
	keyboard: {
		step(body: {go: 'on' | 'first' | 'back'}): Promise<'moved' | 'end' | 'none'>;
		back(): boolean;
		focus(button: HTMLElement): boolean;
		tell(body: {text: string}): Promise<void>;
	};
};
