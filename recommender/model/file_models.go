package model

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Bounds of settings in a file.
const (
	maxDim    = 256
	maxWidth  = 4096 // of a picture's embedding
	maxRepeat = 64   // of what a list is asked with
	maxCount  = 1 << 40
	maxMember = 64
)

func (t *Trained) code(c *coder) {
	c.texts(&t.Items)
	if !c.writing {
		t.Features, t.Blend = &Features{}, &Blend{}
	}
	t.Features.code(c)
	at := t.At.Unix()
	c.i64(&at)
	t.At = time.Unix(at, 0)
	c.num(&t.People, MaxPeople)
	c.num(&t.Events, maxCount)
	c.flag(&t.Simulated)
	c.num(&t.Phase, 2)
	c.num(&t.Done, maxMember)
	c.u64(&t.Data)
	c.f64(&t.L2)
	c.f64(&t.NDCG)
	c.f64(&t.HR)
	c.num(&t.Tested, MaxPeople)
	t.Blend.code(c)
}

func (f *Features) code(c *coder) {
	c.texts(&f.Names)
	c.i32s(&f.Start)
	features, weights := make([]int32, len(f.Values)), make([]float32, len(f.Values))
	for i, v := range f.Values {
		features[i], weights[i] = v.Feature, v.Weight
	}
	c.i32s(&features)
	c.f32s(&weights)
	if !c.writing && len(features) == len(weights) {
		f.Values = make([]Value, len(features))
		for i := range f.Values {
			f.Values[i] = Value{features[i], weights[i]}
		}
	}
	c.num(&f.Width, maxWidth)
	c.f32s(&f.Dense)
}

func (b *Blend) code(c *coder) {
	n := len(b.Members)
	c.num(&n, maxMember)
	if !c.writing {
		b.Members = make([]Member, n)
	}
	for i := range b.Members {
		m := &b.Members[i]
		name := ""
		if c.writing {
			name = m.Model.Name()
		}
		c.text(&name)
		if !c.writing {
			if m.Model = named(name); m.Model == nil {
				c.fail("a model is called %.20q", name)
				return
			}
		}
		c.f64(&m.Weight)
		c.f64(&m.Scale)
		c.f64(&m.Offset)
		m.Model.(interface{ code(*coder) }).code(c)
		if c.err != nil {
			return
		}
	}
}

// named is an empty model of a name, nil if there is none such.
func named(name string) Model {
	switch name {
	case "popularity":
		return NewPopularity()
	case "content":
		return NewContent()
	case "ease":
		return NewEASE()
	case "item-item":
		return NewItemItem()
	case "follows":
		return NewFollows()
	case "ials":
		return NewIALS()
	case "logistic":
		return NewLogistic()
	case "two-tower":
		return NewTwoTower()
	case "session":
		return NewSession()
	}
	return nil
}

func (r *Recency) code(c *coder) {
	c.f64(&r.Floor)
	c.f64(&r.Fade)
}

func (m *Popularity) code(c *coder) {
	c.f64(&m.HalfLife)
	c.i64(&m.Zero)
	c.i64(&m.last)
	c.f64(&m.Scale)
	c.i32s(&m.Start)
	c.i64s(&m.Times)
	c.f64s(&m.Sums)
}

func (m *Content) code(c *coder) { // the features are in the file already
	m.Recency.code(c)
	c.f64(&m.Stating)
}

func (m *EASE) code(c *coder) {
	c.f64(&m.Lambda)
	c.num(&m.Most, MaxItems)
	m.Recency.code(c)
	c.i32s(&m.Known)
	c.i32s(&m.Item)
	c.f32s(&m.B)
}

func (m *Neighbours) code(c *coder) {
	c.num(&m.Most, MaxItems)
	c.f64(&m.Shrink)
	c.f64(&m.Power)
	c.num(&m.Window, MaxItems)
	c.num(&m.Last, MaxItems)
	m.Recency.code(c)
	c.i32s(&m.Start)
	c.i32s(&m.To)
	c.f32s(&m.Weight)
}

