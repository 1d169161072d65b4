package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"cheval/catalog"
	"cheval/recommender"
	"cheval/recommender/people"
)

// insightsPage shows what the counts tell: what is tried, what sells, what is
// tried and not wanted, and what does not fit. Nobody can be found in it.
type insightsPage struct {
	a    *App
	look *look
	body *fyne.Container
}

// insights are what the page shows, read from the store.
type insights struct {
	counts map[string]people.Tally
	risks  []sizeRisk
}

// sizeRisk is how often one size group does not fit.
type sizeRisk struct {
	key  catalog.Size // of its name
	wide people.Risk
	slim people.Risk
}

// insightSpan is how far back the page looks.
const insightSpan = 90 * 24 * time.Hour

// mostBars is how many products a chart shows.
const mostBars = 8

func newInsightsPage(p *staffPage) fyne.CanvasObject {
	i := &insightsPage{a: p.a, look: p.look, body: p.look.column(16)}
	l, t := i.look, i.look.tr
	if p.a.people == nil {
		i.body.Add(l.body(t.t("insights.closed"), l.pal.text))
		return l.scrolling(i.body)
	}
	var read insights
	store, groups, since := p.a.people, sizeGroups(p.a.shopper.all), p.a.now().Add(-insightSpan)
	p.a.inBackground(func(context.Context) (err error) {
		read, err = readInsights(store, groups, since)
		return err
	}, func(err error) {
		if err != nil {
			p.a.notice(err)
			i.body.Add(l.body(t.t("insights.failed"), l.pal.warn))
			return
		}
		i.show(&read)
	})
	return l.scrolling(i.body)
}

// readInsights reads the counts, away from the UI goroutine.
func readInsights(store *people.Store, groups map[catalog.Size][]string, since time.Time) (out insights, err error) {
	if out.counts, err = store.Counts(since); err != nil {
		return out, err
	}
	for _, key := range [...]catalog.Size{catalog.Narrow, catalog.Medium, catalog.Wide} {
		r := sizeRisk{key: key}
		if r.wide, err = store.Risk(groups[key], "too-wide"); err != nil {
			return out, err
		}
		if r.slim, err = store.Risk(groups[key], "too-narrow"); err != nil {
			return out, err
		}
		out.risks = append(out.risks, r)
	}
	return out, nil
}

// sizeGroups sorts products by the width of their front.
func sizeGroups(all []*catalog.Product) map[catalog.Size][]string {
	groups := map[catalog.Size][]string{}
	for _, p := range all {
		if size := p.Eyewear.Size(); size != "" {
			groups[size] = append(groups[size], p.ID)
		}
	}
	return groups
}

// show draws the charts.
func (i *insightsPage) show(read *insights) {
	l, t := i.look, i.look.tr
	i.body.Objects = nil
	i.body.Add(l.body(t.t("insights.intro", args{"days": int(insightSpan.Hours() / 24)}), l.pal.quiet))
	chart := func(key string, value func(people.Tally) int) {
		i.body.Add(l.space(4))
		i.body.Add(l.heading(t.t("insights." + key)))
		i.body.Add(i.bars(read.counts, value))
	}
	chart("tried", func(n people.Tally) int { return n[recommender.Try] })
	chart("liked", func(n people.Tally) int { return n[recommender.Like] })
	chart("sold", func(n people.Tally) int { return n[recommender.Buy] })
	chart("not_bought", func(n people.Tally) int {
		if n[recommender.Buy] > 0 {
			return 0
		}
		return n[recommender.Try]
	})
	i.body.Add(l.space(4))
	i.body.Add(l.heading(t.t("insights.fit")))
	for _, r := range read.risks {
		i.addRisk(&r)
	}
	i.body.Add(l.body(t.t("insights.noise"), l.pal.quiet))
	i.body.Refresh()
}

func (i *insightsPage) addRisk(r *sizeRisk) {
	l, t := i.look, i.look.tr
	if !r.wide.Known {
		i.body.Add(l.body(facts(t.t("insights.size."+string(r.key)), t.t("insights.too_few")), l.pal.quiet))
		return
	}
	percent := func(share float64) int { return int(100*share + 0.5) }
	size := t.t("insights.size." + string(r.key))
	i.body.Add(newBar(l, facts(size, t.t("insights.too_wide")), percent(r.wide.Share), 100))
	i.body.Add(newBar(l, facts(size, t.t("insights.too_narrow")), percent(r.slim.Share), 100))
}

// bars draws the products with the highest value of something.
func (i *insightsPage) bars(counts map[string]people.Tally, value func(people.Tally) int) fyne.CanvasObject {
	l, a := i.look, i.a
	type bar struct {
		id string
		n  int
	}
	var all []bar
	for id, n := range counts {
		if v := value(n); v > 0 && a.shopper.stock.Product(id) != nil {
			all = append(all, bar{id, v})
		}
	}
	slices.SortFunc(all, func(x, y bar) int { return cmp.Or(cmp.Compare(y.n, x.n), cmp.Compare(x.id, y.id)) })
	box := l.column(10)
	for _, b := range all[:min(mostBars, len(all))] {
		box.Add(newBar(l, l.tr.of(a.shopper.stock.Product(b.id).Name), b.n, all[0].n))
	}
	if len(all) == 0 {
		box.Add(l.body(l.tr.t("insights.none"), l.pal.text))
	}
	return box
}

func newBar(l *look, name string, n, most int) fyne.CanvasObject {
	label, num := l.text(name, textBody, l.pal.text), l.text(l.tr.int(n), textBody, l.pal.quiet)
	bar := canvas.NewRectangle(l.pal.accent)
	bar.CornerRadius = l.px(6)
	c := placed(nil, label, bar, num)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(l.px(400), l.px(34)) },
		place: func(s fyne.Size) {
			name := l.px(240)
			w := (s.Width - name - l.px(80)) * float32(n) / float32(max(most, 1))
			put(label, rect{0, 0, name, s.Height})
			put(bar, rect{name, s.Height * 0.25, max(w, l.px(6)), s.Height * 0.5})
			put(num, rect{name + max(w, l.px(6)) + l.px(12), 0, l.px(70), s.Height})
		},
	}
	return c
}
