package studio

import (
	"context"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"cheval/studio/enhance"
	"cheval/studio/photo"
)

// lettered draws lines of text on cloth, twice as large as the photo is, and
// returns that, and the photo: half the size, with a camera's noise and, where
// it is badly lit, dark, warm and unevenly bright.
func lettered(t *testing.T, badly bool) (large *image.NRGBA, shot *photo.Photo) {
	t.Helper()
	f, err := opentype.Parse(gobold.TTF)
	if err != nil {
		t.Fatal(err)
	}
	large = image.NewNRGBA(image.Rect(0, 0, 960, 720))
	draw.Draw(large, large.Rect, image.NewUniform(color.NRGBA{226, 222, 214, 255}), image.Point{}, draw.Src)
	for i, line := range []string{"CHEVAL 1987", "Size M 100% cotton", "made in Porto & Brera", "www.example.org"} {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(110 - 22*i), DPI: 72})
		if err != nil {
			t.Fatal(err)
		}
		d := font.Drawer{Dst: large, Src: image.NewUniform(color.NRGBA{24, 30, 52, 255}), Face: face, Dot: fixed.P(60, 150+165*i)}
		d.DrawString(line)
	}
	small := image.NewNRGBA(image.Rect(0, 0, 480, 360))
	draw.BiLinear.Scale(small, small.Rect, large, large.Rect, draw.Src, nil)
	rng := rand.New(rand.NewPCG(5, 5))
	img := image.NewRGBA(small.Rect)
	for y := range 360 {
		for x := range 480 {
			p, q := small.Pix[small.PixOffset(x, y):], img.Pix[img.PixOffset(x, y):]
			for c := range 3 {
				v := float64(p[c])
				if badly {
					v *= [3]float64{0.62, 0.54, 0.42}[c] * (0.75 + 0.5*float64(x)/480)
				}
				q[c] = uint8(max(0, min(255, math.Round(v+1.5*rng.NormFloat64()))))
			}
			q[3] = 255
		}
	}
	return large, &photo.Photo{Image: img}
}

// ink is where a picture is darker than halfway between what is dark and light
// around there.
func ink(m *image.NRGBA) []bool {
	const r = 24
	w, h := m.Rect.Dx(), m.Rect.Dy()
	sums := make([]float64, (w+1)*(h+1))
	luma := make([]float64, w*h)
	for y := range h {
		for x := range w {
			p := m.Pix[m.PixOffset(x, y):]
			luma[y*w+x] = 0.299*float64(p[0]) + 0.587*float64(p[1]) + 0.114*float64(p[2])
			sums[(y+1)*(w+1)+x+1] = luma[y*w+x] + sums[y*(w+1)+x+1] + sums[(y+1)*(w+1)+x] - sums[y*(w+1)+x]
		}
	}
	// Of each part of the picture the lightest is cloth: letters are under 0.6 of it.
	out := make([]bool, w*h)
	for by := 0; by < h; by += r {
		for bx := 0; bx < w; bx += r {
			light := 0.0
			for y := max(0, by-r); y < min(h, by+2*r); y++ {
				for x := max(0, bx-r); x < min(w, bx+2*r); x++ {
					light = max(light, luma[y*w+x])
				}
			}
			for y := by; y < min(h, by+r); y++ {
				for x := bx; x < min(w, bx+r); x++ {
					out[y*w+x] = luma[y*w+x] < 0.56*light
				}
			}
		}
	}
	return out
}

// parts counts the connected parts of what is set, or of what is not.
func parts(set []bool, w int, of bool) (n int) {
	seen := make([]bool, len(set))
	var stack []int
	for i := range set {
		if set[i] != of || seen[i] {
			continue
		}
		size := 0
		stack = append(stack[:0], i)
		seen[i] = true
		for len(stack) > 0 {
			k := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			size++
			for _, d := range []int{-1, 1, -w, w} {
				j := k + d
				if j < 0 || j >= len(set) || d == -1 && k%w == 0 || d == 1 && j%w == 0 || seen[j] || set[j] != of {
					continue
				}
				seen[j] = true
				stack = append(stack, j)
			}
		}
		if size > 3 {
			n++
		}
	}
	return n
}