func (m *IALS) code(c *coder) {
	c.num(&m.Dim, maxDim)
	c.f64(&m.All)
	c.f64(&m.Lambda)
	c.num(&m.Rounds, maxDim)
	c.u64(&m.Seed)
	m.Recency.code(c)
	c.f32s(&m.Y)
	c.f64s(&m.G)
}

func (m *Logistic) code(c *coder) {
	c.num(&m.Dim, maxDim)
	c.num(&m.Negatives, maxRepeat)
	c.num(&m.Epochs, maxDim)
	c.f64(&m.Rate)
	c.f64(&m.L2)
	c.num(&m.Folds, maxRepeat)
	c.u64(&m.Seed)
	m.Recency.code(c)
	c.f32s(&m.Q)
	c.f32s(&m.Bias)
}

func (m *TwoTower) code(c *coder) {
	for _, n := range []*int{&m.Dim, &m.Hidden, &m.Window, &m.Negatives, &m.Epochs, &m.Patience} {
		c.num(n, maxDim)
	}
	c.num(&m.Batch, 1<<20)
	for _, f := range []*float64{&m.NegativeWeight, &m.Anonymous, &m.Rate, &m.L2, &m.Drop} {
		c.f64(f)
	}
	c.u64(&m.Seed)
	m.Recency.code(c)
	has := m.net != nil
	c.flag(&has)
	if !has {
		return
	}
	items, features, width := 0, 0, 0
	if c.writing {
		items, features = m.net.own.rows, m.net.features.rows
		if m.net.dense != nil {
			width = m.net.dense.rows
		}
	}
	c.num(&items, MaxItems)
	c.num(&features, 1<<24)
	c.num(&width, maxWidth)
	if !c.writing {
		if c.err != nil || !c.holds(items*m.Dim+features*m.Dim+width*m.Dim+4*m.Dim*m.Hidden) {
			return
		}
		m.net = newTowerNet(items, features, width, m.Dim, m.Hidden, rand.New(rand.NewPCG(0, 0)))
	}
	codeParams(c, m.net.params())
}

func (m *Session) code(c *coder) {
	for _, n := range []*int{&m.Dim, &m.Window, &m.Negatives, &m.Epochs} {
		c.num(n, maxDim)
	}
	c.num(&m.Blocks, maxMember)
	c.num(&m.Batch, 1<<20)
	for _, f := range []*float64{&m.Rate, &m.L2, &m.Drop} {
		c.f64(f)
	}
	c.u64(&m.Seed)
	has := m.net != nil
	c.flag(&has)
	if !has {
		return
	}
	items := 0
	if c.writing {
		items = m.net.items.rows
	}
	c.num(&items, MaxItems)
	if !c.writing {
		if c.err != nil || !c.holds(items*(m.Dim+1)+m.Window*m.Dim+m.Blocks*5*m.Dim*m.Dim) {
			return
		}
		m.net = newSessionNet(items, m.Dim, m.Blocks, m.Window, m.Drop, rand.New(rand.NewPCG(0, 0)))
	}
	codeParams(c, m.net.params())
}

// holds says whether n weights can be in what is left, before room is made for them.
func (c *coder) holds(n int) bool {
	if n > len(c.b)/4 {
		c.fail("a network is larger than the file")
		return false
	}
	return true
}

func codeParams(c *coder, params []*param) {
	for _, p := range params {
		w := p.w
		c.f32s(&w)
		if len(w) != len(p.w) {
			c.fail("a layer has %d weights instead of %d", len(w), len(p.w))
			return
		}
		p.w = w
	}
}

