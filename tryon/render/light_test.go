package render

import (
	"image"
	"math"
	"testing"

	"cheval/models/facegeometry"
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

// litHead paints the canonical face into a picture: matt skin of the given
// albedo under an ambient and a direct light; sigma is sensor noise in levels.
func litHead(g *facegeometry.Geometry, f *perceive.Face, skin rgb, l Light, sigma float64) *image.RGBA {
	img := flat(1280, 720, 118, 118, 118)
	c := sharedCurves()
	var h head
	h.set(newHeadModel(g), f)
	nearest := make([]float32, 1280*720)
	for _, t := range g.Triangles {
		var p [3]mgl32.Vec2
		for k, i := range t {
			p[k] = f.Camera.Project(h.p[i])
		}
		area := (p[1][0]-p[0][0])*(p[2][1]-p[0][1]) - (p[2][0]-p[0][0])*(p[1][1]-p[0][1])
		if area >= 0 {
			continue
		}
		for y := int(min(p[0][1], p[1][1], p[2][1])); y <= int(max(p[0][1], p[1][1], p[2][1])); y++ {
			for x := int(min(p[0][0], p[1][0], p[2][0])); x <= int(max(p[0][0], p[1][0], p[2][0])); x++ {
				q := mgl32.Vec2{float32(x) + 0.5, float32(y) + 0.5}
				wa := cross(p[1], p[2], q) / area
				wb := cross(p[2], p[0], q) / area
				wc := 1 - wa - wb
				z := 1000 / -(wa*h.p[t[0]][2] + wb*h.p[t[1]][2] + wc*h.p[t[2]][2])
				if wa < 0 || wb < 0 || wc < 0 || nearest[y*1280+x] > z {
					continue
				}
				nearest[y*1280+x] = z
				n := h.n[t[0]].Mul(wa).Add(h.n[t[1]].Mul(wb)).Add(h.n[t[2]].Mul(wc)).Normalize()
				e := max(n.Dot(l.Direction), 0)
				i := img.PixOffset(x, y)
				for k, s := range skin.array() {
					img.Pix[i+k] = c.encode(s * (l.Ambient[k] + l.Direct[k]*e))
				}
			}
		}
	}
	addNoise(img, sigma)
	return img
}

func cross(a, b, q mgl32.Vec2) float32 {
	return (b[0]-a[0])*(q[1]-a[1]) - (b[1]-a[1])*(q[0]-a[0])
}

func addNoise(img *image.RGBA, sigma float64) {
	if sigma == 0 {
		return
	}
	n := sharedNoise()
	for i := range img.Pix {
		if i%4 != 3 {
			v := float64(img.Pix[i]) + sigma*float64(n[uint32(i*2654435761)>>20])
			img.Pix[i] = uint8(math.Max(0, math.Min(255, v+0.5)))
		}
	}
}

var mediumSkin = rgb{0.46, 0.27, 0.18}

func grey(v float32) [3]float32 { return [3]float32{v, v, v} }

func TestTheLightIsFoundWhereItStands(t *testing.T) {
	g := geometry(t)
	for _, yaw := range []float32{-30, 0, 25} {
		face := canonicalFace(g, 300, yaw, 0)
		for _, dir := range []mgl32.Vec3{{-0.8, 0.3, 0.5}, {0.8, 0.3, 0.5}, {0, 0.8, 0.6}, {0.4, -0.5, 0.75}} {
			dir = dir.Normalize()
			img := litHead(g, face, mediumSkin, Light{Ambient: grey(0.35), Direct: grey(0.6), Direction: dir}, 2)
			l := EstimateLight(img, face, Light{})
			if off := mgl32.RadToDeg(float32(math.Acos(float64(l.Direction.Dot(dir))))); off > 30 {
				t.Errorf("yaw %g: light from %.2f is found at %.2f, %.0f° off", yaw, dir, l.Direction, off)
			}
			// Which of the two is the larger is what shading needs.
			a, d := toRGB(l.Ambient).luminance(), toRGB(l.Direct).luminance()
			if d < 0.35*a {
				t.Errorf("yaw %g, light from %.2f: ambient %.2f and direct %.2f; the direct light is stronger", yaw, dir, a, d)
			}
		}
	}
}

func TestADimmerRoomGivesADimmerLight(t *testing.T) {
	g := geometry(t)
	face := canonicalFace(g, 300, 0, 0)
	last := float32(0)
	for _, k := range []float32{0.1, 0.3, 0.6, 1} {
		img := litHead(g, face, mediumSkin, Light{Ambient: grey(0.5 * k), Direct: grey(0.4 * k), Direction: mgl32.Vec3{0, 0, 1}}, 0)
		l := EstimateLight(img, face, Light{})
		white := toRGB(l.Ambient).add(toRGB(l.Direct)).luminance()
		if white <= last {
			t.Errorf("in %g of the light white is %.3f, not more than %.3f", k, white, last)
		}
		last = white
	}
	if last < 0.6 || last > 1.3 {
		t.Errorf("white in full light comes out at %.2f", last)
	}
}

func TestWarmLightIsFoundWarm(t *testing.T) {
	g := geometry(t)
	face := canonicalFace(g, 300, 0, 0)
	warm := Light{Ambient: [3]float32{0.6, 0.45, 0.25}, Direct: [3]float32{0.3, 0.22, 0.12}, Direction: mgl32.Vec3{0, 0.6, 0.8}}
	cold := Light{Ambient: [3]float32{0.4, 0.5, 0.7}, Direct: [3]float32{0.2, 0.25, 0.35}, Direction: mgl32.Vec3{0, 0.6, 0.8}}
	w := EstimateLight(litHead(g, face, mediumSkin, warm, 0), face, Light{})
	c := EstimateLight(litHead(g, face, mediumSkin, cold, 0), face, Light{})
	if w.Ambient[0]/w.Ambient[2] < 1.2 || c.Ambient[0]/c.Ambient[2] > 0.95 {
		t.Errorf("warm light is found as %.2f, cold as %.2f", w.Ambient, c.Ambient)
	}
}

func TestHairOverTheForeheadDoesNotTurnTheLight(t *testing.T) {
	g := geometry(t)
	face := canonicalFace(g, 300, 0, 0)
	truth := Light{Ambient: grey(0.4), Direct: grey(0.5), Direction: mgl32.Vec3{-0.6, 0.5, 0.62}.Normalize()}
	img := litHead(g, face, mediumSkin, truth, 1)
	// A dark fringe over the forehead's lit side.
	for y := face.Box.Min.Y; y < face.Box.Min.Y+face.Box.Dy()/5; y++ {
		for x := face.Box.Min.X; x < face.Box.Min.X+face.Box.Dx()/2; x++ {
			i := img.PixOffset(x, y)
			img.Pix[i], img.Pix[i+1], img.Pix[i+2] = 30, 24, 22
		}
	}
	l := EstimateLight(img, face, Light{})
	if off := mgl32.RadToDeg(float32(math.Acos(float64(l.Direction.Dot(truth.Direction))))); off > 30 {
		t.Errorf("light from %.2f is found at %.2f, %.0f° off", truth.Direction, l.Direction, off)
	}
}

func TestNoiseIsMeasured(t *testing.T) {
	g := geometry(t)
	face := canonicalFace(g, 300, 0, 0)
	for _, sigma := range []float64{2, 4, 7} {
		l := EstimateLight(litHead(g, face, mediumSkin, evenLight, sigma), face, Light{})
		if math.Abs(float64(l.Noise)-sigma) > 0.35*sigma {
			t.Errorf("noise of %g levels is measured as %.2f", sigma, l.Noise)
		}
	}
}

// Edges of known blur where the eyes are: what is measured follows it.
func TestBlurIsMeasuredAtTheEyes(t *testing.T) {
	g := geometry(t)
	face := canonicalFace(g, 300, 0, 0)
	for _, sigma := range []float64{0.5, 1, 1.6} {
		img := flat(1280, 720, 180, 140, 120)
		for _, e := range eyeMarks {
			cx := float64(face.Points[e[0]][0]+face.Points[e[1]][0]) / 2
			cy := float64(face.Points[e[2]][1]+face.Points[e[3]][1]) / 2
			for y := int(cy) - 40; y < int(cy)+40; y++ {
				for x := int(cx) - 40; x < int(cx)+40; x++ {
					r := math.Hypot(float64(x)+0.5-cx, float64(y)+0.5-cy)
					k := 0.5 * math.Erfc((r-9)/(sigma*math.Sqrt2)) // an iris
					i := img.PixOffset(x, y)
					for c, v := range [3]float64{180, 140, 120} {
						img.Pix[i+c] = uint8(v + (35-v)*k + 0.5)
					}
				}
			}
		}
		if l := EstimateLight(img, face, Light{}); math.Abs(float64(l.Blur)-sigma) > 0.3 {
			t.Errorf("a blur of %g pixels is measured as %.2f", sigma, l.Blur)
		}
	}
}

func TestTheLightSettlesOverFrames(t *testing.T) {
	g := geometry(t)
	face := canonicalFace(g, 300, 0, 0)
	a := litHead(g, face, mediumSkin, Light{Ambient: grey(0.6), Direct: grey(0.3), Direction: mgl32.Vec3{0, 0, 1}}, 3)
	l := EstimateLight(a, face, Light{})
	for range 40 {
		l = EstimateLight(a, face, l)
	}
	dim := litHead(g, face, mediumSkin, Light{Ambient: grey(0.2), Direct: grey(0.1), Direction: mgl32.Vec3{0, 0, 1}}, 3)
	once := EstimateLight(dim, face, l)
	if step := l.Ambient[1] - once.Ambient[1]; step > 0.12*l.Ambient[1] {
		t.Errorf("one dim frame takes ambient from %.2f to %.2f", l.Ambient[1], once.Ambient[1])
	}
	target := EstimateLight(dim, face, Light{})
	for range 45 {
		l = EstimateLight(dim, face, l)
	}
	if abs(l.Ambient[1]-target.Ambient[1]) > 0.1*target.Ambient[1] {
		t.Errorf("after a second and a half it is %.2f, want %.2f", l.Ambient[1], target.Ambient[1])
	}
}
