package recommender

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"cheval/catalog"
	"cheval/recommender/model"
	"cheval/recommender/rules"
)

// Options are what a Ranker is made with.
type Options struct {
	Trained    *model.Trained       // nil: popularity and content only
	Embeddings map[string][]float32 // by product ID: what its picture is like; all of one length
}

// Ranker ranks a catalogue's products for people. Any goroutine may call it.
type Ranker struct {
	mu       sync.RWMutex // Observe writes, everything else reads
	products []*catalog.Product
	ids      []string
	index    map[string]int32
	words    *lexicon
	features *model.Features
	blend    *model.Blend
	trained  *model.Trained
	sold     []bool      // by item: in the catalogue, some variant in stock
	seen     []float64   // by item: events of anybody
	like     [][]float32 // by item: what it is like, of length 1
	replay   *replay
}

// New makes a ranker of products. Products that the model does not know are
// ranked by their features; items of the model that are sold no more are never
// suggested, but liking them still counts. The ranker takes the model over.
func New(products []*catalog.Product, o Options) (*Ranker, error) {
	r := &Ranker{index: map[string]int32{}, trained: o.Trained, replay: newReplay()}
	var names []string
	if o.Trained != nil {
		r.ids = slices.Clone(o.Trained.Items)
		names = o.Trained.Features.Names
	}
	for i, id := range r.ids {
		r.index[id] = int32(i)
	}
	r.products = make([]*catalog.Product, len(r.ids))
	for _, p := range products {
		if p.State == catalog.Draft {
			continue
		}
		i, ok := r.index[p.ID]
		if !ok {
			i = int32(len(r.ids))
			r.index[p.ID] = i
			r.ids, r.products = append(r.ids, p.ID), append(r.products, nil)
		}
		r.products[i] = p
	}
	if len(r.ids) > model.MaxItems {
		return nil, fmt.Errorf("recommender: %d products, but at most %d are ranked", len(r.ids), model.MaxItems)
	}
	r.sold = make([]bool, len(r.ids))
	for i, p := range r.products {
		r.sold[i] = p != nil && slices.ContainsFunc(p.Variants, func(v catalog.Variant) bool { return v.Stock > 0 })
	}
	r.words = newLexicon(names)
	r.describe(o)
	r.seen = make([]float64, len(r.ids))
	return r, r.adopt()
}

// describe collects the features of all items.
func (r *Ranker) describe(o Options) {
	r.features = &model.Features{}
	switch {
	case o.Trained != nil:
		r.features.Width = o.Trained.Features.Width
	default:
		for _, e := range o.Embeddings {
			r.features.Width = len(e)
			break
		}
	}
	for i, p := range r.products {
		if p == nil {
			f := o.Trained.Features
			r.features.Add(f.Row(int32(i)), f.DenseRow(int32(i)))
			continue
		}
		e := o.Embeddings[p.ID]
		if len(e) != r.features.Width {
			e = nil
		}
		r.features.Add(r.words.values(describe(p)), e)
	}
	r.features.Names = r.words.names
}

// adopt hands the features to those models that score by them.
func (r *Ranker) adopt() error {
	r.blend = coldBlend()
	if r.trained != nil {
		r.blend = r.trained.Blend
	}
	data := &model.Data{Items: len(r.ids), Features: r.features}
	for _, m := range r.blend.Members {
		switch known := m.Model.(type) {
		case *model.Content:
			if err := known.Train(context.Background(), data, func(float64) {}); err != nil {
				return err
			}
			r.like = known.Vectors(likeWidth)
		case *model.TwoTower:
			known.Adopt(r.features)
		}
	}
	return nil
}

// likeWidth is the length of the vectors that say what a product is like.
const likeWidth = 32

// coldBlend ranks before there is anything to learn from.
func coldBlend() *model.Blend {
	return &model.Blend{Members: []model.Member{
		{Model: model.NewPopularity(), Weight: 0.5, Scale: 1},
		{Model: model.NewContent(), Weight: 1, Scale: 0.3},
	}}
}

// Models are the names of the blend's models with their weights, as learned.
func (r *Ranker) Models() map[string]float64 {
	out := map[string]float64{}
	for _, m := range r.blend.Members {
		out[m.Model.Name()] = m.Weight
	}
	return out
}

// Question is what a list is asked for with. The zero value asks for everything in
// the order of scores.
type Question struct {
	Count int // 0: 100
	// Categories to suggest from; empty: all.
	Categories []string
	// Not are facets that no suggestion has, such as {"shape", "round"}.
	Not []Facet
	// PriceMin and PriceMax, in the smallest unit of the product's currency, 0:
	// none; a profile's own range holds besides.
	PriceMin, PriceMax int64
	SoldOut            bool // suggest what is out of stock, too
	Known              bool // suggest what the person tried or liked already, too
	// Without are products whose events do not count; LessLike are held against
	// what is like them.
	Without  []string
	LessLike []string
	// Weights drag the blend's, by the model's name; 1: as learned. They
	// multiply the profile's own.
	Weights map[string]float64
	Pins    map[string]int     // by product: its place, from 1
	Boosts  map[string]float64 // by product: added after scoring
	Rules   rules.Options
}

