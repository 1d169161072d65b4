package catalog

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// validateRecord checks what a product keeps beside what a shopper sees.
func (p *Product) validateRecord() error {
	if len(p.Tags) > MaxTags {
		return fmt.Errorf("it has %d tags, but at most %d are allowed", len(p.Tags), MaxTags)
	}
	for _, tag := range p.Tags {
		if err := validText("tag", tag, 255, true); err != nil {
			return err
		}
	}
	if len(p.Pictures) > MaxPictures {
		return fmt.Errorf("it has %d pictures, but at most %d are allowed", len(p.Pictures), MaxPictures)
	}
	for i := range p.Pictures {
		if err := p.Pictures[i].validate(); err != nil {
			return fmt.Errorf("picture %d: %w", i+1, err)
		}
	}
	for i := range p.Anchors {
		if err := p.Anchors[i].Validate(); err != nil {
			return err
		}
	}
	if err := p.Origin.validate(); err != nil {
		return err
	}
	return p.Sheet.validate()
}

func (p *Picture) validate() error {
	switch p.Role {
	case Original, CutOut, Enhanced, WornPreview, FrontFlat:
	default:
		return fmt.Errorf("role %.40q is none of original, cut-out, enhanced, worn-preview, front-flat", p.Role)
	}
	switch {
	case p.Hash == "" && p.URL == "":
		return fmt.Errorf("it has neither a file (hash) nor an address (url)")
	case p.Hash != "" && !hashForm.MatchString(p.Hash), p.From != "" && !hashForm.MatchString(p.From):
		return fmt.Errorf("hash %.70q is no SHA-256 in lower-case hex", p.Hash+p.From)
	case p.Width < 0 || p.Height < 0 || p.Width > 1<<16 || p.Height > 1<<16:
		return fmt.Errorf("size %d×%d is not one of a picture", p.Width, p.Height)
	}
	for _, s := range []struct {
		what, text string
		most       int
	}{{"name", p.Name, 255}, {"url", p.URL, 8192}, {"alt", p.Alt, 4096}, {"sku", p.SKU, 255}} {
		if err := validText(s.what, s.text, s.most, false); err != nil {
			return err
		}
	}
	return validSteps(p.Steps)
}

func (o *Origin) validate() error {
	if err := validText("origin's source", o.Source, 40, false); err != nil {
		return err
	}
	if err := validText("origin's file", o.File, 255, false); err != nil {
		return err
	}
	return validSteps(o.Steps)
}

func validSteps(steps []Step) error {
	if len(steps) > 200 {
		return fmt.Errorf("it has %d steps, but at most 200 are kept", len(steps))
	}
	for _, s := range steps {
		if err := validText("step's tool", s.Tool, 80, true); err != nil {
			return err
		}
		if err := validText("step's model", s.Model, 255, false); err != nil {
			return err
		}
		if len(s.Parameters) > 100 {
			return fmt.Errorf("step %s has %d parameters, but at most 100 are kept", s.Tool, len(s.Parameters))
		}
		for name, v := range s.Parameters {
			if err := validText("step's parameter", name+v, 8192, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// validate checks that what was read can be written: text, and no row longer
// than the header would name.
func (s *Sheet) validate() error {
	if s == nil {
		return nil
	}
	if len(s.Header) > 5000 || len(s.Rows) > 20_000 {
		return fmt.Errorf("its sheet has %d columns and %d rows, but at most 5000 and 20000 are kept", len(s.Header), len(s.Rows))
	}
	for _, row := range append([][]string{s.Header}, s.Rows...) {
		for _, cell := range row {
			if !utf8.ValidString(cell) {
				return fmt.Errorf("a cell of its sheet is not UTF-8 text")
			}
		}
	}
	return nil
}
