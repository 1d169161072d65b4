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
	// ExtrasMost is the most that the two can add.
	ExtrasMost = fitWeight + seasonWeight
)

// extras are parts of a score that no model gives: the fit of a frame, if the
// face was measured, and the season.
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
	s.Because = shorten(append(v.reasons(parts), v.extras(place.Item)...))
	for _, b := range s.Because {
		s.Score += b.Weight
	}
	for _, m := range place.Moves {
		s.Adjust = append(s.Adjust, moved(m))
	}
	return s
}

// source is what parts are summed by: one reason for each.
type source struct {
	kind        ReasonKind
	facet       string
	subject     string
	model       string // of networks' patterns only
	approximate bool
}

// reasons sums the parts by what they come from.
func (v *view) reasons(parts []model.Named) []Reason {
	sums := map[source]*Reason{}
	var order []source
	for _, p := range parts {
		s, r := v.source(p)
		if sums[s] == nil {
			sums[s] = &r
			order = append(order, s)
		}
		sums[s].Weight += finite(float64(p.Weight))
	}
	out := make([]Reason, 0, len(order))
	for _, s := range order {
		if r := sums[s]; r.Weight != 0 {
			out = append(out, *r)
		}
	}
	return out
}

// source names what a part comes from.
func (v *view) source(p model.Named) (source, Reason) {
	s := source{approximate: !p.Exact}
	r := Reason{Approximate: !p.Exact}
	switch p.From {
	case model.FromHistory:
		i := v.query.History[p.Index].Item
		s.kind, s.subject = Liked, v.ids[i]
		if v.query.History[p.Index].Weight < 0 {
			s.kind = Disliked
		}
		r.Event = v.doing[p.Index]
		r.What = v.because(s.kind, r.Event, i)
	case model.FromStated:
		s.kind = Stating
		s.facet, s.subject, _ = strings.Cut(v.words.names[p.Index], "=")
		r.What = fmt.Sprintf("you like %s", s.subject)
	case model.FromPopularity:
		s.kind, r.What = Popular, "others like it"
	default:
		s.kind, s.model = Pattern, p.Model
		r.What, r.Model = "a pattern in what people choose", p.Model
	}
	r.Kind, r.Facet, r.Subject = s.kind, s.facet, s.subject
	if r.Approximate {
		r.What = "approximately: " + r.What
	}
	return s, r
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

// shorten puts the largest first and sums the small ones, exact and
// approximate ones apart.
func shorten(all []Reason) []Reason {
	slices.SortStableFunc(all, func(a, b Reason) int { return cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)) })
	if len(all) <= mostReasons {
		return all
	}
	out := slices.Clone(all[:mostReasons-2])
	for _, approximate := range []bool{false, true} {
		rest := Reason{What: "smaller reasons together", Kind: Others, Approximate: approximate}
		if approximate {
			rest.What = "approximately: " + rest.What
		}
		for _, r := range all[mostReasons-2:] {
			if r.Approximate == approximate {
				rest.Weight += r.Weight
			}
		}
		if rest.Weight != 0 {
			out = append(out, rest)
		}
	}
	return out
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
