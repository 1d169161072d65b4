package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"cheval/catalog/store"
	"cheval/models"
	"cheval/recommender"
	"cheval/recommender/evaluate"
	"cheval/recommender/evaluate/report"
	"cheval/recommender/model"
	"cheval/recommender/people"
	"cheval/recommender/simulate"
)

// newRecommenderCmd is `cheval recommender`: what stands behind `recommend`.
func newRecommenderCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "recommender",
		Short: "Train and evaluate the recommender, and simulate shoppers for it",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usagef("recommender: say what to do: train, evaluate or simulate")
		},
	}
	cmd.AddCommand(newTrainCmd(), newEvaluateCmd(), newSimulateCmd())
	return cmd
}

// dataFlags say what is learned from.
type dataFlags struct {
	interactions, items string
	seed                uint64
	simulated           bool
	ratings             bool
}

func (f *dataFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.interactions, "interactions", "", "learn from this `FILE` (MovieLens' u.data, or CSV: person, item, rating, time) instead of the store")
	fl.StringVar(&f.items, "items", "", "features of its items: a `FILE` (MovieLens' u.item, or CSV: item and a column a facet)")
	fl.Uint64Var(&f.seed, "seed", 1, "draws what is left to chance")
	fl.BoolVar(&f.simulated, "simulated", false, "the people in the file were made up: say so wherever its figures show")
	fl.BoolVar(&f.ratings, "ratings", false, "a rating is how much an event tells (below 0: against); else that a person met the item is what counts")
}

// read gives the data with the items' names.
func (f *dataFlags) read(cmd *cobra.Command) (data *model.Data, ids []string, repeated int, err error) {
	if f.interactions == "" {
		if f.items != "" {
			return nil, nil, 0, usagef("%s: --items goes with --interactions", cmd.Name())
		}
		data, ids, err = storeData(cmd)
		return data, ids, 0, err
	}
	in, err := readFile(f.interactions, evaluate.Read)
	if err != nil {
		return nil, nil, 0, err
	}
	if !f.ratings {
		in.Implicit()
	}
	if f.items != "" {
		in.Data.Features, err = readFile(f.items, func(r io.Reader) (*model.Features, error) { return evaluate.ReadItems(r, in.Items) })
		if err != nil {
			return nil, nil, 0, err
		}
	}
	return in.Data, in.Items, in.Repeated, nil
}

