package model

import (
	"context"
	"math"
)

// Content compares features: the cosine of an item with each liked one and
// with what was stated, rare features counting more (inverse frequency). It
// needs no events of others, so it is where everything begins.
type Content struct {
	Recency  Recency
	Stating  float64 // weight of a stated feature beside a liked item
	features *Features
	idf      []float32
	item     []vec     // weighted rows, normalised
	dense    []float32 // normalised unnamed features
}

// vec is a sparse vector of named features.
type vec []Value

// NewContent has the settings chosen in docs/recommender.md.
func NewContent() *Content {
	return &Content{Recency: Recency{Floor: 0.1, Fade: 10}, Stating: 1}
}

func (m *Content) Name() string { return "content" }
func (m *Content) Exact() bool  { return true }

// Train takes the features; without any the model gives 0.
func (m *Content) Train(ctx context.Context, data *Data, progress func(float64)) error {
	m.features = data.Features
	m.idf, m.item, m.dense = nil, nil, nil
	f := data.Features
	if f == nil {
		return ctx.Err()
	}
	count := make([]float32, len(f.Names))
	for _, v := range f.Values {
		count[v.Feature]++
	}
	m.idf = make([]float32, len(count))
	for i, n := range count {
		m.idf[i] = float32(math.Sqrt(math.Log(1 + float64(f.Len())/float64(1+n))))
	}
	m.item = make([]vec, f.Len())
	m.dense = make([]float32, len(f.Dense))
	flat := make(vec, len(f.Values))
	for i := range f.Len() {
		lo, hi := f.Start[i], f.Start[i+1]
		m.item[i] = flat[lo:hi:hi]
		m.weigh(f.Row(int32(i)), m.item[i])
		unit(f.DenseRow(int32(i)), m.dense[i*f.Width:(i+1)*f.Width])
	}
	return ctx.Err()
}

// weigh writes a row with rare features counting more, at length 1.
func (m *Content) weigh(row []Value, out vec) {
	sum := float32(0)
	for k, v := range row {
		out[k] = Value{v.Feature, v.Weight * m.idf[v.Feature]}
		sum += out[k].Weight * out[k].Weight
	}
	if sum > 0 {
		scale := 1 / float32(math.Sqrt(float64(sum)))
		for k := range out {
			out[k].Weight *= scale
		}
	}
}

func unit(row, out []float32) {
	if s := dot(row, row); s > 0 {
		axpy(1/float32(math.Sqrt(float64(s))), row, out)
	}
}

// wanted is the sum of what a person likes: one number a feature, and the
// unnamed ones.
func (m *Content) wanted(q *Query) (named, dense []float32) {
	named = make([]float32, len(m.idf))
	dense = make([]float32, m.features.Width)
	for k, s := range q.History {
		if int(s.Item) >= len(m.item) {
			continue
		}
		w := m.Recency.weight(q.History, k) / historyScale
		for _, v := range m.item[s.Item] {
			named[v.Feature] += w * v.Weight
		}
		axpy(w, m.row(s.Item), dense)
	}
	for _, v := range q.Stated {
		if int(v.Feature) < len(m.idf) {
			named[v.Feature] += float32(m.Stating) * v.Weight * m.stated(v.Feature)
		}
	}
	return named, dense
}

// historyScale keeps a long history from drowning what was stated.
const historyScale = 5

// stated is how much a stated feature counts: more if rare.
func (m *Content) stated(feature int32) float32 { return m.idf[feature] / 3 }

func (m *Content) row(item int32) []float32 {
	w := m.features.Width
	return m.dense[int(item)*w : (int(item)+1)*w]
}

func (m *Content) of(item int32, named, dense []float32) float32 {
	s := dot(m.row(item), dense)
	for _, v := range m.item[item] {
		s += v.Weight * named[v.Feature]
	}
	return s
}

// Score implements Model.
func (m *Content) Score(q *Query, out []float32) {
	clear(out)
	if m.features == nil {
		return
	}
	named, dense := m.wanted(q)
	for i := range min(len(out), len(m.item)) {
		out[i] = m.of(int32(i), named, dense)
	}
}

// ScoreSome implements Model.
func (m *Content) ScoreSome(q *Query, items []int32, out []float32) {
	clear(out)
	if m.features == nil {
		return
	}
	named, dense := m.wanted(q)
	for k, i := range items {
		if int(i) < len(m.item) {
			out[k] = m.of(i, named, dense)
		}
	}
}

// Explainer implements Model.
func (m *Content) Explainer(q *Query) func(int32) []Part {
	own := make([]float32, len(m.idf)) // one item's features, all others 0
	return func(item int32) []Part {
		if m.features == nil || int(item) >= len(m.item) {
			return nil
		}
		for _, v := range m.item[item] {
			own[v.Feature] += v.Weight
		}
		defer func() {
			for _, v := range m.item[item] {
				own[v.Feature] = 0
			}
		}()
		parts := make([]Part, 0, len(q.History)+len(q.Stated))
		for k, s := range q.History {
			if int(s.Item) >= len(m.item) {
				continue
			}
			w := dot(m.row(item), m.row(s.Item))
			for _, v := range m.item[s.Item] {
				w += own[v.Feature] * v.Weight
			}
			parts = append(parts, Part{FromHistory, k, w * m.Recency.weight(q.History, k) / historyScale})
		}
		for _, v := range q.Stated {
			if int(v.Feature) < len(m.idf) && own[v.Feature] != 0 {
				w := float32(m.Stating) * v.Weight * m.stated(v.Feature) * own[v.Feature]
				parts = append(parts, Part{FromStated, int(v.Feature), w})
			}
		}
		return parts
	}
}

// Vectors are short forms of the items' features, of length 1, row by row:
// features are scattered over width places with a sign each (feature hashing,
// Weinberger et al., ICML 2009), which keeps their cosines roughly.
func (m *Content) Vectors(width int) [][]float32 {
	out := make([][]float32, len(m.item))
	flat := make([]float32, len(out)*width)
	for i := range out {
		row := flat[i*width : (i+1)*width]
		for _, v := range m.item[i] {
			h := uint32(v.Feature+1) * 2654435761
			if h>>31 == 0 {
				row[int(h>>8)%width] += v.Weight
			} else {
				row[int(h>>8)%width] -= v.Weight
			}
		}
		out[i] = make([]float32, width)
		unit(row, out[i])
	}
	return out
}
