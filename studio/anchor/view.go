package anchor

import (
	"errors"
	"image"
	"math"

	"cheval/studio/internal/pixels"

	"gocv.io/x/gocv"
)

// across is how many pixels the product is wide in the view that is searched.
const across = 720

// view is the product's part of the photo at the size at which it is searched.
type view struct {
	scale  float64 // view pixels a photo pixel
	x0, y0 float64 // where the view begins in the photo
	w, h   int
	lab    [3]field // CIE L*a*b*, slightly blurred
	alpha  field    // the cut-out, 0..1
	rim    field    // how much a pixel's colour is one of the frame's, 0..1
}

var errNothing = errors.New("anchor: the cut-out shows no product; correct the mask, or choose a photo in which the frame stands out")

// newView crops, scales and converts.
func newView(img *image.RGBA, alpha *image.Alpha) (*view, error) {
	box := productBox(alpha)
	if box.Dx() < 60 || box.Dy() < 20 {
		return nil, errNothing
	}
	margin := box.Dx() / 14
	box = box.Inset(-margin).Intersect(img.Rect)
	v := &view{x0: float64(box.Min.X), y0: float64(box.Min.Y)}
	v.scale = min(across/float64(box.Dx())*8/7, 2)
	v.w, v.h = int(math.Round(float64(box.Dx())*v.scale)), int(math.Round(float64(box.Dy())*v.scale))
	if err := v.fill(img, alpha, box); err != nil {
		return nil, err
	}
	return v, nil
}

func (v *view) fill(img *image.RGBA, alpha *image.Alpha, box image.Rectangle) error {
	colour, err := pixels.RGBA(img)
	if err != nil {
		return err
	}
	defer colour.Close()
	mask, err := pixels.Alpha(alpha)
	if err != nil {
		return err
	}
	defer mask.Close()
	small, err := resized(colour, box, v.w, v.h)
	if err != nil {
		return err
	}
	cover, err := resized(mask, box, v.w, v.h)
	if err != nil {
		return err
	}
	v.alpha = newField(v.w, v.h)
	for i, a := range cover {
		v.alpha.v[i] = float32(a) / 255
	}
	var lab [3]field
	for c := range lab {
		lab[c] = newField(v.w, v.h)
	}
	for i := range v.w * v.h {
		l, a, b := pixels.Lab(small[4*i], small[4*i+1], small[4*i+2])
		lab[0].v[i], lab[1].v[i], lab[2].v[i] = l, a, b
	}
	for c := range lab {
		v.lab[c] = lab[c].blurred(0.9)
	}
	return nil
}

// resized is box of m at w by h, as bytes.
func resized(m gocv.Mat, box image.Rectangle, w, h int) ([]byte, error) {
	part := m.Region(box)
	defer part.Close()
	out := gocv.NewMat()
	defer out.Close()
	how := gocv.InterpolationArea
	if w > box.Dx() {
		how = gocv.InterpolationLinear
	}
	gocv.Resize(part, &out, image.Pt(w, h), 0, 0, how)
	return out.ToBytes(), nil
}

// productBox is the box around the largest connected product of the cut-out
// and all that is at least a twentieth as large.
func productBox(alpha *image.Alpha) image.Rectangle {
	w, h := alpha.Rect.Dx(), alpha.Rect.Dy()
	seen := make([]bool, w*h)
	type part struct {
		box  image.Rectangle
		area int
	}
	var parts []part
	var stack []int
	most := 0
	for i := range seen {
		if seen[i] || alpha.Pix[i/w*alpha.Stride+i%w] < 128 {
			continue
		}
		p := part{box: image.Rect(i%w, i/w, i%w+1, i/w+1)}
		stack, seen[i] = append(stack[:0], i), true
		for len(stack) > 0 {
			k := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := k%w, k/w
			p.area++
			p.box = p.box.Union(image.Rect(x, y, x+1, y+1))
			for _, n := range [4]image.Point{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
				if n.X < 0 || n.Y < 0 || n.X >= w || n.Y >= h {
					continue
				}
				if j := n.Y*w + n.X; !seen[j] && alpha.Pix[n.Y*alpha.Stride+n.X] >= 128 {
					seen[j] = true
					stack = append(stack, j)
				}
			}
		}
		parts = append(parts, p)
		most = max(most, p.area)
	}
	var box image.Rectangle
	for _, p := range parts {
		if p.area*20 >= most {
			box = box.Union(p.box)
		}
	}
	return box
}

// photo maps a point of the view to the photo, where pixel centres lie at
// halves.
func (v *view) photo(p point) [2]float32 {
	return [2]float32{
		float32((p.x+0.5)/v.scale + v.x0),
		float32((p.y+0.5)/v.scale + v.y0),
	}
}

type point struct{ x, y float64 }

func (p point) add(q point) point            { return point{p.x + q.x, p.y + q.y} }
func (p point) sub(q point) point            { return point{p.x - q.x, p.y - q.y} }
func (p point) scale(k float64) point        { return point{p.x * k, p.y * k} }
func (p point) dot(q point) float64          { return p.x*q.x + p.y*q.y }
func (p point) len() float64                 { return math.Hypot(p.x, p.y) }
func (p point) mix(q point, t float64) point { return point{p.x + (q.x-p.x)*t, p.y + (q.y-p.y)*t} }
