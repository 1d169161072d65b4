package render

import (
	"image"
	"image/color"
	"math"
	"testing"

	"cheval/catalog"
	"cheval/tryon/eyewear"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

// ball is a sphere of radius r mm as one part of a mesh, smoothly shaded.
func ball(r float32, kind eyewear.PartKind) *eyewear.Mesh {
	const n = 32
	m := &eyewear.Mesh{}
	for i := 0; i <= n; i++ {
		for j := 0; j <= 2*n; j++ {
			st, ct := math.Sincos(math.Pi * float64(i) / n)
			sp, cp := math.Sincos(math.Pi * float64(j) / n)
			d := mgl32.Vec3{float32(st * cp), float32(ct), float32(-st * sp)}
			m.Positions = append(m.Positions, d.Mul(r))
			m.Normals = append(m.Normals, d)
			m.UV = append(m.UV, mgl32.Vec2{float32(j), float32(i)})
		}
	}
	at := func(i, j int) uint32 { return uint32(i*(2*n+1) + j) }
	for i := range n {
		for j := range 2 * n {
			m.Triangles = append(m.Triangles,
				[3]uint32{at(i, j), at(i+1, j), at(i+1, j+1)}, [3]uint32{at(i, j), at(i+1, j+1), at(i, j+1)})
		}
	}
	m.Parts = []eyewear.Part{{Kind: kind, Count: len(m.Triangles), VertexCount: len(m.Positions)}}
	return m
}

// furnace is a room of even white light.
func furnace() *environment {
	return newEnvironment(&setting{floor: 1, horizon: 1, ceiling: 1, behind: 1})
}

// drawAlone renders items before nothing and returns the scene, whose planes
// hold what they add and let through.
func drawAlone(env *environment, l Light, w, h int, cam perceive.Camera, items ...Item) *scene {
	r := New(nil)
	s := &r.scene
	s.reset(cam, env, newLighting(l, 1))
	for _, it := range items {
		s.addItem(it, r)
	}
	s.setRegion(image.Rect(0, 0, w, h), 1)
	s.collect()
	s.drawAll(&r.tile)
	return s
}

func TestAWhiteSurfaceVanishesInAWhiteFurnace(t *testing.T) {
	white := color.NRGBA{255, 255, 255, 255}
	cam := perceive.Camera{F: 400, Cx: 40, Cy: 40}
	frame := mgl32.Translate3D(0, 0, -400)
	for _, metallic := range []float32{0, 1} {
		for _, rough := range []float32{0.1, 0.3, 0.6, 1} {
			v := &catalog.Variant{Frame: catalog.Surface{Base: white, Roughness: rough, Metallic: metallic}}
			s := drawAlone(furnace(), Light{Ambient: [3]float32{1, 1, 1}, Behind: [3]float32{1, 1, 1}}, 80, 80, cam,
				Item{ball(30, eyewear.Front), v, fit.Placement{Frame: frame}})
			// The window channel is dark in this room: only the ambient counts.
			for _, x := range []int{40, 50, 60, 67} {
				got := s.out.px[6*(40*80+x)]
				if got < 0.97 || got > 1.03 {
					t.Errorf("metallic %g, roughness %g, pixel %d: %.3f of the light comes back, want 1", metallic, rough, x, got)
				}
			}
		}
	}
}

func TestEncodingUndoesDecoding(t *testing.T) {
	c := sharedCurves()
	for i, v := range c.linear {
		if got := c.encode(v); int(got) != i {
			t.Errorf("%d becomes %d", i, got)
		}
	}
	for v, want := range map[float32]uint8{-1: 0, 0: 0, 1: 255, 7: 255} {
		if got := c.encode(v); got != want {
			t.Errorf("encode(%g) = %d, want %d", v, got, want)
		}
	}
}
