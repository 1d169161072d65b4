package recommender

import (
	"fmt"
	"strings"
	"time"
)

// Profile is what is kept of a person who chose to be remembered.
type Profile struct {
	ID       string    `json:"id"`   // letters, digits, "-" and "_"
	Name     string    `json:"name"` // as the person wants to be greeted; may be empty
	Made     time.Time `json:"made"`
	Seen     time.Time `json:"seen"`     // the last visit
	Language string    `json:"language"` // "en", "zh"; "": not said
	Likes    Stated    `json:"likes"`
	Fit      Fit       `json:"fit"`
	// Weights are those of the blend as the person dragged them, by the
	// model's name, 1 being as learned; nil: as learned.
	Weights map[string]float64 `json:"weights,omitempty"`
}

// Stated is what a person said to like, in the catalogue's words. An empty
// list says nothing.
type Stated struct {
	Colours   []string `json:"colours,omitempty"`
	Shapes    []string `json:"shapes,omitempty"`
	Materials []string `json:"materials,omitempty"`
	Kinds     []string `json:"kinds,omitempty"` // optical, sun
	Brands    []string `json:"brands,omitempty"`
	Styles    []string `json:"styles,omitempty"` // a product's tags
	// PriceMin and PriceMax are in the smallest unit of Currency; 0: no bound.
	PriceMin int64  `json:"price_min,omitempty"`
	PriceMax int64  `json:"price_max,omitempty"`
	Currency string `json:"currency,omitempty"`
	Size     string `json:"size,omitempty"`
}

// Width is the class of a face's width.
type Width string

const (
	Narrow Width = "narrow"
	Medium Width = "medium"
	Wide   Width = "wide"
)

// Fit is what was measured of a person who agreed: sizes, never a picture.
type Fit struct {
	Width   Width     `json:"width,omitempty"`
	FaceMM  float64   `json:"face_mm,omitempty"` // temple to temple; 0: not known
	PDMM    float64   `json:"pd_mm,omitempty"`   // between the pupils; 0: not known
	Measure time.Time `json:"measured,omitzero"`
}

// MaxProfileID is the longest ID of a profile, in bytes.
const MaxProfileID = 64

// CheckProfileID says why an ID cannot name a profile. A path cannot.
func CheckProfileID(id string) error {
	if id == "" {
		return fmt.Errorf("recommender: the profile's ID is empty")
	}
	if len(id) > MaxProfileID {
		return fmt.Errorf("recommender: the profile's ID is %d bytes long, but at most %d", len(id), MaxProfileID)
	}
	bad := strings.IndexFunc(id, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	})
	if bad >= 0 {
		return fmt.Errorf("recommender: %q cannot be a profile's ID: only letters, digits, - and _", id)
	}
	return nil
}

// Person is who is recommended for: somebody with a profile, or of a session.
type Person struct {
	Profile Profile // the zero one: nothing is known but Events
	Events  []Event // oldest first; those of a session, or of all visits
}

// Moment is what else may matter when a list is made. Its zero value says nothing.
type Moment struct {
	At     time.Time // local time at the shop
	Season Season    // "": by At, as north of the equator
	Worn   string    // the ID of the product worn now
}

// Season is a time of the year.
type Season string

const (
	Spring Season = "spring"
	Summer Season = "summer"
	Autumn Season = "autumn"
	Winter Season = "winter"
)

// season is the moment's, "" where nothing is known.
func (m Moment) season() Season {
	if m.Season != "" || m.At.IsZero() {
		return m.Season
	}
	return [4]Season{Winter, Spring, Summer, Autumn}[int(m.At.Month())%12/3]
}
