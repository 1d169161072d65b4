package viewport

import (
	"cmp"
	_ "embed"
	"image"
	"image/color"
	"math"

	"github.com/hajimehoshi/ebiten/v2"
)

//go:embed bilinear.kage
var bilinearShader []byte

// gpuPainter draws scenes with Ebitengine, into images of its own, and reads
// them back; and, where there is one, onto the full-screen window. One
// goroutine calls paint; the rest happens on the stage.
type gpuPainter struct {
	stage *stage

	textures [sources]texture
	out, old *ebiten.Image
	white    *ebiten.Image
	tiny     *ebiten.Image // of turnQueues
	tinyPix  [4]byte
	shader   *ebiten.Shader // bilinear.kage
	err      error          // of the shader
	pix      []byte         // rows that are not contiguous, made so for the upload
	vertices []ebiten.Vertex
	indices  []uint32

	// Options are kept so that handing them over allocates nothing.
	options  ebiten.DrawTrianglesOptions
	bilinear ebiten.DrawTrianglesShaderOptions

	// The job in hand.
	scene *scene
	wall  func(size image.Point) *scene // composes for the full-screen window
	dst   *image.RGBA
}

// texture holds what was uploaded of a source: the part area of it, from its
// upper left corner on.
type texture struct {
	img  *ebiten.Image
	size image.Point
	area image.Rectangle
}

func (*gpuPainter) name() string { return "Ebitengine" }

// paint draws s and reads it into dst, which has its size.
func (p *gpuPainter) paint(s *scene, dst *image.RGBA) error {
	p.scene, p.dst = s, dst
	err := cmp.Or(p.stage.do(p), p.err)
	p.scene, p.dst = nil, nil
	return err
}

// close gives the textures back. The painter must not be used after it.
func (p *gpuPainter) close() error { return p.stage.do((*gpuClose)(p)) }

type gpuClose gpuPainter

func (p *gpuClose) run(*ebiten.Image) {
	for i := range p.textures {
		deallocate(p.textures[i].img)
	}
	for _, m := range [...]*ebiten.Image{p.out, p.old, p.white, p.tiny} {
		deallocate(m)
	}
	if p.shader != nil {
		p.shader.Deallocate()
	}
	*p = gpuClose{stage: p.stage}
}

func deallocate(m *ebiten.Image) {
	if m != nil {
		m.Deallocate()
	}
}

// run draws and reads on the stage.
func (p *gpuPainter) run(screen *ebiten.Image) {
	s := p.scene
	var wall *scene
	if screen != nil && p.wall != nil {
		if wall = p.wall(screen.Bounds().Size()); wall != nil {
			s.need(wall)
		}
	}
	if p.prepare(s); p.err != nil {
		return
	}
	p.upload(s)
	p.draw(s, p.out)
	p.darken(s)
	if s.fade > 0 && p.old.Bounds().Size() == s.size {
		p.fade(s)
	}
	p.lines(s, p.out)
	p.out.ReadPixels(p.dst.Pix)
	p.turnQueues()
	if wall != nil {
		p.draw(wall, screen)
		p.lines(wall, screen)
	}
}

// turnQueues works around a leak of Ebitengine 2.10.2. It has two queues of
// commands that change places at every flush, and gives uploaded pixels free
// when their queue is flushed at the end of a frame. A ReadPixels in each frame
// is one flush more, and then the queue with the uploads never is the one that
// ends a frame: it keeps 3.7 MB more with every picture. A second, tiny
// ReadPixels makes the number even.
func (p *gpuPainter) turnQueues() {
	p.tiny.Fill(color.Black) // else its pixels would come from a cache
	p.tiny.ReadPixels(p.tinyPix[:])
}

