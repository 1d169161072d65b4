package search

import (
	"context"
	"fmt"
	"strings"

	"cheval/catalog"
	"cheval/catalog/store"
)

// Encoder turns texts into embeddings: those of like meaning are near each
// other. All are of one size.
type Encoder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Keeper keeps embeddings, as a store.Store does.
type Keeper interface {
	Vectors(name string, visit func(store.Vector)) error
	PutVectors(ctx context.Context, name string, vectors ...store.Vector) error
}

// embedded is how many texts are encoded and kept at once.
const embedded = 32

// Meanings returns a space of what products say of themselves, by ID. What the
// keeper has under the model's name is taken from there; what is new or was
// edited is encoded and kept. progress is called, where not nil, with how many
// of those are done. When ctx ends, what was done is kept.
func Meanings(ctx context.Context, c *catalog.Catalogue, k Keeper, model string, e Encoder, progress func(done, of int)) (*Space, error) {
	have := map[string]store.Vector{}
	if err := k.Vectors(model, func(v store.Vector) { have[v.Key] = v }); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	var missing []*catalog.Product
	for _, p := range c.All() {
		if v, ok := have[p.ID]; !ok || v.Of != meaningMark(p) {
			missing = append(missing, p)
		}
	}
	for from := 0; from < len(missing); from += embedded {
		some := missing[from:min(from+embedded, len(missing))]
		made, err := embed(ctx, some, e)
		if err == nil {
			err = k.PutVectors(ctx, model, made...)
		}
		if err != nil {
			return nil, fmt.Errorf("search: embed products: %w", err)
		}
		for _, v := range made {
			have[v.Key] = v
		}
		if progress != nil {
			progress(from+len(some), len(missing))
		}
	}
	s := &Space{}
	for _, p := range c.All() {
		if err := s.Add(p.ID, have[p.ID].Values); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func embed(ctx context.Context, products []*catalog.Product, e Encoder) ([]store.Vector, error) {
	texts := make([]string, len(products))
	for i, p := range products {
		texts[i] = MeaningText(p)
	}
	vectors, err := e.Embed(ctx, texts)
	if err != nil {
		return nil, err
	}
	if len(vectors) != len(texts) {
		return nil, fmt.Errorf("%d texts gave %d vectors", len(texts), len(vectors))
	}
	out := make([]store.Vector, len(products))
	for i, p := range products {
		out[i] = store.Vector{Key: p.ID, Of: meaningMark(p), Values: vectors[i]}
	}
	return out, nil
}

// meaningBytes is how much of a description counts: encoders read a few hundred
// words.
const meaningBytes = 1200

// MeaningText is what an encoder is given of a product, in English where there
// is any: name, description, and the words of its facets.
func MeaningText(p *catalog.Product) string {
	parts := []string{inEnglish(p.Name), p.Brand, p.Category, strings.Join(p.Tags, ", ")}
	if p.Category == catalog.Worn {
		parts = append(parts, string(p.Eyewear.Shape), string(p.Eyewear.Material), string(p.Kind))
	}
	for i := range p.Variants {
		if c := p.Variants[i].Colour; c != "" && !strings.Contains(strings.Join(parts, " "), c) {
			parts = append(parts, c)
		}
	}
	text := plain(inEnglish(p.Text))
	parts = append(parts, strings.ToValidUTF8(text[:min(len(text), meaningBytes)], ""))
	var said []string
	for _, s := range parts {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			said = append(said, s)
		}
	}
	return strings.Join(said, ". ")
}

func meaningMark(p *catalog.Product) string { return fmt.Sprintf("%016x", fingerprint(MeaningText(p))) }

// inEnglish is a text in English, or in the first language that there is.
func inEnglish(m map[string]string) (text string) {
	if s := m["en"]; s != "" {
		return s
	}
	eachText(m, func(s string) {
		if text == "" {
			text = s
		}
	})
	return text
}
