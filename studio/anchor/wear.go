package anchor

import (
	"errors"
	"fmt"
	"image"
	"math"

	"cheval/catalog"
	"cheval/tryon/eyewear"
)

// Figures that a front photo does not show.
const (
	usualWrap   = 5 // degrees
	usualTilt   = 8
	usualTemple = 145 // mm, where no notation gives it
)

// Wearable is what a front photo makes of a product.
type Wearable struct {
	Eyewear catalog.Eyewear
	Variant catalog.Variant // its surfaces, lens, colour and front; no SKU, price or stock
	Kind    catalog.Kind
}

var errNoScale = errors.New("anchor: the frame has no size yet: give the notation (such as 52□18-145) or the total width")

// Wear makes a frame that can be worn of the photo img, its cut-out alpha and
// its anchors, found or dragged. It takes well under a tenth of a second, so
// that a preview follows a drag; it is safe for concurrent use.
func Wear(img *image.RGBA, alpha *image.Alpha, a *catalog.Anchors, hint Hint) (*Wearable, error) {
	if a.MMPerPixel <= 0 {
		return nil, errNoScale
	}
	l, err := lay(a)
	if err != nil {
		return nil, err
	}
	s := l.sized(float64(a.MMPerPixel))
	w := &Wearable{Eyewear: s.eyewear(a, hint)}
	if err := w.Eyewear.Validate(); err != nil {
		return nil, fmt.Errorf("anchor: these anchors build no frame: %w", err)
	}
	look, err := s.look(img, alpha, w.Eyewear.Material)
	if err != nil {
		return nil, err
	}
	w.Variant = look
	w.Kind = catalog.Optical
	if look.Lens.Transmission < 0.6 {
		w.Kind = catalog.Sun
	}
	return w, nil
}

// sized is a laid front in millimetres, y up, origin between the boxes at
// their middle height.
type sized struct {
	laid  *laid
	mm    float64
	nasal float64 // where the lenses begin, mm from the axis
	midV  float64 // of the boxes, flat
	shape []point // the right opening
	edge  []point // the right half, from the bridge's lower edge to its upper
}

func (l *laid) sized(mm float64) *sized {
	lo, hi := bounds(l.shape)
	s := &sized{laid: l, mm: mm, nasal: lo.x * mm, midV: (lo.y + hi.y) / 2}
	to := func(c []point) []point {
		out := make([]point, len(c))
		for i, p := range c {
			x, y := p.x*mm, (s.midV-p.y)*mm
			k := 1.0
			for range 3 {
				k = s.farther(x * k)
			}
			out[i] = point{x * k, y * k}
		}
		return out
	}
	s.shape, s.edge = to(l.shape), to(l.edge)
	return s
}

// photo maps a point in millimetres to the photo.
func (s *sized) photo(p point) point {
	k := s.farther(p.x)
	return s.laid.h.place(point{p.x / k / s.mm, s.midV - p.y/k/s.mm})
}

// usualDistance is from where phones take a frame, in millimetres.
const usualDistance = 450

// farther is how much smaller a point x mm from the axis is seen than the
// bridge: a front bends back by its wrap, and is taken from near by. Neither
// is known of a photo, so the usual ones stand; at 300 or 600 mm the front's
// width is wrong by about a millimetre for it.
func (s *sized) farther(x float64) float64 {
	back := math.Max(math.Abs(x)-s.nasal, 0) * math.Tan(usualWrap*math.Pi/180)
	return 1 + back/usualDistance
}

func (s *sized) eyewear(a *catalog.Anchors, hint Hint) catalog.Eyewear {
	lo, hi := bounds(s.shape)
	e := catalog.Eyewear{
		Material: hint.Material, Wrap: usualWrap, Tilt: usualTilt, Thickness: 4,
		Temple: hint.Notation.Temple, FrontWidth: round1(a.Measured.FrontWidth),
	}
	if e.Material == "" || e.Material == catalog.Rimless {
		e.Material = catalog.Acetate
		if a.Measured.Rim <= thinRim {
			e.Material = catalog.Metal
		}
	}
	e.Rim = min(max(round1(a.Measured.Rim), 1.5), 9)
	if e.Material == catalog.Metal {
		e.Rim, e.Thickness, e.NosePads = min(max(round1(a.Measured.Rim), 0.6), 3.5), 1.9, true
	}
	if e.Temple == 0 {
		e.Temple = usualTemple
	}
	groove := grooveOf(e.Material)
	e.LensWidth = round1(float32(hi.x-lo.x) + 2*groove)
	e.LensHeight = round1(float32(hi.y-lo.y) + 2*groove)
	e.Bridge = round1(float32(2*lo.x) - 2*groove)
	if a.Scale == catalog.FromNotation && abs(e.LensWidth-hint.Notation.Lens) <= lensAgrees {
		e.LensWidth, e.Bridge = hint.Notation.Lens, hint.Notation.Bridge
	}
	e.HalfRim = s.halfRim()
	e.TempleDrop = min(max(round1(s.hinge()), -5), e.LensHeight/2+4)
	e.Outline = s.outline()
	e.Shape = shapeOf(e.Outline, e.LensHeight/e.LensWidth)
	e.Contour = s.contour(&e)
	return e
}

func round1(x float32) float32 { return float32(math.Round(float64(x)*10) / 10) }

// hinge is the height at which the front reaches farthest out.
func (s *sized) hinge() float32 {
	w := 0.0
	for _, p := range s.edge {
		w = math.Max(w, p.x)
	}
	sum, n := 0.0, 0.0
	for _, p := range s.edge {
		if p.x > w-1.5 {
			sum, n = sum+p.y, n+1
		}
	}
	return float32(sum / n)
}

