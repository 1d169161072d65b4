package camera

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

// dummy is a portrait of 300×300 pixels with its face mesh: an egg of skin
// with a cap of hair on a neck, before a wall that is blue above and green
// below. Its landmarks lie on the egg, in rings about the nose.
func dummy() (*image.RGBA, DemoMesh) {
	m := image.NewRGBA(image.Rect(0, 0, 300, 300))
	for y := range 300 {
		for x := range 300 {
			m.SetRGBA(x, y, dummyAt(float64(x), float64(y)))
		}
	}
	mesh := DemoMesh{Points: make([][3]float32, meshMinimum)}
	for i := range mesh.Points {
		ring, spoke := float64(i/36+1)/13, float64(i%36)/36*2*math.Pi
		mesh.Points[i] = onEgg(45*ring*math.Sin(spoke), -58*ring*math.Cos(spoke))
	}
	for ring := range 12 {
		for k := range 36 {
			a, b := uint16(36*ring+k), uint16(36*ring+(k+1)%36)
			mesh.Triangles = append(mesh.Triangles, [3]uint16{a, b, a + 36}, [3]uint16{b, b + 36, a + 36})
		}
	}
	for i, p := range map[int][2]float64{lmForehead: {0, -58}, lmChin: {0, 58}, lmEarLeft: {-45, 0}, lmEarRight: {45, 0},
		lmJawLeft: {-42, 20}, lmJawRight: {42, 20}, lmNeckLeft: {-36, 34}, lmNeckRight: {36, 34}} {
		mesh.Points[i] = onEgg(p[0], p[1])
	}
	return m, mesh
}

const eggX, eggY = 150, 140

func onEgg(dx, dy float64) [3]float32 {
	depth := 50 * math.Sqrt(max(0, 1-dx*dx/(46*46)-dy*dy/(60*60)))
	return [3]float32{float32(eggX + dx), float32(eggY + dy), float32(25 - depth)}
}

func dummyAt(x, y float64) color.RGBA {
	dx, dy := x-eggX, y-eggY
	grain := int(math.Sin(x*12.9898+y*78.233)*43758.5453) % 16
	shade := func(r, g, b, light int) color.RGBA {
		k := light + grain
		return color.RGBA{uint8(r + k), uint8(g + k), uint8(b + k), 255}
	}
	switch {
	case dx*dx/(46*46)+dy*dy/(60*60) < 1 && dy > -35:
		return shade(200, 150, 120, int(-dx/4))
	case dx*dx/(60*60)+(dy+8)*(dy+8)/(70*70) < 1 && dy < 10:
		return shade(70, 40, 20, int(dy/10))
	case math.Abs(dx) < 34 && dy > 0 && dy < 90:
		return shade(180, 130, 100, int(-dx/4))
	case dy > 85 && math.Abs(dx) < 110:
		return shade(40, 40, 45, 0)
	case y < 150:
		return shade(120, 140, 200, int(x/12))
	}
	return shade(120, 190, 140, int(x/12))
}

