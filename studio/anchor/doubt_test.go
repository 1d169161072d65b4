package anchor

import (
	"math"
	"strings"
	"testing"

	"cheval/catalog"
)

// pairOf is what Find has of a golden before it doubts.
func pairOf(t *testing.T, name string) (*view, *pair) {
	t.Helper()
	for _, g := range goldens(t) {
		if g.Name != name {
			continue
		}
		v, err := newView(g.img, g.alpha)
		if err != nil {
			t.Fatal(err)
		}
		v.findRim()
		f := v.findAxis()
		shape, score := v.findPair(&f)
		p := v.settle(f, shape, score)
		v.learn(p)
		return v, v.resettle(p)
	}
	t.Fatalf("no golden %s", name)
	return nil, nil
}

// scaleUpper moves the upper part of both outlines.
func scaleUpper(p *pair, by float64) {
	for side := range p.own {
		s := &p.own[side]
		for k := range s.r {
			if d := dir(k, len(s.r), 1); d.y < -0.3 {
				s.r[k] *= 1 + (by-1)*math.Min((-d.y-0.3)/0.3, 1)
			}
		}
	}
}

func said(v *view, p *pair, t *testing.T) (doubts []catalog.Doubt, all string) {
	t.Helper()
	h, ok := p.flatten()
	if !ok {
		t.Fatal("the pair cannot be laid flat")
	}
	for _, d := range v.doubtOutlines(p, &h) {
		doubts, all = append(doubts, d), all+d.Why+"\n"
	}
	return doubts, all
}

// A temple that lies folded behind the lens was once taken for the rim above
// it, and the frame published with lenses too low by a third.
func TestAnOutlineThatATempleCutsShortIsDoubted(t *testing.T) {
	v, p := pairOf(t, "oversized-acetate-folded")
	if _, all := said(v, p, t); all != "" {
		t.Fatalf("as found it is doubted: %s", all)
	}
	scaleUpper(p, 0.6)
	if _, all := said(v, p, t); !strings.Contains(all, "cut short by a temple") {
		t.Errorf("the doubts are %q", all)
	}
}

// A brow bar of the lens's own tone was once taken for lens.
func TestAnOutlineThatTakesTheRimInIsDoubted(t *testing.T) {
	v, p := pairOf(t, "oversized-acetate-folded")
	top, _ := v.margins(p, 1)
	scaleUpper(p, 1+top*p.shape.mid.x/p.shape.b)
	if _, all := said(v, p, t); !strings.Contains(all, "no rim is seen above") {
		t.Errorf("the doubts are %q", all)
	}
}

// The bevel of a bare lens looks like a wire; its inner edge was taken for the
// lens's end, and the lens came out a millimetre too low.
func TestTheBevelOfABareLensIsPartOfIt(t *testing.T) {
	v, p := pairOf(t, "teardrop-half-rim-open")
	_, before := v.margins(p, 1)
	v.takeBevels(p)
	if _, after := v.margins(p, 1); after > 0.6*before {
		t.Errorf("the cut-out goes on for %.3f below the lens, %.3f before", after, before)
	}
	v, p = pairOf(t, "hexagon-half-rim-open") // of wire: nothing tells bevel from wire
	want := p.own[1].r[100]
	if v.takeBevels(p); p.own[1].r[100] != want {
		t.Error("a wire was taken into the lens")
	}
}