// outline is the opening's shape in its box, from the nose counter-clockwise as
// the wearer's right lens is seen.
func (s *sized) outline() [][2]float32 {
	lo, hi := bounds(s.shape)
	mid := lo.mix(hi, 0.5)
	n := len(s.shape)
	out := make([][2]float32, n)
	for i := range out {
		// The wearer's right lens is the picture's left one: x turns round, and
		// with it the order.
		p := s.shape[((n/2-i)%n+n)%n]
		out[i] = [2]float32{
			float32((mid.x - p.x) / (hi.x - lo.x) * 2),
			float32((p.y - mid.y) / (hi.y - lo.y) * 2),
		}
	}
	return out
}

// closest is how near, in millimetres, a contour of a mesh may come to an
// opening.
const closest = 0.6

// contour is the edge as a product keeps it, kept clear of the opening that its
// mesh has: that of the notation's lens, in the mesh's groove.
func (s *sized) contour(e *catalog.Eyewear) [][2]float32 {
	lo, hi := bounds(s.shape)
	mid, groove := lo.mix(hi, 0.5), 2*eyewear.Groove(e.Material)
	kx, ky := (float64(e.LensWidth)-groove)/(hi.x-lo.x), (float64(e.LensHeight)-groove)/(hi.y-lo.y)
	hole := make([]point, len(s.shape))
	for i, p := range s.shape {
		hole[i] = point{mid.x + (p.x-mid.x)*kx, mid.y + (p.y-mid.y)*ky}
	}
	n := min(len(s.edge), 300)
	out := make([][2]float32, n)
	for i, p := range evenly(s.edge, n) {
		p = cleared(hole, mid, p)
		out[i] = [2]float32{float32(math.Max(p.x, 0)), float32(p.y)}
	}
	out[0][0], out[n-1][0] = 0, 0
	return out
}

// cleared is p moved away from mid until it is clear of an outline about it.
func cleared(c []point, mid, p point) point {
	for range 6 {
		way := math.Inf(1)
		for i, a := range c {
			d := c[(i+1)%len(c)].sub(a)
			t := min(max(p.sub(a).dot(d)/math.Max(d.dot(d), 1e-9), 0), 1)
			way = math.Min(way, p.sub(a.add(d.scale(t))).len())
		}
		if outside(c, mid, p) < 0 {
			way = -way
		}
		if way >= closest {
			break
		}
		d := p.sub(mid)
		p = p.add(d.scale((closest - way) / math.Max(d.len(), 1)))
	}
	return p
}

// outside is how far p lies beyond the outline, measured from mid.
func outside(c []point, mid, p point) float64 {
	d := p.sub(mid)
	far := 0.0
	for i := range c {
		a, b := c[i].sub(mid), c[(i+1)%len(c)].sub(mid)
		s, t := d.x*a.y-d.y*a.x, d.x*b.y-d.y*b.x
		if (s > 0) == (t > 0) {
			continue
		}
		at := a.mix(b, s/(s-t))
		if r := at.dot(d) / math.Max(d.len(), 1e-9); r > far {
			far = r
		}
	}
	return d.len() - far
}

// halfRim says whether the lens's lower edge is bare: the front's edge hugs it
// there, and does not above.
func (s *sized) halfRim() bool {
	lo, hi := bounds(s.shape)
	mid := lo.mix(hi, 0.5)
	var above, below []float64
	for _, p := range s.shape {
		way, ok := exit(mid, p, s.edge)
		switch v := (p.y - mid.y) / (hi.y - lo.y) * 2; {
		case !ok:
		case v < -0.6:
			below = append(below, way)
		case v > 0.6:
			above = append(above, way)
		}
	}
	a, b := median(above), median(below)
	return b < 0.95 && b < bareShare*a
}

// shapeOf names the shape that an outline is nearest to; the outline is what
// is drawn.
func shapeOf(outline [][2]float32, tall float32) catalog.Shape {
	var area, lowest, sweep float32
	n := len(outline)
	least := float32(1)
	for i, p := range outline {
		q := outline[(i+1)%n]
		area += (p[0]*q[1] - q[0]*p[1]) / 8
		if p[1] < least {
			least, lowest = p[1], p[0]
		}
		if p[0] < -0.6 && p[1] > sweep {
			sweep = p[1]
		}
	}
	area = max(area, -area)
	switch {
	case corners(outline) >= 5:
		return catalog.Geometric
	case lowest < -0.18 && tall > 0.78:
		return catalog.Aviator
	case area > 0.86 && tall < 0.74:
		return catalog.Rectangle
	case area > 0.86:
		return catalog.Square
	case sweep > 0.93 && area < 0.84:
		return catalog.CatEye
	case tall > 0.93 && area < 0.81:
		return catalog.Round
	case tall > 0.8:
		return catalog.Panto
	}
	return catalog.Oval
}

// corners counts the places where an outline turns sharply.
func corners(c [][2]float32) (count int) {
	const reach = 5
	n := len(c)
	turn := make([]float64, n)
	for i := range c {
		a, b, d := c[(i+n-reach)%n], c[i], c[(i+reach)%n]
		x1, y1, x2, y2 := float64(b[0]-a[0]), float64(b[1]-a[1]), float64(d[0]-b[0]), float64(d[1]-b[1])
		turn[i] = math.Abs(math.Atan2(x1*y2-y1*x2, x1*x2+y1*y2))
	}
	for i := range turn {
		peak := turn[i] > 0.6
		for k := -reach; k <= reach && peak; k++ {
			if t := turn[(i+k+n)%n]; t > turn[i] || t == turn[i] && k < 0 {
				peak = false
			}
		}
		if peak {
			count++
		}
	}
	return count
}