// check says whether the parts fit together, so that no index can miss.
func (t *Trained) check() error {
	n := len(t.Items)
	if n > MaxItems {
		return fmt.Errorf("there are %d items", n)
	}
	if err := t.Features.check(n); err != nil {
		return err
	}
	if t.Done > len(t.Blend.Members) {
		return fmt.Errorf("%d of %d models are done", t.Done, len(t.Blend.Members))
	}
	for _, m := range t.Blend.Members {
		if m.Weight < 0 || m.Scale < 0 {
			return fmt.Errorf("%s has weight %g and scale %g", m.Model.Name(), m.Weight, m.Scale)
		}
		if c, ok := m.Model.(interface{ check(items int) error }); ok {
			if err := c.check(n); err != nil {
				return fmt.Errorf("%s: %w", m.Model.Name(), err)
			}
		}
	}
	return nil
}

func (f *Features) check(items int) error {
	if f.Len() != items || len(f.Dense) != items*f.Width {
		return fmt.Errorf("features of %d items, but there are %d", f.Len(), items)
	}
	if err := starts(f.Start, len(f.Values)); err != nil {
		return err
	}
	for _, v := range f.Values {
		if v.Feature < 0 || int(v.Feature) >= len(f.Names) {
			return fmt.Errorf("feature %d of %d", v.Feature, len(f.Names))
		}
	}
	return nil
}

// starts are places of rows: none falls, the last is the length.
func starts(s []int32, length int) error {
	if len(s) == 0 && length == 0 {
		return nil
	}
	if len(s) == 0 || s[0] != 0 || int(s[len(s)-1]) != length {
		return fmt.Errorf("rows do not cover a list of %d", length)
	}
	for i := 1; i < len(s); i++ {
		if s[i] < s[i-1] {
			return fmt.Errorf("row %d starts before the one above", i)
		}
	}
	return nil
}

func within(list []int32, lo, hi int) error {
	for _, v := range list {
		if int(v) < lo || int(v) >= hi {
			return fmt.Errorf("index %d of %d", v, hi)
		}
	}
	return nil
}

func (m *Popularity) check(items int) error {
	if len(m.Times) != len(m.Sums) || m.HalfLife <= 0 || len(m.Start) > items+1 {
		return fmt.Errorf("%d times, %d sums, half-life %g", len(m.Times), len(m.Sums), m.HalfLife)
	}
	return starts(m.Start, len(m.Times))
}

func (m *EASE) check(items int) error {
	n := len(m.Item)
	if len(m.Known) > items || len(m.B) != n*n {
		return fmt.Errorf("%d weights of %d items", len(m.B), n)
	}
	if err := within(m.Known, -1, n); err != nil {
		return err
	}
	return within(m.Item, 0, items)
}

func (m *Neighbours) check(items int) error {
	if len(m.To) != len(m.Weight) || len(m.Start) > items+1 {
		return fmt.Errorf("%d weights of %d neighbours", len(m.Weight), len(m.To))
	}
	if err := starts(m.Start, len(m.To)); err != nil {
		return err
	}
	return within(m.To, 0, items)
}

func (m *IALS) check(items int) error {
	if m.Dim < 1 || len(m.Y)%m.Dim != 0 || len(m.Y) > items*m.Dim || len(m.Y) > 0 && len(m.G) != m.Dim*m.Dim {
		return fmt.Errorf("%d numbers of vectors of %d", len(m.Y), m.Dim)
	}
	return nil
}

func (m *Logistic) check(items int) error {
	if m.Dim < 1 || len(m.Q) != len(m.Bias)*m.Dim || len(m.Bias) > items {
		return fmt.Errorf("%d numbers of vectors of %d", len(m.Q), m.Dim)
	}
	return nil
}

func (m *TwoTower) check(items int) error {
	if m.Dim < 1 || m.Hidden < 1 || m.net != nil && m.net.own.rows > items {
		return fmt.Errorf("vectors of %d", m.Dim)
	}
	return nil
}

func (m *Session) check(items int) error {
	if m.Dim < 1 || m.Window < 1 || m.net != nil && m.net.items.rows > items {
		return fmt.Errorf("vectors of %d over %d events", m.Dim, m.Window)
	}
	return nil
}
