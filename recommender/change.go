package recommender

import (
	"context"
	"fmt"
)

// Change is one tap that would change a list.
type Change struct {
	Kind    string // "cheaper", "not", "less-like", "without"
	What    string // in English: "cheaper", "not round", "less like Aria"
	Facet   string // of "not"
	Subject string // the facet's value, or a product's ID
}

// Apply is the question with the change made.
func (c Change) Apply(a Question, price int64) Question {
	switch c.Kind {
	case "cheaper":
		if a.PriceMax == 0 || price-1 < a.PriceMax {
			a.PriceMax = max(price-1, 1)
		}
	case "not":
		a.Not = append(append([]Facet(nil), a.Not...), Facet{c.Facet, c.Subject})
	case "less-like":
		a.LessLike = append(append([]string(nil), a.LessLike...), c.Subject)
	case "without":
		a.Without = append(append([]string(nil), a.Without...), c.Subject)
	}
	return a
}

// WhatIf is a change with what would be first then.
type WhatIf struct {
	Change
	First Suggestion
}

// WhatIfs are the changes that one tap can make to a suggestion, each with the
// list's new first place; those that would leave the list empty are left out.
func (r *Ranker) WhatIfs(ctx context.Context, p Person, m Moment, a Question, s Suggestion) ([]WhatIf, error) {
	var out []WhatIf
	price := r.price(s)
	for _, c := range r.changes(s) {
		next := c.Apply(a, price)
		next.Count = 1
		list, err := r.Recommend(ctx, p, m, next)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			out = append(out, WhatIf{c, list[0]})
		}
	}
	return out, nil
}

// price of the suggested variant, in its smallest unit.
func (r *Ranker) price(s Suggestion) int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	i, ok := r.index[s.Product]
	if !ok || r.products[i] == nil {
		return 0
	}
	for _, v := range r.products[i].Variants {
		if v.SKU == s.Variant || s.Variant == "" {
			return v.Price.Minor
		}
	}
	return 0
}

// changes are those that make sense for a suggestion: what it costs, what it
// is, and the earlier product that most speaks for it.
func (r *Ranker) changes(s Suggestion) []Change {
	r.mu.RLock()
	defer r.mu.RUnlock()
	i, ok := r.index[s.Product]
	if !ok || r.products[i] == nil {
		return nil
	}
	p := r.products[i]
	out := []Change{{Kind: "cheaper", What: "cheaper"}}
	if p.Eyewear.Shape != "" {
		out = append(out, Change{Kind: "not", What: fmt.Sprintf("not %s", p.Eyewear.Shape), Facet: "shape", Subject: string(p.Eyewear.Shape)})
	} else {
		out = append(out, Change{Kind: "not", What: fmt.Sprintf("not %s", p.Category), Facet: "category", Subject: p.Category})
	}
	for _, b := range s.Because {
		if b.Kind == Liked && b.Weight > 0 {
			name := (&view{Ranker: r}).name(r.index[b.Subject])
			out = append(out,
				Change{Kind: "less-like", What: "less like " + name, Subject: b.Subject},
				Change{Kind: "without", What: "as if you had not seen " + name, Subject: b.Subject})
			break
		}
	}
	return out
}
