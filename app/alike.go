package app

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cheval/camera"
	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/studio/photo"
)

// printsOf is the name under which the store keeps what photos are compared by.
const printsOf = "photo-print-1"

// mostAlike is how many groups of photos are shown at once.
const mostAlike = 30

// shopPhoto is one photo of one product.
type shopPhoto struct {
	product *catalog.Product
	picture catalog.Picture
	print   photo.Print
	alike   int         // bits of 64 that are as in the first of its group
	thumb   image.Image // nil unless it is shown
}

// alikePhotos finds the photos of the shop that are nearly the same, each group
// by itself. Photos are looked at once; what they are compared by is kept.
func (a *App) alikePhotos(ctx context.Context) (groups [][]shopPhoto, err error) {
	c, err := a.store.Catalogue()
	if err != nil {
		return nil, err
	}
	known := map[string]photo.Print{}
	if err := a.store.Vectors(printsOf, func(v store.Vector) {
		if p, ok := printFrom(v.Values); ok {
			known[v.Key] = p
		}
	}); err != nil {
		return nil, err
	}
	var photos []shopPhoto
	var prints []photo.Print
	for _, p := range c.All() {
		for _, x := range p.Pictures {
			if x.Role != catalog.Original || x.Hash == "" {
				continue
			}
			print, err := a.printOf(ctx, x.Hash, known)
			if err != nil {
				return nil, fmt.Errorf("compare the photos of %s: %w", p.ID, err)
			}
			photos, prints = append(photos, shopPhoto{product: p, picture: x, print: print}), append(prints, print)
		}
	}
	for _, g := range photo.Groups(prints) {
		if len(groups) == mostAlike {
			break
		}
		var group []shopPhoto
		for k, i := range g.Photos {
			s := photos[i]
			s.alike = 64 - g.Bits[k]
			if img, err := a.storedPicture(s.picture.Hash); err == nil {
				s.thumb = within(img, image.Pt(420, 320))
			}
			group = append(group, s)
		}
		groups = append(groups, group)
	}
	return groups, ctx.Err()
}

// printOf is what a photo is compared by, from what is known or from its file.
func (a *App) printOf(ctx context.Context, hash string, known map[string]photo.Print) (photo.Print, error) {
	if p, ok := known[hash]; ok {
		return p, nil
	}
	if err := ctx.Err(); err != nil {
		return photo.Print{}, err
	}
	data, err := a.store.Picture(hash)
	if err != nil {
		return photo.Print{}, err
	}
	img, err := camera.DecodeImage(bytes.NewReader(data))
	if err != nil {
		return photo.Print{}, err
	}
	p, err := photo.PrintOf(toRGBA(img))
	if err != nil {
		return photo.Print{}, err
	}
	known[hash] = p
	return p, a.store.PutVectors(ctx, printsOf, store.Vector{Key: hash, Values: printValues(p)})
}

// printValues writes a print as numbers: the hash in four parts, the colours.
func printValues(p photo.Print) []float32 {
	out := make([]float32, 0, 4+48)
	for k := range 4 {
		out = append(out, float32(uint16(p.Hash>>(16*k))))
	}
	for _, c := range p.Colours {
		out = append(out, float32(c[0]), float32(c[1]), float32(c[2]))
	}
	return out
}

func printFrom(v []float32) (p photo.Print, ok bool) {
	if len(v) != 4+48 {
		return p, false
	}
	for k := range 4 {
		p.Hash |= uint64(v[k]) << (16 * k)
	}
	for i := range p.Colours {
		for c := range 3 {
			p.Colours[i][c] = uint8(v[4+3*i+c])
		}
	}
	return p, true
}

// showAlike looks for photos that are nearly the same and shows them side by
// side.
func (c *cataloguePage) showAlike() {
	c.p.touched()
	a := c.p.a
	ctx, cancel := context.WithCancel(a.ctx)
	var groups [][]shopPhoto
	looking := true
	close := func() {
		cancel()
		a.stage.closeSheet()
	}
	a.stage.open(func(l *look) *sheet {
		body := l.column(18)
		switch {
		case looking:
			body.Add(l.body(l.tr.t("alike.looking"), l.pal.quiet))
		case len(groups) == 0:
			body.Add(l.body(l.tr.t("alike.none"), l.pal.text))
		default:
			body.Add(l.body(l.tr.t("alike.how"), l.pal.quiet))
		}
		for _, g := range groups {
			body.Add(c.alikeRow(l, g))
		}
		return newSheet(l, l.tr.t("alike.open"), body, nil, close)
	})
	a.inBackground(func(context.Context) (err error) {
		groups, err = a.alikePhotos(ctx)
		return err
	}, func(err error) {
		if ctx.Err() != nil {
			return
		}
		looking = false
		if err != nil {
			c.fail(err)
			return
		}
		a.stage.refreshSheet()
	})
}