// Facet is one value that a product has, in the catalogue's words.
type Facet struct{ Name, Value string }

// DefaultCount is how long a list is that asks for no length.
const DefaultCount = 100

// Recommend ranks products for a person. An empty shop gives an empty list.
func (r *Ranker) Recommend(ctx context.Context, p Person, m Moment, a Question) ([]Suggestion, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	v := r.view(p, m, a)
	candidates := v.candidates()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	list := rules.Arrange(candidates, v.count(), a.Rules)
	explain := v.blend.Explain(&v.query)
	out := make([]Suggestion, len(list))
	for i, place := range list {
		out[i] = v.suggestion(place, explain(place.Item))
	}
	return out, nil
}

// view is what one question needs: the person as a query, and what is allowed.
type view struct {
	*Ranker
	person Person
	moment Moment
	ask    Question
	query  model.Query
	doing  []EventKind // by history entry: what was done last
	known  map[int32]bool
	blend  *model.Blend
	not    map[int32]bool // features
	plain  bool           // nothing but stock and what is known narrows the list
}

func (r *Ranker) view(p Person, m Moment, a Question) *view {
	v := &view{Ranker: r, person: p, moment: m, ask: a, known: map[int32]bool{}}
	v.query = model.Query{Stated: r.words.stated(p.Profile.Likes)}
	v.remember()
	v.blend = dragged(r.blend, p.Profile.Weights, a.Weights)
	v.not = map[int32]bool{}
	for _, f := range a.Not {
		if i, ok := r.words.at[f.Name+"="+f.Value]; ok {
			v.not[i] = true
		}
	}
	v.plain = !v.narrow()
	return v
}

// wornWeight is what wearing a product now counts, where nothing else was done
// with it; lessLike what "less like this" counts.
const (
	wornWeight = 0.3
	lessLike   = -1.5
)

// mostHistory is how many of the latest products tell who a person is.
const mostHistory = 500

// remember makes the person's history. What is not to count keeps its place
// with weight 0, so that everything else weighs what it did.
func (v *view) remember() {
	var seen []model.Seen
	doing := map[int32]EventKind{}
	drop, against := map[int32]bool{}, map[int32]bool{}
	mark := func(ids []string, set map[int32]bool) {
		for _, id := range ids {
			if i, ok := v.index[id]; ok {
				set[i] = true
			}
		}
	}
	mark(v.ask.Without, drop)
	mark(v.ask.LessLike, against)
	for _, e := range v.person.Events {
		i, ok := v.index[e.Product]
		s := float32(e.Strength())
		if !ok || s == 0 || s != s {
			continue
		}
		seen = append(seen, model.Seen{Item: i, Weight: s, At: e.At.Unix()})
		if old, had := doing[i]; !had || telling(e.Kind) >= telling(old) {
			doing[i] = e.Kind
		}
		switch e.Kind {
		case Try, Like, Dislike, Keep, Buy:
			v.known[i] = true
		}
	}
	if i, ok := v.index[v.moment.Worn]; ok && doing[i] == "" {
		seen = append(seen, model.Seen{Item: i, Weight: wornWeight, At: v.moment.At.Unix()})
		v.known[i] = true
	}
	v.query.History = model.Merge(seen)
	v.query.History = v.query.History[max(len(v.query.History)-mostHistory, 0):]
	for i := range against {
		if !slices.ContainsFunc(v.query.History, func(s model.Seen) bool { return s.Item == i }) {
			v.query.History = append(v.query.History, model.Seen{Item: i})
		}
	}
	for k := range v.query.History {
		s := &v.query.History[k]
		switch {
		case against[s.Item]:
			s.Weight = lessLike
			v.known[s.Item] = true
		case drop[s.Item]:
			s.Weight = 0
		}
		v.doing = append(v.doing, doing[s.Item])
	}
}

// telling orders what was done by how much it tells.
func telling(k EventKind) int {
	return slices.Index([]EventKind{View, Skip, Turn, Compare, Ask, Try, Like, Dislike, Keep, Buy}, k)
}

// dragged is a blend with weights multiplied; the models are shared.
func dragged(b *model.Blend, by ...map[string]float64) *model.Blend {
	out := &model.Blend{Members: slices.Clone(b.Members)}
	for i := range out.Members {
		m := &out.Members[i]
		for _, w := range by {
			if f, ok := w[m.Model.Name()]; ok && f >= 0 && f <= maxDrag {
				m.Weight *= f
			}
		}
	}
	return out
}

// maxDrag is the most that a weight is multiplied by.
const maxDrag = 10

func (v *view) count() int {
	if v.ask.Count <= 0 {
		return DefaultCount
	}
	return v.ask.Count
}

