package viewport

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"testing"
	"time"

	"cheval/camera"
	"cheval/catalog"
	"cheval/tryon"
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
	"go.uber.org/goleak"
)

// All tests share Ebitengine, which runs once a process.
func TestMain(m *testing.M) {
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		fmt.Fprintln(os.Stderr, "viewport: these tests draw with Ebitengine and there is no display: run them through scripts/xvfb.sh, as make test does")
		os.Exit(1)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := theStage().wait(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "viewport: Ebitengine did not start on this display:", err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

// scenery is a picture in which every place has its own colour, so that a
// pixel drawn from the wrong place shows.
func scenery(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			b := uint8(128 + 100*math.Sin(float64(x)/9)*math.Cos(float64(y)/7))
			m.SetRGBA(x, y, color.RGBA{uint8(255 * x / w), uint8(255 * y / h), b, 255})
		}
	}
	return m
}

// result is a frame of size w×h with looks that fill the rectangle worn with
// plain colours, and a face around it.
func result(w, h int, worn image.Rectangle, looks ...color.RGBA) *tryon.Result {
	img := scenery(w, h)
	f := camera.NewFrame(img, nil)
	f.Captured = time.Now()
	r := tryon.NewResult(f, func(r *tryon.Result) { r.Frame.Release() })
	for i, c := range looks {
		look := image.NewRGBA(img.Rect)
		copy(look.Pix, img.Pix)
		for y := worn.Min.Y; y < worn.Max.Y; y++ {
			for x := worn.Min.X; x < worn.Max.X; x++ {
				look.SetRGBA(x, y, c)
			}
		}
		r.Looks = append(r.Looks, look)
		r.Drawn = append(r.Drawn, worn.Inset(-2).Intersect(img.Rect))
		r.Worn = append(r.Worn, tryon.Worn{Product: &catalog.Product{ID: fmt.Sprint("p", i)}})
	}
	r.Faces = []*perceive.Face{face(worn)}
	r.Triangles = [][3]uint16{{0, 1, 2}, {1, 3, 2}}
	r.Provider = "CPU"
	return r
}

// face is a face whose first four landmarks are the corners of box.
func face(box image.Rectangle) *perceive.Face {
	f := &perceive.Face{ID: 1, Box: box, Camera: perceive.Camera{F: 500, Cx: 320, Cy: 180}}
	x0, y0, x1, y1 := float32(box.Min.X), float32(box.Min.Y), float32(box.Max.X), float32(box.Max.Y)
	f.Points[0], f.Points[1], f.Points[2], f.Points[3] = mgl32.Vec3{x0, y0}, mgl32.Vec3{x1, y0}, mgl32.Vec3{x0, y1}, mgl32.Vec3{x1, y1}
	f.Pose.Head = mgl32.Translate3D(0, 0, -600).Mul4(mgl32.HomogRotate3DY(0.4))
	for i := range f.Metric {
		f.Metric[i] = mgl32.Vec3{0, 0, -600}
	}
	return f
}

var (
	red   = color.RGBA{R: 220, A: 255}
	green = color.RGBA{G: 200, B: 40, A: 255}
	glass = image.Rect(260, 140, 380, 200)
)

