package recommender

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"cheval/recommender/model"
	"cheval/recommender/rules"
)

// Weights, in the unit of scores, of what is said of the moment and the fit.
const (
	fitWeight    = 0.4
	seasonWeight = 0.15
	orderWeight  = 0.01 // of the shop's own order, where nothing is known of a person
	// ExtrasMost is the most that they can add.
	ExtrasMost = fitWeight + seasonWeight + orderWeight
)

// extras are parts of a score that no model gives: the fit of a frame, if the
// face was measured, the season, and, for somebody of whom nothing is known, the
// shop's own order.
func (v *view) extras(i int32) []Reason {
	p := v.products[i]
	if p == nil {
		return nil
	}
	var out []Reason
	if face := faceWidth(v.person.Profile.Fit); face > 0 && p.Eyewear.Overall() > 0 {
		off := (float64(p.Eyewear.Overall()) - face) / 8
		w := fitWeight * math.Max(1-off*off, -1)
		what := "its width suits your face"
		if w < 0 {
			what = "its width does not suit your face"
		}
		out = append(out, Reason{What: what, Weight: finite(w), Kind: Fits, Facet: "size", Subject: string(p.Eyewear.Size())})
	}
	if v.moment.season() == Summer && p.Kind == "sun" {
		out = append(out, Reason{What: "it is summer", Weight: seasonWeight, Kind: Now, Facet: "season", Subject: string(Summer)})
	}
	if len(v.query.History) == 0 && len(v.query.Stated) == 0 {
		out = append(out, Reason{What: "the shop shows it early", Weight: orderWeight * v.early[i], Kind: ShopOrder})
	}
	return out
}

// faceWidth is the width of front, in millimetres, that suits a face; 0: not known.
func faceWidth(f Fit) float64 {
	switch {
	case f.FaceMM > 0:
		return f.FaceMM
	case f.Width == Narrow:
		return 126
	case f.Width == Medium:
		return 135
	case f.Width == Wide:
		return 143
	}
	return 0
}

// mostReasons is how many reasons stand by themselves; the others are summed.
const mostReasons = 8

// suggestion gives a place of the list its reasons. The score is their sum.
func (v *view) suggestion(place rules.Placed, parts []model.Named) Suggestion {
	s := Suggestion{Product: v.ids[place.Item], New: place.New, Propensity: place.Propensity}
	if p := v.products[place.Item]; p != nil {
		if k := v.variant(p); k >= 0 {
			s.Variant = p.Variants[k].SKU
		}
	}
	s.Because = v.reasons(parts, v.extras(place.Item))
	for _, b := range s.Because {
		s.Score += b.Weight
	}
	for _, m := range place.Moves {
		s.Adjust = append(s.Adjust, moved(m))
	}
	return s
}

// sum is what all parts of one source add up to.
type sum struct {
	of     model.Named // one of them, for what it is from
	extra  *Reason     // instead: a part that no model gives
	weight float64
}

// same says whether two parts have the same source. Networks' patterns stand
// by the model.
func same(a, b model.Named) bool {
	return a.From == b.From && a.Index == b.Index && a.Exact == b.Exact && (a.From != model.FromPattern || a.Model == b.Model)
}

// reasons sums the parts by what they come from, the largest first; the small
// ones are summed in turn, exact and approximate ones apart.
func (v *view) reasons(parts []model.Named, extras []Reason) []Reason {
	history := make([]sum, 2*len(v.query.History)) // exact, then approximate
	sums := make([]sum, 0, len(history)+16)
	for _, p := range parts {
		if p.From == model.FromHistory {
			at := p.Index
			if !p.Exact {
				at += len(v.query.History)
			}
			history[at].of = p
			history[at].weight += finite(float64(p.Weight))
			continue
		}
		at := slices.IndexFunc(sums, func(s sum) bool { return same(s.of, p) })
		if at < 0 {
			at = len(sums)
			sums = append(sums, sum{of: p})
		}
		sums[at].weight += finite(float64(p.Weight))
	}
	sums = append(sums, history...)
	for i := range extras {
		sums = append(sums, sum{extra: &extras[i], weight: extras[i].Weight})
	}
	sums = slices.DeleteFunc(sums, func(s sum) bool { return s.weight == 0 })
	slices.SortStableFunc(sums, func(a, b sum) int { return cmp.Compare(math.Abs(b.weight), math.Abs(a.weight)) })
	alone := len(sums)
	if alone > mostReasons {
		alone = mostReasons - 2
	}
	out := make([]Reason, 0, mostReasons)
	for _, s := range sums[:alone] {
		out = append(out, v.reason(s))
	}
	return append(out, together(sums[alone:])...)
}

// together is the small reasons left, at most two.
func together(sums []sum) []Reason {
	exact := Reason{What: "smaller reasons together", Kind: Others}
	guessed := Reason{What: "approximately: smaller reasons together", Kind: Others, Approximate: true}
	for _, s := range sums {
		if s.extra == nil && !s.of.Exact {
			guessed.Weight += s.weight
		} else {
			exact.Weight += s.weight
		}
	}
	return slices.DeleteFunc([]Reason{exact, guessed}, func(r Reason) bool { return r.Weight == 0 })
}

// reason names what a sum comes from.
func (v *view) reason(s sum) Reason {
	if s.extra != nil {
		return *s.extra
	}
	p := s.of
	r := Reason{Weight: s.weight, Approximate: !p.Exact}
	switch p.From {
	case model.FromHistory:
		i := v.query.History[p.Index].Item
		r.Kind, r.Subject, r.Event = Liked, v.ids[i], v.doing[p.Index]
		if v.query.History[p.Index].Weight < 0 {
			r.Kind = Disliked
		}
		r.What = v.because(r.Kind, r.Event, i)
	case model.FromStated:
		r.Kind = Stating
		r.Facet, r.Subject, _ = strings.Cut(v.words.names[p.Index], "=")
		r.What = fmt.Sprintf("you like %s", r.Subject)
	case model.FromPopularity:
		r.Kind, r.What = Popular, "others like it"
	default:
		r.Kind, r.What, r.Model = Pattern, "a pattern in what people choose", p.Model
	}
	if r.Approximate {
		r.What = "approximately: " + r.What
	}
	return r
}

// because says what was done with an earlier product.
func (v *view) because(kind ReasonKind, did EventKind, i int32) string {
	name := v.name(i)
	if kind == Disliked {
		return "you did not like " + name
	}
	switch did {
	case View:
		return "you looked at " + name
	case Try, Turn:
		return "you tried " + name
	case Compare:
		return "you compared " + name
	case Keep:
		return "you kept " + name
	case Buy:
		return "you bought " + name
	case Ask:
		return "you asked about " + name
	case "":
		return "you are wearing " + name
	}
	return "you liked " + name
}

func (v *view) name(i int32) string {
	if p := v.products[i]; p != nil && p.Name["en"] != "" {
		return p.Name["en"]
	}
	return v.ids[i]
}

// moved says what a rule did.
func moved(m rules.Move) Reason {
	r := Reason{Weight: m.Amount}
	switch m.Kind {
	case "diversity":
		r.Kind, r.What = Diversity, "to show you different things"
	case "brand":
		r.Kind, r.What = BrandMost, "others of a brand stand above already"
	case "pinned":
		r.Kind, r.What, r.Weight = Pinned, fmt.Sprintf("the shop's choice for place %d", int(m.Amount)), 0
	case "boosted":
		r.Kind, r.What = Boosted, "promoted by the shop"
	default:
		r.Kind, r.What = Explored, "new for you"
	}
	return r
}
