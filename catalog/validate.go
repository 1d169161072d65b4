package catalog

import (
	"errors"
	"fmt"
	"image/color"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"
)

// Colours returns the colours that a variant can be filed under.
func Colours() []string {
	return []string{
		"black", "grey", "white", "crystal", "brown", "tortoise", "beige", "gold",
		"silver", "gunmetal", "pink", "red", "burgundy", "orange", "yellow",
		"green", "blue", "navy", "purple", "multi",
	}
}

// Shapes returns every shape, in the order of a filter.
func Shapes() []Shape {
	return []Shape{Round, Panto, Oval, Square, Rectangle, Aviator, CatEye, Geometric, Browline, Sport}
}

var (
	idForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	langForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$`)
)

// The most that a product may have.
const (
	MaxVariants = 2048 // as Shopify
	MaxPictures = 2000
	MaxTags     = 250
	MaxText     = 200_000 // characters of a description, its HTML included
)

// Validate says in one sentence what of p is wrong, or returns nil. A draft
// may lack what a published product needs: its kind, colours, prices, and the
// measures and surfaces by which eyewear is worn.
func (p *Product) Validate() error {
	if len(p.ID) > 100 || !idForm.MatchString(p.ID) {
		return fmt.Errorf("catalog: product ID %.110q must be lower-case letters, digits and single hyphens, at most 100", p.ID)
	}
	if p.State != Published && p.State != Draft {
		return fmt.Errorf("catalog: product %s: state %.40q is neither \"\" (published) nor draft", p.ID, p.State)
	}
	if err := p.validateTexts(); err != nil {
		return fmt.Errorf("catalog: product %s: %w", p.ID, err)
	}
	if err := p.validateEyewear(); err != nil {
		return fmt.Errorf("product %s: %w", p.ID, err)
	}
	if err := p.validateVariants(); err != nil {
		return err
	}
	if err := p.validateRecord(); err != nil {
		return fmt.Errorf("catalog: product %s: %w", p.ID, err)
	}
	return nil
}

func (p *Product) validateVariants() error {
	if len(p.Variants) < 1 || len(p.Variants) > MaxVariants {
		return fmt.Errorf("catalog: product %s has %d variants, but needs 1 to %d", p.ID, len(p.Variants), MaxVariants)
	}
	seen := make(map[string]bool, len(p.Variants))
	for i := range p.Variants {
		v := &p.Variants[i]
		err := v.validate()
		if err == nil && p.State == Published {
			err = v.complete(p.Category == Worn)
		}
		if err != nil {
			return fmt.Errorf("catalog: product %s, variant %d: %w", p.ID, i+1, err)
		}
		if seen[v.SKU] {
			return fmt.Errorf("catalog: product %s has two variants with SKU %s", p.ID, v.SKU)
		}
		seen[v.SKU] = true
	}
	return nil
}

func (p *Product) validateTexts() error {
	if err := validText("category", p.Category, 255, p.State == Published); err != nil {
		return err
	}
	if p.Kind != Optical && p.Kind != Sun && (p.Kind != "" || p.Category == Worn && p.State == Published) {
		return fmt.Errorf("kind %.40q is none of optical, sun", p.Kind)
	}
	if err := validText("brand", p.Brand, 255, false); err != nil {
		return err
	}
	if err := validTexts("name", p.Name, 300, true); err != nil {
		return err
	}
	return validTexts("text", p.Text, MaxText, false)
}

// validateEyewear holds that published eyewear can be built, that of a draft
// what is known, and that nothing else has a frame.
func (p *Product) validateEyewear() error {
	switch {
	case p.Category == Worn && p.State == Published:
		return p.Eyewear.Validate()
	case p.Category == Worn:
		return p.Eyewear.validateKnown()
	case !p.Eyewear.isZero():
		return fmt.Errorf("catalog: only a product of category %q has a frame's measures; this one is %q", Worn, p.Category)
	}
	return nil
}

// validTexts checks a text in several languages.
func validTexts(what string, m map[string]string, most int, needed bool) error {
	if len(m) > 20 || (needed && len(m) == 0) {
		return fmt.Errorf("%s is given in %d languages, but needs 1 to 20", what, len(m))
	}
	for lang, s := range m {
		if !langForm.MatchString(lang) {
			return fmt.Errorf("%s has language %.20q, which is no code like \"en\" or \"zh\"", what, lang)
		}
		if err := validText(what, s, most, true); err != nil {
			return err
		}
	}
	return nil
}

func validText(what, s string, most int, needed bool) error {
	switch n := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s):
		return fmt.Errorf("%s is not UTF-8 text", what)
	case n > most:
		return fmt.Errorf("%s has %d characters, but at most %d are allowed", what, n, most)
	case needed && n == 0:
		return fmt.Errorf("%s is empty", what)
	}
	return nil
}

// validate checks what is there; complete that nothing is missing.
func (v *Variant) validate() error {
	if err := validSKU(v.SKU); err != nil {
		return err
	}
	if v.Colour != "" && !slices.Contains(Colours(), v.Colour) {
		return fmt.Errorf("colour %.40q is none of %v", v.Colour, Colours())
	}
	if err := validTexts("colour_name", v.ColourName, 255, false); err != nil {
		return err
	}
	if err := v.Price.validate("price"); err != nil {
		return err
	}
	if err := v.Compare.validate("compare price"); err != nil {
		return err
	}
	if v.Stock < 0 || v.Stock > 1e6 {
		return fmt.Errorf("stock %d is not between 0 and 1 000 000", v.Stock)
	}
	if err := v.validateOptions(); err != nil {
		return err
	}
	for _, s := range []*Surface{&v.Frame, v.Temples, v.Tips, v.Metalwork} {
		if err := s.validate(); err != nil {
			return err
		}
	}
	if err := v.Front.validate(); err != nil {
		return err
	}
	return v.Lens.validate()
}

// complete says what a published variant lacks; worn is that of eyewear.
func (v *Variant) complete(worn bool) error {
	switch {
	case v.Price.Currency == "":
		return errors.New("it has no price")
	case worn && v.Colour == "":
		return fmt.Errorf("colour \"\" is none of %v", Colours())
	case worn && v.Lens.Transmission < leastTransmission:
		return fmt.Errorf("transmission is %g, but a lens that is worn lets %g to 1 through", v.Lens.Transmission, leastTransmission)
	case worn && v.Frame == Surface{}:
		return errors.New("the frame has no surface")
	}
	return nil
}

func (v *Variant) validateOptions() error {
	if err := validText("barcode", v.Barcode, 64, false); err != nil {
		return err
	}
	if len(v.Options) > 10 {
		return fmt.Errorf("it has %d options, but at most 10 are allowed", len(v.Options))
	}
	for _, o := range v.Options {
		if err := validText("option name", o.Name, 255, true); err != nil {
			return err
		}
		if err := validText("option value", o.Value, 255, false); err != nil {
			return err
		}
	}
	return nil
}

// validSKU takes what shops print on labels: visible characters and spaces
// between them.
func validSKU(sku string) error {
	switch {
	case sku == "" || len(sku) > 255 || !utf8.ValidString(sku):
		return fmt.Errorf("SKU %.70q must be 1 to 255 bytes of text", sku)
	case sku != strings.TrimSpace(sku) || strings.ContainsFunc(sku, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return fmt.Errorf("SKU %.70q must be visible characters, without spaces around", sku)
	}
	return nil
}

// validate takes an amount, or none at all.
func (m Money) validate(what string) error {
	if m == (Money{}) {
		return nil
	}
	if m.Minor < 0 || m.Minor > 1e10 {
		return fmt.Errorf("%s %d is not between 0 and 10 000 000 000 of the smallest unit", what, m.Minor)
	}
	if _, err := currency.ParseISO(m.Currency); err != nil {
		return fmt.Errorf("currency %.12q of the %s is no ISO 4217 code like \"CNY\" or \"EUR\"", m.Currency, what)
	}
	return nil
}

func (s *Surface) validate() error {
	if s == nil {
		return nil
	}
	switch s.Pattern {
	case Plain, Tortoise, Gradient, Striped:
	default:
		return fmt.Errorf("pattern %.40q is none of tortoise, gradient, striped", s.Pattern)
	}
	if s.Pattern != Plain && s.Second == (color.NRGBA{}) {
		return fmt.Errorf("pattern %s needs a second colour", s.Pattern)
	}
	return inRange(
		part{"roughness", s.Roughness, 0, 1}, part{"metallic", s.Metallic, 0, 1},
		part{"pattern_scale", s.PatternScale, 0, 100})
}

// leastTransmission is the darkest lens that is worn.
const leastTransmission = 0.01

func (l *Lens) validate() error {
	return inRange(
		part{"transmission", l.Transmission, 0, 1}, part{"bottom", l.Bottom, 0, 1},
		part{"mirror", l.Mirror, 0, 1})
}

// part is a value with its range.
type part struct {
	name          string
	value, lo, hi float32
}

func inRange(ps ...part) error {
	for _, p := range ps {
		if !(p.value >= p.lo && p.value <= p.hi) {
			return fmt.Errorf("%s is %g, but must be from %g to %g", p.name, p.value, p.lo, p.hi)
		}
	}
	return nil
}