func readFile[T any](name string, read func(io.Reader) (T, error)) (out T, err error) {
	f, err := os.Open(name)
	if err != nil {
		return out, fmt.Errorf("recommender: %w", err)
	}
	defer f.Close()
	if out, err = read(f); err != nil {
		return out, fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return out, nil
}

// storeData is the shop's own: its products and the events of its profiles.
func storeData(cmd *cobra.Command) (data *model.Data, ids []string, err error) {
	l, err := storeLessons(cmd)
	if err != nil {
		return nil, nil, err
	}
	data, ids = l.Data()
	return data, ids, nil
}

func storeLessons(cmd *cobra.Command) (l recommender.Lessons, err error) {
	err = withShop(cmd, func(s *store.Store) error {
		c, err := s.Catalogue()
		if err != nil {
			return err
		}
		l.Products = c.All()
		l.Embeddings, err = pictureVectors(cmd, s)
		return err
	})
	if err != nil {
		return l, err
	}
	err = withPeople(cmd, func(s *people.Store) (err error) {
		l.People, err = s.Everybody()
		return err
	})
	return l, err
}

// told shows a training's progress on stderr, a line now and then.
func told(cmd *cobra.Command, what string) func(float64, string) {
	var last time.Time
	return func(done float64, at string) {
		if time.Since(last) > 3*time.Second {
			last = time.Now()
			fmt.Fprintf(cmd.ErrOrStderr(), "recommender: %s: %.0f %% (%s)\n", what, 100*done, at)
		}
	}
}

func newTrainCmd() *cobra.Command {
	var d dataFlags
	var out string
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train the models on the shop's events, or on a file's",
		Long: `Trains all models and the blend's weights on the events of the shop's profiles,
or of a file, and puts the finished model in the place of the old one, in one
step. Interrupted, the old one stays, and the next training of the same data
goes on where this one was.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, ids, _, err := d.read(cmd)
			if err != nil {
				return err
			}
			if out == "" {
				home, err := models.Home()
				if err != nil {
					return err
				}
				out = filepath.Join(home, recommender.FileName)
			}
			return train(cmd, data, ids, d, out)
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&out, "out", "", "write the model to this `FILE` (default: the shop's)")
	return cmd
}

func train(cmd *cobra.Command, data *model.Data, ids []string, d dataFlags, out string) error {
	begin := time.Now()
	t, err := recommender.TrainData(cmd.Context(), data, ids, d.simulated, d.seed, out, told(cmd, "train"))
	if errors.Is(err, context.Canceled) {
		return errors.New("recommender: training was interrupted; the old model stays, and the next training goes on from here")
	}
	if err != nil {
		return err
	}
	weights := map[string]float64{}
	for _, m := range t.Blend.Members {
		weights[m.Model.Name()] = m.Weight
	}
	result := struct {
		Out       string             `json:"out"`
		People    int                `json:"people"`
		Items     int                `json:"items"`
		Events    int                `json:"events"`
		Simulated bool               `json:"simulated"`
		Weights   map[string]float64 `json:"weights"`
		NDCG      float64            `json:"cv_ndcg@10"`
		HR        float64            `json:"cv_hr@10"`
		Seconds   float64            `json:"seconds"`
	}{out, t.People, len(t.Items), t.Events, t.Simulated, weights, t.NDCG, t.HR, time.Since(begin).Seconds()}
	if asJSON(cmd) {
		return printJSON(cmd, result)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "Trained on %d events of %d people with %d products in %.1f s: %s\n", t.Events, t.People, len(t.Items), result.Seconds, out)
	return nil
}

func newEvaluateCmd() *cobra.Command {
	var d dataFlags
	var o evaluate.Options
	var page string
	var cold bool
	cmd := &cobra.Command{
		Use:   "evaluate",
		Short: "Say how well the models rank: leave each person's latest event out and find it again",
		Long: `Trains the models without each person's latest event and ranks it among drawn
products that the person never met, and among all of them. Every choice, such as
the blend's weights, rests on the second-latest events. With --cold it also
holds a tenth of the products out of training and ranks those by their features.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ext := strings.ToLower(filepath.Ext(page)); page != "" && ext != ".html" && ext != ".png" {
				return usagef("evaluate: --report ends in .html or .png, not %q", page)
			}
			o.Seed = d.seed
			return evaluateAll(cmd, d, o, page, cold)
		},
	}
	d.add(cmd)
	cmd.Flags().IntVar(&o.Negatives, "negatives", 99, "how many products are drawn beside each")
	cmd.Flags().IntVar(&o.Draws, "draws", 20, "how often they are drawn; figures are means")
	cmd.Flags().StringVar(&page, "report", "", "also write a page with plots to this `FILE` (.html or .png)")
	cmd.Flags().BoolVar(&o.Tune, "tune", false, "choose the quick models' settings by 5-fold cross-validation first")
	cmd.Flags().BoolVar(&cold, "cold", false, "also rank products held out of training (needs features)")
	return cmd
}

func evaluateAll(cmd *cobra.Command, d dataFlags, o evaluate.Options, page string, cold bool) error {
	data, _, repeated, err := d.read(cmd)
	if err != nil {
		return err
	}
	r, err := evaluate.Evaluate(cmd.Context(), data, o, told(cmd, "evaluate"))
	if err != nil {
		return err
	}
	r.Protocol.Repeated, r.Protocol.Simulated = repeated, d.simulated
	if cold {
		if r.Cold, err = evaluate.ColdProducts(cmd.Context(), data, o.Seed, told(cmd, "cold products")); err != nil {
			return err
		}
	}
	if page != "" {
		if err := writeReport(r, page); err != nil {
			return err
		}
	}
	if asJSON(cmd) {
		return printJSON(cmd, r)
	}
	return printRanking(cmd, r)
}

