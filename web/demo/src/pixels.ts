// The art of the demo: everything is drawn here, pixel by pixel, once at the start.

/** A picture in characters: each is a colour of the palette, a blank is nothing. */
type Rows = readonly string[];

const palette: Record<string, string> = {
  k: '#1d1a22', w: '#f4efe6', s: '#f0c9a0', S: '#d29f75', h: '#6b4226', H: '#8a5a34', b: '#3f6fb5', B: '#2d5189', r: '#c2483d', R: '#8f2f2b',
  g: '#6fa34a', G: '#4b7a32', y: '#f2c84b', Y: '#c99a2c', n: '#8a8f98', N: '#5c616b', o: '#c98a4b', O: '#97602f', d: '#b07b45', D: '#7d5530',
  p: '#9b6bd6', P: '#6c42a8', l: '#d9c9ff', e: '#e9e3d2', f: '#c9bfa7', t: '#7a7f68',
};

/** Sizes in pixels of one frame. */
export const frameSize = 16;

/** A creature: two frames a side; left is right mirrored. */
interface Creature {
  down: [Rows, Rows];
  up: [Rows, Rows];
  right: [Rows, Rows];
}

// A person, to be dressed: B is the coat, h the hair, s the skin.
const person: Creature = {
  down: [
    ['     hhhhhh     ', '    hhhhhhhh    ', '    hhsssshh    ', '    hskssksh    ', '     ssssss     ', '      sSSs      ', '    bbbbbbbb    ', '   bbbbbbbbbb   ', '   sbbByyBbbs   ', '   sbbBBBBbbs   ', '    bbbbbbbb    ', '    bbbbbbbb    ', '     BB  BB     ', '     BB  BB     ', '     kk  kk     ', '                '],
    ['                ', '     hhhhhh     ', '    hhhhhhhh    ', '    hhsssshh    ', '    hskssksh    ', '     ssssss     ', '      sSSs      ', '    bbbbbbbb    ', '   sbbbbbbbbs   ', '   sbbByyBbbs   ', '    bbBBBBbb    ', '    bbbbbbbb    ', '     BB  BB     ', '     BB  kk     ', '     kk         ', '                '],
  ],
  up: [
    ['     hhhhhh     ', '    hhhhhhhh    ', '    hhhhhhhh    ', '    hhhhhhhh    ', '     hhhhhh     ', '      hSSh      ', '    bbbbbbbb    ', '   bbbbbbbbbb   ', '   sbbbbbbbbs   ', '   sbbBBBBbbs   ', '    bbbbbbbb    ', '    bbbbbbbb    ', '     BB  BB     ', '     BB  BB     ', '     kk  kk     ', '                '],
    ['                ', '     hhhhhh     ', '    hhhhhhhh    ', '    hhhhhhhh    ', '    hhhhhhhh    ', '     hhhhhh     ', '      hSSh      ', '    bbbbbbbb    ', '   sbbbbbbbbs   ', '   sbbbbbbbbs   ', '    bbBBBBbb    ', '    bbbbbbbb    ', '     BB  BB     ', '     kk  BB     ', '         kk     ', '                '],
  ],
  right: [
    ['     hhhhhh     ', '    hhhhhhhh    ', '    hhhssss     ', '    hhhsskss    ', '     hhssss     ', '      hsSs      ', '     bbbbbb     ', '     bbbbbbb    ', '     bbsBbbb    ', '     bBssBbb    ', '     bbbbbbb    ', '     bbbbbb     ', '     BB  BB     ', '     BB  BBk    ', '     kkk  k     ', '                '],
    ['                ', '     hhhhhh     ', '    hhhhhhhh    ', '    hhhssss     ', '    hhhsskss    ', '     hhssss     ', '      hsSs      ', '     bbbbbb     ', '     bbbbbbb    ', '     bbbsBbb    ', '     bBBssbb    ', '     bbbbbb     ', '      BBBB      ', '      BBBB      ', '      kkkkk     ', '                '],
  ],
};

// A beast on four legs, looking to the right; also used for the other sides.
const beast: [Rows, Rows] = [
  ['                ', '                ', '          dd    ', '          ddd   ', '         dddddd ', '         dkddddk', '         dddddd ', ' d  dddddddddd  ', ' ddddddddddddd  ', '  dddddddddddd  ', '  dddddddddddd  ', '  dDddddddDddd  ', '  dD dd  dD dd  ', '  dD dd  dD dd  ', '  kk kk  kk kk  ', '                '],
  ['                ', '                ', '          dd    ', '          ddd   ', '         dddddd ', '         dkddddk', ' d       dddddd ', ' dd dddddddddd  ', '  dddddddddddd  ', '  dddddddddddd  ', '  dddddddddddd  ', '  dDddddddDddd  ', '   dDdd   dDdd  ', '   dDdd   dDdd  ', '   kkkk   kkkk  ', '                '],
];

const hen: [Rows, Rows] = [
  ['                ', '                ', '                ', '                ', '         rr     ', '        ewwe    ', '        wkwyy   ', '   e    wwwr    ', '   ee  ewww     ', '   eewwwwww     ', '   ewwwwwww     ', '    fwwwwwf     ', '     fffff      ', '      y y       ', '      yy yy     ', '                '],
  ['                ', '                ', '                ', '                ', '                ', '          rr    ', '   e     ewwe   ', '   ee    wkwyy  ', '   ee  ewwwwr   ', '   eewwwwwww    ', '   ewwwwwww     ', '    fwwwwwf     ', '     fffff      ', '      y y       ', '     yy yy      ', '                '],
];

