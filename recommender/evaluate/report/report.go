// Package report draws an evaluation as a page (HTML that stands by itself) or
// a picture (PNG).
//
// It leaves to others the figures (recommender/evaluate).
package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"cheval/recommender/evaluate"
)

// Names are the models of a report, best NDCG@10 first.
func Names(r *evaluate.Report) []string {
	var out []string
	for name := range r.Models {
		out = append(out, name)
	}
	slices.SortFunc(out, func(a, b string) int {
		switch x, y := r.Models[a].NDCG10, r.Models[b].NDCG10; {
		case x > y:
			return -1
		case x < y:
			return 1
		case a < b:
			return -1
		}
		return 1
	})
	return out
}

// The report's inks.
var (
	ink    = color.NRGBA{38, 40, 46, 255}
	accent = color.NRGBA{176, 96, 52, 255}
	second = color.NRGBA{72, 104, 140, 255}
)

// palette tells the models' lines apart.
var palette = []color.NRGBA{accent, second, {92, 140, 88, 255}, {148, 92, 148, 255}, {196, 160, 64, 255}, {64, 148, 148, 255}, {140, 120, 104, 255}, {200, 112, 120, 255}, {112, 112, 176, 255}, {128, 128, 128, 255}}

// plots are the page's pictures, in its order.
func plots(r *evaluate.Report) ([]*plot.Plot, error) {
	bars, err := barPlot(r)
	if err != nil {
		return nil, err
	}
	curve, err := curvePlot(r)
	if err != nil {
		return nil, err
	}
	groups, err := groupPlot(r)
	if err != nil {
		return nil, err
	}
	return []*plot.Plot{bars, curve, groups}, nil
}

// named puts the models' names under a plot, one a step, slanted so that all fit.
func named(p *plot.Plot, names []string) {
	p.NominalX(names...)
	p.X.Tick.Label.Rotation = 0.6
	p.X.Tick.Label.XAlign = draw.XRight
	p.X.Tick.Label.YAlign = draw.YCenter
}

func newPlot(title, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.Y.Label.Text = title, y
	p.Title.Padding = vg.Points(8)
	p.Title.TextStyle.Color, p.X.Color, p.Y.Color = ink, ink, ink
	p.Y.Min = 0
	p.Legend.Top = true
	p.Legend.Padding, p.Legend.XOffs = vg.Points(2), vg.Points(-4)
	p.Add(plotter.NewGrid())
	return p
}

// barPlot is HR@10 and NDCG@10 of each model, with their 95 % intervals.
func barPlot(r *evaluate.Report) (*plot.Plot, error) {
	names := Names(r)
	title := "HR@10 and NDCG@10, 95 % intervals over people"
	if r.Protocol.Simulated {
		title = "SIMULATED SHOPPERS. " + title
	}
	p := newPlot(title, "")
	width := vg.Points(14)
	for side, of := range []func(*evaluate.Figures) (float64, evaluate.Interval){
		func(f *evaluate.Figures) (float64, evaluate.Interval) { return f.HR10, f.HR10Interval },
		func(f *evaluate.Figures) (float64, evaluate.Interval) { return f.NDCG10, f.NDCGInterval },
	} {
		var values plotter.Values
		var at plotter.XYs
		var spread plotter.YErrors
		for k, n := range names {
			v, i := of(r.Models[n])
			values = append(values, v)
			at = append(at, plotter.XY{X: float64(k) + 0.18*float64(2*side-1), Y: v})
			spread = append(spread, struct{ Low, High float64 }{i[0] - v, i[1] - v})
		}
		b, err := plotter.NewBarChart(values, width)
		if err != nil {
			return nil, err
		}
		b.Color, b.LineStyle.Width = []color.NRGBA{second, accent}[side], 0
		b.Offset = width * vg.Length(2*side-1) / 2
		p.Add(b)
		p.Legend.Add([]string{"HR@10", "NDCG@10"}[side], b)
		e, err := plotter.NewYErrorBars(struct {
			plotter.XYs
			plotter.YErrors
		}{at, spread})
		if err != nil {
			return nil, err
		}
		e.Color = ink
		p.Add(e)
	}
	p.Y.Max = 1
	named(p, names)
	return p, nil
}

// curvePlot is HR@k of each model.
func curvePlot(r *evaluate.Report) (*plot.Plot, error) {
	p := newPlot("How often the next product is among the first k", "HR@k")
	p.X.Label.Text = "k"
	for k, n := range Names(r) {
		var line plotter.XYs
		for i, v := range r.Models[n].Curve {
			line = append(line, plotter.XY{X: float64(i + 1), Y: v})
		}
		l, err := plotter.NewLine(line)
		if err != nil {
			return nil, err
		}
		l.Color, l.Width = palette[k%len(palette)], vg.Points(1.4)
		p.Add(l)
		p.Legend.Add(n, l)
	}
	p.Y.Max = 1
	p.X.Tick.Marker = plot.ConstantTicks{{Value: 1, Label: "1"}, {Value: 5, Label: "5"}, {Value: 10, Label: "10"}, {Value: 15, Label: "15"}, {Value: 20, Label: "20"}}
	p.X.Max = 26 // room for the legend
	p.Legend.Top, p.Legend.Left = false, false
	return p, nil
}

