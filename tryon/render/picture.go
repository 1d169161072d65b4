package render

import (
	"image"
	"image/color"
	"math"

	"cheval/catalog"
	"cheval/internal/cielab"
	"cheval/tryon/eyewear"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

// PictureOptions say how a product is photographed.
type PictureOptions struct {
	W, H int // pixels, 1 to 4096
	// Yaw turns the product to the picture's right and Pitch up, in degrees:
	// 0, 0 is from the front; a card's usual three-quarter view is about -28, -6.
	Yaw, Pitch float32
	// Background is what it lies on; with alpha 0 the picture is transparent
	// around it, made to look right on white and pale grounds.
	Background color.NRGBA
	// Bare leaves the ground shadow out.
	Bare bool
}

// studioLight is soft and from above.
var studioLight = Light{
	Ambient:   [3]float32{0.60, 0.60, 0.60},
	Direct:    [3]float32{0.38, 0.38, 0.38},
	Direction: mgl32.Vec3{-0.25, 0.72, 0.65},
	Behind:    [3]float32{0.60, 0.60, 0.60},
}

const (
	pictureDistance = 1300 // mm from the camera to the middle of the product
	pictureScale    = 2    // rendered so many times larger, then averaged
	maxPicture      = 4096
	pictureMargin   = 0.08 // of the picture's width and height, left free on each side
)

// Picture photographs a product in the studio: soft light from above, long
// reflections along its edges, a shadow on the table. It is for cards and
// contact sheets, takes some tens of milliseconds, and may be called from
// several goroutines at once. Sizes outside 1..4096 are brought into it.
func Picture(mesh *eyewear.Mesh, spec catalog.Eyewear, variant *catalog.Variant, opt PictureOptions) *image.NRGBA {
	w, h := min(max(opt.W, 1), maxPicture), min(max(opt.H, 1), maxPicture)
	r := New(nil)
	s := &r.scene
	item := Item{Mesh: mesh, Variant: variant, Placement: fit.Placement{Frame: picturePose(mesh, opt)}}
	cam := pictureCamera(mesh, item.Placement.Frame, w*pictureScale, h*pictureScale)
	s.reset(cam, studioEnvironment(), newLighting(studioLight, 1))
	s.light.cos, s.light.sin = 1, 0
	s.addItem(item, r)
	s.setRegion(image.Rect(0, 0, w*pictureScale, h*pictureScale), 1)
	s.collect()
	s.drawAll(&r.tile)
	var ground []float32
	if !opt.Bare {
		ground = groundShadow(s, mat34(item.Placement.Frame), w, h)
	}
	return develop(s, r.curves, ground, w, h, opt.Background)
}

// picturePose stands the product before the camera, its middle on the axis.
func picturePose(mesh *eyewear.Mesh, opt PictureOptions) mgl32.Mat4 {
	rad := float32(math.Pi / 180)
	// The product turns about the middle of its depth.
	turn := mgl32.HomogRotate3DX(-opt.Pitch * rad).Mul4(mgl32.HomogRotate3DY(opt.Yaw * rad))
	lo, hi := extent(mesh)
	mid := lo.Add(hi).Mul(-0.5)
	return mgl32.Translate3D(0, 0, -pictureDistance).Mul4(turn).Mul4(mgl32.Translate3D(mid[0], mid[1], mid[2]))
}

func extent(mesh *eyewear.Mesh) (lo, hi mgl32.Vec3) {
	lo, hi = mesh.Positions[0], mesh.Positions[0]
	for _, p := range mesh.Positions {
		for k := range p {
			lo[k], hi[k] = min(lo[k], p[k]), max(hi[k], p[k])
		}
	}
	return lo, hi
}

// pictureCamera frames the product: as large as the picture allows, centred.
func pictureCamera(mesh *eyewear.Mesh, frame mgl32.Mat4, w, h int) perceive.Camera {
	a := mat34(frame)
	x0, y0, x1, y1 := float32(1e9), float32(1e9), float32(-1e9), float32(-1e9)
	for _, p := range mesh.Positions {
		q := a.point(p)
		x, y := q[0]/-q[2], -q[1]/-q[2]
		x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
	}
	const room = 1 - 2*pictureMargin
	f := min(room*float32(w)/(x1-x0), room*float32(h)/(y1-y0))
	return perceive.Camera{F: f, Cx: float32(w)/2 - f*(x0+x1)/2, Cy: float32(h)/2 - f*(y0+y1)/2}
}

// develop averages the rendering down and lays it on the background.
func develop(s *scene, c *curves, ground []float32, w, h int, back color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	bg := linearOf(back)
	for y := range h {
		for x := range w {
			var add, pass rgb
			for j := range pictureScale {
				for i := range pictureScale {
					p := s.out.px[6*((y*pictureScale+j)*s.w+x*pictureScale+i):]
					add = add.add(rgb{p[0], p[1], p[2]})
					pass = pass.add(rgb{p[3], p[4], p[5]})
				}
			}
			const k = 1.0 / (pictureScale * pictureScale)
			add, pass = add.scale(k), pass.scale(k)
			if ground != nil {
				pass = pass.scale(1 - ground[y*w+x])
			}
			o := img.Pix[img.PixOffset(x, y):]
			if back.A == 255 {
				v := bg.mul(pass).add(add)
				o[0], o[1], o[2], o[3] = c.encode(v.r), c.encode(v.g), c.encode(v.b), 255
				continue
			}
			setClear(o, add, pass)
		}
	}
	return img
}

// setClear stores a pixel with alpha. Viewers blend sRGB values, not light, so
// alpha and colour are chosen for what the pixel shows on white and black.
func setClear(o []uint8, add, pass rgb) {
	var onWhite, onBlack [3]float64
	alpha := 0.0
	a, p := add.array(), pass.array()
	for i := range a {
		onBlack[i] = cielab.Gamma(float64(clamp(a[i], 0, 1)))
		onWhite[i] = cielab.Gamma(float64(clamp(a[i]+p[i], 0, 1)))
		alpha = math.Max(alpha, 1-onWhite[i])
		alpha = math.Max(alpha, 1-(onWhite[i]-onBlack[i]))
	}
	if alpha < 1.0/512 {
		return
	}
	for i := range a {
		v := (onWhite[i] - (1 - alpha)) / alpha
		o[i] = uint8(math.Max(0, math.Min(1, v))*255 + 0.5)
	}
	o[3] = uint8(math.Min(alpha, 1)*255 + 0.5)
}
