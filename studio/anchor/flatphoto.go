package anchor

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"cheval/catalog"
	"cheval/internal/cielab"
	"cheval/studio/internal/pixels"

	"gocv.io/x/gocv"
)

// flatPhoto lays the front flat: its pixels in their true colour, alpha where
// the front is; beyond its edge the colour goes on, so that no background
// shows where the mesh samples beside it.
func (s *sized) flatPhoto(img *image.RGBA) (*catalog.FrontPhoto, error) {
	const margin = 2.0
	w, top, low := 0.0, math.Inf(-1), math.Inf(1)
	for _, p := range s.edge {
		w, top, low = math.Max(w, p.x), math.Max(top, p.y), math.Min(low, p.y)
	}
	w, top, low = w+margin, top+margin, low-margin
	per := math.Min(1/s.mm, flatPerMM)
	size := image.Pt(int(math.Ceil(2*w*per)), int(math.Ceil((top-low)*per)))
	if size.X < 8 || size.Y < 8 || size.X > 4000 || size.Y > 4000 {
		return nil, fmt.Errorf("anchor: a front of %.0f by %.0f mm is none", 2*w, top-low)
	}
	out := image.NewNRGBA(image.Rectangle{Max: size})
	at := func(x, y float64) point { return s.photo(point{x/per - w, top - y/per}) }
	pixels.Rows(size.Y, func(from, to int) {
		for y := from; y < to; y++ {
			for x := range size.X {
				q := at(float64(x)+0.5, float64(y)+0.5)
				sampleInto(img, q, out.Pix[out.PixOffset(x, y):])
			}
		}
	})
	px := func(p point) image.Point {
		return image.Pt(round((p.x+w)*per*subPixel), round((top-p.y)*per*subPixel))
	}
	if err := s.cover(out, px); err != nil {
		return nil, err
	}
	settleHighlights(out)
	if err := bleed(out, 0.35*per); err != nil {
		return nil, err
	}
	return &catalog.FrontPhoto{PxPerMM: float32(per), Centre: [2]float32{float32(w * per), float32(top * per)}, Image: out}, nil
}

// sampleInto writes the photo's colour between pixels.
func sampleInto(img *image.RGBA, q point, to []uint8) {
	x, y := q.x-0.5, q.y-0.5
	x, y = min(max(x, 0), float64(img.Rect.Dx())-1.001), min(max(y, 0), float64(img.Rect.Dy())-1.001)
	i, j := int(x), int(y)
	fx, fy := x-float64(i), y-float64(j)
	a, b := img.Pix[j*img.Stride+4*i:], img.Pix[(j+1)*img.Stride+4*i:]
	for c := range 3 {
		u := float64(a[c]) + (float64(a[4+c])-float64(a[c]))*fx
		v := float64(b[c]) + (float64(b[4+c])-float64(b[c]))*fx
		to[c] = uint8(u + (v-u)*fy + 0.5)
	}
	to[3] = 255
}

// subPixel is how finely edges of the cover are drawn.
const subPixel = 4

// cover writes the front's coverage as alpha: within its edge, outside the
// openings.
func (s *sized) cover(out *image.NRGBA, px func(point) image.Point) error {
	fine := gocv.NewMatWithSize(out.Rect.Dy()*subPixel, out.Rect.Dx()*subPixel, gocv.MatTypeCV8UC1)
	defer fine.Close()
	fine.SetTo(gocv.NewScalar(0, 0, 0, 0))
	fill := func(c []point, value uint8) {
		poly := make([]image.Point, len(c))
		for i, p := range c {
			poly[i] = px(p)
		}
		v := gocv.NewPointsVectorFromPoints([][]image.Point{poly})
		defer v.Close()
		gocv.FillPoly(&fine, v, color.RGBA{value, value, value, value})
	}
	mirrored := func(c []point) []point {
		m := make([]point, len(c))
		for i, p := range c {
			m[i] = point{-p.x, p.y}
		}
		return m
	}
	left := mirrored(s.edge)
	slices.Reverse(left)
	fill(append(slices.Clone(s.edge), left...), 255)
	fill(s.shape, 0)
	fill(mirrored(s.shape), 0)
	small := gocv.NewMat()
	defer small.Close()
	gocv.Resize(fine, &small, out.Rect.Size(), 0, 0, gocv.InterpolationArea)
	for i, a := range small.ToBytes() {
		out.Pix[4*i+3] = a
	}
	return nil
}

