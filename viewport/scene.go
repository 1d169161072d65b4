package viewport

import (
	"image"
	"image/color"
	"time"

	"cheval/tryon"
)

// source names a picture that a scene draws from.
type source uint8

const (
	fromFrame  source = iota // as the camera sees it
	fromFirst                // the first look
	fromSecond               // the second look
	fromPlain                // the first look before it was refined
	fromNotes                // the debug overlay's text
	sources
)

// quad draws a part of a source into a part of the scene.
type quad struct {
	src  source
	from rect // pixels of the source
	to   rect // pixels of the scene
	flip bool
	over bool // blend by the source's alpha instead of replacing
}

// segment is a line with round-off edges, in pixels of the scene.
type segment struct {
	ax, ay, bx, by float32
	width          float32
	colour         color.RGBA // premultiplied
}

// shade darkens a scene from a height on, by alpha at its foot.
type shade struct{ from, alpha float32 }

// scene is what a painter draws: quads in order, then the shade, then the
// old picture that fades out, then lines. It is filled anew for every picture
// and keeps its slices.
type scene struct {
	size  image.Point
	quads []quad
	shade shade
	lines []segment
	// images and needed are the sources and what of each is drawn; a painter
	// uploads no more. A source that is not drawn is nil.
	images [sources]*image.RGBA
	needed [sources]image.Rectangle
	// blank says that the quads leave parts of the scene, which are black.
	blank bool
	// fade is how much of the old picture is still seen, 0..1. begin says that
	// the picture painted last becomes the old picture now.
	fade  float32
	begin bool
}

func (s *scene) reset(size image.Point) {
	*s = scene{size: size, quads: s.quads[:0], lines: s.lines[:0]}
}

// add draws the part from of img into the part to.
func (s *scene) add(src source, img *image.RGBA, from, to rect, flip, over bool) {
	if img == nil || from.empty() || to.empty() {
		return
	}
	// Bilinear sampling looks half a pixel further.
	need := from.whole().Inset(-1).Intersect(img.Rect)
	if need.Empty() {
		return
	}
	s.quads = append(s.quads, quad{src, from, to, flip, over})
	if s.images[src] != nil {
		need = need.Union(s.needed[src])
	}
	s.images[src], s.needed[src] = img, need
}

// need makes s hold what o needs too, so that one upload serves both.
func (s *scene) need(o *scene) {
	for i, img := range o.images {
		switch {
		case img == nil:
		case s.images[i] == nil:
			s.images[i], s.needed[i] = img, o.needed[i]
		case s.images[i] == img:
			s.needed[i] = s.needed[i].Union(o.needed[i])
		}
	}
}

// panel is one view of a frame within a scene.
type panel struct {
	to   rect // pixels of the scene
	crop rect // pixels of the frame
	flip bool
}

// at returns where a point of the frame lies in the scene.
func (p panel) at(x, y float32) (float32, float32) {
	u, v := (x-p.crop.x0)/p.crop.w(), (y-p.crop.y0)/p.crop.h()
	if p.flip {
		u = 1 - u
	}
	return p.to.x0 + u*p.to.w(), p.to.y0 + v*p.to.h()
}

// area returns where a rectangle of the frame lies in the scene.
func (p panel) area(r rect) rect {
	x0, y0 := p.at(r.x0, r.y0)
	x1, y1 := p.at(r.x1, r.y1)
	return rect{min(x0, x1), y0, max(x0, x1), y1}
}

// back returns which rectangle of the frame lies at r of the scene.
func (p panel) back(r rect) rect {
	kx, ky := p.crop.w()/p.to.w(), p.crop.h()/p.to.h()
	x0, x1 := (r.x0-p.to.x0)*kx, (r.x1-p.to.x0)*kx
	if p.flip {
		x0, x1 = p.crop.w()-x1, p.crop.w()-x0
	}
	return rect{p.crop.x0 + x0, p.crop.y0 + (r.y0-p.to.y0)*ky, p.crop.x0 + x1, p.crop.y0 + (r.y1-p.to.y0)*ky}
}

// panelOf returns the panel that covers to with the frame.
func panelOf(frame image.Point, to rect, v View, focus [2]float32) panel {
	size := image.Pt(int(to.w()), int(to.h()))
	return panel{to: to, crop: crop(frame, size, v, focus).snapped(size), flip: v.Flip}
}

// compose fills s with the view of r, size pixels large, and returns its first
// panel.
func (s *scene) compose(r *tryon.Result, v View, size image.Point, focus [2]float32) panel {
	s.reset(size)
	if v.ShadeBy > 0 && v.ShadeFrom < 1 {
		s.shade = shade{v.ShadeFrom * float32(size.Y), v.ShadeBy}
	}
	frame := r.Frame.Image.Rect.Size()
	all := rectOf(image.Rectangle{Max: size})
	if v.Mode == SideBySide {
		return s.pair(r, v, focus)
	}
	p := panelOf(frame, all, v, focus)
	switch {
	case len(r.Looks) == 0 || r.Drawn[0].Empty():
		s.bare(r, p)
	case v.Mode == Single: // one source is enough, and one upload
		s.add(fromFirst, r.Looks[0], p.crop, p.to, p.flip, false)
	default:
		s.bare(r, p)
		s.before(r, v, p, rect{0, 0, s.wipe(v), all.y1})
		s.patch(r, 0, p, rect{s.wipe(v), 0, all.x1, all.y1})
	}
	if v.Mode == Wipe && len(r.Looks) > 0 {
		s.divide(s.wipe(v), 0, all.y1)
	}
	return p
}