// prepare makes the images that the scene is drawn into.
func (p *gpuPainter) prepare(s *scene) {
	if p.white == nil {
		p.white = newImage(image.Pt(3, 3))
		p.white.Fill(color.White)
		p.shader, p.err = ebiten.NewShader(bilinearShader)
		p.out, p.old, p.tiny = newImage(s.size), newImage(image.Pt(1, 1)), newImage(image.Pt(1, 1))
	}
	if s.begin && p.out.Bounds().Size() == s.size {
		p.out, p.old = p.old, p.out // the last picture is still in it
	}
	if p.out.Bounds().Size() != s.size {
		p.out.Deallocate()
		p.out = newImage(s.size)
	}
}

func newImage(size image.Point) *ebiten.Image {
	return ebiten.NewImageWithOptions(image.Rectangle{Max: size}, &ebiten.NewImageOptions{Unmanaged: true})
}

// upload sends what the scene needs of its sources.
func (p *gpuPainter) upload(s *scene) {
	for i, img := range s.images {
		if img == nil {
			continue
		}
		t, need := &p.textures[i], s.needed[i]
		if size := need.Size(); t.img == nil || size.X > t.size.X || size.Y > t.size.Y {
			deallocate(t.img)
			t.size = image.Pt(max(size.X, t.size.X), max(size.Y, t.size.Y))
			t.img = newImage(t.size)
		}
		t.area = need
		dst := t.img
		if need.Size() != t.size {
			dst = t.img.RecyclableSubImage(image.Rectangle{Max: need.Size()})
		}
		dst.WritePixels(p.contiguous(img, need))
		if dst != t.img {
			dst.Recycle()
		}
	}
}

// contiguous returns the pixels of a part of img, row after row.
func (p *gpuPainter) contiguous(img *image.RGBA, part image.Rectangle) []byte {
	n := 4 * part.Dx() * part.Dy()
	if part.Dx() == img.Rect.Dx() && img.Stride == 4*img.Rect.Dx() {
		at := img.PixOffset(part.Min.X, part.Min.Y)
		return img.Pix[at : at+n]
	}
	if cap(p.pix) < n {
		p.pix = make([]byte, n)
	}
	p.pix = p.pix[:n]
	for y, row := part.Min.Y, p.pix; y < part.Max.Y; y++ {
		copy(row[:4*part.Dx()], img.Pix[img.PixOffset(part.Min.X, y):])
		row = row[4*part.Dx():]
	}
	return p.pix
}

// draw draws the quads of s into dst.
func (p *gpuPainter) draw(s *scene, dst *ebiten.Image) {
	if s.blank {
		dst.Fill(color.Black)
	}
	for i := range s.quads {
		q := &s.quads[i]
		t := &p.textures[q.src]
		from := q.from
		ox, oy := float32(t.area.Min.X), float32(t.area.Min.Y)
		from = rect{from.x0 - ox, from.y0 - oy, from.x1 - ox, from.y1 - oy}
		exact := exact(from.x0+0.5, from.w()/q.to.w()) && exact(from.y0+0.5, from.h()/q.to.h())
		if q.flip {
			from.x0, from.x1 = from.x1, from.x0
		}
		blend := ebiten.BlendCopy
		if q.over {
			blend = ebiten.BlendSourceOver
		}
		p.begin()
		p.rectangle(q.to, from, 1)
		if exact {
			p.options = ebiten.DrawTrianglesOptions{Blend: blend, Filter: ebiten.FilterNearest}
			dst.DrawTriangles32(p.vertices, p.indices, t.img, &p.options)
			continue
		}
		for i := range p.vertices {
			p.vertices[i].Custom2, p.vertices[i].Custom3 = float32(t.area.Dx()), float32(t.area.Dy())
		}
		p.bilinear = ebiten.DrawTrianglesShaderOptions{Blend: blend}
		p.bilinear.Images[0] = t.img
		dst.DrawTrianglesShader32(p.vertices, p.indices, p.shader, &p.bilinear)
	}
}

// fade draws the old picture over the new one.
func (p *gpuPainter) fade(s *scene) {
	all := rectOf(image.Rectangle{Max: s.size})
	p.begin()
	p.rectangle(all, all, s.fade)
	p.options = ebiten.DrawTrianglesOptions{ColorScaleMode: ebiten.ColorScaleModePremultipliedAlpha}
	p.out.DrawTriangles32(p.vertices, p.indices, p.old, &p.options)
}