// paint draws r through v at size without a mirror around it.
func paint(t *testing.T, p painter, r *tryon.Result, v View, size image.Point) *image.RGBA {
	t.Helper()
	var s scene
	focus := [2]float32{float32(r.Frame.Image.Rect.Dx()) / 2, float32(r.Frame.Image.Rect.Dy()) / 2}
	first := s.compose(r, v.clamped(), size, focus)
	if v.Debug {
		var d debugLayer
		d.add(&s, r, first, "test")
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	if err := p.paint(&s, out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSingleShowsTheLookAndFlipsIt(t *testing.T) {
	r := result(640, 360, image.Rect(100, 100, 200, 150), red)
	defer r.Release()
	plain := paint(t, new(cpuPainter), r, View{}, image.Pt(640, 360))
	flipped := paint(t, new(cpuPainter), r, View{Flip: true}, image.Pt(640, 360))
	if got := plain.RGBAAt(150, 125); got != red {
		t.Errorf("the look's pixel is %v, want %v", got, red)
	}
	for y := range 360 {
		for x := range 640 {
			if plain.RGBAAt(x, y) != flipped.RGBAAt(639-x, y) {
				t.Fatalf("pixel (%d, %d) is not where a mirror shows it", x, y)
			}
		}
	}
}

func TestWipeShowsBeforeOnTheLeftAndAfterOnTheRight(t *testing.T) {
	r := result(640, 360, glass, red)
	defer r.Release()
	for _, flip := range []bool{false, true} {
		got := paint(t, new(cpuPainter), r, View{Mode: Wipe, WipeAt: 0.5, Flip: flip}, image.Pt(640, 360))
		if c := got.RGBAAt(300, 170); c == red {
			t.Errorf("flip %v: the left of the wipe wears the look", flip)
		}
		if c := got.RGBAAt(340, 170); c != red {
			t.Errorf("flip %v: the right of the wipe shows %v, want the look", flip, c)
		}
	}
}

func TestTheWipeCanShowWhatWasNotRefinedOnTheLeft(t *testing.T) {
	r := result(640, 360, glass, red)
	defer r.Release()
	plain := result(640, 360, glass, green)
	defer plain.Release()
	v := View{Mode: Wipe, WipeAt: 0.5, Before: BeforeRefined}
	at := func() (left, right color.RGBA) {
		got := paint(t, new(cpuPainter), r, v, image.Pt(640, 360))
		return got.RGBAAt(300, 170), got.RGBAAt(340, 170)
	}
	if left, right := at(); left != red || right != red {
		t.Errorf("a look that was not refined shows %v beside %v", left, right)
	}
	r.Plain = plain.Looks
	if left, right := at(); left != green || right != red {
		t.Errorf("a refined look shows %v beside %v, want what was drawn, then the look", left, right)
	}
	if !v.ComparesRefined() || (View{Before: BeforeRefined}).ComparesRefined() || (View{Mode: Wipe}).ComparesRefined() {
		t.Error("looks are kept as they were drawn when nobody sees them, or not when somebody does")
	}
	r.Plain = nil
}

func TestSideBySideShowsBothLooksWithTheFaceInEach(t *testing.T) {
	r := result(640, 360, glass, red, green)
	defer r.Release()
	got := paint(t, new(cpuPainter), r, View{Mode: SideBySide}, image.Pt(640, 360))
	if c := got.RGBAAt(160, 170); c != red {
		t.Errorf("left shows %v, want the first look", c)
	}
	if c := got.RGBAAt(480, 170); c != green {
		t.Errorf("right shows %v, want the second look", c)
	}
	r.Looks, r.Drawn, r.Worn = r.Looks[:1], r.Drawn[:1], r.Worn[:1]
	got = paint(t, new(cpuPainter), r, View{Mode: SideBySide}, image.Pt(640, 360))
	if left, right := got.RGBAAt(160, 170), got.RGBAAt(480, 170); left == red || right != red {
		t.Errorf("with one look the halves show %v and %v, want the frame as it is, then the look", left, right)
	}
}

// Two panels over a kiosk's whole height used to cut the face at both temples.
func TestUprightPairKeepsAFaceWholeAndLeavesTheControlsBlack(t *testing.T) {
	r := result(1280, 720, glass, red, green)
	defer r.Release()
	size := image.Pt(1080, 1920)
	var s scene
	p := s.compose(r, View{Mode: SideBySide, Zoom: 1}, size, [2]float32{640, 360})
	if p.crop.w() < 400 {
		t.Errorf("each panel shows %.0f columns of the frame; a face takes up to 400", p.crop.w())
	}
	got := paint(t, new(cpuPainter), r, View{Mode: SideBySide, Zoom: 1}, size)
	for _, y := range []int{10, 1700} {
		if c := got.RGBAAt(200, y); c != (color.RGBA{A: 255}) {
			t.Errorf("outside the panels, at row %d, stands %v, want black", y, c)
		}
	}
}

func TestPortraitFollowsTheFaceAndLandscapeStays(t *testing.T) {
	frame := image.Pt(1280, 720)
	var f follower
	at := time.Now()
	seek := func(x int, seconds float64) rect {
		var focus [2]float32
		for range int(seconds * 30) {
			at = at.Add(time.Second / 30)
			focus = f.follow(face(image.Rect(x-60, 200, x+60, 360)), frame.X, frame.Y, at)
		}
		return crop(frame, image.Pt(1080, 1920), View{Zoom: 1}, focus)
	}
	for _, x := range []int{200, 640, 1100, 300} {
		c := seek(x, 3)
		if float32(x-60) < c.x0 || float32(x+60) > c.x1 {
			t.Errorf("a face at %d is not within the view %v", x, c)
		}
		if c.x0 < 0 || c.x1 > 1280 || math.Abs(float64(c.w()/c.h()-1080.0/1920)) > 1e-3 {
			t.Errorf("the view %v leaves the frame or has another shape than the mirror", c)
		}
	}
	before := seek(640, 3)
	after := seek(655, 0.2)
	if math.Abs(float64(before.x0-after.x0)) > 0.1 {
		t.Errorf("a nod of 15 px moves the view from %v to %v", before, after)
	}
	if c := crop(frame, image.Pt(1280, 800), View{Zoom: 1}, [2]float32{100, 100}); c.x0 != 64 {
		t.Errorf("a landscape mirror begins at %v of the frame, want its middle (64)", c.x0)
	}
}

func TestPixelForPixelIsNotResampled(t *testing.T) {
	r := result(1280, 720, glass)
	defer r.Release()
	size := drawnSize(image.Pt(1280, 720), image.Pt(1280, 800), View{Zoom: 1}, 1)
	if size != image.Pt(1152, 720) {
		t.Fatalf("a 1280x800 mirror is drawn with %v pixels, want the camera's own 1152x720", size)
	}
	got := paint(t, new(cpuPainter), r, View{}, size)
	for x := range size.X {
		if want := r.Frame.Image.RGBAAt(x+64, 300); got.RGBAAt(x, 300) != want {
			t.Fatalf("pixel %d is %v, the camera's is %v", x, got.RGBAAt(x, 300), want)
		}
	}
}

func TestHalfTheResolutionIsTheMeanOfFourPixels(t *testing.T) {
	r := result(640, 360, glass, red)
	defer r.Release()
	for _, flip := range []bool{false, true} {
		got := paint(t, new(cpuPainter), r, View{Flip: flip}, image.Pt(320, 180))
		for y := range 180 {
			for x := range 320 {
				sx := 2 * x
				if flip {
					sx = 638 - sx
				}
				at := func(dx, dy int) int { return int(r.Looks[0].RGBAAt(sx+dx, 2*y+dy).B) }
				if want := (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1) + 2) / 4; int(got.RGBAAt(x, y).B) != want {
					t.Fatalf("flip %v: pixel (%d, %d) has blue %d, want %d", flip, x, y, got.RGBAAt(x, y).B, want)
				}
			}
		}
	}
}

func TestTheShadeDarkensTheFoot(t *testing.T) {
	r := result(640, 360, glass)
	defer r.Release()
	plain := paint(t, new(cpuPainter), r, View{}, image.Pt(640, 360))
	got := paint(t, new(cpuPainter), r, View{ShadeFrom: 0.5, ShadeBy: 0.6}, image.Pt(640, 360))
	for y, want := range map[int]float64{100: 1, 179: 1, 270: 0.7, 359: 0.4} {
		was, is := plain.RGBAAt(600, y), got.RGBAAt(600, y)
		if k := float64(is.R) / float64(was.R); math.Abs(k-want) > 0.01 || is.A != 255 {
			t.Errorf("row %d keeps %.2f of its light (alpha %d), want %.2f", y, k, is.A, want)
		}
	}
}

func TestPanMovesAsItIsSeen(t *testing.T) {
	for _, flip := range []bool{false, true} {
		v := View{Zoom: 4, Flip: flip}
		c := crop(image.Pt(1280, 720), image.Pt(640, 360), v, [2]float32{640, 360})
		v.Pan = [2]float32{0.5, 0}
		moved := crop(image.Pt(1280, 720), image.Pt(640, 360), v, [2]float32{640, 360})
		right := moved.x0 > c.x0
		if right == flip {
			t.Errorf("flip %v: panning to the right moves from %v to %v", flip, c.x0, moved.x0)
		}
	}
}

func TestTransitionEndsInTime(t *testing.T) {
	var tr transition
	a, b := []tryon.Worn{{Variant: 0}}, []tryon.Worn{{Variant: 1}}
	v := View{Transition: time.Second}.clamped()
	size, t0 := image.Pt(10, 10), time.Now()
	if fade, _ := tr.advance(a, v, size, t0); fade != 0 {
		t.Errorf("the first picture fades (%v)", fade)
	}
	fade, begin := tr.advance(b, v, size, t0)
	if !begin || fade < 0.99 {
		t.Errorf("at the change the old picture is seen to %v (begin %v), want all of it", fade, begin)
	}
	if fade, begin = tr.advance(b, v, size, t0.Add(100*time.Millisecond)); begin || fade < 0.4 || fade > 0.6 {
		t.Errorf("halfway the old picture is seen to %v, want half", fade)
	}
	if fade, _ = tr.advance(b, v, size, t0.Add(MaxTransition)); fade != 0 || tr.running() {
		t.Errorf("after %v the old picture is still seen to %v", MaxTransition, fade)
	}
	if fade, begin = tr.advance(a, View{}, size, t0.Add(time.Second)); begin || fade != 0 {
		t.Errorf("a view without transitions fades")
	}
}
