package exchange

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"path"
	"slices"
	"strings"
	"sync"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"cheval/catalog"
)

// pictureFiles gives a product's pictures their files: those beside the
// spreadsheet, then those that may be fetched. A picture that is only a file's
// name, and of which there is no file, is left out and reported.
func (im *importer) pictureFiles(ctx context.Context, out *reading, old *catalog.Product, rows []Row, key string) error {
	p := out.product
	for _, a := range im.images[key] {
		im.attach(p, a)
	}
	im.pasted(out, rows)
	for i, pic := range p.Pictures {
		if pic.Hash == "" && old != nil {
			if k := samePicture(old.Pictures, &pic); k >= 0 {
				keepFile(&p.Pictures[i], &old.Pictures[k])
			}
		}
	}
	if im.o.Fetch != nil {
		im.fetch(ctx, p, rows[0])
	}
	for i, pic := range p.Pictures {
		row := rows[0].Number
		if i < len(out.pictureRow) && out.pictureRow[i] >= 0 {
			row = rows[out.pictureRow[i]].Number
		}
		switch {
		case pic.Hash != "":
		case pic.URL != "":
			if im.unfetched++; im.unfetched == 1 {
				im.firstURL = row
			}
		default:
			im.found.add(row, im.name(Image), "there is no picture file %.80q; give its folder or ZIP with --images", pic.Name)
		}
	}
	p.Pictures = slices.DeleteFunc(p.Pictures, func(pic catalog.Picture) bool { return pic.Hash == "" && pic.URL == "" })
	return ctx.Err()
}

// attach gives a product the picture in a file: to the picture of its sheet
// that the file is named in, else as one more.
func (im *importer) attach(p *catalog.Product, a assigned) {
	data, err := a.file.read()
	if err != nil {
		im.found.add(0, "images", "%.120s cannot be read: %v", a.file.name, err)
		return
	}
	pic := catalog.Picture{Role: catalog.Original, Name: shorten(path.Base(a.file.name))}
	if err := im.keep(&pic, data); err != nil {
		im.found.add(0, "images", "%.120s %v", a.file.name, err)
		return
	}
	named := func(q catalog.Picture) bool {
		return q.Hash == "" && strings.EqualFold(stem(fileOf(q.URL+q.Name)), stem(path.Base(a.file.name)))
	}
	if a.named {
		if i := slices.IndexFunc(p.Pictures, named); i >= 0 {
			keepFile(&p.Pictures[i], &pic)
			return
		}
	}
	if len(p.Variants) > 1 && slices.ContainsFunc(p.Variants, func(v catalog.Variant) bool { return v.SKU == a.sku }) {
		pic.SKU = a.sku
	}
	im.add(p, pic)
}

// add gives a product one more picture, unless it has it.
func (im *importer) add(p *catalog.Product, pic catalog.Picture) {
	switch {
	case slices.ContainsFunc(p.Pictures, func(q catalog.Picture) bool { return q.Hash == pic.Hash }):
	case len(p.Pictures) >= catalog.MaxPictures:
		im.found.add(0, "images", "%.120s is left out: product %s has %d pictures already", pic.Name, p.ID, len(p.Pictures))
	default:
		p.Pictures = append(p.Pictures, pic)
	}
}

// maxPixels bounds a picture that is kept.
const maxPixels = 200_000_000

// keep stores a picture file, if it is one, and notes its hash and size.
func (im *importer) keep(pic *catalog.Picture, data []byte) error {
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil && isHEIF(data):
		return fmt.Errorf("is a HEIC or AVIF picture, which is not supported; convert it to JPEG or PNG")
	case err != nil:
		return fmt.Errorf("is no picture that can be read; give a JPEG, PNG, WebP, TIFF, GIF or BMP")
	case c.Width < 1 || c.Height < 1 || c.Width > 1<<16 || c.Height > 1<<16 || c.Width*c.Height > maxPixels:
		return fmt.Errorf("has %d×%d pixels, but at most %d million are taken", c.Width, c.Height, maxPixels/1_000_000)
	}
	pic.Width, pic.Height = c.Width, c.Height
	if im.o.DryRun {
		sum := sha256.Sum256(data)
		pic.Hash = hex.EncodeToString(sum[:])
		return nil
	}
	if pic.Hash, err = im.shop.PutPicture(bytes.NewReader(data)); err != nil {
		return fmt.Errorf("cannot be kept: %w", err)
	}
	return nil
}

// isHEIF says whether data is of the HEIF family (HEIC, AVIF).
func isHEIF(data []byte) bool {
	return len(data) >= 12 && string(data[4:8]) == "ftyp" &&
		slices.Contains([]string{"heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "avif", "avis"}, string(data[8:12]))
}

// keepFile gives to the file of from.
func keepFile(to, from *catalog.Picture) {
	to.Hash, to.Width, to.Height, to.Steps = from.Hash, from.Width, from.Height, from.Steps
	if to.Name == "" {
		to.Name = from.Name
	}
}

// fetchers is how many pictures are fetched at once.
const fetchers = 4

// fetch gets the pictures of a product that have only an address.
func (im *importer) fetch(ctx context.Context, p *catalog.Product, row Row) {
	type got struct {
		data []byte
		err  error
	}
	all := make([]got, len(p.Pictures))
	var wait sync.WaitGroup
	slots := make(chan struct{}, fetchers)
	for i, pic := range p.Pictures {
		if pic.Hash != "" || pic.URL == "" || ctx.Err() != nil {
			continue
		}
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			all[i].data, all[i].err = im.o.Fetch.Fetch(ctx, pic.URL)
		})
	}
	wait.Wait()
	for i := range all {
		err := all[i].err
		if err == nil && all[i].data != nil {
			err = im.keep(&p.Pictures[i], all[i].data)
		}
		if err != nil {
			im.found.add(row.Number, im.name(Image), "%.120s was not fetched: %v", p.Pictures[i].URL, err)
		}
	}
}

// samePicture is the index of the picture in list that has pic's address or,
// without one, its file name; -1 none.
func samePicture(list []catalog.Picture, pic *catalog.Picture) int {
	return slices.IndexFunc(list, func(q catalog.Picture) bool {
		if pic.URL != "" || q.URL != "" {
			return q.URL == pic.URL
		}
		return q.From == "" && q.Name == pic.Name && pic.Name != ""
	})
}