// darken draws the shade over the picture.
func (p *gpuPainter) darken(s *scene) {
	if s.shade.alpha == 0 {
		return
	}
	w, h, a := float32(s.size.X), float32(s.size.Y), s.shade.alpha
	p.begin()
	p.vertex(0, s.shade.from, 1, 1, 0, 0, 0, 0)
	p.vertex(w, s.shade.from, 2, 1, 0, 0, 0, 0)
	p.vertex(0, h, 1, 2, 0, 0, 0, a)
	p.vertex(w, h, 2, 2, 0, 0, 0, a)
	p.indices = append(p.indices, 0, 1, 2, 1, 3, 2)
	p.options = ebiten.DrawTrianglesOptions{ColorScaleMode: ebiten.ColorScaleModePremultipliedAlpha}
	p.out.DrawTriangles32(p.vertices, p.indices, p.white, &p.options)
}

// lines draws the segments of s into dst.
func (p *gpuPainter) lines(s *scene, dst *ebiten.Image) {
	if len(s.lines) == 0 {
		return
	}
	p.begin()
	p.options = ebiten.DrawTrianglesOptions{ColorScaleMode: ebiten.ColorScaleModePremultipliedAlpha}
	for i := range s.lines {
		p.segment(&s.lines[i])
	}
	dst.DrawTriangles32(p.vertices, p.indices, p.white, &p.options)
}

func (p *gpuPainter) begin() { p.vertices, p.indices = p.vertices[:0], p.indices[:0] }

// rectangle adds two triangles that take from of the source to to.
func (p *gpuPainter) rectangle(to, from rect, alpha float32) {
	first := uint32(len(p.vertices))
	p.vertex(to.x0, to.y0, from.x0, from.y0, alpha, alpha, alpha, alpha)
	p.vertex(to.x1, to.y0, from.x1, from.y0, alpha, alpha, alpha, alpha)
	p.vertex(to.x0, to.y1, from.x0, from.y1, alpha, alpha, alpha, alpha)
	p.vertex(to.x1, to.y1, from.x1, from.y1, alpha, alpha, alpha, alpha)
	p.indices = append(p.indices, first, first+1, first+2, first+1, first+3, first+2)
}

// segment adds three strips for a line: its middle, and the two edges that
// fade out over one pixel.
func (p *gpuPainter) segment(l *segment) {
	dx, dy := l.bx-l.ax, l.by-l.ay
	length := float32(math.Hypot(float64(dx), float64(dy)))
	if length == 0 {
		return
	}
	half := l.width/2 + 0.5
	inner := max(half-1, 0)
	first := uint32(len(p.vertices))
	for i, away := range [4]float32{-half, -inner, inner, half} {
		k := min(half, 1) / 255
		if i == 0 || i == 3 {
			k = 0
		}
		nx, ny := -dy/length*away, dx/length*away
		r, g, b, a := k*float32(l.colour.R), k*float32(l.colour.G), k*float32(l.colour.B), k*float32(l.colour.A)
		p.vertex(l.ax+nx, l.ay+ny, 1, 1, r, g, b, a)
		p.vertex(l.bx+nx, l.by+ny, 2, 2, r, g, b, a)
	}
	for i := first; i < first+6; i += 2 {
		p.indices = append(p.indices, i, i+1, i+2, i+1, i+3, i+2)
	}
}

// vertex adds a corner at (x, y) of the target and (sx, sy) of the source, in
// a premultiplied colour.
func (p *gpuPainter) vertex(x, y, sx, sy, r, g, b, a float32) {
	p.vertices = append(p.vertices, ebiten.Vertex{DstX: x, DstY: y, SrcX: sx, SrcY: sy, ColorR: r, ColorG: g, ColorB: b, ColorA: a})
}
