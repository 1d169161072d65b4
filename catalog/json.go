package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"io"
	"strconv"
)

// MaxProductBytes is the largest product file that is read.
const MaxProductBytes = 4 << 20

// Decode reads one product from JSON and validates it. Unknown fields, values
// out of range and anything after the product are errors, in one sentence.
func Decode(r io.Reader) (*Product, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxProductBytes+1))
	if err != nil {
		return nil, fmt.Errorf("catalog: read product: %w", err)
	}
	if len(data) > MaxProductBytes {
		return nil, fmt.Errorf("catalog: the product file is over %d KiB", MaxProductBytes>>10)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var f productFile
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("catalog: this is not a product: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("catalog: something stands after the product's closing brace; a file holds one product")
	}
	p := f.product()
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return p, nil
}

// Encode writes p as Decode reads it.
func Encode(w io.Writer, p *Product) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(fileOf(p)); err != nil {
		return fmt.Errorf("catalog: write product %s: %w", p.ID, err)
	}
	return nil
}

// AppendRecord appends p to b as a store keeps it: as Encode writes it, in one
// line and without its sheet, which AppendSheet writes.
func AppendRecord(b []byte, p *Product) ([]byte, error) {
	f := fileOf(p)
	f.Sheet = nil
	return appendJSON(b, f, p.ID)
}

// AppendSheet appends p's sheet, which must not be nil.
func AppendSheet(b []byte, p *Product) ([]byte, error) {
	return appendJSON(b, (*sheetFile)(p.Sheet), p.ID)
}

func appendJSON(b []byte, v any, id string) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("catalog: write product %s: %w", id, err)
	}
	return append(b, data...), nil
}

// ParseRecord reads what AppendRecord wrote. It is lenient where Decode is
// strict: a field that it does not know was written by a later Cheval and is
// left out.
func ParseRecord(data []byte) (*Product, error) {
	var f productFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("catalog: this is not a product's record: %w", err)
	}
	p := f.product()
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return p, nil
}

// ParseSheet reads what AppendSheet wrote.
func ParseSheet(data []byte) (*Sheet, error) {
	var f sheetFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("catalog: this is not a sheet's record: %w", err)
	}
	return (*Sheet)(&f), nil
}

// The file's form of the types in product.go: names in lower case, colours as
// "#rrggbb" or "#rrggbbaa".
type (
	productFile struct {
		ID       string            `json:"id"`
		Brand    string            `json:"brand"`
		Category string            `json:"category"`
		Name     map[string]string `json:"name"`
		Text     map[string]string `json:"text,omitempty"`
		Kind     Kind              `json:"kind,omitempty"`
		Eyewear  eyewearFile       `json:"eyewear,omitzero"`
		Variants []variantFile     `json:"variants"`
		Tags     []string          `json:"tags,omitempty"`
		State    State             `json:"state,omitempty"`
		Pictures []pictureFile     `json:"pictures,omitempty"`
		Origin   originFile        `json:"origin,omitzero"`
		Sheet    *sheetFile        `json:"sheet,omitempty"`
		Anchors  []anchorsFile     `json:"anchors,omitempty"`
	}
	eyewearFile struct {
		Shape          Shape        `json:"shape"`
		Material       Material     `json:"material"`
		LensWidth      float32      `json:"lens_width"`
		LensHeight     float32      `json:"lens_height"`
		Bridge         float32      `json:"bridge"`
		Temple         float32      `json:"temple"`
		FrontWidth     float32      `json:"front_width,omitempty"`
		Rim            float32      `json:"rim,omitempty"`
		Thickness      float32      `json:"thickness"`
		Wrap           float32      `json:"wrap,omitempty"`
		Tilt           float32      `json:"tilt,omitempty"`
		TempleDrop     float32      `json:"temple_drop,omitempty"`
		NosePads       bool         `json:"nose_pads,omitempty"`
		BridgeStyle    BridgeStyle  `json:"bridge_style,omitempty"`
		HalfRim        bool         `json:"half_rim,omitempty"`
		TempleMaterial Material     `json:"temple_material,omitempty"`
		TempleHeight   float32      `json:"temple_height,omitempty"`
		Outline        [][2]float32 `json:"outline,omitempty"`
		Contour        [][2]float32 `json:"contour,omitempty"`
	}
	variantFile struct {
		SKU        string            `json:"sku"`
		Colour     string            `json:"colour,omitempty"`
		ColourName map[string]string `json:"colour_name,omitempty"`
		Price      moneyFile         `json:"price,omitzero"`
		Compare    moneyFile         `json:"compare,omitzero"`
		Stock      int               `json:"stock"`
		Barcode    string            `json:"barcode,omitempty"`
		Options    []optionFile      `json:"options,omitempty"`
		Frame      surfaceFile       `json:"frame,omitzero"`
		Temples    *surfaceFile      `json:"temples,omitempty"`
		Tips       *surfaceFile      `json:"tips,omitempty"`
		Metalwork  *surfaceFile      `json:"metalwork,omitempty"`
		Lens       lensFile          `json:"lens,omitzero"`
		Front      *frontFile        `json:"front,omitempty"`
	}
	moneyFile struct {
		Minor    int64  `json:"minor"`
		Currency string `json:"currency"`
	}
	surfaceFile struct {
		Base         hex     `json:"base"`
		Second       hex     `json:"second,omitzero"`
		Pattern      Pattern `json:"pattern,omitempty"`
		Roughness    float32 `json:"roughness"`
		Metallic     float32 `json:"metallic,omitempty"`
		PatternScale float32 `json:"pattern_scale,omitempty"`
	}
	lensFile struct {
		Tint         hex     `json:"tint"`
		Transmission float32 `json:"transmission"`
		Bottom       float32 `json:"bottom,omitempty"`
		Mirror       float32 `json:"mirror,omitempty"`
		MirrorColour hex     `json:"mirror_colour,omitzero"`
		Coating      hex     `json:"coating,omitzero"`
	}
)

