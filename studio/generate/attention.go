package generate

import (
	"fmt"
	"image"

	"cheval/studio/embed"
)

// The parts that are covered in turn, in pixels of a design.
const (
	coverEdge = 24
	coverStep = 8
	mapEdge   = (embed.Edge-coverEdge)/coverStep + 1
)

// Attention says what the classifier and the discriminator look at: how much
// worse a design is held without a part of it.
type Attention struct{ Category, Quality Map }

// Map is a value for every part that was covered, row by row, 0 (does not
// matter, or is held better without) to 1 (matters most).
type Map [mapEdge][mapEdge]float32

// At is the map's value at a pixel of the design, interpolated.
func (m *Map) At(x, y int) float32 {
	at := func(v int) (int, float32) {
		f := min(max((float32(v)-coverEdge/2)/coverStep, 0), mapEdge-1)
		i := min(int(f), mapEdge-2)
		return i, f - float32(i)
	}
	i, u := at(x)
	j, v := at(y)
	above := m[j][i]*(1-u) + m[j][i+1]*u
	below := m[j+1][i]*(1-u) + m[j+1][i+1]*u
	return above*(1-v) + below*v
}

// Attention covers a design part by part (Zeiler and Fergus 2014) and measures
// what the classifier's belief in its category and the discriminator's score
// lose. It takes some seconds.
func (d *Designer) Attention(m *Design) (*Attention, error) {
	belief, score, err := d.hold(m, m.Image)
	if err != nil {
		return nil, err
	}
	out := &Attention{}
	for j := range mapEdge {
		for i := range mapEdge {
			covered, some := cover(m.Image, i*coverStep, j*coverStep)
			if !some {
				continue
			}
			b, s, err := d.hold(m, covered)
			if err != nil {
				return nil, err
			}
			out.Category[j][i], out.Quality[j][i] = float32(belief-b), float32(score-s)
		}
	}
	out.Category.scale()
	out.Quality.scale()
	return out, nil
}

// hold is the classifier's belief in a picture as a design's category, and the
// discriminator's score of it.
func (d *Designer) hold(m *Design, picture *image.NRGBA) (belief, score float64, err error) {
	seen, err := d.encoder.SeeAsIs(picture)
	if err != nil {
		return 0, 0, fmt.Errorf("generate: look at design %d: %w", m.Number, err)
	}
	score, _, err = d.score(picture, m.Category)
	return float64(seen.Classes[m.Category]), score, err
}

// cover returns a picture without a square part, and whether anything was there.
func cover(m *image.NRGBA, x0, y0 int) (out *image.NRGBA, some bool) {
	out = image.NewNRGBA(m.Rect)
	copy(out.Pix, m.Pix)
	for y := y0; y < y0+coverEdge; y++ {
		for x := x0; x < x0+coverEdge; x++ {
			p := out.Pix[out.PixOffset(x, y):]
			some = some || p[3] >= 128
			p[0], p[1], p[2], p[3] = 255, 255, 255, 0
		}
	}
	return out, some
}

// scale brings the largest value to 1, and what is under 0 to 0.
func (m *Map) scale() {
	most := float32(0)
	for _, row := range m {
		for _, v := range row {
			most = max(most, v)
		}
	}
	for j := range m {
		for i, v := range m[j] {
			m[j][i] = max(0, v) / max(most, 1e-9)
		}
	}
}
