package main

import (
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
)

// look is how a tile is drawn: a colour with grain, and what is painted on it.
type look struct {
	base  color.RGBA
	grain int
	paint func(p *painter)
}

func rgb(hex uint32) color.RGBA {
	return color.RGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 255}
}

var (
	meadowGreen = rgb(0x6aa84f)
	leafGreen   = rgb(0x3f7d3a)
	darkGreen   = rgb(0x2c5c2e)
	bark        = rgb(0x6b4a2b)
	stone       = rgb(0x8f8f93)
	darkStone   = rgb(0x5e5e66)
	plank       = rgb(0xa9763f)
	darkPlank   = rgb(0x7f5529)
)

var looks = [tiles]look{
	grass:     {meadowGreen, 10, nil},
	tallGrass: {meadowGreen, 10, func(p *painter) { p.blades(rgb(0x558c3e), 7) }},
	flowers:   {meadowGreen, 10, func(p *painter) { p.petals() }},
	path:      {rgb(0xc9a66b), 14, nil},
	sand:      {rgb(0xdcc78f), 10, nil},
	water:     {rgb(0x3d7fc1), 6, func(p *painter) { p.waves(rgb(0x6aa6dd)) }},
	bridge:    {plank, 8, func(p *painter) { p.planks() }},
	floor:     {rgb(0xb08d5b), 6, func(p *painter) { p.planks() }},
	wall:      {rgb(0x9a5b43), 8, func(p *painter) { p.bricks() }},
	tree:      {color.RGBA{}, 0, func(p *painter) { p.crown() }},
	rock:      {color.RGBA{}, 0, func(p *painter) { p.ball(8, 9, 6, stone, darkStone) }},
	bush:      {color.RGBA{}, 0, func(p *painter) { p.ball(8, 10, 5, leafGreen, darkGreen) }},
	ruin:      {stone, 12, func(p *painter) { p.bricks() }},
}

// painter paints one tile.
type painter struct {
	img  *image.RGBA
	left int
	rng  *rand.Rand
}

func writeTiles(path string) error {
	img := image.NewRGBA(image.Rect(0, 0, tiles*tileSize, tileSize))
	for t, l := range looks {
		p := &painter{img: img, left: t * tileSize, rng: rand.New(rand.NewPCG(uint64(t), 1))}
		p.fill(l.base, l.grain)
		if l.paint != nil {
			l.paint(p)
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(f, img); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

func (p *painter) set(x, y int, c color.RGBA) {
	if x >= 0 && y >= 0 && x < tileSize && y < tileSize {
		p.img.SetRGBA(p.left+x, y, c)
	}
}

func (p *painter) fill(c color.RGBA, grain int) {
	if c.A == 0 {
		return
	}
	for y := range tileSize {
		for x := range tileSize {
			p.set(x, y, shade(c, p.rng.IntN(grain+1)-grain/2))
		}
	}
}

func shade(c color.RGBA, by int) color.RGBA {
	f := func(v uint8) uint8 { return uint8(max(0, min(255, int(v)+by))) }
	return color.RGBA{R: f(c.R), G: f(c.G), B: f(c.B), A: c.A}
}

func (p *painter) blades(c color.RGBA, n int) {
	for range n {
		x, y := p.rng.IntN(tileSize), 3+p.rng.IntN(tileSize-3)
		for i := range 3 {
			p.set(x, y-i, c)
		}
	}
}

func (p *painter) petals() {
	colours := []color.RGBA{rgb(0xf4d35e), rgb(0xf2f2f2), rgb(0xd977a5)}
	for i := range 5 {
		x, y := 2+p.rng.IntN(12), 2+p.rng.IntN(12)
		c := colours[i%len(colours)]
		p.set(x, y, rgb(0xf4a259))
		p.set(x-1, y, c)
		p.set(x+1, y, c)
		p.set(x, y-1, c)
		p.set(x, y+1, c)
	}
}

func (p *painter) waves(c color.RGBA) {
	for _, y := range []int{3, 8, 13} {
		at := p.rng.IntN(8)
		for x := range 5 {
			p.set((at+x)%tileSize, y, c)
		}
	}
}

func (p *painter) planks() {
	for y := 3; y < tileSize; y += 4 {
		for x := range tileSize {
			p.set(x, y, darkPlank)
		}
	}
}

func (p *painter) bricks() {
	for y := range tileSize {
		for x := range tileSize {
			if y%4 == 3 || (x+(y/4%2)*4)%8 == 7 {
				c := p.img.RGBAAt(p.left+x, y)
				p.set(x, y, shade(c, -35))
			}
		}
	}
}

func (p *painter) ball(cx, cy, r int, c, edge color.RGBA) {
	for y := cy - r; y <= cy+r; y++ {
		for x := cx - r; x <= cx+r; x++ {
			switch d := (x-cx)*(x-cx) + (y-cy)*(y-cy); {
			case d > r*r:
			case d > (r-1)*(r-1):
				p.set(x, y, edge)
			default:
				p.set(x, y, shade(c, (cx-x+cy-y)*4+p.rng.IntN(9)))
			}
		}
	}
}

func (p *painter) crown() {
	for y := 11; y < tileSize; y++ {
		for x := 7; x < 9; x++ {
			p.set(x, y, bark)
		}
	}
	p.ball(8, 6, 6, leafGreen, darkGreen)
}
