package perceive

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

func noise(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(3, 4))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	return img
}

// exact is bilinear sampling in floating point.
func exact(img *image.RGBA, x, y float64, channel int, edge border) float64 {
	at := func(x, y int) float64 {
		w, h := img.Rect.Dx(), img.Rect.Dy()
		if edge == black && (x < 0 || y < 0 || x >= w || y >= h) {
			return 0
		}
		return float64(img.Pix[max(0, min(y, h-1))*img.Stride+max(0, min(x, w-1))*4+channel])
	}
	ix, iy := math.Floor(x), math.Floor(y)
	fx, fy := x-ix, y-iy
	i, j := int(ix), int(iy)
	return (at(i, j)*(1-fx)+at(i+1, j)*fx)*(1-fy) + (at(i, j+1)*(1-fx)+at(i+1, j+1)*fx)*fy
}

func TestSampleIsBilinear(t *testing.T) {
	img := noise(97, 61)
	const n = 32
	dst := make([]float32, 3*n*n)
	s := newSampler()
	defer s.Close()
	for _, r := range []region{
		{48, 30, 20, 20, 0}, {48, 30, 40, 40, 0.7}, {0, 0, 60, 60, -2}, {96, 60, 50, 50, 3}, {48, 30, 400, 400, 0.3}, {-300, 30, 40, 40, 0},
		{48.5, 30.5, 97, 97, 0}, {48, 30, 32, 32, math.Pi / 2},
	} {
		for _, edge := range []border{replicate, black} {
			a := r.toFrame(n)
			if err := s.draw(img, a, n, 1, 0, edge, dst); err != nil {
				t.Fatal(err)
			}
			for c := range 3 {
				for v := range n {
					for u := range n {
						x, y := a.apply(float64(u), float64(v))
						want, got := exact(img, x, y, c, edge), float64(dst[c*n*n+v*n+u])
						// 1/64 of a pixel beside, between neighbours 0 and 255.
						if math.Abs(want-got) > 2*255.0/60 {
							t.Fatalf("%+v, channel %d at (%d,%d): got %.1f, want %.1f", r, c, u, v, got, want)
						}
					}
				}
			}
		}
	}
}

func TestSampleOfTinyFrames(t *testing.T) {
	dst := make([]float32, 3*16*16)
	s := newSampler()
	defer s.Close()
	for _, size := range []image.Rectangle{image.Rect(0, 0, 1, 1), image.Rect(0, 0, 1, 50), image.Rect(0, 0, 2, 2)} {
		img := image.NewRGBA(size)
		for i := range img.Pix {
			img.Pix[i] = 255
		}
		if err := s.draw(img, letterbox(size).toFrame(16), 16, 1.0/255, 0, replicate, dst); err != nil {
			t.Fatal(err)
		}
		for i, v := range dst {
			if math.Abs(float64(v)-1) > 1e-6 {
				t.Fatalf("%v: value %d is %v, want 1", size, i, v)
			}
		}
	}
}

func TestSampleAllocatesNothing(t *testing.T) {
	img := noise(640, 360)
	dst := make([]float32, 3*192*192)
	s := newSampler()
	defer s.Close()
	a := region{320, 180, 220, 220, 0.1}.toFrame(192)
	draw := func() { s.draw(img, a, 192, 1.0/255, 0, replicate, dst) }
	draw()
	if n := testing.AllocsPerRun(20, draw); n > 0 {
		t.Errorf("%v allocations a call", n)
	}
}

func BenchmarkSample(b *testing.B) {
	img := noise(1280, 720)
	dst := make([]float32, 3*192*192)
	s := newSampler()
	defer s.Close()
	a := region{640, 360, 450, 450, 0.1}.toFrame(192)
	for b.Loop() {
		s.draw(img, a, 192, 1.0/255, 0, replicate, dst)
	}
}