// groupPlot is NDCG@10 of cold and warm people and items.
func groupPlot(r *evaluate.Report) (*plot.Plot, error) {
	p := newPlot("Cold and warm", "NDCG@10")
	groups := []string{"cold_people", "warm_people", "cold_items", "warm_items"}
	names := Names(r)
	width := vg.Points(7)
	for g, group := range groups {
		var values plotter.Values
		people := 0
		for _, n := range names {
			values = append(values, r.Models[n].Groups[group].NDCG10)
			people = r.Models[n].Groups[group].People
		}
		b, err := plotter.NewBarChart(values, width)
		if err != nil {
			return nil, err
		}
		b.Color, b.LineStyle.Width = palette[g], 0
		b.Offset = width * vg.Length(2*g-3) / 2
		p.Add(b)
		p.Legend.Add(fmt.Sprintf("%s (%d)", strings.ReplaceAll(group, "_", " "), people), b)
	}
	p.Y.Max = 1
	named(p, names)
	return p, nil
}

// Size of one plot, and how many dots an inch a picture has.
const (
	plotWidth  = 8 * vg.Inch
	plotHeight = 4 * vg.Inch
	dpi        = 110
)

// PNG draws all plots, one below the other.
func PNG(r *evaluate.Report) ([]byte, error) {
	all, err := plots(r)
	if err != nil {
		return nil, fmt.Errorf("recommender: draw the report: %w", err)
	}
	c := vgimg.NewWith(vgimg.UseWH(plotWidth, plotHeight*vg.Length(len(all))), vgimg.UseDPI(dpi))
	page := draw.New(c)
	for k, p := range all {
		top := page.Max.Y - plotHeight*vg.Length(k)
		p.Draw(draw.Canvas{Canvas: page.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: page.Min.X + 10, Y: top - plotHeight + 10}, Max: vg.Point{X: page.Max.X - 10, Y: top - 10}}})
	}
	var b bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: c}).WriteTo(&b); err != nil {
		return nil, fmt.Errorf("recommender: draw the report: %w", err)
	}
	return b.Bytes(), nil
}

// HTML is the page: plots, then the figures as a table.
func HTML(r *evaluate.Report) ([]byte, error) {
	picture, err := PNG(r)
	if err != nil {
		return nil, err
	}
	type row struct {
		Name string
		*evaluate.Figures
	}
	view := struct {
		Picture  template.URL
		Rows     []row
		Protocol evaluate.Protocol
	}{Picture: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(picture)), Protocol: r.Protocol}
	for _, n := range Names(r) {
		view.Rows = append(view.Rows, row{n, r.Models[n]})
	}
	var b bytes.Buffer
	if err := page.Execute(&b, view); err != nil {
		return nil, fmt.Errorf("recommender: write the report: %w", err)
	}
	return b.Bytes(), nil
}

var page = template.Must(template.New("report").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Recommender report</title>
<style>
body{font:16px/1.5 "Noto Sans",system-ui,sans-serif;color:#26282e;background:#f7f6f3;max-width:62rem;margin:2rem auto;padding:0 1.5rem}
h1{font-weight:600;font-size:1.6rem}
img{width:100%;background:#fff;border-radius:.5rem}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums;background:#fff;margin-top:1.5rem}
th,td{padding:.4rem .6rem;text-align:right;border-bottom:1px solid #e6e3dc}
th:first-child,td:first-child{text-align:left}
.simulated{background:#b06034;color:#fff;padding:.6rem 1rem;border-radius:.4rem;font-weight:600}
</style>
<h1>How well the recommender ranks</h1>
{{if .Protocol.Simulated}}<p class="simulated">These shoppers are simulated: the figures say that the models work, not how well they will do in a shop.</p>{{end}}
<p>{{.Protocol.Events}} events of {{.Protocol.People}} people with {{.Protocol.Items}} products. The latest event of each of {{.Protocol.Tested}} people is left out and ranked among {{.Protocol.Negatives}} products that they never met, drawn {{.Protocol.Draws}} times (seed {{.Protocol.Seed}}). Choices were made {{.Protocol.Choices}}.</p>
<img alt="Bars and curves of the figures in the table below" src="{{.Picture}}">
<table><tr><th>model<th>weight<th>HR@10<th>NDCG@10<th>MRR<th>precision@10<th>full HR@10<th>full NDCG@10<th>coverage<th>diversity<th>calibration<th>blend better by (NDCG@10)</tr>
{{range .Rows}}<tr><td>{{.Name}}<td>{{printf "%.2f" .Weight}}<td>{{printf "%.3f" .HR10}}<td>{{printf "%.3f" .NDCG10}}<td>{{printf "%.3f" .MRR}}<td>{{printf "%.3f" .Precision10}}<td>{{printf "%.3f" .FullHR10}}<td>{{printf "%.3f" .FullNDCG10}}<td>{{printf "%.2f" .Coverage10}}<td>{{printf "%.2f" .Diversity10}}<td>{{printf "%.2f" .Calibration10}}<td>{{with .BlendGain}}{{printf "%.3f" .NDCG10}} ({{range $i, $v := .NDCGInterval}}{{if $i}} … {{end}}{{printf "%.3f" $v}}{{end}}){{end}}</tr>
{{end}}</table>
</html>
`))