// settleHighlights dims what is far brighter than the rest of the front: the
// lamp that it was photographed under, where the mirror has its own.
func settleHighlights(m *image.NRGBA) {
	var lights []float64
	lum := func(p []uint8) float64 {
		return 0.2126*cielab.Linear(p[0]) + 0.7152*cielab.Linear(p[1]) + 0.0722*cielab.Linear(p[2])
	}
	for i := 0; i < len(m.Pix); i += 4 * 7 {
		if m.Pix[i+3] > 250 {
			lights = append(lights, lum(m.Pix[i:]))
		}
	}
	if len(lights) == 0 {
		return
	}
	slices.Sort(lights)
	most := math.Max(lights[len(lights)*88/100]*1.35, lights[len(lights)/2]*1.8)
	for i := 0; i < len(m.Pix); i += 4 {
		p := m.Pix[i : i+3]
		if l := lum(p); l > most {
			k := (most + 0.12*(l-most)) / l
			for c := range p {
				p[c] = cielab.Byte(cielab.Linear(p[c]) * k)
			}
		}
	}
}

// bleed replaces the colours of pixels at and beyond the front's edge by those
// that lie further inside, an edge's width away.
func bleed(m *image.NRGBA, edge float64) error {
	n := m.Rect.Dx() * m.Rect.Dy()
	src := gocv.NewMatWithSize(m.Rect.Dy(), m.Rect.Dx(), gocv.MatTypeCV32FC4)
	defer src.Close()
	data, err := src.DataPtrFloat32()
	if err != nil {
		return fmt.Errorf("anchor: lend memory to OpenCV: %w", err)
	}
	inner, err := eroded(m, edge)
	if err != nil {
		return err
	}
	for i := range n {
		for c := range 4 {
			data[4*i+c] = 0
		}
		if inner[i] > 0 {
			for c := range 3 {
				data[4*i+c] = float32(m.Pix[4*i+c])
			}
			data[4*i+3] = 1
		}
	}
	done := make([]bool, n)
	for _, sigma := range []float64{1.2 * edge, 4 * edge, 14 * edge} {
		blur := gocv.NewMat()
		gocv.GaussianBlur(src, &blur, image.Point{}, sigma, sigma, gocv.BorderConstant)
		got, err := blur.DataPtrFloat32()
		if err != nil {
			blur.Close()
			return fmt.Errorf("anchor: lend memory to OpenCV: %w", err)
		}
		for i := range n {
			if done[i] || inner[i] > 0 || got[4*i+3] < 0.02 {
				continue
			}
			done[i] = true
			for c := range 3 {
				m.Pix[4*i+c] = uint8(min(max(got[4*i+c]/got[4*i+3], 0), 255) + 0.5)
			}
		}
		blur.Close()
	}
	return nil
}

// eroded is where the front is covered at least edge pixels deep.
func eroded(m *image.NRGBA, edge float64) ([]byte, error) {
	mask := gocv.NewMatWithSize(m.Rect.Dy(), m.Rect.Dx(), gocv.MatTypeCV8UC1)
	defer mask.Close()
	data, err := mask.DataPtrUint8()
	if err != nil {
		return nil, fmt.Errorf("anchor: lend memory to OpenCV: %w", err)
	}
	for i := range data {
		data[i] = 0
		if m.Pix[4*i+3] > 250 {
			data[i] = 255
		}
	}
	k := 2*max(int(edge+0.5), 1) + 1
	kernel := gocv.GetStructuringElement(gocv.MorphEllipse, image.Pt(k, k))
	defer kernel.Close()
	gocv.Erode(mask, &mask, kernel)
	return mask.ToBytes(), nil
}
