package generate

import (
	"encoding/binary"
	"errors"
	"image"
	"math"
	"slices"

	"cheval/models/weights"
	"cheval/studio/embed"
)

// Nearest is the picture of the training data that looks most like a design.
type Nearest struct {
	Photo    string  `json:"photo"`
	Distance float64 `json:"distance"` // embed.Distance
}

// nearest are the n training pictures that look most like e, the nearest first.
func (t *tables) nearest(e embed.Embedding, n int) []Nearest {
	var best []Nearest
	for i := range t.Seen {
		d := t.distance(e, i)
		if len(best) == n && d >= best[n-1].Distance {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, d, func(b Nearest, d float64) int {
			if b.Distance <= d {
				return -1
			}
			return 1
		})
		best = slices.Insert(best, at, Nearest{t.Seen[i], d})
		best = best[:min(len(best), n)]
	}
	return best
}

// distance is from e to a training picture.
func (t *tables) distance(e embed.Embedding, i int) float64 {
	var dot float64
	for k, v := range t.embeddings[i*embed.Width : (i+1)*embed.Width] {
		dot += float64(v) * float64(e[k])
	}
	return 1 - dot/t.lengths[i]
}

// Nearest are the n training pictures that look most like a design, the nearest
// first.
func (d *Designer) Nearest(m *Design, n int) []Nearest { return d.tables.nearest(m.Embedding, n) }

// Remember draws a training picture as the designer remembers it: the picture
// itself does not ship. It is nil where nothing is remembered of it.
func (d *Designer) Remember(photo string) (*image.NRGBA, error) {
	i := slices.Index(d.tables.Seen, photo)
	b, err := weights.Read("designer.seen.styles.bin")
	if errors.Is(err, weights.ErrAbsent) || i < 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	width := len(d.drawer.Input("coarse"))
	record := 2 * (width + 3)
	if len(b) != record*len(d.tables.Seen) {
		return nil, errors.New("generate: what the designer remembers of its training pictures does not belong to its tables")
	}
	v := make([]float32, width+3)
	for k := range v { // bfloat16: the upper half of a float32
		v[k] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[i*record+2*k:])) << 16)
	}
	w := v[:width]
	return d.Draw(Style{w, w, Lab{float64(v[width]), float64(v[width+1]), float64(v[width+2])}})
}
