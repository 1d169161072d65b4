package perceive

import (
	"image"
	"image/draw"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/go-gl/mathgl/mgl32"

	"cheval/camera"
	"cheval/models/modelstest"
)

const frameTime = time.Second / 30

// watch tracks one frame, so many of the source's, and wants a single face.
func watch(t *testing.T, p *Perceiver, src camera.Source, frames int, see func(i int, f *camera.Frame, face *Face, times Times)) {
	t.Helper()
	for i := range frames {
		f := next(t, src)
		faces, times, err := p.Track(f.Image, f.Offset, f.FocalPx)
		if err != nil || len(faces) != 1 {
			t.Fatalf("frame %d: %d faces (%v)", i, len(faces), err)
		}
		see(i, f, faces[0], times)
		p.Recycle(faces)
		f.Release()
	}
}

func TestATurningHeadIsFollowedWithoutLag(t *testing.T) {
	p, src := perceiver(t, Options{}), demo(t, 0)
	const frames = 130 // to 35° and back through 0
	var ours, truth [frames]float64
	id, meshes := 0, 0
	watch(t, p, src, frames, func(i int, f *camera.Frame, face *Face, times Times) {
		if id == 0 {
			id = face.ID
		}
		if face.ID != id {
			t.Errorf("frame %d: the face is now %d, was %d", i, face.ID, id)
		}
		if times.Mesh > 0 {
			meshes++
		}
		if d := float64(face.Pose.Yaw - f.Truth.Yaw); math.Abs(d) > 4 {
			t.Errorf("frame %d: yaw %.1f, want %.1f", i, face.Pose.Yaw, f.Truth.Yaw)
		}
		ours[i], truth[i] = float64(face.Points[lmNoseTip][0]), float64(f.Truth.Landmarks[lmNoseTip][0])
	})
	if lag := lagOf(ours[:], truth[:]); lag > 1 {
		t.Errorf("the nose is %.2f frames behind, want at most 1", lag)
	}
	if meshes > frames*9/10 {
		t.Errorf("the mesh ran in %d of %d frames: the picture alone never carried the head", meshes, frames)
	}
}

// lagOf is the delay, in frames, at which the speeds of two paths agree best.
func lagOf(ours, truth []float64) (lag float64) {
	best := math.Inf(-1)
	for l := -1.0; l <= 4; l += 0.05 {
		var agree, power float64
		for i := 10; i+2 < len(ours); i++ {
			x := float64(i) - l
			k := int(math.Floor(x))
			if k+2 >= len(truth) {
				continue
			}
			f := x - float64(k)
			v := (truth[k+1]-truth[k])*(1-f) + (truth[k+2]-truth[k+1])*f
			agree, power = agree+v*(ours[i+1]-ours[i]), power+v*v
		}
		if s := agree / math.Sqrt(power); s > best {
			best, lag = s, l
		}
	}
	return lag
}

func TestAFaceAtRestIsStill(t *testing.T) {
	p, src := perceiver(t, Options{}), demo(t, 3)
	const settle, frames = 6, 34 // the demo rests for 36 frames
	var sum, squares [Landmarks]mgl32.Vec2
	watch(t, p, src, frames, func(i int, _ *camera.Frame, face *Face, _ Times) {
		if i < settle {
			return
		}
		for k, q := range face.Points {
			sum[k] = sum[k].Add(q.Vec2())
			squares[k] = squares[k].Add(mgl32.Vec2{q[0] * q[0], q[1] * q[1]})
		}
	})
	const n = frames - settle
	var rms float64
	for k := range sum {
		for c := range 2 {
			m := float64(sum[k][c]) / n
			rms += max(0, float64(squares[k][c])/n-m*m) / Landmarks
		}
	}
	if rms = math.Sqrt(rms); rms > 0.5 {
		t.Errorf("landmarks move by %.2f px RMS at rest, want under 0.5", rms)
	}
}

