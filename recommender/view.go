package recommender

import (
	"slices"

	"cheval/catalog"
	"cheval/recommender/model"
)

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
