package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"cheval/recommender"
	"cheval/recommender/simulate"
)

// newBenchRecommenderCmd is `cheval bench recommender`.
func newBenchRecommenderCmd() *cobra.Command {
	var million bool
	cmd := &cobra.Command{
		Use:   "recommender",
		Short: "Time training, ranking and learning, on simulated shoppers",
		Long: `Times, on simulated shoppers: training on 100 000 events; the first 100 of
100 000 products on one core, reasons included; the list after an event. With
--million it also trains on a million events and says how much memory it took.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := os.MkdirTemp("", "cheval-bench-")
			if err != nil {
				return fmt.Errorf("bench recommender: %w", err)
			}
			defer os.RemoveAll(dir)
			b := &recommenderBench{cmd: cmd, file: filepath.Join(dir, "model"), figures: map[string]float64{}}
			if err := b.run(million); err != nil {
				return err
			}
			return printBench(cmd, b.figures)
		},
	}
	cmd.Flags().BoolVar(&million, "million", false, "also train on a million events (minutes)")
	return cmd
}

type recommenderBench struct {
	cmd     *cobra.Command
	file    string
	figures map[string]float64
}

func (b *recommenderBench) run(million bool) error {
	if err := b.train("train_100k_events", simulate.Options{Products: 2000, Shoppers: 5000, Events: 20, Seed: 1}); err != nil {
		return err
	}
	if err := b.rank(); err != nil {
		return err
	}
	if !million {
		return nil
	}
	return b.train("train_1m_events", simulate.Options{Products: 2000, Shoppers: 50_000, Events: 20, Seed: 1})
}

// lessonsOf are what a simulated world teaches.
func lessonsOf(w *simulate.World) recommender.Lessons {
	l := recommender.Lessons{Products: w.Products, Simulated: true, Seed: 1}
	for _, s := range w.Shoppers {
		l.People = append(l.People, recommender.Person{Profile: recommender.Profile{ID: s.ID, Likes: s.Stated}, Events: s.Events})
	}
	return l
}

func (b *recommenderBench) train(name string, o simulate.Options) error {
	l := lessonsOf(simulate.New(o))
	begin, cpu := time.Now(), cpuSeconds()
	t, err := recommender.Train(b.cmd.Context(), l, b.file, told(b.cmd, "bench"))
	if err != nil {
		return err
	}
	b.figures[name+"_s"] = time.Since(begin).Seconds()
	b.figures[name+"_cpu_s"] = cpuSeconds() - cpu
	b.figures[name] = float64(t.Events)
	b.figures["rss_mb"] = peakMB()
	return nil
}

// rank times lists of 100 of 100 000 products, on one core.
func (b *recommenderBench) rank() error {
	w := simulate.New(simulate.Options{Products: 100_000, Shoppers: 1000, Events: 20, Seed: 2})
	t, err := recommender.Train(b.cmd.Context(), lessonsOf(w), b.file, told(b.cmd, "bench"))
	if err != nil {
		return err
	}
	r, err := recommender.New(w.Products, recommender.Options{Trained: t})
	if err != nil {
		return err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var lists, updates []float64
	cpu := cpuSeconds()
	for _, s := range w.Shoppers[:200] {
		p := recommender.Person{Profile: recommender.Profile{ID: s.ID}, Events: s.Events}
		begin := time.Now()
		if _, err := r.Recommend(context.Background(), p, recommender.Moment{}, recommender.Question{}); err != nil {
			return err
		}
		lists = append(lists, ms(time.Since(begin)))
		begin = time.Now()
		r.Observe(s.Events[:len(s.Events)-1], s.Events[len(s.Events)-1])
		updates = append(updates, ms(time.Since(begin)))
	}
	b.figures["top100_of_100k_and_update_cpu_ms"] = 1000 * (cpuSeconds() - cpu) / float64(len(lists))
	slices.Sort(lists)
	slices.Sort(updates)
	b.figures["top100_of_100k_ms_p50"], b.figures["top100_of_100k_ms_min"] = lists[len(lists)/2], lists[0]
	b.figures["update_ms_p50"], b.figures["update_ms_p95"] = updates[len(updates)/2], updates[len(updates)*95/100]
	return nil
}

// cpuSeconds is the time that all cores have spent on this process: on a busy
// machine it says more than the clock.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