func newDummy(t testing.TB, change func(*DemoOptions)) *Demo {
	t.Helper()
	portrait, mesh := dummy()
	opt := DemoOptions{Portrait: portrait, Mesh: mesh, Width: 640, Height: 360}
	if change != nil {
		change(&opt)
	}
	d, err := NewDemo(opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// frameAt draws the frame of one moment.
func frameAt(t testing.TB, d *Demo, at time.Duration) *Frame {
	t.Helper()
	d.seq = uint64((at + d.period/2) / d.period)
	f, err := d.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestDemoTurnsAsFarAsItSays(t *testing.T) {
	d := newDummy(t, nil)
	var yaw, pitch, roll [2]float32
	for range int(round / d.period) {
		f, err := d.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for at, v := range map[*[2]float32]float32{&yaw: f.Truth.Yaw, &pitch: f.Truth.Pitch, &roll: f.Truth.Roll} {
			at[0], at[1] = min(at[0], v), max(at[1], v)
		}
		f.Release()
	}
	if yaw != [2]float32{-35, 35} || pitch != [2]float32{-12, 12} || roll[0] > -4 || roll[1] < 4 {
		t.Errorf("yaw %v, pitch %v, roll %v", yaw, pitch, roll)
	}
}

func TestDemoMovesWithoutJerks(t *testing.T) {
	const dt = time.Second / 240
	for at := time.Duration(0); at < 2*round; at += dt {
		a, b := turnAt(at), turnAt(at+dt)
		if v := math.Abs(float64(b.yaw-a.yaw)) / dt.Seconds(); v > 60 {
			t.Fatalf("at %v the head turns at %.0f degrees a second", at, v)
		}
		if v := math.Abs(float64(b.pitch-a.pitch)) / dt.Seconds(); v > 40 {
			t.Fatalf("at %v the head nods at %.0f degrees a second", at, v)
		}
	}
}

// The same landmarks, computed here in plain trigonometry for each of the
// three turns alone.
func TestDemoTruthIsWhereTheLandmarksAre(t *testing.T) {
	d := newDummy(t, nil)
	rest := frameAt(t, d, 0)
	defer rest.Release()
	for at, want := range map[time.Duration]angles{
		3 * time.Second:         {35, 0, 1.5},
		9800 * time.Millisecond: {0, 12, 0},
	} {
		f := frameAt(t, d, at)
		if got := (angles{f.Truth.Yaw, f.Truth.Pitch, f.Truth.Roll}); got != want {
			t.Fatalf("at %v the head stands at %v", at, got)
		}
		for _, i := range []int{0, 100, lmForehead, lmChin, lmEarLeft} {
			x, y := trigonometry(d, i, want)
			p := f.Truth.Landmarks[i]
			if math.Hypot(float64(p[0])-x, float64(p[1])-y) > 0.01 {
				t.Errorf("at %v landmark %d is at %v, computed (%.2f, %.2f)", at, i, p, x, y)
			}
		}
		f.Release()
	}
}

func trigonometry(d *Demo, i int, a angles) (x, y float64) {
	p := d.marks[i].Sub(d.pivot)
	px, py, pz := float64(p[0]), float64(p[1]), float64(p[2])
	s, c := math.Sincos(-radians(a.roll)) // clockwise is negative where y is up
	px, py = px*c-py*s, px*s+py*c
	s, c = math.Sincos(-radians(a.pitch))
	py, pz = py*c-pz*s, py*s+pz*c
	s, c = math.Sincos(radians(a.yaw))
	px, pz = px*c+pz*s, -px*s+pz*c
	px, py, pz = px+float64(d.pivot[0]), py+float64(d.pivot[1]), pz+float64(d.pivot[2])
	k := float64(d.focal) / (float64(d.focal) - pz)
	return float64(d.middle[0]) + px*k, float64(d.middle[1]) - py*k
}

func TestDemoAtRestIsThePortrait(t *testing.T) {
	d := newDummy(t, nil)
	f := frameAt(t, d, 0)
	defer f.Release()
	portrait, mesh := dummy()
	l, err := lay(portrait, mesh, image.Pt(640, 360))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	bgr, err := l.picture.DataPtrUint8()
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range l.points {
		if q := f.Truth.Landmarks[i]; math.Hypot(float64(p[0]-q[0]), float64(p[1]-q[1])) > 0.01 {
			t.Fatalf("landmark %d is at %v, laid at %v", i, q, p)
		}
	}
	var far, n int // inside the face, where nothing is filled
	for y := int(l.points[lmForehead][1]) + 10; y < int(l.points[lmChin][1])-10; y++ {
		for x := int(l.points[lmForehead][0]) - 30; x < int(l.points[lmForehead][0])+30; x++ {
			a, b := f.Image.RGBAAt(x, y), bgr[3*(y*640+x):][:3]
			if !near(a, color.RGBA{b[2], b[1], b[0], 255}, 8) {
				far++
			}
			n++
		}
	}
	if far*50 > n {
		t.Errorf("%d of %d pixels of the face are not the portrait's", far, n)
	}
}

// What the head uncovers is wall and neck: no hair stays behind.
func TestDemoLeavesNoHeadBehind(t *testing.T) {
	d := newDummy(t, nil)
	var hair int
	for i := 0; i < len(d.plate); i += 4 {
		if p := d.plate[i : i+4]; p[0] < 120 && p[0] > p[2]+30 {
			hair++
		}
	}
	if hair > 20 {
		t.Errorf("%d pixels of hair are left in the background", hair)
	}
	chin := d.head.box.Max.Y - 30
	if p := d.plate[4*(chin*640+320):]; p[0] < 120 || p[0] < p[2] {
		t.Errorf("behind the chin stands %v, no neck", p[:3])
	}
}

func TestDemoFramesAreTheSameInEveryRun(t *testing.T) {
	noisy := func(o *DemoOptions) { o.Noise = 3 }
	a, b := newDummy(t, noisy), newDummy(t, noisy)
	for range 3 {
		f, err := a.Next(context.Background())
		g, err2 := b.Next(context.Background())
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(f.Image.Pix, g.Image.Pix) {
			t.Fatal("two runs differ")
		}
		f.Release()
		g.Release()
	}
}

// The angles that the portrait itself has are those of the rest, and the head
// turns from there.
func TestDemoKnowsThePortraitsOwnPose(t *testing.T) {
	asked := false
	d := newDummy(t, func(o *DemoOptions) {
		o.Pose = func(points [][3]float32, w, h int, focal float32) (float32, float32, float32, error) {
			asked = len(points) == meshMinimum && w == 640 && h == 360 && focal == 512
			return 4, -3, 2, nil
		}
	})
	f := frameAt(t, d, 3*time.Second)
	defer f.Release()
	if *f.Truth = (Truth{Yaw: f.Truth.Yaw, Pitch: f.Truth.Pitch, Roll: f.Truth.Roll}); !asked || f.Truth.Yaw != 39 || f.Truth.Pitch != -3 || f.Truth.Roll != 3.5 {
		t.Errorf("asked %v, then %+v", asked, f.Truth)
	}
	portrait, mesh := dummy()
	_, err := NewDemo(DemoOptions{Portrait: portrait, Mesh: mesh, Pose: func([][3]float32, int, int, float32) (float32, float32, float32, error) {
		return 0, 0, 0, errors.New("no fit")
	}})
	if err == nil || !strings.Contains(err.Error(), "no fit") {
		t.Errorf("says %v", err)
	}
}

func TestDemoEndsWhenAsked(t *testing.T) {
	d := newDummy(t, func(o *DemoOptions) { o.Frames = 2 })
	_, _, end := drain(t, d)
	if end != io.EOF || d.seq != 2 {
		t.Errorf("after %d frames: %v", d.seq, end)
	}
	d.Close()
	if _, err := d.Next(context.Background()); !errors.Is(err, errClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestDemoAllocatesNothingPerFrame(t *testing.T) {
	d := newDummy(t, func(o *DemoOptions) { o.Noise = 2 })
	allocs := testing.AllocsPerRun(50, func() {
		f, err := d.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		f.Release()
	})
	if allocs != 0 {
		t.Errorf("%v allocations a frame", allocs)
	}
}

func TestDemoRefusesWhatIsNoFace(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*DemoOptions)
		want   string
	}{
		"no portrait":  {func(o *DemoOptions) { o.Portrait = nil }, "needs a portrait"},
		"few points":   {func(o *DemoOptions) { o.Mesh.Points = o.Mesh.Points[:100] }, "at least 468 points"},
		"wrong index":  {func(o *DemoOptions) { o.Mesh.Triangles[0][1] = 9999 }, "names point 9999"},
		"outside":      {func(o *DemoOptions) { o.Mesh.Points[lmChin][1] = 4000 }, "inside the portrait"},
		"not a number": {func(o *DemoOptions) { o.Mesh.Points[lmEarLeft][0] = float32(math.NaN()) }, "inside the portrait"},
		"upside down": {func(o *DemoOptions) {
			p := o.Mesh.Points
			p[lmChin], p[lmForehead] = p[lmForehead], p[lmChin]
		}, "not upright"},
		"tiny frame": {func(o *DemoOptions) { o.Width, o.Height = 8, 8 }, "cannot be 8×8"},
	} {
		portrait, mesh := dummy()
		opt := DemoOptions{Portrait: portrait, Mesh: mesh}
		c.change(&opt)
		if _, err := NewDemo(opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: says %v, want %q", name, err, c.want)
		}
	}
	if _, err := Open(context.Background(), Spec{Kind: KindDemo}); err == nil {
		t.Error("a demo without its portrait opened")
	}
}

func BenchmarkDemoFrame(b *testing.B) {
	d := newDummy(b, func(o *DemoOptions) { o.Width, o.Height = 1280, 720 })
	for b.Loop() {
		f, err := d.Next(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		f.Release()
	}
}
