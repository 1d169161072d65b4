package enhance

import (
	"fmt"
	"image"
	"image/color"

	"cheval/studio/internal/pixels"

	"gocv.io/x/gocv"
)

// Backdrop is what a shop's picture has behind the product.
type Backdrop string

// Backdrops.
const (
	Transparent Backdrop = "transparent"
	White       Backdrop = "white" // pure, as marketplaces ask
	Grey        Backdrop = "grey"  // a studio's, lighter in the middle
)

// Shadow is what a product throws.
type Shadow string

// Shadows.
const (
	NoShadow Shadow = "none"
	Soft     Shadow = "soft"    // of a thing that lies flat, seen from above
	Contact  Shadow = "contact" // of a thing that stands
)

// Shop puts a framed cut-out on its backdrop with its shadow. On Transparent
// the shadow is in the alpha.
func Shop(cut *image.NRGBA, b Backdrop, s Shadow) (*image.NRGBA, error) {
	shade, err := shadow(cut, s)
	if err != nil {
		return nil, err
	}
	ground, err := ground(b)
	if err != nil {
		return nil, err
	}
	out := image.NewNRGBA(cut.Rect)
	w, h := cut.Rect.Dx(), cut.Rect.Dy()
	if shade == nil {
		shade = image.NewAlpha(cut.Rect)
	}
	pixels.Rows(h, func(from, to int) {
		for y := from; y < to; y++ {
			for x := range w {
				i := y*w + x
				dst, src := out.Pix[4*i:4*i+4], cut.Pix[4*i:4*i+4]
				if src[3] == 255 {
					copy(dst, src)
					continue
				}
				lay(dst, src, uint32(shade.Pix[i]), ground(x, y, w, h))
			}
		}
	})
	return out, nil
}

// ground returns the backdrop's colour by place.
func ground(b Backdrop) (func(x, y, w, h int) color.NRGBA, error) {
	switch b {
	case Transparent:
		return func(int, int, int, int) color.NRGBA { return color.NRGBA{} }, nil
	case White:
		return func(int, int, int, int) color.NRGBA { return color.NRGBA{255, 255, 255, 255} }, nil
	case Grey:
		return func(x, y, w, h int) color.NRGBA {
			dx, dy := float32(2*x-w)/float32(w), float32(2*y-h)/float32(h)
			v := uint8(240 - 12*(dx*dx+dy*dy) + 0.5)
			return color.NRGBA{v, v, v, 255}
		}, nil
	}
	return nil, fmt.Errorf("enhance: a backdrop %q is not known; there are transparent, white and grey", b)
}

// lay puts a pixel of the product over the shadow over the ground.
func lay(dst, src []uint8, dark uint32, g color.NRGBA) {
	a := uint32(src[3])
	if g.A == 0 {
		// Product over black of coverage dark.
		all := 255*a + (255-a)*dark
		if all == 0 {
			return
		}
		for c := range 3 {
			dst[c] = uint8((uint32(src[c])*255*a + all/2) / all)
		}
		dst[3] = uint8((all + 127) / 255)
		return
	}
	for c, v := range [3]uint8{g.R, g.G, g.B} {
		under := uint32(v) * (255 - dark) / 255
		dst[c] = uint8((uint32(src[c])*a + under*(255-a) + 127) / 255)
	}
	dst[3] = 255
}

// shadow is how much of the ground's light is taken away, 0..255; nil: none.
func shadow(cut *image.NRGBA, s Shadow) (*image.Alpha, error) {
	long := max(cut.Rect.Dx(), cut.Rect.Dy())
	switch s {
	case NoShadow:
		return nil, nil
	case Soft:
		box := Bounds(cut)
		near, err := thrown(cut, box, image.Pt(long/400, long/130), float64(long)/110, 56)
		if err != nil {
			return nil, err
		}
		far, err := thrown(cut, box, image.Pt(long/250, long/50), float64(long)/38, 40)
		if err != nil {
			return nil, err
		}
		return full(darker(near, far), cut.Rect)
	case Contact:
		return contact(cut, long)
	}
	return nil, fmt.Errorf("enhance: a shadow %q is not known; there are none, soft and contact", s)
}

// contact is dark and narrow where the product stands, and wide and faint
// around it: its lower part, pressed flat.
func contact(cut *image.NRGBA, long int) (*image.Alpha, error) {
	box := Bounds(cut)
	foot := box
	foot.Min.Y = box.Max.Y - max(1, box.Dy()/8)
	flat := image.Rect(box.Min.X, box.Max.Y-max(2, long/90), box.Max.X, box.Max.Y+max(1, long/180))
	near, err := pressed(cut, foot, flat, float64(long)/160, 130)
	if err != nil {
		return nil, err
	}
	flat.Min.Y, flat.Max.Y = flat.Min.Y-long/120, flat.Max.Y+long/70
	far, err := pressed(cut, foot, flat, float64(long)/45, 60)
	if err != nil {
		return nil, err
	}
	return full(darker(near, far), cut.Rect)
}

// full brings a shadow to its picture's size.
func full(small *image.Alpha, r image.Rectangle) (*image.Alpha, error) {
	out := image.NewAlpha(r)
	return out, pixels.Resize(small, out, gocv.InterpolationLinear)
}

// thrown is the product's coverage, moved, blurred and weakened to strength.
func thrown(cut *image.NRGBA, box image.Rectangle, by image.Point, sigma float64, strength int) (*image.Alpha, error) {
	return pressed(cut, box, box.Add(by), sigma, strength)
}

// pressed maps the coverage in from onto the rectangle onto, blurs and weakens
// it. The result has a quarter of the size: a shadow has no detail.
func pressed(cut *image.NRGBA, from, onto image.Rectangle, sigma float64, strength int) (*image.Alpha, error) {
	const part = 4
	w, h := max(1, cut.Rect.Dx()/part), max(1, cut.Rect.Dy()/part)
	small := image.NewAlpha(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			px, py := x*cut.Rect.Dx()/w, y*cut.Rect.Dy()/h
			if !image.Pt(px, py).In(onto) {
				continue
			}
			sx := from.Min.X + (px-onto.Min.X)*from.Dx()/onto.Dx()
			sy := from.Min.Y + (py-onto.Min.Y)*from.Dy()/onto.Dy()
			if image.Pt(sx, sy).In(cut.Rect) {
				small.Pix[y*w+x] = uint8(int(cut.Pix[sy*cut.Stride+4*sx+3]) * strength / 255)
			}
		}
	}
	soft := image.NewAlpha(small.Rect)
	return soft, gaussian(small, soft, max(0.5, sigma/part))
}

func gaussian(src, dst *image.Alpha, sigma float64) error {
	from, err := pixels.Alpha(src)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := pixels.Alpha(dst)
	if err != nil {
		return err
	}
	defer to.Close()
	gocv.GaussianBlur(from, &to, image.Point{}, sigma, sigma, gocv.BorderConstant)
	return nil
}

// darker joins two shadows, in place of the first.
func darker(a, b *image.Alpha) *image.Alpha {
	for i := range a.Pix {
		a.Pix[i] = uint8(255 - (255-int(a.Pix[i]))*(255-int(b.Pix[i]))/255)
	}
	return a
}
