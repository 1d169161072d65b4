// Package search finds products: by words in English and Chinese with typos
// forgiven, narrowed by a filter with facets, and by likeness of embeddings,
// colour and shape.
//
// The index of words is derived from the catalogue and kept in a folder, so
// that a large shop need not wait for it at every start. It leaves to others
// what there is to find (catalog, catalog/store) and how embeddings are made.
package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis"
	_ "github.com/blevesearch/bleve/v2/analysis/analyzer/custom" // named by the mapping
	_ "github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/analysis/lang/cjk"
	"github.com/blevesearch/bleve/v2/analysis/token/lowercase"
	"github.com/blevesearch/bleve/v2/analysis/token/porter"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/unicode"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"

	"cheval/catalog"
)

// FolderName is the index's folder in CHEVAL_HOME.
const FolderName = "search"

// Index finds products by words. Any goroutine may use it; Sync calls wait for
// each other, and searches go on meanwhile.
type Index struct {
	bleve    bleve.Index
	analyzer analysis.Analyzer

	syncing sync.Mutex
	marks   marks                       // of what is indexed; guarded by syncing
	seen    map[string]*catalog.Product // likewise: what was compared last

	mu        sync.RWMutex
	catalogue *catalog.Catalogue // that was synced last; nil: none yet
}

