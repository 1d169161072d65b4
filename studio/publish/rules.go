package publish

import (
	"fmt"
	"image"

	"cheval/catalog"
)

// Finding is something that speaks against publishing.
type Finding struct {
	Rule    string // a word for programs: "price", "size", "background", …
	Where   string // the variant's SKU or the picture's name; "" the product
	Why     string // a sentence for people: what is wrong, and what to do
	Measure float64
	Limit   float64
	Blocks  bool // false: a warning
}

// Shot is a picture of the product as a shop would show it.
type Shot struct {
	Name  string
	Image *image.RGBA  // opaque
	Alpha *image.Alpha // its cut-out, same size; nil: what is not white is product
}

// Check applies every rule to a product and its shop pictures. taken says
// whether another product has that handle; nil: none has.
func Check(p *catalog.Product, shots []Shot, taken func(id string) bool) (out []Finding) {
	add := func(f Finding) { out = append(out, f) }
	if err := p.Validate(); err != nil {
		add(Finding{Rule: "record", Why: err.Error(), Blocks: true})
	}
	if taken != nil && taken(p.ID) {
		add(Finding{Rule: "handle", Why: fmt.Sprintf("another product has the handle %s; give one of them another", p.ID), Blocks: true})
	}
	checkPrices(p, add)
	if p.Category == catalog.Worn {
		checkWorn(p, add)
	}
	if len(shots) == 0 {
		add(Finding{Rule: "picture", Why: "the product has no shop picture; prepare one in the studio", Blocks: true})
	}
	for _, s := range shots {
		checkShot(s, add)
	}
	return out
}

// Blocked says whether one of the findings forbids publishing.
func Blocked(fs []Finding) bool {
	for _, f := range fs {
		if f.Blocks {
			return true
		}
	}
	return false
}

func checkPrices(p *catalog.Product, add func(Finding)) {
	for i := range p.Variants {
		if v := &p.Variants[i]; v.Price.Minor <= 0 || v.Price.Currency == "" {
			add(Finding{Rule: "price", Where: v.SKU, Why: fmt.Sprintf("variant %s has no price; set one", v.SKU), Blocks: true})
		}
	}
}

// checkWorn looks for what a wearable needs: sizes, and anchors without doubt.
func checkWorn(p *catalog.Product, add func(Finding)) {
	e := &p.Eyewear
	for _, m := range []struct {
		name  string
		value float32
	}{
		{"lens width", e.LensWidth}, {"lens height", e.LensHeight}, {"bridge", e.Bridge},
		{"temple length", e.Temple}, {"total width", e.FrontWidth},
	} {
		if m.value <= 0 {
			add(Finding{Rule: "size", Why: fmt.Sprintf("the %s is missing, but eyewear that is worn needs it; measure it or give the notation", m.name), Blocks: true})
		}
	}
	if len(p.Anchors) > 0 && len(e.Contour) > 0 {
		for _, d := range p.Anchors[0].Doubts {
			add(Finding{Rule: "anchors", Where: d.What, Why: d.Why, Measure: float64(d.Measure), Limit: float64(d.Limit), Blocks: true})
		}
	}
	if !p.Wearable() {
		why := "a variant's lens has no transmission"
		if err := e.Validate(); err != nil {
			why = err.Error()
		}
		add(Finding{Rule: "wearable", Why: "it cannot be worn: " + why, Blocks: true})
	}
}