// hex is a colour in a file.
type hex color.NRGBA

// MarshalText writes "#rrggbb", or "#rrggbbaa" where it is transparent.
func (h hex) MarshalText() ([]byte, error) {
	if h.A == 255 {
		return fmt.Appendf(nil, "#%02x%02x%02x", h.R, h.G, h.B), nil
	}
	return fmt.Appendf(nil, "#%02x%02x%02x%02x", h.R, h.G, h.B, h.A), nil
}

// UnmarshalText reads what MarshalText writes.
func (h *hex) UnmarshalText(b []byte) error {
	if (len(b) != 7 && len(b) != 9) || b[0] != '#' {
		return fmt.Errorf("colour %.20q is not of the form #rrggbb or #rrggbbaa", b)
	}
	v, err := strconv.ParseUint(string(b[1:]), 16, 32)
	if err != nil {
		return fmt.Errorf("colour %.20q is not of the form #rrggbb or #rrggbbaa", b)
	}
	if len(b) == 7 {
		v = v<<8 | 255
	}
	*h = hex{uint8(v >> 24), uint8(v >> 16), uint8(v >> 8), uint8(v)}
	return nil
}

func (f *productFile) product() *Product {
	p := &Product{
		ID: f.ID, Brand: f.Brand, Category: f.Category, Name: f.Name, Text: f.Text,
		Kind: f.Kind, Eyewear: Eyewear(f.Eyewear), Tags: f.Tags, State: f.State,
		Origin: f.Origin.origin(), Sheet: (*Sheet)(f.Sheet),
	}
	if len(f.Variants) > 0 { // exactly as many: a large shop holds them all
		p.Variants = make([]Variant, len(f.Variants))
	}
	for i := range f.Variants {
		p.Variants[i] = f.Variants[i].variant()
	}
	for i := range f.Anchors {
		p.Anchors = append(p.Anchors, f.Anchors[i].anchors())
	}
	for i := range f.Pictures {
		p.Pictures = append(p.Pictures, f.Pictures[i].picture())
	}
	return p
}

func fileOf(p *Product) *productFile {
	f := &productFile{
		ID: p.ID, Brand: p.Brand, Category: p.Category, Name: p.Name, Text: p.Text,
		Kind: p.Kind, Eyewear: eyewearFile(p.Eyewear), Tags: p.Tags, State: p.State,
		Origin: fileOfOrigin(&p.Origin), Sheet: (*sheetFile)(p.Sheet),
	}
	for i := range p.Variants {
		f.Variants = append(f.Variants, fileOfVariant(&p.Variants[i]))
	}
	for i := range p.Anchors {
		f.Anchors = append(f.Anchors, fileOfAnchors(&p.Anchors[i]))
	}
	for i := range p.Pictures {
		f.Pictures = append(f.Pictures, fileOfPicture(&p.Pictures[i]))
	}
	return f
}

func (f *variantFile) variant() Variant {
	v := Variant{
		SKU: f.SKU, Colour: f.Colour, ColourName: f.ColourName, Price: Money(f.Price),
		Compare: Money(f.Compare), Stock: f.Stock, Barcode: f.Barcode,
		Frame: f.Frame.surface(), Temples: f.Temples.pointer(),
		Tips: f.Tips.pointer(), Metalwork: f.Metalwork.pointer(), Lens: f.Lens.lens(),
		Front: f.Front.front(),
	}
	for _, o := range f.Options {
		v.Options = append(v.Options, Option(o))
	}
	return v
}

func fileOfVariant(v *Variant) variantFile {
	f := variantFile{
		SKU: v.SKU, Colour: v.Colour, ColourName: v.ColourName, Price: moneyFile(v.Price),
		Compare: moneyFile(v.Compare), Stock: v.Stock, Barcode: v.Barcode,
		Frame: *fileOfSurface(&v.Frame), Temples: fileOfSurface(v.Temples),
		Tips: fileOfSurface(v.Tips), Metalwork: fileOfSurface(v.Metalwork),
		Lens: lensFile{
			hex(v.Lens.Tint), v.Lens.Transmission, v.Lens.Bottom, v.Lens.Mirror,
			hex(v.Lens.MirrorColour), hex(v.Lens.Coating),
		},
		Front: fileOfFront(v.Front),
	}
	for _, o := range v.Options {
		f.Options = append(f.Options, optionFile(o))
	}
	return f
}

func (f *surfaceFile) surface() Surface {
	return Surface{color.NRGBA(f.Base), color.NRGBA(f.Second), f.Pattern, f.Roughness, f.Metallic, f.PatternScale}
}

func (f *surfaceFile) pointer() *Surface {
	if f == nil {
		return nil
	}
	s := f.surface()
	return &s
}

func fileOfSurface(s *Surface) *surfaceFile {
	if s == nil {
		return nil
	}
	return &surfaceFile{hex(s.Base), hex(s.Second), s.Pattern, s.Roughness, s.Metallic, s.PatternScale}
}

func (f *lensFile) lens() Lens {
	return Lens{color.NRGBA(f.Tint), f.Transmission, f.Bottom, f.Mirror, color.NRGBA(f.MirrorColour), color.NRGBA(f.Coating)}
}
