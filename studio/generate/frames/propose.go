package frames

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distmv"
	"gonum.org/v1/gonum/stat/distuv"

	"cheval/catalog"
	"cheval/tryon/eyewear"
)

// attempts bounds how often one proposal is drawn.
const attempts = 400

const (
	// leastQuality is the share of frames less usual than what is proposed.
	leastQuality = 0.01
	// liking is the spread about liked frames, of that of a family.
	liking = 0.5
	// asideShare is how far proposals of one request stay apart, of the limit to
	// frames that exist.
	asideShare = 0.7
)

// Nearest is the frame that exists which a proposal is nearest to.
type Nearest struct {
	Product    string  `json:"product"`
	Difference float64 `json:"difference_mm"`
}

// Proposal is a frame that does not exist yet, with all that made it.
type Proposal struct {
	Number  int // within the request, from 0
	Attempt int // the one that was taken
	Seed    int64
	Kind    catalog.Kind
	Eyewear catalog.Eyewear
	Variant catalog.Variant // its look; no SKU, price or stock
	Mesh    *eyewear.Mesh   // ready to be worn
	Quality float64         // share of frames of its family that are less usual, 0..1
	Nearest Nearest
	look    *looks
	shape   catalog.Shape // that the lens's outline is nearest to
}

// Propose draws the frames of r one after the other and hands each to each,
// whose error ends it. It takes some milliseconds a frame.
func (p *Prior) Propose(ctx context.Context, r Request, each func(*Proposal) error) error {
	if err := p.Check(r); err != nil {
		return err
	}
	d, err := p.drawing(r)
	if err != nil {
		return err
	}
	var made []*looks
	// Those before the first are drawn too: the others keep clear of them.
	for number := range r.First + r.Count {
		m, err := d.one(ctx, number, made)
		if err != nil {
			return err
		}
		made = append(made, m.look)
		if number < r.First {
			continue
		}
		if err := each(m); err != nil {
			return err
		}
	}
	return nil
}

// build gives a proposal its mesh.
func (m *Proposal) build() (err error) {
	m.Mesh, err = eyewear.Build(m.Eyewear)
	return err
}

// drawing is a request as it is drawn from.
type drawing struct {
	p     *Prior
	r     Request
	liked []frame
	ids   []string // of the liked
}

func (p *Prior) drawing(r Request) (*drawing, error) {
	d := &drawing{p: p, r: r}
	for _, q := range r.Like {
		radii, err := outlineOf(&q.Eyewear)
		if err != nil {
			return nil, fmt.Errorf("frames: nothing can be proposed like %s: %w", q.ID, err)
		}
		x := append(measuresOf(&q.Eyewear), p.outline.scores(radii)...)
		d.liked = append(d.liked, frame{product: q, family: familyOf(q), x: x, look: lookOf(&q.Eyewear, radii)})
		d.ids = append(d.ids, q.ID)
	}
	return d, nil
}

// one draws until a frame is possible, unlike all others and built.
func (d *drawing) one(ctx context.Context, number int, made []*looks) (*Proposal, error) {
	var last error
	for attempt := range attempts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := d.draw(number, attempt)
		if err == nil {
			err = d.judge(m, made)
		}
		if err == nil {
			err = m.build()
		}
		if err == nil {
			return m, nil
		}
		last = err
	}
	return nil, fmt.Errorf("frames: no further frame like that came out in %d attempts, after %d; ask for fewer or for less at once (the last: %w)", attempts, number, last)
}

