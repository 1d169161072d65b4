package tryon

import (
	"image"
	"time"

	"github.com/go-gl/mathgl/mgl32"

	"cheval/camera"
	"cheval/tryon/perceive"
)

// cardVeil hides a bank card that is held at a face: what a card says must
// reach neither the screen nor a file. It covers the card with its own
// blurred colours, and goes on for a moment where the card was not seen in
// every frame.
type cardVeil struct {
	pool *pool
	last []veil
}

// veil is where a card was seen last, relative to its face.
type veil struct {
	face int
	from mgl32.Vec2 // the face's place then
	quad [4]mgl32.Vec2
	at   time.Duration
}

const (
	// veilFor is how long a card is still covered that is no longer seen.
	veilFor = 700 * time.Millisecond
	// veilMargin is how far beyond the card the cover reaches, in parts of it.
	veilMargin = 0.15
	// Colours across and down the cover: too few for a digit to be left.
	veilAcross, veilDown = 4, 3
	// veilProbes are looked at for each of those colours, along each side.
	veilProbes = 10
)

// cover returns a hold of f, or of a copy of it in which cards are covered.
func (c *cardVeil) cover(f *camera.Frame, faces []*perceive.Face) *camera.Frame {
	c.follow(f.Offset, faces)
	if len(c.last) == 0 {
		return f.Retain()
	}
	img := c.pool.image(f.Image.Rect.Size())
	copy(img.Pix, f.Image.Pix)
	for _, v := range c.last {
		veilQuad(img, v.quad)
	}
	covered := camera.NewFrame(img, func(f *camera.Frame) { c.pool.giveBack(f.Image) })
	covered.Seq, covered.Captured, covered.Offset, covered.FocalPx, covered.Truth = f.Seq, f.Captured, f.Offset, f.FocalPx, f.Truth
	return covered
}

// follow moves the covers to where the cards are, or would be.
func (c *cardVeil) follow(at time.Duration, faces []*perceive.Face) {
	kept := c.last[:0]
	for _, v := range c.last {
		if age := at - v.at; age < 0 || age > veilFor {
			continue
		}
		if f := faceByID(faces, v.face); f != nil {
			if f.Card != nil {
				continue // added anew below
			}
			d := placeOf(f).Sub(v.from)
			for i := range v.quad {
				v.quad[i] = v.quad[i].Add(d)
			}
			v.from = placeOf(f)
		}
		kept = append(kept, v)
	}
	c.last = kept
	for _, f := range faces {
		if f.Card != nil {
			c.last = append(c.last, veil{face: f.ID, from: placeOf(f), quad: f.Card.Quad, at: at})
		}
	}
}

func faceByID(faces []*perceive.Face, id int) *perceive.Face {
	for _, f := range faces {
		if f.ID == id {
			return f
		}
	}
	return nil
}

// placeOf is the middle of a face.
func placeOf(f *perceive.Face) mgl32.Vec2 {
	return mgl32.Vec2{float32(f.Box.Min.X+f.Box.Max.X) / 2, float32(f.Box.Min.Y+f.Box.Max.Y) / 2}
}

// veilQuad covers a card, whose corners are given clockwise from the top left,
// with the mean colours of its parts, blended into one another.
func veilQuad(img *image.RGBA, quad [4]mgl32.Vec2) {
	across := quad[1].Sub(quad[0]).Add(quad[2].Sub(quad[3])).Mul(0.5)
	down := quad[3].Sub(quad[0]).Add(quad[2].Sub(quad[1])).Mul(0.5)
	middle := quad[0].Add(quad[1]).Add(quad[2]).Add(quad[3]).Mul(0.25)
	corner := middle.Sub(across.Add(down).Mul(0.5))
	det := across[0]*down[1] - across[1]*down[0]
	if det == 0 || det != det {
		return
	}
	colours := veilColours(img, corner, across, down)
	box := veilBounds(middle, across, down).Intersect(img.Rect)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			p := mgl32.Vec2{float32(x) + 0.5, float32(y) + 0.5}.Sub(corner)
			u, v := (p[0]*down[1]-p[1]*down[0])/det, (across[0]*p[1]-across[1]*p[0])/det
			if u < -veilMargin || v < -veilMargin || u > 1+veilMargin || v > 1+veilMargin {
				continue
			}
			c := colourAt(&colours, u, v)
			d := img.Pix[img.PixOffset(x, y):]
			d[0], d[1], d[2] = uint8(c[0]), uint8(c[1]), uint8(c[2])
		}
	}
}

func veilBounds(middle, across, down mgl32.Vec2) image.Rectangle {
	abs := func(x float32) float32 { return max(x, -x) }
	k := float32(0.5 + veilMargin)
	w, h := k*(abs(across[0])+abs(down[0])), k*(abs(across[1])+abs(down[1]))
	return image.Rect(int(middle[0]-w)-1, int(middle[1]-h)-1, int(middle[0]+w)+2, int(middle[1]+h)+2)
}

type veilGrid [veilDown][veilAcross]mgl32.Vec3

// veilColours are the mean colours of the parts of a card.
func veilColours(img *image.RGBA, corner, across, down mgl32.Vec2) (g veilGrid) {
	for j := range veilDown {
		for i := range veilAcross {
			var sum mgl32.Vec3
			n := float32(0)
			for k := range veilProbes * veilProbes {
				u := (float32(i) + (float32(k%veilProbes)+0.5)/veilProbes) / veilAcross
				v := (float32(j) + (float32(k/veilProbes)+0.5)/veilProbes) / veilDown
				at := corner.Add(across.Mul(u)).Add(down.Mul(v))
				if p := image.Pt(int(at[0]), int(at[1])); p.In(img.Rect) {
					c := img.Pix[img.PixOffset(p.X, p.Y):]
					sum = sum.Add(mgl32.Vec3{float32(c[0]), float32(c[1]), float32(c[2])})
					n++
				}
			}
			g[j][i] = sum.Mul(1 / max(n, 1))
		}
	}
	return g
}

// colourAt blends the parts' colours at (u, v) of a card, 0..1.
func colourAt(g *veilGrid, u, v float32) mgl32.Vec3 {
	i, s := between(u, veilAcross)
	j, t := between(v, veilDown)
	above := g[j][i].Mul(1 - s).Add(g[j][min(i+1, veilAcross-1)].Mul(s))
	k := min(j+1, veilDown-1)
	below := g[k][i].Mul(1 - s).Add(g[k][min(i+1, veilAcross-1)].Mul(s))
	return above.Mul(1 - t).Add(below.Mul(t))
}

// between returns the part before u of n equal parts, and how far u is past
// its middle towards the next.
func between(u float32, n int) (int, float32) {
	x := min(max(u*float32(n)-0.5, 0), float32(n-1))
	i := int(x)
	return i, x - float32(i)
}
