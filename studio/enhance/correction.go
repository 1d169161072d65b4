package enhance

import (
	"errors"
	"fmt"
	"image"
	"math"

	"cheval/models"
	"cheval/models/weights"
	"cheval/studio/internal/pixels"

	"gocv.io/x/gocv"
)

// CorrectionModel is the network's name for records.
const CorrectionModel = "enhancer"

// What the network takes and gives: a thumbnail of edge x edge pixels, the
// photo stretched; curves of knots values, a field of field x field gains.
const (
	edge  = 96
	knots = 8
	field = 6
)

// Correction is the change of colours and light that a photo needs, as the
// network read it off: three curves, a matrix that keeps greys, and a coarse
// field of gains over the photo. It is smooth, so whatever is in it, it draws
// nothing: equal colours side by side stay equal.
type Correction struct {
	curve  [3][knots]float32        // values at even steps of 0..1, rising
	matrix [3][3]float32            // rows add up to 1
	gain   [3][field][field]float32 // factors, evenly over the photo
	// Model is the network's name with the beginning of its weights' hash.
	Model string
	// The part of the photo that is seen, in shares of it.
	left, top, width, height float32
}

// Reader reads corrections off photos. One goroutine at a time may use it.
type Reader struct {
	session *models.Session
	mark    string
	small   *image.RGBA
}

// OpenReader starts the network on r. Close it before r.
func OpenReader(r *models.Runtime) (*Reader, error) {
	onnx, err := weights.Read("enhancer.onnx")
	if err != nil {
		return nil, err
	}
	mark, err := weights.Mark("enhancer.onnx")
	if err != nil {
		return nil, err
	}
	s, err := r.LoadONNX(CorrectionModel, onnx)
	if err != nil {
		return nil, err
	}
	for name, p := range map[string]struct{ found, expected int }{
		"thumbnail": {len(s.Input("thumbnail")), 3 * edge * edge}, "curve": {len(s.Output("curve")), 3 * knots},
		"matrix": {len(s.Output("matrix")), 9}, "gain": {len(s.Output("gain")), 3 * field * field},
	} {
		if p.found != p.expected {
			return nil, errors.Join(fmt.Errorf("enhance: the enhancer's %s has %d numbers; %d were expected", name, p.found, p.expected), s.Close())
		}
	}
	return &Reader{session: s, mark: mark, small: image.NewRGBA(image.Rect(0, 0, edge, edge))}, nil
}

// Close ends the network's session.
func (r *Reader) Close() error { return r.session.Close() }

// Read says what a photo needs. It takes some milliseconds. An error says that
// the network gave what is no correction.
func (r *Reader) Read(photo *image.RGBA) (*Correction, error) {
	if err := pixels.Resize(photo, r.small, gocv.InterpolationArea); err != nil {
		return nil, err
	}
	in := r.session.Input("thumbnail")
	for i := range edge * edge {
		for c := range 3 {
			in[c*edge*edge+i] = float32(r.small.Pix[4*i+c]) / 255
		}
	}
	if err := r.session.Run(); err != nil {
		return nil, err
	}
	c, err := newCorrection(r.session.Output("curve"), r.session.Output("matrix"), r.session.Output("gain"))
	if err != nil {
		return nil, err
	}
	c.Model = CorrectionModel + " " + r.mark
	return c, nil
}

// newCorrection takes the network's numbers where they are what it was built
// to give.
func newCorrection(curve, matrix, gain []float32) (*Correction, error) {
	c := &Correction{width: 1, height: 1}
	for ch := range 3 {
		copy(c.curve[ch][:], curve[ch*knots:])
		copy(c.matrix[ch][:], matrix[ch*3:ch*3+3])
		for y := range field {
			copy(c.gain[ch][y][:], gain[(ch*field+y)*field:])
		}
	}
	for what, list := range map[string][]float32{"curves": curve, "matrix": matrix, "gains": gain} {
		for _, v := range list {
			if !(math.Abs(float64(v)) <= 10) { // NaN too
				return nil, fmt.Errorf("enhance: the enhancer's %s hold %g", what, v)
			}
		}
	}
	for ch := range 3 {
		for k := 1; k < knots; k++ {
			if c.curve[ch][k] < c.curve[ch][k-1] {
				return nil, errors.New("enhance: the enhancer's curves fall")
			}
		}
	}
	return c, nil
}

// Within is c for a part of the photo of whole that a picture shows.
func (c *Correction) Within(part, whole image.Rectangle) *Correction {
	out := *c
	w, h := float32(whole.Dx()), float32(whole.Dy())
	out.left, out.top = float32(part.Min.X-whole.Min.X)/w, float32(part.Min.Y-whole.Min.Y)/h
	out.width, out.height = float32(part.Dx())/w, float32(part.Dy())/h
	return &out
}

// correct changes what is covered of m, as much as strength says, 0..1.
func (c *Correction) correct(m *image.NRGBA, strength float64) {
	var curve [3][256]float32
	for ch := range curve {
		for v := range curve[ch] {
			at := float32(v) / 255 * (knots - 1)
			k := min(int(at), knots-2)
			curve[ch][v] = 255 * (c.curve[ch][k] + (c.curve[ch][k+1]-c.curve[ch][k])*(at-float32(k)))
		}
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	columns := make([]place, w)
	for x := range columns {
		columns[x] = placeOf(c.left + c.width*(float32(x)+0.5)/float32(w))
	}
	k := float32(strength)
	pixels.Rows(h, func(from, to int) {
		for y := from; y < to; y++ {
			row := c.gainRow(placeOf(c.top + c.height*(float32(y)+0.5)/float32(h)))
			for x, at := range columns {
				p := m.Pix[y*m.Stride+4*x : y*m.Stride+4*x+4]
				if p[3] == 0 {
					continue
				}
				r, g, b := curve[0][p[0]], curve[1][p[1]], curve[2][p[2]]
				for ch := range 3 {
					t := &c.matrix[ch]
					gain := row[ch][at.low] + (row[ch][at.low+1]-row[ch][at.low])*at.part
					v := (t[0]*r + t[1]*g + t[2]*b) * gain
					old := float32(p[ch])
					p[ch] = uint8(max(0, min(255, old+k*(v-old))) + 0.5)
				}
			}
		}
	})
}

// place lies between two of the field's gains, which stand at the middles of
// field even parts.
type place struct {
	low  int
	part float32
}

func placeOf(share float32) place {
	at := max(0, min(field-1, share*field-0.5))
	low := min(int(at), field-2)
	return place{low, at - float32(low)}
}

// gainRow is the field at one height.
func (c *Correction) gainRow(at place) (row [3][field]float32) {
	for ch := range row {
		for x := range row[ch] {
			a, b := c.gain[ch][at.low][x], c.gain[ch][at.low+1][x]
			row[ch][x] = a + (b-a)*at.part
		}
	}
	return row
}
