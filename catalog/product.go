// Package catalog holds what a shop sells: products with their variants,
// sizes, prices, texts and try-on data, and the filters that find them.
//
// It leaves to others how a product looks (tryon/eyewear, tryon/render) and
// how it suits a person (tryon/fit, recommender).
package catalog

import "image/color"

// Product is one thing that a shop sells, in one or more variants.
type Product struct {
	ID       string // stable, lower case, letters digits and hyphens
	Brand    string
	Category string            // Worn can be tried on; others are catalogued
	Name     map[string]string // by language: "en", "zh"
	Text     map[string]string // a sentence or two, by language
	Kind     Kind              // of eyewear; else ""
	Eyewear  Eyewear           // zero unless Category is Worn
	Variants []Variant         // at least one
	Tags     []string
	State    State
	Pictures []Picture // in the shop's order
	Origin   Origin
	Sheet    *Sheet    // nil: did not come from a spreadsheet
	Anchors  []Anchors // of front photos, at most one each
}

// Worn is the category that can be tried on.
const Worn = "eyewear"

// Wearable says whether p can be tried on: eyewear whose measures build a
// frame and whose variants have lenses.
func (p *Product) Wearable() bool {
	if p.Category != Worn || p.Eyewear.Validate() != nil || len(p.Variants) == 0 {
		return false
	}
	for i := range p.Variants {
		if p.Variants[i].Lens.Transmission < leastTransmission {
			return false
		}
	}
	return true
}

// Kind is what eyewear is for.
type Kind string

const (
	Optical Kind = "optical"
	Sun     Kind = "sun"
)

// Shape is the outline of a lens.
type Shape string

const (
	Round     Shape = "round"
	Panto     Shape = "panto"
	Oval      Shape = "oval"
	Square    Shape = "square"
	Rectangle Shape = "rectangle"
	Aviator   Shape = "aviator"
	CatEye    Shape = "cat-eye"
	Geometric Shape = "geometric"
	Browline  Shape = "browline"
	Sport     Shape = "sport"
)

// Material is what the frame is made of.
type Material string

const (
	Acetate Material = "acetate"
	Metal   Material = "metal"
	Rimless Material = "rimless"
)

// BridgeStyle is how the two lenses are joined.
type BridgeStyle string

const (
	Saddle   BridgeStyle = "saddle"   // acetate: one smooth arch
	Keyhole  BridgeStyle = "keyhole"  // acetate: an arch with a round notch
	Arched   BridgeStyle = "arched"   // metal: one bar
	TwinBars BridgeStyle = "twinbars" // metal: a bar above the arched one
)

// Eyewear is a frame in the trade's boxing system (ISO 8624), in millimetres
// and degrees: a 52□18-145 frame has LensWidth 52, Bridge 18, Temple 145.
type Eyewear struct {
	Shape      Shape
	Material   Material
	LensWidth  float32 // A, the box around one lens
	LensHeight float32 // B
	Bridge     float32 // DBL, between the boxes
	Temple     float32 // from the hinge over the bend to the tip
	FrontWidth float32 // overall, at the end pieces; 0: 2·LensWidth + Bridge + 2·(Rim+EndPiece)
	Rim        float32 // width of the rim seen from the front
	Thickness  float32 // of the front, front to back
	Wrap       float32 // face form angle, each lens outwards
	Tilt       float32 // pantoscopic, lower rim towards the cheek
	TempleDrop float32 // height of the hinge above the lens's middle
	NosePads   bool
	// BridgeStyle is the bridge's form; "" takes the usual one of the material.
	BridgeStyle BridgeStyle
	// HalfRim leaves the lens's lower edge bare.
	HalfRim bool
	// TempleMaterial is that of the temples; "" as the front. Metal temples
	// (also those of rimless frames) end in acetate tips.
	TempleMaterial Material
	// TempleHeight is the temple's at the hinge, seen from the side; 0: usual.
	TempleHeight float32
	// Outline overrides the shape's own: points around the lens, from the nasal
	// side counter-clockwise as the wearer's right lens is seen, in a box of -1..1.
	Outline [][2]float32
	// Contour is the front's own outer edge, from a photo, instead of the usual
	// one: points in millimetres of the half x >= 0 laid flat (x from the middle,
	// y from the boxes' middle height), counter-clockwise from the bridge's lower
	// edge on x = 0 around the rim and the end piece to its upper edge on x = 0.
	Contour [][2]float32
}

// Variant is one colourway, which is what is bought.
type Variant struct {
	SKU        string
	Colour     string            // facet: black, brown, tortoise, gold, silver, blue, …
	ColourName map[string]string // as the shop says it, by language
	Price      Money
	Compare    Money // the price before, crossed out; zero: none
	Stock      int
	Barcode    string   // GTIN
	Options    []Option // by which it differs from the others
	Frame      Surface
	Temples    *Surface // nil: as the frame
	Tips       *Surface // of metal temples; nil: black acetate
	Metalwork  *Surface // hinges, wire, pad arms; nil: as a metal frame, else steel
	Lens       Lens
	Front      *FrontPhoto // nil: the front is drawn from Frame alone
}

// Money is an amount in the currency's smallest unit.
type Money struct {
	Minor    int64
	Currency string // ISO 4217
}

// Surface is how a material looks. Colours are sRGB.
type Surface struct {
	Base         color.NRGBA // alpha under 255: transparent acetate
	Second       color.NRGBA // of a pattern
	Pattern      Pattern
	Roughness    float32 // 0 mirror .. 1 chalk
	Metallic     float32 // 0 or 1, mostly
	PatternScale float32 // mm
}

// Pattern is how two colours share a surface.
type Pattern string

const (
	Plain    Pattern = ""
	Tortoise Pattern = "tortoise"
	Gradient Pattern = "gradient" // Base above, Second below
	Striped  Pattern = "striped"
)

// Lens is how a lens looks.
type Lens struct {
	// Tint is the colour that light takes on passing; Transmission how much of
	// it passes (luminous, 0..1): 0.92 clear, 0.15 a usual sunglass (category 3).
	Tint         color.NRGBA
	Transmission float32
	// Bottom is Transmission at the lower edge of a gradient lens; 0: no gradient.
	Bottom float32
	// Mirror is how much a mirrored coating reflects, 0..1, and in which colour.
	Mirror       float32
	MirrorColour color.NRGBA
	// Coating is the faint colour of an anti-reflex coating's reflection.
	Coating color.NRGBA
}