// allowed says whether an item may be suggested.
func (v *view) allowed(i int32) bool {
	if !v.sold[i] && (v.products[i] == nil || !v.ask.SoldOut) {
		return false
	}
	if v.known[i] && !v.ask.Known {
		return false
	}
	if v.plain {
		return true
	}
	p := v.products[i]
	if len(v.ask.Categories) > 0 && !slices.Contains(v.ask.Categories, p.Category) {
		return false
	}
	if v.variant(p) < 0 {
		return false
	}
	for _, f := range v.features.Row(i) {
		if v.not[f.Feature] {
			return false
		}
	}
	return true
}

// narrow says whether anything but stock and what is known narrows the list.
func (v *view) narrow() bool {
	likes := v.person.Profile.Likes
	return len(v.ask.Categories) > 0 || len(v.not) > 0 || likes.PriceMin > 0 || likes.PriceMax > 0 || v.ask.PriceMin > 0 || v.ask.PriceMax > 0
}

// variant is the variant that suits best: in stock, in the price range, and in
// a stated colour if there is one; -1: none may be suggested.
func (v *view) variant(p *catalog.Product) int {
	best := -1
	for i := range p.Variants {
		one := &p.Variants[i]
		if one.Stock <= 0 && !v.ask.SoldOut || !v.affordable(one.Price) {
			continue
		}
		if slices.Contains(v.person.Profile.Likes.Colours, one.Colour) {
			return i
		}
		if best < 0 {
			best = i
		}
	}
	return best
}

func (v *view) affordable(m catalog.Money) bool {
	likes := v.person.Profile.Likes
	within := func(lo, hi int64) bool { return m.Minor >= lo && (hi <= 0 || m.Minor <= hi) }
	if (likes.Currency == "" || likes.Currency == m.Currency) && !within(likes.PriceMin, likes.PriceMax) {
		return false
	}
	return within(v.ask.PriceMin, v.ask.PriceMax)
}

// Catalogues larger than searchAll are searched in two steps: the pool best by
// the quickest model that knows features, then all models on those.
const (
	searchAll = 20_000
	pool      = 1200
	perAsked  = 4 // candidates for each place, for the rules to choose among
)

// candidates are the products allowed, scored.
func (v *view) candidates() []rules.Candidate {
	items := v.pool()
	scores := make([]float32, len(items))
	v.blend.ScoreSome(&v.query, items, scores)
	for k, i := range items {
		for _, e := range v.extras(i) {
			scores[k] += float32(e.Weight)
		}
	}
	var out []rules.Candidate
	keep := func(k int32) {
		i := items[k]
		id := v.ids[i]
		out = append(out, rules.Candidate{Item: i, Score: scores[k], Brand: v.products[i].Brand, Seen: v.seen[i],
			Vector: v.vector(i), Pinned: v.ask.Pins[id], Boosted: v.ask.Boosts[id]})
	}
	best := model.Top(scores, v.count()*perAsked)
	for _, k := range best {
		keep(k)
	}
	for k, i := range items { // what staff set is a candidate whatever its score
		id := v.ids[i]
		if (v.ask.Pins[id] > 0 || v.ask.Boosts[id] != 0) && !slices.Contains(best, int32(k)) {
			keep(int32(k))
		}
	}
	return out
}

func (v *view) vector(i int32) []float32 {
	if int(i) >= len(v.like) {
		return nil
	}
	return v.like[i]
}

// pool is the items that are scored by all models.
func (v *view) pool() []int32 {
	if len(v.ids) > searchAll {
		return v.withAsked(v.search())
	}
	items := make([]int32, 0, len(v.ids))
	for i := range v.ids {
		if v.allowed(int32(i)) {
			items = append(items, int32(i))
		}
	}
	return items
}

// search is the first step in a large catalogue: one pass over its vectors.
func (v *view) search() []int32 {
	scores := make([]float32, len(v.ids))
	model.Quickest(v.blend).Score(&v.query, scores)
	none := float32(math.Inf(-1))
	for i := range scores {
		if v.plain && !v.ask.SoldOut {
			if !v.sold[i] {
				scores[i] = none
			}
		} else if !v.allowed(int32(i)) {
			scores[i] = none
		}
	}
	for i := range v.known {
		if !v.allowed(i) {
			scores[i] = none
		}
	}
	return slices.DeleteFunc(model.Top(scores, pool), func(i int32) bool { return scores[i] == none })
}

// withAsked adds what staff set.
func (v *view) withAsked(items []int32) []int32 {
	add := func(id string) {
		if i, ok := v.index[id]; ok && v.allowed(i) && !slices.Contains(items, i) {
			items = append(items, i)
		}
	}
	for id := range v.ask.Pins {
		add(id)
	}
	for id := range v.ask.Boosts {
		add(id)
	}
	return items
}

// finite replaces what is no number by 0.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
