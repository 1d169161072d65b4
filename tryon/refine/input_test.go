package refine

import (
	"image"
	"image/color"
	"testing"

	"cheval/tryon/internal/golden"
	"cheval/tryon/render"
)

// The products of the tests: clear lenses in an acetate frame, dark lenses in metal.
const (
	clearOnes = "orso"
	darkOnes  = "quota"
)

// planesPicture lays the input's planes and the fade out, two across: frame,
// composite; coverage, depth; the normal (grey is 0), fade.
func planesPicture(p *Input) *image.RGBA {
	n := p.W * p.H
	out := image.NewRGBA(image.Rect(0, 0, 2*p.W, 3*p.H))
	level := func(v float32) uint8 { return uint8(clamp(v, 0, 1)*255 + 0.5) }
	for i := range n {
		x, y := i%p.W, i/p.W
		at := func(plane int) float32 { return p.Data[plane*n+i] }
		set := func(col, row int, r, g, b float32) {
			out.SetRGBA(col*p.W+x, row*p.H+y, color.RGBA{level(r), level(g), level(b), 255})
		}
		set(0, 0, at(0), at(1), at(2))
		set(1, 0, at(3), at(4), at(5))
		set(0, 1, at(6), at(6), at(6))
		set(1, 1, at(7), at(7), at(7))
		set(0, 2, 0.5+at(8)/2, 0.5+at(9)/2, 0.5+at(10)/2)
		set(1, 2, p.Fade[i], p.Fade[i], p.Fade[i])
	}
	return out
}

// What the network sees of the portrait is fixed: weights are trained on it.
func TestTheInputIsWhatTheNetworkWasTrainedOn(t *testing.T) {
	for _, id := range []string{clearOnes, darkOnes} {
		d := wear(t, id, 0, 128, 64)
		var p Input
		p.Set(d.frame, d.composite, &d.guide, d.face)
		golden.Compare(t, id, planesPicture(&p), 0.25*3/4, 1) // a quarter level of the colours: compilers may round differently
	}
}

func TestTheFadeEndsBeforeTheBorderAndCountsInFullOnTheProduct(t *testing.T) {
	d := wear(t, darkOnes, 0, 128, 64)
	var p Input
	p.Set(d.frame, d.composite, &d.guide, d.face)
	var on, sum float32
	for i, f := range p.Fade {
		x, y := i%p.W, i/p.W
		if border := x == 0 || y == 0 || x == p.W-1 || y == p.H-1; border && f != 0 {
			t.Fatalf("cell (%d, %d) at the border has %g", x, y, f)
		}
		if f < 0 || f > 1 {
			t.Fatalf("cell (%d, %d) has %g", x, y, f)
		}
		if d.guide.Share[i] == 1 && d.guide.Pass[i] < 0.3 {
			on, sum = on+1, sum+f
		}
	}
	if sum < 0.99*on { // an eye's inner corner shows beside the lens
		t.Errorf("on the product it is %g on average", sum/on)
	}
}

func TestEyesAreSparedWhereTheyAreSeen(t *testing.T) {
	middle := func(id string) float32 {
		d := wear(t, id, 0, 192, 96)
		var p Input
		p.Set(d.frame, d.composite, &d.guide, d.face)
		most := float32(0)
		for _, iris := range []int{468, 473} {
			q := d.face.Points[iris]
			x, y := int((q[0]-d.guide.X)/d.guide.Cell), int((q[1]-d.guide.Y)/d.guide.Cell)
			for j := y - 1; j <= y+1; j++ {
				for i := x - 1; i <= x+1; i++ {
					most = max(most, p.Fade[j*p.W+i])
				}
			}
		}
		return most
	}
	if f := middle(clearOnes); f != 0 {
		t.Errorf("an eye behind a clear lens is changed with %g", f)
	}
	if f := middle(darkOnes); f != 1 {
		t.Errorf("a dark lens is refined only with %g before the eye", f)
	}
}

// ramp is a picture whose red runs across, whose green runs down.
func ramp(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(x), uint8(y), 77, 255})
		}
	}
	return img
}

func TestSampleAveragesByAreaWhereverTheGridLies(t *testing.T) {
	img := ramp(200, 120)
	for _, g := range []render.Guide{
		{W: 16, H: 8, X: 10, Y: 20, Cell: 4}, {W: 16, H: 8, X: 10.3, Y: 20.7, Cell: 7.1}, {W: 32, H: 16, X: 33.9, Y: 50.01, Cell: 0.37},
	} {
		dst := make([]float32, 3*g.W*g.H)
		Sample(dst, img, &g)
		n := g.W * g.H
		for i := range n {
			x, y := g.X+(float32(i%g.W)+0.5)*g.Cell, g.Y+(float32(i/g.W)+0.5)*g.Cell
			// A pixel's colour stands for its middle; cells finer than pixels see steps.
			tolerance := float32(0.01)
			if g.Cell < 1 {
				tolerance = 0.51
			}
			r, gr, b := 255*dst[i], 255*dst[n+i], 255*dst[2*n+i]
			if abs(r-(x-0.5)) > tolerance || abs(gr-(y-0.5)) > tolerance || abs(b-77) > 0.01 {
				t.Fatalf("%+v: cell %d is %.3f %.3f %.3f, want %.3f %.3f 77", g, i, r, gr, b, x-0.5, y-0.5)
			}
		}
	}
}

func TestSampleGoesOnBeyondThePicture(t *testing.T) {
	img := ramp(100, 60)
	for _, g := range []render.Guide{{W: 16, H: 8, X: -300, Y: -200, Cell: 4}, {W: 16, H: 8, X: 400, Y: 300, Cell: 4}} {
		dst := make([]float32, 3*g.W*g.H)
		Sample(dst, img, &g)
		want := img.RGBAAt(int(clamp(g.X, 0, 99)), int(clamp(g.Y, 0, 59)))
		if r := dst[0] * 255; abs(r-float32(want.R)) > 0.01 {
			t.Errorf("at (%g, %g) it is %g, want the border's %d", g.X, g.Y, r, want.R)
		}
	}
}

func TestTheInputAllocatesNothingOnceWarm(t *testing.T) {
	d := wear(t, clearOnes, 0, 192, 96)
	var p Input
	if n := testing.AllocsPerRun(5, func() { p.Set(d.frame, d.composite, &d.guide, d.face) }); n != 0 {
		t.Errorf("%g allocations a frame", n)
	}
}

func abs(x float32) float32 { return max(x, -x) }

func BenchmarkInput(b *testing.B) {
	d := wear(b, clearOnes, 0, 192, 96)
	var p Input
	for b.Loop() {
		p.Set(d.frame, d.composite, &d.guide, d.face)
	}
}