// Open opens the index in a folder. One that is missing, damaged or of another
// form is begun anew, empty: Sync fills it.
func Open(folder string) (*Index, error) {
	m, err := newMapping()
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	x := &Index{analyzer: m.AnalyzerNamed(words), seen: map[string]*catalog.Product{}}
	if x.bleve, err = bleve.Open(folder); err == nil {
		if x.marks, err = readMarks(x.bleve); err == nil {
			return x, nil
		}
		_ = x.bleve.Close()
	}
	if err := os.RemoveAll(folder); err != nil {
		return nil, fmt.Errorf("search: remove the old index: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return nil, fmt.Errorf("search: make the index: %w", err)
	}
	x.bleve, err = bleve.NewUsing(folder, m, scorch.Name, scorch.Name, nil)
	if err != nil {
		return nil, fmt.Errorf("search: make the index: %w", err)
	}
	x.marks = marks{}
	return x, nil
}

// Close closes the index.
func (x *Index) Close() error {
	x.syncing.Lock()
	defer x.syncing.Unlock()
	if err := x.bleve.Close(); err != nil {
		return fmt.Errorf("search: close: %w", err)
	}
	return nil
}

// words is the analyzer of texts: words of any script, Chinese as pairs of
// characters, English by its stems.
const words = "words"

// The fields of a document.
const (
	titleField = "title" // names, brand, numbers, and the words of the facets
	textField  = "text"  // descriptions
	facetField = "facet" // "brand=…", exactly
)

func newMapping() (*mapping.IndexMappingImpl, error) {
	m := bleve.NewIndexMapping()
	err := m.AddCustomAnalyzer(words, map[string]any{
		"type": "custom", "tokenizer": unicode.Name,
		"token_filters": []string{cjk.WidthName, lowercase.Name, cjk.BigramName, porter.Name},
	})
	if err != nil {
		return nil, err
	}
	d := bleve.NewDocumentStaticMapping()
	for _, name := range []string{titleField, textField, facetField} {
		f := bleve.NewTextFieldMapping()
		f.Analyzer = words
		if name == facetField {
			f.Analyzer = "keyword"
		}
		f.Store, f.IncludeTermVectors, f.IncludeInAll, f.DocValues = false, false, false, false
		d.AddFieldMappingsAt(name, f)
	}
	m.DefaultMapping, m.DefaultAnalyzer = d, words
	m.StoreDynamic, m.IndexDynamic, m.DocValuesDynamic = false, false, false
	return m, nil
}

// marks are the fingerprints of what is indexed, by ID. They are written with
// the documents, in parts, so that an index knows what it holds.
type marks map[string]uint64

// form is the version of documents and marks: another makes the index anew.
const form = 1

const markParts = 256

func partOf(id string) byte { return byte(fingerprint(id)) }

func partKey(part byte) []byte { return fmt.Appendf(nil, "marks-%d-%d", form, part) }

func readMarks(b bleve.Index) (marks, error) {
	all := marks{}
	has, err := b.GetInternal([]byte("form"))
	if err != nil || string(has) != fmt.Sprint(form) {
		return nil, errors.Join(errors.New("the index is of another form"), err)
	}
	for part := range markParts {
		data, err := b.GetInternal(partKey(byte(part)))
		if err != nil {
			return nil, err
		}
		if data == nil {
			continue
		}
		if err := json.Unmarshal(data, &all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// batchSize is how many products are indexed at once.
const batchSize = 2000

// Sync makes the index hold what a catalogue holds. What did not change since
// is not indexed again, also from an earlier run. progress is called, where not
// nil, with how many of the changed products are done. When ctx ends, what was
// done stays and the rest is done by the next call.
func (x *Index) Sync(ctx context.Context, c *catalog.Catalogue, progress func(done, of int)) error {
	x.syncing.Lock()
	defer x.syncing.Unlock()
	put, gone := x.changes(c)
	for from := 0; from < len(put) || from < len(gone); from += batchSize {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("search: %w", err)
		}
		if err := x.batch(part(put, from), part(gone, from)); err != nil {
			return fmt.Errorf("search: index products: %w", err)
		}
		if progress != nil {
			progress(min(from+batchSize, len(put)), len(put))
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.catalogue = c
	return nil
}

func part[T any](all []T, from int) []T {
	from = min(from, len(all))
	return all[from:min(from+batchSize, len(all))]
}

// change is a product that the index has not, or differently.
type change struct {
	product *catalog.Product
	mark    uint64
}

// changes compares a catalogue with what is indexed.
func (x *Index) changes(c *catalog.Catalogue) (put []change, gone []string) {
	for _, p := range c.All() {
		if x.seen[p.ID] == p {
			continue
		}
		mark := documentOf(p).mark()
		if has, ok := x.marks[p.ID]; ok && has == mark {
			x.seen[p.ID] = p
			continue
		}
		put = append(put, change{p, mark})
	}
	for id := range x.marks {
		if c.Product(id) == nil {
			gone = append(gone, id)
		}
	}
	return put, gone
}

// batch indexes and removes, with the marks.
func (x *Index) batch(put []change, gone []string) error {
	b := x.bleve.NewBatch()
	touched := map[byte]bool{}
	for _, c := range put {
		if err := b.Index(c.product.ID, documentOf(c.product)); err != nil {
			return fmt.Errorf("product %s: %w", c.product.ID, err)
		}
		x.marks[c.product.ID] = c.mark
		touched[partOf(c.product.ID)] = true
	}
	for _, id := range gone {
		b.Delete(id)
		delete(x.marks, id)
		delete(x.seen, id)
		touched[partOf(id)] = true
	}
	if err := x.markIn(b, touched); err != nil {
		return err
	}
	if err := x.bleve.Batch(b); err != nil {
		return err
	}
	for _, c := range put {
		x.seen[c.product.ID] = c.product
	}
	return nil
}

// markIn adds the touched parts of the marks to a batch.
func (x *Index) markIn(b *bleve.Batch, touched map[byte]bool) error {
	parts := map[byte]marks{}
	for id, mark := range x.marks {
		if p := partOf(id); touched[p] {
			if parts[p] == nil {
				parts[p] = marks{}
			}
			parts[p][id] = mark
		}
	}
	for p := range touched {
		data, err := json.Marshal(parts[p])
		if err != nil {
			return err
		}
		b.SetInternal(partKey(p), data)
	}
	b.SetInternal([]byte("form"), fmt.Append(nil, form))
	return nil
}

// current is the catalogue that was synced last.
func (x *Index) current() *catalog.Catalogue {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.catalogue
}
