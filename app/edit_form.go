package app

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"cheval/catalog"
	"cheval/studio/anchor"
)

// productForm is what is typed of a product, as text.
type productForm struct {
	name, text      map[string]string // by language
	brand, category string
	tags            string // separated by commas
	notation, width string // sizes of eyewear: "52□18-145", and the total width in mm
	variants        []variantForm
}

type variantForm struct{ sku, price, stock string }

// formOf is a product as it is typed.
func formOf(p *catalog.Product) productForm {
	f := productForm{name: map[string]string{}, text: map[string]string{}, brand: p.Brand, category: p.Category, tags: strings.Join(p.Tags, ", ")}
	for _, lang := range languages {
		f.name[lang], f.text[lang] = p.Name[lang], p.Text[lang]
	}
	e := p.Eyewear
	if e.LensWidth > 0 && e.Bridge > 0 {
		f.notation = catalog.Notation{Lens: e.LensWidth, Bridge: e.Bridge, Temple: e.Temple}.String()
	}
	if e.FrontWidth > 0 {
		f.width = strconv.FormatFloat(float64(e.FrontWidth), 'f', -1, 32)
	}
	for i := range p.Variants {
		f.variants = append(f.variants, variantFormOf(&p.Variants[i]))
	}
	return f
}

func variantFormOf(v *catalog.Variant) variantForm {
	f := variantForm{sku: v.SKU, stock: strconv.Itoa(v.Stock)}
	if v.Price.Currency != "" {
		f.price = strconv.FormatFloat(v.Price.Major(), 'f', v.Price.Decimals(), 64)
	}
	return f
}

// onto writes what was typed into a product, which has at least as many
// variants as the form. The error is one sentence; the product is then half
// changed and of no use.
func (f *productForm) onto(p *catalog.Product, currency string, t *translator) error {
	p.Name, p.Text = maps.Clone(p.Name), maps.Clone(p.Text)
	setTexts(&p.Name, f.name)
	setTexts(&p.Text, f.text)
	if len(p.Name) == 0 {
		return errors.New(t.t("edit.bad.name"))
	}
	p.Brand, p.Tags = strings.TrimSpace(f.brand), tagsOf(f.tags)
	f.setCategory(p)
	if p.Category == catalog.Worn {
		if err := f.setSize(p, t); err != nil {
			return err
		}
	}
	p.Variants = slices.Clone(p.Variants)
	for i := range f.variants {
		if i >= len(p.Variants) {
			return errors.New(t.t("edit.bad.changed"))
		}
		if err := f.variants[i].onto(&p.Variants[i], currency, t); err != nil {
			return err
		}
	}
	return nil
}

// setTexts replaces the languages that are typed; an empty one is taken out.
func setTexts(into *map[string]string, typed map[string]string) {
	if *into == nil {
		*into = map[string]string{}
	}
	for lang, s := range typed {
		if s = strings.TrimSpace(s); s == "" {
			delete(*into, lang)
			continue
		}
		(*into)[lang] = s
	}
}

func tagsOf(s string) (out []string) {
	for _, tag := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '，' || r == '\n' }) {
		if tag = strings.TrimSpace(tag); tag != "" && !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

// setCategory changes what a product is. What stops being eyewear has no
// measures of a frame any more.
func (f *productForm) setCategory(p *catalog.Product) {
	to := strings.TrimSpace(f.category)
	if p.Category == catalog.Worn && to != catalog.Worn {
		p.Eyewear, p.Kind, p.Anchors = catalog.Eyewear{}, "", nil
	}
	p.Category = to
}

// setSize sets the measures that are typed.
func (f *productForm) setSize(p *catalog.Product, t *translator) error {
	h, err := f.hint(t)
	if err != nil {
		return err
	}
	e := &p.Eyewear
	if h.Notation.Lens > 0 {
		e.LensWidth, e.Bridge = h.Notation.Lens, h.Notation.Bridge
		if h.Notation.Temple > 0 {
			e.Temple = h.Notation.Temple
		}
	}
	if e.FrontWidth != 0 || h.FrontWidth != 0 {
		e.FrontWidth = h.FrontWidth
	}
	return nil
}

// hint is the size that is typed, as the anchors take it.
func (f *productForm) hint(t *translator) (h anchor.Hint, err error) {
	if s := strings.TrimSpace(f.notation); s != "" {
		n, ok := catalog.ParseNotation(s)
		if !ok {
			return h, errors.New(t.t("edit.bad.notation", args{"value": s}))
		}
		h.Notation = n
	}
	if s := strings.TrimSpace(f.width); s != "" {
		v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 32)
		if err != nil || !(v >= 90 && v <= 190) {
			return h, errors.New(t.t("edit.bad.width", args{"value": s}))
		}
		h.FrontWidth = float32(v)
	}
	return h, nil
}

func (f *variantForm) onto(v *catalog.Variant, currency string, t *translator) error {
	if v.SKU = strings.TrimSpace(f.sku); v.SKU == "" {
		return errors.New(t.t("edit.bad.sku"))
	}
	n, err := strconv.Atoi(strings.TrimSpace(f.stock))
	if err != nil || n < 0 || n > 1e6 {
		return errors.New(t.t("edit.bad.stock", args{"value": f.stock, "sku": v.SKU}))
	}
	v.Stock = n
	if v.Price.Currency != "" {
		currency = v.Price.Currency
	}
	m, err := parseAmount(f.price, currency)
	if err != nil {
		return errors.New(t.t("edit.bad.price", args{"value": f.price, "sku": v.SKU}))
	}
	v.Price = m
	return nil
}

// parseAmount reads an amount of a currency, with a point or a comma; nothing
// is no price.
func parseAmount(s, currency string) (catalog.Money, error) {
	m := catalog.Money{Currency: currency}
	s = strings.TrimSpace(s)
	if s == "" {
		return catalog.Money{}, nil
	}
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil {
		return m, fmt.Errorf("%q is no amount: %w", s, err)
	}
	minor := v * math.Pow10(m.Decimals())
	m.Minor = int64(math.Round(minor))
	if !(v >= 0 && minor <= 1e10) || math.Abs(minor-math.Round(minor)) > 1e-4 {
		return m, fmt.Errorf("%q is no amount of %s", s, currency)
	}
	return m, nil
}