// What lies under a creature: in the middle of its frame.
const shadow: Rows = [...Array<string>(6).fill(' '.repeat(16)), '    kkkkkkkk    ', '   kkkkkkkkkk   ', '   kkkkkkkkkk   ', '    kkkkkkkk    '];

/** Things: one frame, or two of which the second is "open". */
const things: Record<string, Rows[]> = {
  chest: [
    ['                ', '                ', '                ', '   OOOOOOOOOO   ', '  OooooooooooO  ', '  OooooooooooO  ', '  OOOOOyyOOOOO  ', '  OYYYYyyYYYYO  ', '  OOOOOyyOOOOO  ', '  OooooooooooO  ', '  OooooooooooO  ', '  OooooooooooO  ', '  OOOOOOOOOOOO  ', '   kkkkkkkkkk   ', '                ', '                '],
    ['  OOOOOOOOOOOO  ', '  OooooooooooO  ', '  OOOOOOOOOOOO  ', '  OkkkkkkkkkkO  ', '  OkkkkkkkkkkO  ', '  OkkkkkkkkkkO  ', '  OOOOOYYOOOOO  ', '  OYYYYyyYYYYO  ', '  OOOOOYYOOOOO  ', '  OooooooooooO  ', '  OooooooooooO  ', '  OooooooooooO  ', '  OOOOOOOOOOOO  ', '   kkkkkkkkkk   ', '                ', '                '],
  ],
  portal: [
    ['      PPPP      ', '    PPppppPP    ', '   PpplllppPP   ', '  PpplllllppP   ', '  PpllwwwllppP  ', ' PppllwwwlllpP  ', ' PpllwwwwwllpP  ', ' PpllwwwwwllpP  ', ' PppllwwwllppP  ', '  PpllwwwllpP   ', '  PppllllllpP   ', '   PpplllppP    ', '    PPppppPP    ', '   nnNPPPPNnn   ', '  nnnnNNNNnnnn  ', '   kkkkkkkkkk   '],
  ],
  bell: [
    ['  OOOOOOOOOOOO  ', '  OO   kk   OO  ', '  OO  yyyy  OO  ', '  OO yyyyyy OO  ', '  OO yywyyy OO  ', '  OO yywyyY OO  ', '  OO yyyyyY OO  ', '  OOyyyyyyYYOO  ', '  OOYYYYYYYYOO  ', '  OO   kk   OO  ', '  OO        OO  ', '  OO        OO  ', '  OO        OO  ', '  OO        OO  ', ' OOOO      OOOO ', ' kkkk      kkkk '],
  ],
  loot: [
    ['                ', '                ', '                ', '                ', '                ', '                ', '                ', '      OOOO      ', '      yyyy      ', '     dddddd     ', '    ddddyddd    ', '    dddyyddd    ', '    dddydddd    ', '     dddddd     ', '      kkkk      ', '                '],
  ],
};

/** The creatures by prefab: what they are made of, and in which colours. */
const dresses: Record<string, { shape: Creature | [Rows, Rows]; colours: Record<string, string> }> = {
  hero: { shape: person, colours: {} },
  self: { shape: person, colours: { b: '#c2483d', B: '#8f2f2b' } },
  goblin: { shape: person, colours: { s: '#86b04e', S: '#5f8537', h: '#4b6b2b', b: '#7a5a3a', B: '#553c26', y: '#3a2a1c' } },
  chief: { shape: person, colours: { s: '#6f9a3e', S: '#4c6e2a', h: '#f2c84b', b: '#7d2b2b', B: '#541c1c' } },
  wolf: { shape: beast, colours: { d: '#7b828c', D: '#565c66' } },
  deer: { shape: beast, colours: { d: '#b98452', D: '#8a5f38' } },
  hen: { shape: hen, colours: {} },
};

/** The frames of a creature in its sheet. */
export const frames = { down: [0, 1], up: [2, 3], right: [4, 5] } as const;

function paint(to: CanvasRenderingContext2D, rows: Rows, left: number, colours: Record<string, string>): void {
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      const c = row[x]!;
      if (c === ' ') continue;
      to.fillStyle = colours[c] ?? palette[c] ?? '#f0f';
      to.fillRect(left + x, y, 1, 1);
    }
  });
}

function sheet(list: Rows[], colours: Record<string, string>): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = list.length * frameSize;
  canvas.height = frameSize;
  const to = canvas.getContext('2d')!;
  list.forEach((rows, i) => paint(to, rows, i * frameSize, colours));
  return canvas;
}

/** All pictures by name, each a row of frames. */
export function drawAll(): Map<string, HTMLCanvasElement> {
  const out = new Map<string, HTMLCanvasElement>();
  for (const [name, { shape, colours }] of Object.entries(dresses)) {
    const list = Array.isArray(shape) ? [...shape, ...shape, ...shape] : [...shape.down, ...shape.up, ...shape.right];
    out.set(name, sheet(list, colours));
  }
  out.set('shadow', sheet([shadow], {}));
  for (const [name, list] of Object.entries(things)) out.set(name, sheet(list, {}));
  return out;
}
