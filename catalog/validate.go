package catalog

import (
	"fmt"
	"image/color"
	"regexp"
	"slices"
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
	skuForm  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	langForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$`)
)

// Validate says in one sentence what of p is wrong, or returns nil.
func (p *Product) Validate() error {
	if len(p.ID) > 64 || !idForm.MatchString(p.ID) {
		return fmt.Errorf("catalog: product ID %.70q must be lower-case letters, digits and single hyphens, at most 64", p.ID)
	}
	if err := p.validateTexts(); err != nil {
		return fmt.Errorf("catalog: product %s: %w", p.ID, err)
	}
	if err := p.Eyewear.Validate(); err != nil {
		return fmt.Errorf("product %s: %w", p.ID, err)
	}
	if len(p.Variants) < 1 || len(p.Variants) > 64 {
		return fmt.Errorf("catalog: product %s has %d variants, but needs 1 to 64", p.ID, len(p.Variants))
	}
	seen := map[string]bool{}
	for i := range p.Variants {
		v := &p.Variants[i]
		if err := v.validate(); err != nil {
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
	if p.Category != "eyewear" {
		return fmt.Errorf("category %.40q is not known; it must be \"eyewear\"", p.Category)
	}
	if p.Kind != Optical && p.Kind != Sun {
		return fmt.Errorf("kind %.40q is none of optical, sun", p.Kind)
	}
	if err := validText("brand", p.Brand, 80, false); err != nil {
		return err
	}
	if err := validTexts("name", p.Name, 120, true); err != nil {
		return err
	}
	return validTexts("text", p.Text, 2000, false)
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

func (v *Variant) validate() error {
	if len(v.SKU) > 64 || !skuForm.MatchString(v.SKU) {
		return fmt.Errorf("SKU %.70q must be letters, digits, dots, hyphens and underscores, at most 64", v.SKU)
	}
	if !slices.Contains(Colours(), v.Colour) {
		return fmt.Errorf("colour %.40q is none of %v", v.Colour, Colours())
	}
	if err := validTexts("colour_name", v.ColourName, 80, false); err != nil {
		return err
	}
	if v.Price.Minor < 0 || v.Price.Minor > 1e10 {
		return fmt.Errorf("price %d is not between 0 and 10 000 000 000 of the smallest unit", v.Price.Minor)
	}
	if _, err := currency.ParseISO(v.Price.Currency); err != nil {
		return fmt.Errorf("currency %.12q is no ISO 4217 code like \"CNY\" or \"EUR\"", v.Price.Currency)
	}
	if v.Stock < 0 || v.Stock > 1e6 {
		return fmt.Errorf("stock %d is not between 0 and 1 000 000", v.Stock)
	}
	for _, s := range []*Surface{&v.Frame, v.Temples, v.Tips, v.Metalwork} {
		if err := s.validate(); err != nil {
			return err
		}
	}
	return v.Lens.validate()
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

func (l *Lens) validate() error {
	return inRange(
		part{"transmission", l.Transmission, 0.01, 1}, part{"bottom", l.Bottom, 0, 1},
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
