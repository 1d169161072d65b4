package catalog

import "time"

// State is whether shoppers see a product.
type State string

const (
	Published State = ""
	Draft     State = "draft"
)

// Role is what a picture of a product is for.
type Role string

const (
	Original    Role = "original"     // as it came from the merchant
	CutOut      Role = "cut-out"      // with alpha, background taken away
	Enhanced    Role = "enhanced"     // ready for the shop
	WornPreview Role = "worn-preview" // on a fixed head, as last approved
	FrontFlat   Role = "front-flat"   // the front laid flat, as FrontPhoto uses it
)

// Picture is one picture of a product. Its bytes lie in the picture store
// under Hash; a picture that was only named by an address has none yet.
type Picture struct {
	Hash          string // SHA-256 of the file, lower-case hex; "" where only URL is known
	Role          Role
	Width, Height int
	Name          string // the merchant's file name
	URL           string // as the spreadsheet gives it; kept, not fetched
	Alt           string
	SKU           string // of the variant it shows; "" all
	From          string // Hash of the picture it was made of
	Steps         []Step // how it was made of From
}

// Step is one thing that a tool did, with all that is needed to do it again.
type Step struct {
	Tool       string // "cutout", "enhance", "generate", …
	Model      string // name and hash of the model file; "" none
	Version    string // of Cheval
	Seed       int64
	Parameters map[string]string
	At         time.Time
}

// Origin is where a product came from.
type Origin struct {
	Source string // "starter", "shopify", "feed", "table", "photos", "generated", "hand"
	File   string // the base name of the file, where there was one
	At     time.Time
	Steps  []Step // that made the product, not one picture
}

// Sheet is what a spreadsheet said of a product, kept whole so that what
// Cheval does not understand goes out again as it came in.
type Sheet struct {
	Format string     // "shopify", "feed", "table"
	Header []string   // as read
	Rows   [][]string // the product's own, as read
}

// Option is one thing by which variants differ: {"Colour", "Black"}.
type Option struct{ Name, Value string }