// alikeRow is one group: its photos side by side, of which one is kept.
func (c *cataloguePage) alikeRow(l *look, group []shopPhoto) fyne.CanvasObject {
	row := container.New(&gridLayout{least: l.px(230), gap: l.px(14), ratio: 1.14})
	for i := range group {
		s := group[i]
		img := canvas.NewImageFromImage(s.thumb)
		img.FillMode, img.CornerRadius = canvas.ImageFillContain, l.px(12)
		name := l.text(l.tr.of(s.product.Name), textSmall+1, l.pal.text)
		say := l.text(facts(l.tr.t("stock."+string(standingOf(s.product))), l.tr.t("alike.share", args{"n": s.alike * 100 / 64})), textSmall, l.pal.quiet)
		keep := newPill(l, "check", l.tr.t("alike.keep"), pillPlain, func() { c.keepOne(group, i) }).small()
		row.Add(placed(func(z fyne.Size) {
			name.Text = elide(l.tr.of(s.product.Name), z.Width, measureLike(name))
			h := keep.MinSize().Height
			put(img, rect{0, 0, z.Width, z.Height - h - l.px(66)})
			put(name, rect{0, z.Height - h - l.px(62), z.Width, l.px(28)})
			put(say, rect{0, z.Height - h - l.px(34), z.Width, l.px(28)})
			put(keep, rect{0, z.Height - h, z.Width, h})
		}, img, name, say, keep))
	}
	return row
}

// keepOne keeps one photo of a group. The others go, and with them the drafts
// that were made of nothing else; what is published stays. One undo brings
// all back.
func (c *cataloguePage) keepOne(group []shopPhoto, keep int) {
	c.p.touched()
	a := c.p.a
	a.stage.closeSheet()
	var stay int
	a.inBackground(func(ctx context.Context) (err error) {
		var b store.Batch
		if b, stay, err = a.mergeBatch(group, keep); err != nil || len(b.Put)+len(b.Delete) == 0 {
			return err
		}
		_, err = a.store.Apply(ctx, b)
		return err
	}, func(err error) {
		if err != nil {
			c.fail(err)
			return
		}
		c.restock()
		if stay > 0 {
			c.tell(c.p.look.tr.t("alike.stay", args{"n": stay}))
			return
		}
		c.showAlike()
	})
}

// mergeBatch is what keepOne writes, and how many photos stay because their
// products are published.
func (a *App) mergeBatch(group []shopPhoto, keep int) (b store.Batch, stay int, err error) {
	b = store.Batch{Kind: store.Edit, Note: group[keep].picture.Name}
	changed := map[string]*catalog.Product{}
	for i, s := range group {
		if i == keep || s.picture.Hash == group[keep].picture.Hash && s.product.ID == group[keep].product.ID {
			continue
		}
		p := changed[s.product.ID]
		if p == nil {
			if p, err = a.store.Product(s.product.ID); err != nil {
				return b, 0, err
			}
		}
		if p.State == catalog.Published {
			stay++
			continue
		}
		p.Pictures = slices.DeleteFunc(p.Pictures, func(o catalog.Picture) bool {
			return o.Hash == s.picture.Hash && o.Role == catalog.Original || o.From == s.picture.Hash && o.Role != catalog.FrontFlat
		})
		changed[p.ID] = p
	}
	for id, p := range changed {
		if id != group[keep].product.ID && p.Origin.Source == "photos" && !hasPhoto(p) && !p.Wearable() {
			b.Delete = append(b.Delete, id)
			continue
		}
		b.Put = append(b.Put, p)
	}
	return b, stay, nil
}

func hasPhoto(p *catalog.Product) bool {
	return slices.ContainsFunc(p.Pictures, func(x catalog.Picture) bool { return x.Role == catalog.Original })
}