func writeReport(r *evaluate.Report, page string) error {
	draw := report.HTML
	if strings.EqualFold(filepath.Ext(page), ".png") {
		draw = report.PNG
	}
	b, err := draw(r)
	if err != nil {
		return err
	}
	if err := os.WriteFile(page, b, 0o644); err != nil {
		return fmt.Errorf("recommender: write the report: %w", err)
	}
	return nil
}

func printRanking(cmd *cobra.Command, r *evaluate.Report) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', tabwriter.AlignRight)
	if r.Protocol.Simulated {
		fmt.Fprintln(cmd.OutOrStdout(), "The shoppers are SIMULATED.")
	}
	fmt.Fprintln(w, "model\tweight\tHR@10\tNDCG@10\tMRR\tfull HR@10\tfull NDCG@10\tcoverage\t")
	for _, n := range report.Names(r) {
		f := r.Models[n]
		fmt.Fprintf(w, "%s\t%.3f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.3f\t\n", n, f.Weight, f.HR10, f.NDCG10, f.MRR, f.FullHR10, f.FullNDCG10, f.Coverage10)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if c := r.Cold; c != nil {
		fmt.Fprintf(cmd.OutOrStdout(), "cold products: NDCG@10 two-tower %.4f, content %.4f, ratio %.2f\n", c.NDCG10["two-tower"], c.NDCG10["content"], c.Ratio)
	}
	return nil
}

func newSimulateCmd() *cobra.Command {
	var o simulate.Options
	var out string
	cmd := &cobra.Command{
		Use:   "simulate --out DIR",
		Short: "Make up shoppers with known tastes, to try the recommender on before there are any",
		Long: `Writes interactions.csv and items.csv of made-up shoppers and products, for
train and evaluate with --simulated. Their figures say that the models work, not
how well they will do in a shop.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case out == "":
				return usagef("simulate: say where to write with --out")
			case o.Products < 1 || o.Products > 200_000 || o.Shoppers < 1 || o.Shoppers > 200_000 || o.Tastes < 1 || o.Tastes > 100 || o.Events < 2 || o.Events > 1000:
				return usagef("simulate: 1 to 200000 products and shoppers, 1 to 100 tastes, 2 to 1000 events a shopper")
			}
			return simulated(cmd, o, out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "write into this `FOLDER`")
	cmd.Flags().IntVar(&o.Products, "products", 2000, "how many products")
	cmd.Flags().IntVar(&o.Shoppers, "shoppers", 2000, "how many shoppers")
	cmd.Flags().IntVar(&o.Tastes, "tastes", 8, "how many tastes they have")
	cmd.Flags().IntVar(&o.Events, "events", 30, "events of a shopper, on average")
	cmd.Flags().Uint64Var(&o.Seed, "seed", 1, "draws them")
	return cmd
}

func simulated(cmd *cobra.Command, o simulate.Options, out string) error {
	w := simulate.New(o)
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("recommender: %w", err)
	}
	events, err := w.Write(filepath.Join(out, "interactions.csv"), filepath.Join(out, "items.csv"))
	if err != nil {
		return err
	}
	if asJSON(cmd) {
		return printJSON(cmd, map[string]any{"simulated": true, "out": out, "products": len(w.Products), "shoppers": len(w.Shoppers), "events": events, "seed": o.Seed})
	}
	fmt.Fprintf(cmd.OutOrStdout(), "Made up %d shoppers and %d products with %d events: %s\n", len(w.Shoppers), len(w.Products), events, out)
	return nil
}
