package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"cheval/catalog/exchange"
	"cheval/catalog/store"
	"cheval/voice/understand"
)

// sheetImport is one spreadsheet on its way in: how it is read, which a person
// may change, how far it is, and what came of it.
type sheetImport struct {
	page     *cataloguePage
	file     *exchange.File
	images   string // a folder or ZIP of pictures; "": none
	progress exchange.Progress
	cancel   context.CancelFunc // nil: does not run
	result   *exchange.Result   // nil: not done
	// coverage says how much of the stock the mirror can be asked for by name
	// after it; nil: not known.
	coverage *understand.Coverage
}

// openSheet looks at a spreadsheet and shows how it would be read.
func (c *cataloguePage) openSheet(path, tab string) {
	a := c.p.a
	var file *exchange.File
	a.inBackground(func(context.Context) (err error) {
		file, err = exchange.Open(path, tab)
		return err
	}, func(err error) {
		if err != nil {
			c.fail(err)
			return
		}
		s := &sheetImport{page: c, file: file}
		a.stage.open(s.sheet)
	})
}

func (s *sheetImport) sheet(l *look) *sheet {
	t, a := l.tr, s.page.p.a
	title := t.t("import.title", args{"file": filepath.Base(s.file.Path)})
	switch {
	case s.result != nil:
		done := newPill(l, "check", t.t("import.close"), pillAccent, a.stage.closeSheet)
		return newSheet(l, title, s.outcome(l), done, a.stage.closeSheet)
	case s.cancel != nil:
		bar := widget.NewProgressBar()
		bar.Value = float64(s.progress.Rows) / float64(max(s.progress.Of, 1))
		body := l.column(14, bar, l.body(t.t("import.progress", args{"rows": t.int(s.progress.Rows), "of": t.int(s.progress.Of), "n": s.progress.Saved}), l.pal.text),
			l.body(t.t("import.background"), l.pal.quiet))
		stop := newPill(l, "stop", t.t("import.cancel"), pillPlain, s.cancel)
		return newSheet(l, title, body, stop, a.stage.closeSheet)
	}
	start := newPill(l, "check", t.t("import.start"), pillAccent, s.start)
	return newSheet(l, title, s.reading(l), start, a.stage.closeSheet)
}

// reading says how the file is understood and lets a person change it.
func (s *sheetImport) reading(l *look) *fyne.Container {
	t, f := l.tr, s.file
	body := l.column(10, l.body(facts(t.t("import.format."+string(f.Format)), string(f.Encoding), f.Tab), l.pal.text))
	if len(f.Tabs) > 1 {
		tabs := widget.NewSelect(f.Tabs, nil)
		tabs.Selected = f.Tab
		tabs.OnChanged = func(tab string) { s.page.openSheet(f.Path, tab) }
		body.Add(tabs)
	}
	pictures := t.t("import.no_images")
	if s.images != "" {
		pictures = filepath.Base(s.images)
	}
	folder := newPill(l, "photo", pictures, pillPlain, s.chooseImages).small()
	body.Add(l.chips(folder))
	if f.Format != exchange.Table {
		return body
	}
	body.Add(l.heading(t.t("import.columns")))
	fields := append([]exchange.Field{exchange.None}, exchange.Fields()...)
	for i := range f.Columns {
		body.Add(s.column(l, i, fields))
	}
	return body
}

// column maps one column of a table.
func (s *sheetImport) column(l *look, i int, fields []exchange.Field) fyne.CanvasObject {
	c := s.file.Columns[i]
	name := l.text(c.Header, textBody, l.pal.text)
	sample := ""
	if len(s.file.Sample) > 0 && i < len(s.file.Sample[0].Cells) {
		sample = s.file.Sample[0].Cells[i]
	}
	example := l.text(sample, textSmall, l.pal.quiet)
	names := make([]string, len(fields))
	for k, f := range fields {
		names[k] = fieldName(l.tr, f)
	}
	pick := widget.NewSelect(names, nil)
	pick.Selected = fieldName(l.tr, c.Field)
	pick.OnChanged = func(string) {
		if err := s.file.Columns.Set(c.Header, fields[pick.SelectedIndex()]); err != nil {
			s.page.p.a.notice(err)
		}
		s.page.p.a.stage.refreshSheet()
	}
	o := placed(nil, name, example, pick)
	o.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(l.px(360), l.px(66)) },
		place: func(z fyne.Size) {
			half := z.Width * 0.48
			name.Text = elide(c.Header, half-l.px(10), measureLike(name))
			example.Text = elide(sample, half-l.px(10), measureLike(example))
			put(name, rect{0, l.px(4), half, l.px(30)})
			put(example, rect{0, l.px(34), half, l.px(26)})
			put(pick, rect{half, l.px(8), z.Width - half, l.px(48)})
		},
	}
	return o
}