// judge says why a frame is not proposed.
func (d *drawing) judge(m *Proposal, made []*looks) error {
	if err := Possible(&m.Eyewear); err != nil {
		return err
	}
	switch {
	case d.r.Size != "" && m.Eyewear.Size() != d.r.Size:
		return fmt.Errorf("it came out %s", m.Eyewear.Size())
	case len(d.liked) == 0 && m.Quality < leastQuality:
		return fmt.Errorf("it is too unlike its family")
	case (len(d.liked) == 0 || d.r.Shape != "") && m.shape != m.Eyewear.Shape:
		return fmt.Errorf("its lens is rather %s than %s", m.shape, m.Eyewear.Shape)
	case m.Nearest.Difference < d.p.limit:
		return fmt.Errorf("it is nearly %s", m.Nearest.Product)
	}
	for _, l := range d.liked {
		if l.look.apart(m.look) < d.p.limit {
			return fmt.Errorf("it is nearly %s", l.product.ID)
		}
	}
	for _, other := range made {
		if other.apart(m.look) < asideShare*d.p.limit {
			return fmt.Errorf("it is nearly another of this request")
		}
	}
	return nil
}

// draw makes the frame of one attempt, whatever it is worth. An error says that
// the measures are none.
func (d *drawing) draw(number, attempt int) (*Proposal, error) {
	source := rand.NewPCG(uint64(d.r.Seed), uint64(number)<<16|uint64(attempt))
	c := rand.New(source)
	style, f := d.family(c)
	x, err := d.coordinates(c, source, f)
	if err != nil {
		return nil, err
	}
	e := frameOf(x, f.material)
	shape := d.p.density.shapeOf(x, f)
	if len(d.liked) > 0 && d.r.Shape == "" && f.shape != catalog.Browline && f.shape != catalog.Sport {
		f.shape = shape // a blend may be of a shape between the liked
	}
	e.Shape, e.Outline = f.shape, pointsOf(d.p.outline.radii(x[measures:]))
	takeStyle(&e, &style.product.Eyewear)
	m := &Proposal{Number: number, Attempt: attempt, Seed: d.r.Seed, Kind: f.kind, Eyewear: e, shape: shape}
	m.Variant = d.p.dress(c, f, d.r.Colour, d.ids)
	if err := e.Validate(); err != nil {
		return nil, err
	}
	radii, err := outlineOf(&e)
	if err != nil {
		return nil, err
	}
	m.look = lookOf(&e, radii)
	m.Quality = distuv.ChiSquared{K: float64(len(x))}.Survival(d.p.density.unusual(x, f))
	m.Nearest.Difference = math.Inf(1)
	for _, g := range d.p.frames {
		if apart := g.look.apart(m.look); apart < m.Nearest.Difference {
			m.Nearest = Nearest{g.product.ID, apart}
		}
	}
	return m, nil
}

// family draws what was not asked for, as often as frames have it (or as the
// liked have it), and the frame whose style is taken.
func (d *drawing) family(c *rand.Rand) (style frame, f family) {
	from := d.p.frames
	if len(d.liked) > 0 {
		from = d.liked
	}
	some := narrowed(from, d.r)
	if len(some) == 0 && len(d.liked) > 0 { // asked otherwise than the liked are
		some = narrowed(d.p.frames, d.r)
	}
	if len(some) == 0 { // a family that no frame has: the effects add up
		style = d.plain(c)
		return style, family{or(d.r.Shape, style.family.shape), or(d.r.Material, style.family.material), or(d.r.Kind, style.family.kind)}
	}
	style = some[c.IntN(len(some))]
	return style, style.family
}

// narrowed are the frames that are all that was asked.
func narrowed(from []frame, r Request) (out []frame) {
	for _, f := range from {
		if (r.Shape == "" || f.family.shape == r.Shape) && (r.Material == "" || f.family.material == r.Material) &&
			(r.Kind == "" || f.family.kind == r.Kind) && !(r.Colour == "crystal" && stuff(f.family.material) == catalog.Metal) {
			out = append(out, f)
		}
	}
	return out
}

// plain is a frame to take the style of where none is all that was asked: of
// the material, else of the shape, and of no shape with a build of its own but
// the asked.
func (d *drawing) plain(c *rand.Rand) frame {
	for _, r := range []Request{
		{Shape: d.r.Shape, Material: d.r.Material, Colour: d.r.Colour},
		{Kind: d.r.Kind, Material: d.r.Material, Colour: d.r.Colour},
		{Material: d.r.Material, Colour: d.r.Colour},
		{},
	} {
		var some []frame
		for _, f := range narrowed(d.p.frames, r) {
			own := f.family.shape == catalog.Browline || f.family.shape == catalog.Sport
			if !own || f.family.shape == d.r.Shape {
				some = append(some, f)
			}
		}
		if len(some) > 0 {
			return some[c.IntN(len(some))]
		}
	}
	return d.p.frames[c.IntN(len(d.p.frames))]
}

