package exchange

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"cheval/catalog"
)

// Shop is where products go.
type Shop interface {
	// Product is the product with an ID; nil where there is none.
	Product(id string) (*catalog.Product, error)
	// Put writes products, all or none, and returns after they are on the disk.
	Put(ctx context.Context, products []*catalog.Product) error
	// PutPicture keeps a picture file and returns its SHA-256 in hex.
	PutPicture(r io.Reader) (hash string, err error)
}

// Options say how a file is imported.
type Options struct {
	Images   string   // a folder or a ZIP with pictures; "" none
	Currency string   // of prices that name none, ISO 4217; "" CNY
	Fetch    *Fetcher // gets pictures by their addresses; nil: nothing is fetched
	DryRun   bool     // say what would be done and write nothing
	// Progress is called now and then, on the goroutine of Import.
	Progress func(Progress)

	batch int // products in one transaction; 0: 500
}

// Progress is how far an import is.
type Progress struct {
	Rows, Of int
	Saved    int // products that are on the disk
}

// Import brings the products of a file in. Products are written in batches of
// whole products: when it fails, is cancelled or killed, what was written
// stays, and the same import again goes on from there, because a product has
// the same ID every time. A product that the shop has already takes over what
// the file says and keeps what only Cheval knows.
//
// The result says what was done also beside an error.
func (f *File) Import(ctx context.Context, shop Shop, o Options) (Result, error) {
	if o.Currency == "" {
		o.Currency = "CNY"
	}
	if o.batch == 0 {
		o.batch = 500
	}
	im := &importer{
		file: f, shop: shop, o: o, ids: map[string]string{}, at: time.Now().UTC().Truncate(time.Second),
		reader: reader{layout: newLayout(f.Format, f.Columns), currency: o.Currency, decimalComma: f.DecimalComma, found: &problems{}},
	}
	err := im.run(ctx)
	im.result.Problems = im.found.all()
	if err != nil {
		err = fmt.Errorf("import %s: %w%s", filepath.Base(f.Path), err, im.saved())
	}
	return im.result, err
}

// importer is one import under way.
type importer struct {
	reader
	file     *File
	shop     Shop
	o        Options
	at       time.Time
	ids      map[string]string // product ID → key of its rows
	result   Result
	survey   *survey
	images   map[string][]assigned
	embedded *embedded // nil: none

	waiting   []*catalog.Product
	stored    int // products that are on the disk
	unfetched int
	firstURL  int // the row that first names an address that was not fetched
	// keptSheets counts products that keep their rows of Shopify's.
	keptSheets int
}

// saved says for an error what is on the disk all the same.
func (im *importer) saved() string {
	if im.stored == 0 {
		return ""
	}
	return fmt.Sprintf("; %d products are in, import the file again to go on", im.stored)
}

func (im *importer) run(ctx context.Context) error {
	if err := im.file.Columns.check(im.file.Format); err != nil {
		return err
	}
	im.sayFile()
	var err error
	if im.survey, err = im.file.survey(ctx, &im.reader, im.o.Images != ""); err != nil {
		return err
	}
	im.result.Rows = im.survey.rows
	closeAll, err := im.openPictures()
	if err != nil {
		return err
	}
	defer closeAll()
	rows := 0
	err = im.file.groups(ctx, &im.reader, im.survey, func(g *group) error {
		rows += len(g.rows)
		if err := im.product(ctx, g); err != nil {
			return err
		}
		if len(im.waiting) >= im.o.batch {
			return im.flush(ctx, rows)
		}
		return nil
	})
	if err != nil {
		return err
	}
	im.sayAll()
	return im.flush(ctx, im.survey.rows)
}

// openPictures opens the pictures beside the file and those within it.
func (im *importer) openPictures() (closeAll func(), err error) {
	closeAll = func() {}
	if im.o.Images != "" {
		files, err := openImages(im.o.Images, im.found)
		if err != nil {
			return nil, err
		}
		closeAll = func() { files.close() }
		im.images = im.survey.matcher.assign(files.files, im.found)
		im.survey.matcher = nil
	}
	if im.embedded, err = im.file.embedded(); err != nil {
		closeAll()
		return nil, err
	}
	if im.embedded == nil {
		return closeAll, nil
	}
	folder := closeAll
	return func() { folder(); im.embedded.close() }, nil
}

