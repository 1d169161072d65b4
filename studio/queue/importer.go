package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/studio"
	"cheval/studio/embed"
	"cheval/studio/photo"
)

// PhotoKind is the kind of the jobs that an Importer does.
const PhotoKind = "photo"

// PhotoJob is what such a job holds.
type PhotoJob struct {
	File    string       `json:"file"`              // the merchant's name of it
	Hash    string       `json:"hash"`              // of the original, in the store
	Product string       `json:"product,omitempty"` // that gets the pictures; "" makes a draft
	Plan    *studio.Plan `json:"plan,omitempty"`    // nil: the usual one
}

// Shop is where photos become products; store.Store is one.
type Shop interface {
	PutPicture(r io.Reader) (hash string, err error)
	Product(id string) (*catalog.Product, error)
	Apply(ctx context.Context, b store.Batch) (store.Change, error)
	embed.Shop
}

// Importer turns photos into products. Its Work belongs to one queue.
type Importer struct {
	shop   Shop
	studio *studio.Studio
}

// NewImporter makes an importer; the caller closes the studio after the queue.
func NewImporter(shop Shop, s *studio.Studio) *Importer { return &Importer{shop, s} }

// ErrKnown says that a photo made a product before: a watched folder is read
// again at every start.
var ErrKnown = errors.New("the photo is in the catalogue already")