// problemField is the field of a problem: one of Cheval's by its name, a
// file's own column as it stands there.
func problemField(t *translator, field string) string {
	if f := exchange.Field(field); f != exchange.None && slices.Contains(exchange.Fields(), f) {
		return fieldName(t, f)
	}
	return field
}

// fieldName is what a column means, as a person reads it.
func fieldName(t *translator, f exchange.Field) string {
	if f == exchange.None {
		return t.t("import.field.none")
	}
	return t.t("import.field." + string(f))
}

func (s *sheetImport) chooseImages() {
	a := s.page.p.a
	a.chooseFolder(func(path string) {
		s.images = path
		a.stage.refreshSheet()
	})
}

// start imports, away from the UI goroutine. Closing the sheet does not stop it.
func (s *sheetImport) start() {
	a := s.page.p.a
	ctx, cancel := context.WithCancel(a.ctx)
	s.cancel = cancel
	a.stage.refreshSheet()
	var result exchange.Result
	o := exchange.Options{Images: s.images, Currency: a.settings.Currency, Progress: func(p exchange.Progress) {
		a.parts.onUI(func() {
			s.progress = p
			s.again()
		})
	}}
	a.inBackground(func(context.Context) (err error) {
		defer cancel()
		result, err = s.file.Import(ctx, a.store.NewShelf(store.Import, filepath.Base(s.file.Path)), o)
		if err == nil {
			s.coverage, err = stockCoverage(a.store)
		}
		return err
	}, func(err error) {
		s.cancel, s.result = nil, &result
		if err != nil && !errors.Is(err, context.Canceled) {
			a.notice(err)
			result.Problems = append(result.Problems, exchange.Problem{Why: err.Error()})
		}
		if a.stage.opener == nil {
			a.stage.open(s.sheet) // it was closed meanwhile: the outcome is shown all the same
		} else {
			s.again()
		}
	})
}

// stockCoverage says how much of the store's products can be asked for by name.
func stockCoverage(s *store.Store) (*understand.Coverage, error) {
	stock, err := s.Catalogue()
	if err != nil {
		return nil, err
	}
	c, err := coverageOf(stock.All())
	return &c, err
}

// again shows the sheet as it is now, if it is the one that is open.
func (s *sheetImport) again() {
	if s.page.p.a.stage.opener != nil {
		s.page.p.a.stage.refreshSheet()
	}
}

// mostProblems is how many rows with problems are listed on the sheet.
const mostProblems = 200

// outcome says what went in, and each row that did not with its reason.
func (s *sheetImport) outcome(l *look) *fyne.Container {
	t, r := l.tr, s.result
	body := l.column(10, l.body(t.t("import.done", args{"products": t.int(r.Products), "variants": t.int(r.Variants), "images": t.int(r.Images), "rows": t.int(r.Rows)}), l.pal.text))
	if s.coverage != nil {
		body.Add(l.body(coverageLine(t, s.coverage), l.pal.quiet))
	}
	if len(r.Problems) == 0 {
		return body
	}
	body.Add(l.heading(t.t("import.problems", args{"n": len(r.Problems)})))
	for _, p := range r.Problems[:min(len(r.Problems), mostProblems)] {
		where := t.t("import.whole_file")
		if p.Row > 0 {
			where = t.t("import.row", args{"row": p.Row})
		}
		body.Add(l.body(fmt.Sprintf("%s: %s", facts(where, problemField(t, p.Field)), p.Why), l.pal.quiet))
	}
	return body
}
