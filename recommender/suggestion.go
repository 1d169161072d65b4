// Package recommender says which products suit a person, and why: profiles and
// events, the ranking made of several models, its reasons, and how it learns
// with every look.
//
// It leaves to others the models themselves (recommender/model), what is
// decided after scoring (recommender/rules), how good a ranking is
// (recommender/evaluate), shoppers made up to try it on (recommender/simulate),
// and where people and events are kept (recommender/people).
package recommender

// Suggestion is one product for one person. The sum of the weights of Because
// is Score, within 1e-6.
type Suggestion struct {
	Product string   `json:"product"`
	Variant string   `json:"variant,omitempty"` // the SKU that suits best
	Score   float64  `json:"score"`
	Because []Reason `json:"because"`          // largest weight first
	Adjust  []Reason `json:"adjust,omitempty"` // what moved it after scoring
	// New marks a product that was chosen to learn about it.
	New bool `json:"new,omitempty"`
	// Propensity is the probability with which it was shown in the list.
	Propensity float64 `json:"propensity,omitempty"`
}

// ReasonKind is what a reason speaks of; screens translate by it.
type ReasonKind string

const (
	Liked     ReasonKind = "liked"     // an earlier product: Subject is its ID
	Disliked  ReasonKind = "disliked"  // likewise, one that was not liked
	Stating   ReasonKind = "stated"    // a stated like: Facet and Subject
	Popular   ReasonKind = "popular"   // many like it
	Fits      ReasonKind = "fit"       // its size for the person's face
	Now       ReasonKind = "moment"    // Subject: "summer", "worn"
	ShopOrder ReasonKind = "order"     // nothing is known of the person: the shop's own order
	Pattern   ReasonKind = "pattern"   // a network's, where no single thing can be named
	Others    ReasonKind = "others"    // the small ones left, together
	Diversity ReasonKind = "diversity" // adjust: moved so that the list is varied
	Pinned    ReasonKind = "pinned"    // adjust: staff set it to this place
	Boosted   ReasonKind = "boosted"   // adjust: the shop promotes it
	Explored  ReasonKind = "explored"  // adjust: new for you
	BrandMost ReasonKind = "brand"     // adjust: enough of this brand stand above
)

// Reason is one part of a score.
type Reason struct {
	// What says it in English, for commands; screens say it by Kind, Facet and Subject.
	What    string     `json:"what"`
	Weight  float64    `json:"weight"`
	Kind    ReasonKind `json:"kind"`
	Facet   string     `json:"facet,omitempty"`   // "colour", "shape", "brand", …
	Subject string     `json:"subject,omitempty"` // a product's ID, or the facet's value
	// Event is what was done with the product of a Liked or Disliked reason.
	Event EventKind `json:"event,omitempty"`
	// Model is which model said it.
	Model string `json:"model,omitempty"`
	// Approximate marks a network's reason: attention or gradient×input.
	Approximate bool `json:"approximate,omitempty"`
}