// Take keeps a photo's bytes in the store and returns the job that makes a
// product of it, to be added to a queue. The error is one sentence: what is no
// photo is refused at once, and ErrKnown tells of one that is for no product in
// particular and has made one.
func (im *Importer) Take(path, product string, plan *studio.Plan) (store.Job, error) {
	if _, err := photo.Read(path); err != nil {
		return store.Job{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return store.Job{}, fmt.Errorf("queue: open %s: %w", filepath.Base(path), err)
	}
	defer f.Close()
	hash, err := im.shop.PutPicture(f)
	if err != nil {
		return store.Job{}, err
	}
	p := PhotoJob{File: filepath.Base(path), Hash: hash, Product: product, Plan: plan}
	if product == "" {
		if _, err := im.shop.Product(draftID(p)); err == nil {
			return store.Job{}, fmt.Errorf("queue: %s: %w", p.File, ErrKnown)
		}
	}
	payload, err := json.Marshal(p)
	if err != nil {
		return store.Job{}, fmt.Errorf("queue: %w", err)
	}
	return store.Job{Kind: PhotoKind, Payload: payload, Pictures: []string{hash}}, nil
}

// Work makes the pictures of one photo and writes them, the product and the
// end of the job in one batch.
func (im *Importer) Work(ctx context.Context, j store.Job, progress func(float64)) error {
	var p PhotoJob
	if err := json.Unmarshal(j.Payload, &p); err != nil {
		return fmt.Errorf("queue: a job cannot be read: %w", err)
	}
	data, err := im.shop.Picture(p.Hash)
	if err != nil {
		return err
	}
	shot, err := photo.Decode(data)
	if err != nil {
		return fmt.Errorf("queue: open %s: %w", p.File, err)
	}
	progress(0.02)
	cut, err := im.studio.CutOut(ctx, shot)
	if err != nil {
		return err
	}
	progress(0.8)
	plan := studio.ShopPlan()
	if p.Plan != nil {
		plan = *p.Plan
	}
	made, err := im.studio.Make(ctx, cut, plan)
	if err != nil {
		return fmt.Errorf("%w (%s)", err, p.File)
	}
	progress(0.9)
	pictures, err := im.keep(p, cut, made)
	if err != nil {
		return err
	}
	product, err := im.product(p, pictures)
	if err != nil {
		return err
	}
	b := store.Batch{Kind: store.Photos, Note: p.File, Put: []*catalog.Product{product}, Done: []uint64{j.ID}}
	if look, err := im.studio.Embed(im.shop, product); err == nil { // else it is made when the catalogue's are brought up to date
		b.Looks = []store.Vector{look}
	}
	_, err = im.shop.Apply(ctx, b)
	return err
}

// keep writes the pictures' files and returns their records.
func (im *Importer) keep(p PhotoJob, cut *studio.Cut, made *studio.Picture) ([]catalog.Picture, error) {
	size := cut.Photo.Image.Rect.Max
	out := []catalog.Picture{{Hash: p.Hash, Role: catalog.Original, Width: size.X, Height: size.Y, Name: p.File, Steps: judged(cut.Problems)}}
	for _, made := range []struct {
		role  catalog.Role
		image *image.NRGBA
		steps []catalog.Step
	}{{catalog.CutOut, cut.Image, cut.Steps}, {catalog.Enhanced, made.Image, made.Steps}} {
		var b bytes.Buffer
		if err := studio.Encode(&b, made.image); err != nil {
			return nil, fmt.Errorf("queue: write a picture of %s: %w", p.File, err)
		}
		hash, err := im.shop.PutPicture(&b)
		if err != nil {
			return nil, err
		}
		out = append(out, catalog.Picture{Hash: hash, Role: made.role, Width: made.image.Rect.Dx(), Height: made.image.Rect.Dy(), Name: p.File, From: p.Hash, Steps: made.steps})
	}
	return out, nil
}

// judged records what was wrong with a photo.
func judged(problems []photo.Problem) []catalog.Step {
	if len(problems) == 0 {
		return nil
	}
	said := map[string]string{}
	for _, p := range problems {
		said[string(p.Kind)] = strconv.FormatFloat(p.Measure, 'g', 4, 64) + " of " + strconv.FormatFloat(p.Limit, 'g', 4, 64)
	}
	return []catalog.Step{{Tool: "judge", Parameters: said, At: time.Now().UTC().Truncate(time.Second)}}
}

// product adds the pictures to the product that they are of, or makes a draft.
// Pictures of the same photo, from an earlier run, are replaced.
func (im *Importer) product(p PhotoJob, pictures []catalog.Picture) (*catalog.Product, error) {
	id := p.Product
	if id == "" {
		id = draftID(p)
	}
	stored, err := im.shop.Product(id)
	switch {
	case errors.Is(err, store.ErrAbsent) && p.Product != "":
		return nil, fmt.Errorf("queue: %s is for product %s, which is no longer in the catalogue", p.File, id)
	case errors.Is(err, store.ErrAbsent):
		return newDraft(id, p, pictures), nil
	case err != nil:
		return nil, err
	}
	product := *stored
	product.Pictures = nil
	for _, old := range stored.Pictures {
		same := old.Hash == p.Hash && old.Role == catalog.Original || old.From == p.Hash && (old.Role == catalog.CutOut || old.Role == catalog.Enhanced)
		if !same {
			product.Pictures = append(product.Pictures, old)
		}
	}
	product.Pictures = append(product.Pictures, pictures...)
	return &product, nil
}

// draftID is made of the file's name and the photo's hash, so that the same
// photo makes one product and another of the same name a second.
func draftID(p PhotoJob) string {
	var b strings.Builder
	for _, r := range strings.ToLower(stem(p.File)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 60 {
			break
		}
	}
	return strings.TrimPrefix(strings.TrimSuffix(b.String(), "-")+"-"+p.Hash[:8], "-")
}

func stem(file string) string { return strings.TrimSuffix(file, filepath.Ext(file)) }

func newDraft(id string, p PhotoJob, pictures []catalog.Picture) *catalog.Product {
	name := strings.Map(func(r rune) rune {
		if r == '_' || unicode.IsControl(r) {
			return ' '
		}
		return r
	}, stem(p.File))
	if name = strings.TrimSpace(strings.ToValidUTF8(name, "")); name == "" {
		name = id
	}
	return &catalog.Product{
		ID: id, State: catalog.Draft, Name: map[string]string{"en": name},
		Variants: []catalog.Variant{{SKU: id}},
		Pictures: pictures,
		Origin:   catalog.Origin{Source: "photos", File: p.File, At: time.Now().UTC().Truncate(time.Second)},
	}
}