// alike is the share of what is set in both of what is set in one.
func alike(a, b []bool) float64 {
	both, one := 0.0, 0.0
	for i := range a {
		if a[i] && b[i] {
			both++
		}
		if a[i] || b[i] {
			one++
		}
	}
	return both / one
}

// The correction of colours may change what letters look like, not what they
// are: no ink appears, none goes, and letters neither merge nor break.
func TestEnhancingLeavesLettersAsTheyAre(t *testing.T) {
	s := openStudio(t)
	_, shot := lettered(t, true)
	before := &image.NRGBA{Pix: shot.Image.Pix, Stride: shot.Image.Stride, Rect: shot.Image.Rect}
	e, problems := s.Measure(shot)
	if len(problems) > 0 || e.Correction == nil {
		t.Fatalf("correction %v, %v", e.Correction, problems)
	}
	learned := enhance.Adjust{Learned: 1}
	for name, a := range map[string]enhance.Adjust{"the correction": learned, "the automatic setting": enhance.Auto(e)} {
		p, err := s.Enhance(context.Background(), shot, e, a, 1)
		if err != nil {
			t.Fatal(err)
		}
		was, is := ink(before), ink(p.Image)
		t.Logf("%s: ink alike %.3f, letters %d to %d, holes %d to %d", name, alike(was, is), parts(was, 480, true), parts(is, 480, true), parts(was, 480, false), parts(is, 480, false))
		if alike(was, is) < 0.93 || parts(was, 480, true) != parts(is, 480, true) || parts(was, 480, false) != parts(is, 480, false) {
			t.Errorf("%s changes the letters", name)
		}
	}
}

// Enlarging must draw the letters that are there: against letters drawn at that
// size it is no worse than interpolation, and made small again it is the photo.
func TestEnlargingInventsNoLetters(t *testing.T) {
	s := openStudio(t)
	large, shot := lettered(t, false)
	e, _ := s.Measure(shot)
	p, err := s.Enhance(context.Background(), shot, e, enhance.Adjust{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	cubic := image.NewNRGBA(large.Rect)
	draw.CatmullRom.Scale(cubic, cubic.Rect, shot.Image, shot.Image.Rect, draw.Src, nil)
	want, got, plain := ink(large), ink(p.Image), ink(cubic)
	t.Logf("ink alike %.3f, interpolated %.3f; letters %d, of %d; holes %d, of %d", alike(want, got), alike(want, plain),
		parts(got, 960, true), parts(want, 960, true), parts(got, 960, false), parts(want, 960, false))
	if alike(want, got) < alike(want, plain)-0.005 || alike(want, got) < 0.93 {
		t.Errorf("ink is alike by %.3f, interpolated by %.3f", alike(want, got), alike(want, plain))
	}
	if parts(got, 960, true) != parts(want, 960, true) || parts(got, 960, false) != parts(want, 960, false) {
		t.Errorf("%d letters and %d holes, of %d and %d", parts(got, 960, true), parts(got, 960, false), parts(want, 960, true), parts(want, 960, false))
	}
	back := image.NewNRGBA(shot.Image.Rect)
	draw.ApproxBiLinear.Scale(back, back.Rect, p.Image, p.Image.Rect, draw.Src, nil)
	sum := 0.0
	for i := range back.Pix {
		d := float64(back.Pix[i]) - float64(shot.Image.Pix[i])
		sum += d * d
	}
	if off := math.Sqrt(sum / float64(len(back.Pix)) * 4 / 3); off > 4 {
		t.Errorf("made small again it is off by %.1f of 255", off)
	}
}