func TestTrackingAllocatesNothing(t *testing.T) {
	p := perceiver(t, Options{})
	img := enlarged(modelstest.Portrait(t), image.Rect(0, 0, 1280, 720), 2)
	at := time.Duration(0)
	track := func() {
		at += frameTime
		faces, _, err := p.Track(img, at, 0)
		if err != nil || len(faces) != 1 {
			t.Fatalf("%d faces (%v)", len(faces), err)
		}
		p.Recycle(faces)
	}
	for range 30 {
		track()
	}
	if n := testing.AllocsPerRun(60, track); n > 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func TestAFaceTwoMetresAwayIsFound(t *testing.T) {
	img := modelstest.Portrait(t)
	for _, width := range []float64{45, 60, 75, 90} {
		frame := enlarged(img, image.Rect(0, 0, 1280, 720), width/93) // 93: the face's width in the portrait
		p := perceiver(t, Options{})
		faces, _, err := p.Still(frame, 0)
		if err != nil || len(faces) != 1 {
			t.Errorf("%v px: %d faces in a still (%v)", width, len(faces), err)
			continue
		}
		f := faces[0]
		if math.Abs(float64(f.Box.Dx())-width) > 0.2*width {
			t.Errorf("%v px: the face is %d px wide", width, f.Box.Dx())
		}
		if f.Measure.Known() || f.Measure.MMPerPx != 0 || f.Measure.PDmm != 0 || f.Measure.Why == "" || len(f.Hints) == 0 || f.Hints[0] != HintCloser {
			t.Errorf("%v px: measured %+v, hints %v, want a refusal and %q", width, f.Measure, f.Hints, HintCloser)
		}
		found := false
		for i := range 20 { // the mirror takes a look a frame
			faces, _, err := p.Track(frame, time.Duration(i)*frameTime, 0)
			if err != nil {
				t.Fatal(err)
			}
			found = found || len(faces) == 1
		}
		if !found {
			t.Errorf("%v px: not found live in 20 frames", width)
		}
	}
}

// company is a frame with the portrait at each place, so many times as large.
func company(t *testing.T, places ...[3]float64) *image.RGBA {
	img := modelstest.Portrait(t)
	out := image.NewRGBA(image.Rect(0, 0, 1280, 720))
	draw.Draw(out, out.Rect, image.NewUniform(image.Black), image.Point{}, draw.Src)
	head := img.SubImage(image.Rect(110, 20, 340, 250)).(*image.RGBA)
	for _, q := range places {
		one := image.NewRGBA(image.Rect(0, 0, 230, 230))
		draw.Draw(one, one.Rect, head, head.Rect.Min, draw.Src)
		side := int(230 * q[2])
		big := enlarged(one, image.Rect(0, 0, side, side), q[2])
		draw.Draw(out, big.Rect.Add(image.Pt(int(q[0]), int(q[1]))), big, image.Point{}, draw.Src)
	}
	return out
}

// feed tracks a frame so often and returns the last faces.
func feed(t *testing.T, p *Perceiver, img *image.RGBA, at *time.Duration, frames int) (faces []*Face) {
	t.Helper()
	for range frames {
		*at += frameTime
		var err error
		if faces, _, err = p.Track(img, *at, 0); err != nil {
			t.Fatal(err)
		}
	}
	return faces
}

func TestSeveralPeopleKeepTheirIDs(t *testing.T) {
	p := perceiver(t, Options{})
	at := time.Duration(0)
	alone := company(t, [3]float64{500, 200, 1.6})
	first := feed(t, p, alone, &at, 5)
	if len(first) != 1 {
		t.Fatalf("%d faces, want 1", len(first))
	}
	id := first[0].ID
	// A larger face comes: found within a second, but not made active.
	both := company(t, [3]float64{500, 200, 1.6}, [3]float64{20, 60, 2.1})
	faces := feed(t, p, both, &at, 30)
	if len(faces) != 2 || faces[0].ID != id || faces[1].ID == id {
		t.Fatalf("faces %v, want two, %d first", ids(faces), id)
	}
	other := faces[1].ID
	p.SetActive(other)
	if faces = feed(t, p, both, &at, 10); len(faces) != 2 || faces[0].ID != other {
		t.Errorf("faces %v after choosing %d", ids(faces), other)
	}
	// Nobody is counted twice.
	if faces = feed(t, p, both, &at, 40); len(faces) != 2 {
		t.Errorf("two people became %v", ids(faces))
	}
}

func ids(faces []*Face) (out []int) {
	for _, f := range faces {
		out = append(out, f.ID)
	}
	return out
}

func TestALostFaceComesBackAsItself(t *testing.T) {
	p := perceiver(t, Options{})
	at := time.Duration(0)
	seen, empty := company(t, [3]float64{500, 200, 1.6}), company(t)
	id := feed(t, p, seen, &at, 5)[0].ID
	if faces := feed(t, p, empty, &at, 15); len(faces) != 0 {
		t.Fatalf("%d faces in an empty frame", len(faces))
	}
	if faces := feed(t, p, seen, &at, 5); len(faces) != 1 || faces[0].ID != id {
		t.Errorf("after half a second the face is %v, was %d", ids(faces), id)
	}
	feed(t, p, empty, &at, 60)
	if faces := feed(t, p, seen, &at, 5); len(faces) != 1 || faces[0].ID == id {
		t.Errorf("after two seconds the face is %v, which was somebody else", ids(faces))
	}
	p.Reset()
	if faces := feed(t, p, seen, &at, 1); len(faces) == 1 && faces[0].ID <= id+1 {
		t.Errorf("after a reset the face is %v again", ids(faces))
	}
}

func TestTooDarkIsSaid(t *testing.T) {
	img := company(t, [3]float64{300, 20, 3})
	for i := range img.Pix {
		if i%4 != 3 {
			img.Pix[i] /= 8
		}
	}
	faces, _, err := perceiver(t, Options{}).Still(img, 0)
	if err != nil || len(faces) != 1 {
		t.Fatalf("%d faces (%v)", len(faces), err)
	}
	f := faces[0]
	if f.Measure.Known() || len(f.Hints) == 0 || f.Hints[0] != HintLight {
		t.Errorf("measured %+v, hints %v, want a refusal and %q", f.Measure, f.Hints, HintLight)
	}
}

func TestWhatIsNoFaceHasNone(t *testing.T) {
	p := perceiver(t, Options{})
	grey := enlarged(noise(2, 2), image.Rect(0, 0, 640, 480), 0.5)
	for name, img := range map[string]*image.RGBA{
		"noise": noise(640, 480), "grey": grey, "a pixel": noise(1, 1), "a line": noise(1000, 1), "tall": noise(3, 2000),
	} {
		for i := range 10 {
			faces, _, err := p.Track(img, time.Duration(i)*frameTime, 0)
			if err != nil || len(faces) != 0 {
				t.Errorf("%s: %d faces (%v)", name, len(faces), err)
			}
		}
		if faces, _, err := p.Still(img, 0); err != nil || len(faces) != 0 {
			t.Errorf("%s, as a still: %d faces (%v)", name, len(faces), err)
		}
	}
}

func TestFramesThatCannotBeReadAreRefused(t *testing.T) {
	p := perceiver(t, Options{})
	for _, img := range []*image.RGBA{
		{}, image.NewRGBA(image.Rect(0, 0, 40000, 1)), image.NewRGBA(image.Rect(5, 5, 50, 50)),
		noise(64, 64).SubImage(image.Rect(0, 0, 32, 32)).(*image.RGBA),
	} {
		if _, _, err := p.Track(img, 0, 0); err == nil || !strings.HasPrefix(err.Error(), "perceive: ") {
			t.Errorf("%v: got %v", img.Rect, err)
		}
		if _, _, err := p.Still(img, 0); err == nil {
			t.Errorf("%v was taken as a still", img.Rect)
		}
	}
}

func TestBodiesAreFoundWhole(t *testing.T) {
	p := perceiver(t, Options{})
	b := bodies(t)
	found, _, err := b.Find(modelstest.Portrait(t))
	if err != nil || len(found) != 1 {
		t.Fatalf("%d bodies (%v)", len(found), err)
	}
	faces, _, err := p.Still(modelstest.Portrait(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	nose, seen := found[0].Points[0], faces[0].Points[lmNoseTip]
	if d := math.Hypot(float64(nose.X-seen[0]), float64(nose.Y-seen[1])); d > 15 {
		t.Errorf("the body's nose is %.1f px from the face's", d)
	}
	left, right := found[0].Points[12], found[0].Points[11] // her right shoulder is at the picture's left
	if !(left.X < nose.X-50 && right.X > nose.X+50 && left.Y > nose.Y+50 && right.Y > nose.Y+50) || left.Visibility < 0.8 {
		t.Errorf("shoulders at %v and %v, nose at %v", left, right, nose)
	}
	if none, _, err := b.Find(noise(320, 240)); err != nil || len(none) != 0 {
		t.Errorf("%d bodies in noise (%v)", len(none), err)
	}
}
