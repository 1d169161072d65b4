package frames

import (
	"bytes"
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cheval/assets"
	"cheval/catalog"
)

var starter = sync.OnceValue(func() *catalog.Catalogue {
	c, err := catalog.Load(assets.Catalogue())
	if err != nil {
		panic(err)
	}
	return c
})

func prior(t *testing.T, more ...*catalog.Product) *Prior {
	t.Helper()
	p, err := Fit(append(starter().All(), more...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// chosen draws as Propose does, but builds no mesh, which takes most of the time.
func chosen(t *testing.T, p *Prior, r Request) (out []*Proposal) {
	t.Helper()
	if err := p.Check(r); err != nil {
		t.Fatal(err)
	}
	d, err := p.drawing(r)
	if err != nil {
		t.Fatal(err)
	}
	var made []*looks
	for number := range r.Count {
		for attempt := 0; ; attempt++ {
			if attempt == attempts {
				t.Fatalf("%+v: no proposal %d", r, number)
			}
			m, err := d.draw(number, attempt)
			if err == nil && d.judge(m, made) == nil {
				out, made = append(out, m), append(made, m.look)
				break
			}
		}
	}
	return out
}

func proposed(t *testing.T, p *Prior, r Request) (out []*Proposal) {
	t.Helper()
	err := p.Propose(context.Background(), r, func(m *Proposal) error { out = append(out, m); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Two thousand proposals have sizes that are made and sold: every measure in
// the range of the trade, and parts that add up to the whole.
func TestProposedSizesArePossible(t *testing.T) {
	p := prior(t)
	between := func(t *testing.T, what string, v float32, lo, hi float64) {
		if !(float64(v) >= lo && float64(v) <= hi) {
			t.Errorf("%s %g, want %g to %g", what, v, lo, hi)
		}
	}
	for i, shape := range catalog.Shapes() {
		for _, m := range chosen(t, p, Request{Shape: shape, Count: 200, Seed: int64(i)}) {
			e := &m.Eyewear
			if err := e.Validate(); err != nil {
				t.Error(err)
			}
			between(t, "lens width", e.LensWidth, 38, 62)
			between(t, "lens height", e.LensHeight, 22, 58)
			between(t, "bridge", e.Bridge, 14, 24)
			between(t, "temple", e.Temple, 120, 155)
			between(t, "total width", e.FrontWidth, 112, 156)
			sum := 2*e.LensWidth*float32(math.Cos(float64(e.Wrap)*math.Pi/180)) + e.Bridge + 2*e.Rim
			between(t, "end piece", (e.FrontWidth-sum)/2, 2, 13)
			between(t, "temple over width", e.Temple/e.FrontWidth, 0.84, 1.18)
			between(t, "height over width", e.LensHeight/e.LensWidth, 0.5, 1.06)
			for _, whole := range []float32{e.LensWidth, e.LensHeight, e.Bridge, e.Temple, e.FrontWidth, 2 * e.Wrap, 2 * e.Tilt, 2 * e.TempleDrop} {
				if whole != float32(math.Round(float64(whole))) {
					t.Errorf("%g is no step of the trade", whole)
				}
			}
		}
	}
}

func TestProposalsAreNewAndDiffer(t *testing.T) {
	p := prior(t)
	all := chosen(t, p, Request{Count: 300, Seed: 11})
	sum, pairs := 0.0, 0.0
	for i, m := range all {
		look, err := seen(&m.Eyewear)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range p.frames {
			if d := look.apart(f.look); d < p.Limit() || d < m.Nearest.Difference-1e-9 {
				t.Errorf("proposal %d is %.2f mm from %s, limit %.2f, said %.2f", i, d, f.product.ID, p.Limit(), m.Nearest.Difference)
			}
		}
		for _, o := range all[:i] {
			d := m.look.apart(o.look)
			if d < asideShare*p.limit {
				t.Errorf("proposals %d and %d are %.2f mm apart", i, o.Number, d)
			}
			sum, pairs = sum+d, pairs+1
		}
	}
	real, n := 0.0, 0.0
	for i, f := range p.frames {
		for _, g := range p.frames[:i] {
			real, n = real+f.look.apart(g.look), n+1
		}
	}
	t.Logf("mean difference %.2f mm, of frames that exist %.2f mm; limit %.2f mm", sum/pairs, real/n, p.limit)
	if sum/pairs < 0.8*real/n {
		t.Errorf("proposals differ by %.2f mm, frames that exist by %.2f mm", sum/pairs, real/n)
	}
}

func TestWhatIsAskedIsProposed(t *testing.T) {
	p := prior(t)
	for _, r := range []Request{
		{Shape: catalog.Round, Colour: "red"},
		{Shape: catalog.Aviator, Material: catalog.Acetate, Colour: "orange", Size: catalog.Wide},
		{Shape: catalog.CatEye, Material: catalog.Rimless, Kind: catalog.Sun},
		{Shape: catalog.Browline, Size: catalog.Narrow, Colour: "tortoise"},
		{Material: catalog.Metal, Kind: catalog.Optical, Colour: "navy", Size: catalog.Medium},
		{Colour: "crystal"}, {Colour: "gold"}, {Kind: catalog.Sun},
	} {
		r.Count, r.Seed = 25, 5
		for _, m := range chosen(t, p, r) {
			e := &m.Eyewear
			if r.Shape != "" && e.Shape != r.Shape || r.Material != "" && e.Material != r.Material || r.Kind != "" && m.Kind != r.Kind ||
				r.Colour != "" && m.Variant.Colour != r.Colour || r.Size != "" && e.Size() != r.Size {
				t.Errorf("asked %+v, got %s %s %s %s %s", r, e.Shape, e.Material, m.Kind, m.Variant.Colour, e.Size())
			}
			if dark := m.Variant.Lens.Transmission < 0.6; dark != (m.Kind == catalog.Sun) {
				t.Errorf("a lens of %g for %s", m.Variant.Lens.Transmission, m.Kind)
			}
		}
	}
}

// A frame asked for in a colour must not come out in another one.
func TestColoursLookLikeTheirName(t *testing.T) {
	p := prior(t)
	for _, colour := range []string{"red", "orange", "yellow", "green", "blue", "purple", "black", "white", "gold", "silver"} {
		want, _ := catalog.Nominal(colour)
		for _, m := range chosen(t, p, Request{Colour: colour, Count: 20, Seed: 2}) {
			b := m.Variant.Frame.Base
			hue := func(c [3]uint8) float64 {
				x, y := float64(c[0])-float64(c[1])/2-float64(c[2])/2, (float64(c[1])-float64(c[2]))*math.Sqrt(3)/2
				return math.Atan2(y, x) * 180 / math.Pi
			}
			chroma := func(c [3]uint8) int { return int(max(c[0], c[1], c[2])) - int(min(c[0], c[1], c[2])) }
			a, o := [3]uint8{b.R, b.G, b.B}, [3]uint8{want.R, want.G, want.B}
			turn := math.Abs(math.Remainder(hue(a)-hue(o), 360))
			if chroma(o) > 60 && turn > 50 || chroma(o) < 10 && chroma(a) > 50 {
				t.Errorf("%s is %v", colour, b)
			}
		}
	}
}

func TestTheSameRequestGivesTheSameFrames(t *testing.T) {
	r := Request{Shape: catalog.Panto, Count: 6, Seed: 42}
	a, b := proposed(t, prior(t), r), proposed(t, prior(t), r)
	for i := range a {
		if !reflect.DeepEqual(a[i], b[i]) {
			t.Errorf("proposal %d differs", i)
		}
	}
	r.First, r.Count = 4, 2
	more := proposed(t, prior(t), r)
	for i, m := range more {
		if !reflect.DeepEqual(m.Eyewear, a[4+i].Eyewear) || m.Number != 4+i {
			t.Errorf("number %d of the later part differs", m.Number)
		}
	}
	r.First, r.Seed = 0, 43
	if other := proposed(t, prior(t), r); reflect.DeepEqual(other[0].Eyewear, a[0].Eyewear) {
		t.Error("another seed gives the same frame")
	}
}

func TestWhatIsUnknownIsSaidWithWhatIsKnown(t *testing.T) {
	p := prior(t)
	for _, c := range []struct {
		r    Request
		want []string
	}{
		{Request{Shape: "heart", Count: 1}, []string{"heart", "round", "cat-eye", "sport"}},
		{Request{Colour: "ultraviolet", Count: 1}, []string{"ultraviolet", "tortoise", "navy"}},
		{Request{Material: "wood", Count: 1}, []string{"wood", "acetate, metal, rimless"}},
		{Request{Kind: "diving", Count: 1}, []string{"diving", "optical, sun"}},
		{Request{Size: "giant", Count: 1}, []string{"giant", "narrow, medium, wide"}},
		{Request{Count: 0}, []string{"1 to 1000"}},
		{Request{Count: 5000}, []string{"5000", "1 to 1000"}},
		{Request{Count: 1, Seed: -3}, []string{"seed -3"}},
		{Request{Count: 1, First: -1}, []string{"begin at -1"}},
		{Request{Count: 1, Shape: catalog.Browline, Material: catalog.Rimless}, []string{"browline", "rimless"}},
		{Request{Count: 1, Colour: "crystal", Material: catalog.Metal}, []string{"crystal", "acetate"}},
		{Request{Count: 1, Like: []*catalog.Product{{ID: "red-dress", Category: "dress"}}}, []string{"red-dress", "no eyewear"}},
	} {
		err := p.Propose(context.Background(), c.r, func(*Proposal) error { t.Errorf("%+v is proposed", c.r); return nil })
		for _, w := range c.want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%+v: %v does not say %q", c.r, err, w)
			}
		}
	}
}

func TestALikedFrameDrawsProposalsNear(t *testing.T) {
	p := prior(t)
	mean := func(like ...string) (toHalo, toPorto float64) {
		r := Request{Count: 40, Seed: 3}
		for _, id := range like {
			r.Like = append(r.Like, starter().Product(id))
		}
		for _, m := range chosen(t, p, r) {
			a, err := Difference(&m.Eyewear, &starter().Product("halo").Eyewear)
			b, err2 := Difference(&m.Eyewear, &starter().Product("porto").Eyewear)
			if err = errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
			toHalo, toPorto = toHalo+a/40, toPorto+b/40
		}
		return
	}
	any1, any2 := mean()
	halo, _ := mean("halo")
	_, porto := mean("porto")
	both1, both2 := mean("halo", "porto")
	t.Logf("to halo %.1f mm of any, %.1f like it, %.1f between; to porto %.1f, %.1f, %.1f", any1, halo, both1, any2, porto, both2)
	if halo > 0.75*any1 || porto > 0.75*any2 || both1 < halo || both2 < porto {
		t.Error("liking does not draw near")
	}
}

func TestMoreLikeAProposal(t *testing.T) {
	p := prior(t)
	r := Request{Shape: catalog.Round, Colour: "blue", Count: 1, Seed: 9}
	first := proposed(t, p, r)[0]
	kept := keep(t, p, r, first)
	for _, m := range chosen(t, p, Request{Like: []*catalog.Product{kept}, Count: 10, Seed: 1}) {
		if d, err := Difference(&m.Eyewear, &kept.Eyewear); err != nil || d < p.Limit() {
			t.Errorf("%.2f mm from what it is like, %v", d, err)
		}
	}
}

func keep(t *testing.T, p *Prior, r Request, m *Proposal) *catalog.Product {
	t.Helper()
	q, err := p.Product(r, m, map[string]string{"en": "Round 48"}, "1.2.3", time.Unix(1e9, 0).UTC())
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// What is kept is a draft that can be worn, and its record makes it again bit
// for bit after it went through a file.
func TestAKeptProposalIsMadeAgainBitForBit(t *testing.T) {
	p := prior(t)
	r := Request{Shape: catalog.CatEye, Colour: "purple", Size: catalog.Wide, Count: 3, Seed: 77, Like: []*catalog.Product{starter().Product("vela")}}
	for _, m := range proposed(t, p, r) {
		var file bytes.Buffer
		if err := catalog.Encode(&file, keep(t, p, r, m)); err != nil {
			t.Fatal(err)
		}
		q, err := catalog.Decode(&file)
		if err != nil {
			t.Fatal(err)
		}
		if q.State != catalog.Draft || !q.Wearable() || !reflect.DeepEqual(q.Eyewear, m.Eyewear) {
			t.Errorf("what was kept is %+v", q.Eyewear)
		}
		again, err := prior(t).Remake(q.Origin.Steps[0], starter().Product)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again.Eyewear, q.Eyewear) || !reflect.DeepEqual(again.Mesh, m.Mesh) || !reflect.DeepEqual(again.Variant.Frame, q.Variants[0].Frame) || again.Variant.Lens != q.Variants[0].Lens {
			t.Errorf("number %d comes out otherwise", m.Number)
		}
	}
}

func TestARecordOfAnotherPriorIsNotRemadeWrongly(t *testing.T) {
	p := prior(t)
	r := Request{Count: 1, Seed: 1}
	kept := keep(t, p, r, proposed(t, p, r)[0])
	own := *starter().Product("halo")
	own.ID = "our-own"
	own.Eyewear.LensWidth++
	other := prior(t, &own)
	if other.Version() == p.Version() {
		t.Error("a frame more makes no other prior")
	}
	if _, err := other.Remake(kept.Origin.Steps[0], starter().Product); err == nil || !strings.Contains(err.Error(), p.Version()) {
		t.Errorf("error %v", err)
	}
}

// Else every kept design would pull the prior towards itself.
func TestGeneratedFramesTeachNothing(t *testing.T) {
	p := prior(t)
	r := Request{Count: 1, Seed: 1}
	if q := prior(t, keep(t, p, r, proposed(t, p, r)[0])); q.Version() != p.Version() || q.Len() != p.Len() {
		t.Errorf("%s of %d frames became %s of %d", p.Version(), p.Len(), q.Version(), q.Len())
	}
}

// Frames that were left out are much likelier by the families than by one
// Gaussian of independent measures.
func TestTheDensityIsBetterThanNone(t *testing.T) {
	d := &prior(t).density
	t.Logf("log likelihood of a frame left out: %.1f, of independent measures %.1f; ridge %g, shrink %g", d.leftOut, d.simple, d.ridge, d.shrink)
	if d.leftOut < d.simple+5 {
		t.Errorf("log likelihood of a frame left out %.1f, of independent measures %.1f", d.leftOut, d.simple)
	}
}

func TestTooFewFramesAreSaid(t *testing.T) {
	if _, err := Fit(starter().All()[:5]); err == nil || !strings.Contains(err.Error(), "5 frames") {
		t.Errorf("error %v", err)
	}
}

func TestProposingStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	err := prior(t).Propose(ctx, Request{Count: 50}, func(*Proposal) error { n++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("%d proposals, %v", n, err)
	}
}

func TestARequestInWords(t *testing.T) {
	for text, want := range map[string]struct {
		Request
		ignored []string
	}{
		"20 wide navy pantos in acetate":    {Request{Shape: catalog.Panto, Material: catalog.Acetate, Colour: "navy", Size: catalog.Wide, Count: 20}, nil},
		"Round red sunglasses, glittering!": {Request{Shape: catalog.Round, Colour: "red", Kind: catalog.Sun}, []string{"glittering"}},
		"小的黑色圆框墨镜闪亮":                        {Request{Shape: catalog.Round, Colour: "black", Kind: catalog.Sun, Size: catalog.Narrow}, []string{"闪亮"}},
		"":                                  {},
	} {
		r, ignored := Words(text)
		if !reflect.DeepEqual(r, want.Request) || !slices.Equal(ignored, want.ignored) {
			t.Errorf("%q is %+v, ignored %q", text, r, ignored)
		}
	}
}