// wipe returns where the wipe stands in s, between two pixels.
func (s *scene) wipe(v View) float32 { return float32(int(v.WipeAt*float32(s.size.X) + 0.5)) }

// pair fills s with two panels and returns the left one.
func (s *scene) pair(r *tryon.Result, v View, focus [2]float32) panel {
	frame := r.Frame.Image.Rect.Size()
	half := pairArea(s.size)
	w := float32(s.size.X)
	left := panelOf(frame, half, v, focus)
	right := panelOf(frame, rect{w / 2, half.y0, w, half.y1}, v, focus)
	s.blank = half.h() < float32(s.size.Y)
	s.bare(r, left)
	s.bare(r, right)
	switch len(r.Looks) {
	case 0:
	case 1:
		s.before(r, v, left, left.to)
		s.patch(r, 0, right, right.to)
	default:
		s.patch(r, 0, left, left.to)
		s.patch(r, 1, right, right.to)
	}
	s.divide(w/2, half.y0, half.y1)
	return left
}

// pairArea returns the left panel of two in a mirror of the given size. Where
// the mirror stands upright the panels do not fill it: a panel taller than 5:3
// would cut a face that fills a third of the frame. They stand where a face
// stands in an upright mirror, above its controls.
func pairArea(size image.Point) rect {
	const tallest, middle = 5. / 3, 0.36
	w, h := float32(size.X)/2, float32(size.Y)
	if h <= tallest*w {
		return rect{0, 0, w, h}
	}
	tall := float32(int(tallest * w))
	y := float32(max(int(middle*h-tall/2), 0))
	return rect{0, y, w, y + tall}
}

// bare draws the frame as it is into a panel.
func (s *scene) bare(r *tryon.Result, p panel) {
	s.add(fromFrame, r.Frame.Image, p.crop, p.to, p.flip, false)
}

// patch draws look i over the bare frame where it differs from it, within clip.
func (s *scene) patch(r *tryon.Result, i int, p panel, clip rect) {
	src := fromFirst
	if i > 0 {
		src = fromSecond
	}
	s.patchOf(src, r.Looks[i], r.Drawn[i], p, clip)
}

// before draws what the first look is compared with over the bare frame.
func (s *scene) before(r *tryon.Result, v View, p panel, clip rect) {
	switch {
	case v.Before == BeforeWorn:
	case len(r.Plain) > 0:
		s.patchOf(fromPlain, r.Plain[0], r.Drawn[0], p, clip)
	default:
		s.patch(r, 0, p, clip)
	}
}

// patchOf draws a picture that differs from the frame within drawn.
func (s *scene) patchOf(src source, img *image.RGBA, drawn image.Rectangle, p panel, clip rect) {
	to := p.area(rectOf(drawn.Inset(-1)).intersect(p.crop)).intersect(clip)
	if drawn.Empty() || to.empty() {
		return
	}
	s.add(src, img, p.back(to), to, p.flip, false)
}

// divide draws the line between two halves, from y0 down to y1.
func (s *scene) divide(x, y0, y1 float32) {
	w := max(float32(s.size.Y)/400, 1.5)
	s.lines = append(s.lines,
		segment{x, y0 - w, x, y1 + w, 2.4 * w, color.RGBA{A: 70}},
		segment{x, y0 - w, x, y1 + w, w, color.RGBA{R: 235, G: 235, B: 235, A: 235}})
}

// transition keeps the time of a fade from one product to another.
type transition struct {
	worn  [2]tryon.Worn
	n     int
	mode  Mode
	size  image.Point
	began time.Time
	known bool
}

// advance says how much of the old picture is seen at now, and whether it
// becomes the old picture at this moment.
func (t *transition) advance(worn []tryon.Worn, v View, size image.Point, now time.Time) (fade float32, begin bool) {
	changed := t.differs(worn, v.Mode)
	resized := !t.known || t.size != size
	t.remember(worn, v.Mode, size)
	switch {
	case resized || v.Transition == 0:
		t.began = time.Time{}
		return 0, false
	case changed:
		t.began, begin = now, true
	case t.began.IsZero():
		return 0, false
	}
	x := clamp(float32(now.Sub(t.began))/float32(v.Transition), 0, 1)
	if x >= 1 {
		t.began = time.Time{}
		return 0, false
	}
	return 1 - x*x*(3-2*x), begin // smooth at both ends
}

// running says whether a fade is under way.
func (t *transition) running() bool { return !t.began.IsZero() }

func (t *transition) differs(worn []tryon.Worn, mode Mode) bool {
	n := min(len(worn), len(t.worn))
	if mode != t.mode || n != t.n {
		return true
	}
	for i := range n {
		if worn[i] != t.worn[i] {
			return true
		}
	}
	return false
}

func (t *transition) remember(worn []tryon.Worn, mode Mode, size image.Point) {
	t.n = copy(t.worn[:], worn)
	t.mode, t.size, t.known = mode, size, true
}