func or[T ~string](v, otherwise T) T {
	if v != "" {
		return v
	}
	return otherwise
}

// takeStyle takes what is chosen, not measured.
func takeStyle(e, from *catalog.Eyewear) {
	e.NosePads, e.BridgeStyle, e.HalfRim = from.NosePads, from.BridgeStyle, from.HalfRim
	e.TempleMaterial, e.TempleHeight = from.TempleMaterial, from.TempleHeight
	if e.Material != catalog.Acetate {
		e.NosePads = true
	}
}

// coordinates draws a frame of the family: about what is expected of it, or,
// where frames are liked, about a blend of those, in the asked size.
func (d *drawing) coordinates(c *rand.Rand, source rand.Source, f family) ([]float64, error) {
	mean, spread := d.p.density.expect(f), 1.0
	if len(d.liked) > 0 {
		mean, spread = d.blend(c, f), liking
	}
	x := make([]float64, len(mean))
	low, high := bounds(d.r.Size)
	if d.r.Size == "" {
		distmv.NormalRand(x, make([]float64, len(mean)), &d.p.density.chol, source)
	} else if err := d.sized(c, source, x, mean[overall], spread, low, high); err != nil {
		return nil, err
	}
	for i := range x {
		x[i] = mean[i] + spread*x[i]
	}
	return x, nil
}

// sized draws deviations of which the width's lies between the bounds, the
// others as they go with it.
func (d *drawing) sized(c *rand.Rand, source rand.Source, x []float64, mean, spread, low, high float64) error {
	deviation := math.Sqrt(d.p.density.covariance.At(overall, overall))
	n := distuv.Normal{Sigma: deviation}
	from, to := n.CDF((low-mean)/spread), n.CDF((high-mean)/spread)
	width := n.Quantile(min(max(from+(to-from)*c.Float64(), 1e-9), 1-1e-9))
	rest, ok := d.p.density.misses.ConditionNormal([]int{overall}, []float64{width}, source)
	if !ok {
		return errors.New("no frame of that size can be drawn")
	}
	copy(x[overall+1:], rest.Rand(nil))
	x[overall] = width
	return nil
}

// bounds are those of a size's width, as coordinates.
func bounds(s catalog.Size) (low, high float64) {
	switch s {
	case catalog.Narrow:
		return math.Log(112), math.Log(131.9)
	case catalog.Medium:
		return math.Log(132), math.Log(139.9)
	}
	return math.Log(140), math.Log(156)
}

// blend is a chance mean of the liked frames: each as it would be in the
// material, and where a shape was asked for in that shape.
func (d *drawing) blend(c *rand.Rand, f family) []float64 {
	x, total := make([]float64, len(d.liked[0].x)), 0.0
	for _, l := range d.liked {
		weight := c.ExpFloat64() // uniform over all blends
		if len(d.liked) == 1 {
			weight = 1
		}
		total += weight
		to := l.family
		to.material = f.material
		if d.r.Shape != "" {
			to.shape = f.shape
		}
		from, there := d.p.density.expect(l.family), d.p.density.expect(to)
		for i := range x {
			x[i] += weight * (l.x[i] + there[i] - from[i])
		}
	}
	for i := range x {
		x[i] /= total
	}
	return x
}

// rebuilt is draw with the mesh.
func (d *drawing) rebuilt(number, attempt int) (*Proposal, error) {
	m, err := d.draw(number, attempt)
	if err == nil {
		err = m.build()
	}
	if err != nil {
		return nil, fmt.Errorf("frames: make number %d, attempt %d again: %w", number, attempt, err)
	}
	return m, nil
}
