package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cheval/catalog"
)

// manySize is the shop that figures are given for.
const manySize = 100_000

// many is a large shop: the starters over and over, with names, brands, prices
// and descriptions of their own.
func many(b *testing.B, n int) *catalog.Catalogue {
	b.Helper()
	some := starters(b).All()
	random := rand.New(rand.NewPCG(3, 5))
	en := strings.Fields("featherlight hand-polished vintage bold slim everyday weekend coastal urban sculpted minimal studio heritage modern oversized petite evening matte glossy layered bevelled engraved")
	zh := []string{"轻盈", "复古", "经典", "纤细", "日常", "周末", "海岸", "都市", "雕刻", "极简", "工作室", "现代", "加大", "小巧", "夜晚", "哑光"}
	pick := func(from []string, n int) string {
		var words []string
		for range n {
			words = append(words, from[random.IntN(len(from))])
		}
		return strings.Join(words, " ")
	}
	products := make([]*catalog.Product, n)
	for i := range products {
		p := *some[i%len(some)]
		p.ID = fmt.Sprintf("%s-%06d", p.ID, i)
		p.Brand = fmt.Sprint("Maison ", random.IntN(400))
		p.Name = map[string]string{"en": some[i%len(some)].Name["en"] + " " + pick(en, 2), "zh": pick(zh, 2)}
		p.Text = map[string]string{"en": pick(en, 25), "zh": pick(zh, 20)}
		p.Variants = slices.Clone(p.Variants)
		for v := range p.Variants {
			p.Variants[v].SKU = fmt.Sprintf("%s-%d", p.ID, v)
			p.Variants[v].Price.Minor = int64(20000 + random.IntN(200000))
		}
		products[i] = &p
	}
	c, err := catalog.Of(products)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// BenchmarkFind100k makes the index once, tells how long that took, and then
// measures searches as shoppers and merchants do them, each the first of its
// kind: p50 and p95 in milliseconds.
func BenchmarkFind100k(b *testing.B) {
	c := many(b, manySize)
	x, err := Open(filepath.Join(b.TempDir(), "search"))
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	before := heap()
	began, worked := time.Now(), cpu()
	if err := x.Sync(b.Context(), c, nil); err != nil {
		b.Fatal(err)
	}
	took, worked := time.Since(began), cpu()-worked
	grew := heap() - before
	began = time.Now()
	again, err := catalog.Of(c.All())
	if err != nil {
		b.Fatal(err)
	}
	if err := x.Sync(b.Context(), again, nil); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d products: indexed in %.1f s (%.1f s of one core), compared again in %.0f ms, %d MB more heap", c.Len(), took.Seconds(), worked.Seconds(), time.Since(began).Seconds()*1e3, grew>>20)
	questions := questions()
	var times []float64
	worked = cpu()
	for b.Loop() {
		for _, q := range questions {
			began := time.Now()
			if _, err := x.Find(context.Background(), q); err != nil {
				b.Fatal(err)
			}
			times = append(times, time.Since(began).Seconds()*1e3)
		}
	}
	b.ReportMetric((cpu()-worked).Seconds()*1e3/float64(len(times)), "core-ms")
	slices.Sort(times)
	b.ReportMetric(times[len(times)/2], "p50-ms")
	b.ReportMetric(times[len(times)*95/100], "p95-ms")
	for _, q := range questions {
		best := time.Hour
		total := 0
		for range 5 {
			began := time.Now()
			r, _ := x.Find(context.Background(), q)
			best, total = min(best, time.Since(began)), r.Total
		}
		b.Logf("%-32q %6d found, %.1f ms at best", q.Text, total, best.Seconds()*1e3)
	}
}

// questions are what is searched for.
func questions() (all []Query) {
	for _, text := range []string{
		"corso", "aria vintage", "vintage", "black round", "tortoise aviator", "sunglasses", "sunglases", "featherlite", "maison 17",
		"minimal heritage studio", "CORSO-000002", "cat-eye gold", "aviatr gold", "墨镜", "复古 圆框", "飞行员墨镜", "轻盈日常", "极简", "黑色板材", "wide metal frame",
	} {
		all = append(all, Query{Text: text})
	}
	round := catalog.Filter{Shapes: []catalog.Shape{catalog.Round}, Colours: []string{"black"}, PriceMax: 100000}
	return append(all, Query{Text: "vintage", Filter: round}, Query{Text: "墨镜", Filter: catalog.Filter{Brands: []string{"Maison 7"}}}, Query{Filter: round})
}

// cpu is how long this process has worked on all cores: on a machine that
// others use, it says more than the clock.
func cpu() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