// sayFile reports what was guessed about the whole file.
func (im *importer) sayFile() {
	if e := im.file.Encoding; e == GB18030 || e == Windows1252 {
		im.found.add(0, "", "the text was read as %s, which is a guess; if letters look wrong, save the file as UTF-8", e)
	}
	if !im.has(Price) {
		im.found.add(0, "price", "no column is known to hold prices; products stay drafts until they have one")
	} else if im.file.Format == Shopify {
		im.found.add(0, im.name(Price), "Shopify's file names no currency; %s is taken", im.o.Currency)
	}
}

// sayAll reports what concerns many rows alike.
func (im *importer) sayAll() {
	if im.keptSheets > 0 {
		im.found.add(0, "", "%d products came from Shopify and keep its rows; columns of this file that Cheval does not know are not kept for them", im.keptSheets)
	}
	if im.unfetched > 0 {
		im.found.add(im.firstURL, im.name(Image), "%d image addresses are kept as text and were not fetched (the first stands in this row)", im.unfetched)
	}
}

// flush writes what waits.
func (im *importer) flush(ctx context.Context, rows int) error {
	if len(im.waiting) > 0 && !im.o.DryRun {
		if err := im.shop.Put(ctx, im.waiting); err != nil {
			for _, p := range im.waiting { // they did not go in
				im.count(p, -1)
			}
			return err
		}
		im.stored += len(im.waiting)
	}
	im.waiting = im.waiting[:0]
	if im.o.Progress != nil {
		im.o.Progress(Progress{min(rows, im.survey.rows), im.survey.rows, im.stored})
	}
	return nil
}

func (im *importer) count(p *catalog.Product, by int) {
	im.result.Products += by
	im.result.Variants += by * len(p.Variants)
	for i := range p.Pictures {
		if p.Pictures[i].From == "" { // not one that the studio made of another
			im.result.Images += by
		}
	}
}

// product reads one product and lets it wait to be written.
func (im *importer) product(ctx context.Context, g *group) error {
	rows := im.oneProduct(g)
	out := im.reader.product(g.handle, rows)
	if out == nil {
		return nil
	}
	p := out.product
	im.ownID(p, g)
	if sheetBytes(p.Sheet) > MaxRow {
		im.found.add(rows[0].Number, im.name(Handle), "product %.60q has over 3 MB of rows and is left out", g.handle)
		return nil
	}
	p.Origin = catalog.Origin{Source: string(im.file.Format), File: shorten(filepath.Base(im.file.Path)), At: im.at, Steps: im.steps()}
	old, err := im.shop.Product(p.ID)
	if err != nil {
		return err
	}
	if old != nil && isStarter(old) {
		im.found.add(rows[0].Number, im.name(Handle), "it takes the place of the starter product %s", old.ID)
		old = nil
	}
	if err := im.pictureFiles(ctx, out, old, rows, g.key); err != nil {
		return err
	}
	if old != nil {
		p = im.merge(p, old, rows[0])
	}
	if err := p.Validate(); err != nil {
		im.found.add(rows[0].Number, "", "the product cannot be taken: %v", err)
		return nil
	}
	im.waiting = append(im.waiting, p)
	im.count(p, +1)
	return nil
}

// isStarter says whether a product came with Cheval.
func isStarter(p *catalog.Product) bool {
	return p.Sheet == nil && (p.Origin.Source == "" || p.Origin.Source == "starter")
}

// ownID gives a product another ID where one with another handle has it.
func (im *importer) ownID(p *catalog.Product, g *group) {
	if other, taken := im.ids[p.ID]; taken && other != g.key {
		p.ID += "-" + hashOf(g.key)
	}
	im.ids[p.ID] = g.key
}

func sheetBytes(s *catalog.Sheet) (n int) {
	for _, row := range s.Rows {
		for _, c := range row {
			n += len(c) + 4
		}
	}
	return n
}

func shorten(s string) string {
	s = strings.ToValidUTF8(s, "_")
	if r := []rune(s); len(r) > 200 {
		s = string(r[len(r)-200:])
	}
	return s
}

// steps keeps the mapping that a person chose, for the export to follow.
func (im *importer) steps() []catalog.Step {
	chosen := map[string]string{}
	for _, c := range im.file.Columns {
		if c.Because == "person" {
			chosen["column "+c.Header] = string(c.Field)
		}
	}
	if len(chosen) == 0 || len(chosen) > 100 {
		return nil
	}
	return []catalog.Step{{Tool: "import", Parameters: chosen, At: im.at}}
}
