package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cheval/catalog/store"
	"cheval/models"
	"cheval/recommender"
	"cheval/recommender/model"
	"cheval/recommender/people"
	"cheval/recommender/rules"
)

// recommendFlags are what `cheval recommend` was asked.
type recommendFlags struct {
	profile   string
	count     int
	without   []string
	lessLike  []string
	not       []string
	diversity float64
	explore   float64
	maxBrand  int
	priceMax  int64
	known     bool
	seed      uint64
}

func newRecommendCmd() *cobra.Command {
	var f recommendFlags
	cmd := &cobra.Command{
		Use:   "recommend [--profile ID]",
		Short: "Rank the shop's products for a person, with the reasons",
		Long: `Ranks the shop's products for the person of a profile, or, without one, for
somebody of whom nothing is known. Each comes with its reasons: the weights of
"because" add up to the score. What moved it afterwards stands in "adjust".

--without and --less-like show what a product that the person met contributes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.count < 1 {
				return usagef("recommend: --count is 1 or more")
			}
			return recommend(cmd, f)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.profile, "profile", "", "for the person with this profile `ID`")
	fl.IntVar(&f.count, "count", recommender.DefaultCount, "how many")
	fl.StringSliceVar(&f.without, "without", nil, "as if the person had not met this `PRODUCT`")
	fl.StringSliceVar(&f.lessLike, "less-like", nil, "less like this `PRODUCT`")
	fl.StringSliceVar(&f.not, "not", nil, "nothing with this `FACET=VALUE`, such as shape=round")
	fl.Int64Var(&f.priceMax, "price-max", 0, "at most this price, in the currency's smallest unit")
	fl.Float64Var(&f.diversity, "diversity", 0, "how varied, 0 to 1")
	fl.Float64Var(&f.explore, "explore", 0, "the share given to products to learn about, 0 to 0.5")
	fl.IntVar(&f.maxBrand, "max-brand", 0, "at most so many of one brand (0: any number)")
	fl.BoolVar(&f.known, "known", false, "also what the person tried or liked already")
	fl.Uint64Var(&f.seed, "seed", 1, "draws what is explored")
	return cmd
}

func (f *recommendFlags) ask() (recommender.Question, error) {
	a := recommender.Question{Count: f.count, Without: f.without, LessLike: f.lessLike, PriceMax: f.priceMax, Known: f.known,
		Rules: rules.Options{Diversity: f.diversity, Explore: f.explore, MaxBrand: f.maxBrand, Seed: f.seed}}
	if !(f.diversity >= 0 && f.diversity <= 1) || !(f.explore >= 0 && f.explore <= 0.5) || f.maxBrand < 0 || f.priceMax < 0 {
		return a, usagef("recommend: --diversity is 0 to 1, --explore 0 to 0.5, --max-brand and --price-max 0 or more")
	}
	for _, n := range f.not {
		name, value, ok := strings.Cut(n, "=")
		if !ok {
			return a, usagef("recommend: --not is FACET=VALUE, such as shape=round, not %q", n)
		}
		a.Not = append(a.Not, recommender.Facet{Name: name, Value: value})
	}
	return a, nil
}

func recommend(cmd *cobra.Command, f recommendFlags) error {
	a, err := f.ask()
	if err != nil {
		return err
	}
	person := recommender.Person{}
	if f.profile != "" {
		if err := recommender.CheckProfileID(f.profile); err != nil {
			return err
		}
		err := withPeople(cmd, func(s *people.Store) error {
			p, err := s.Person(f.profile)
			if err == nil {
				person = *p
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return withShop(cmd, func(s *store.Store) error {
		r, err := openRanker(cmd, s)
		if err != nil {
			return err
		}
		list, err := r.Recommend(cmd.Context(), person, recommender.Moment{At: time.Now()}, a)
		if err != nil {
			return err
		}
		return printSuggestions(cmd, list)
	})
}

// withPeople runs do on the open store of profiles and events.
func withPeople(cmd *cobra.Command, do func(*people.Store) error) error {
	home, err := models.Home()
	if err != nil {
		return err
	}
	s, err := people.Open(home)
	if err != nil {
		return err
	}
	if r := s.Recovered(); r != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "cheval: %v\n", r)
	}
	return errors.Join(do(s), s.Close())
}

// openRanker makes a ranker of the shop's products and its trained model, if
// there is one.
func openRanker(cmd *cobra.Command, s *store.Store) (*recommender.Ranker, error) {
	home, err := models.Home()
	if err != nil {
		return nil, err
	}
	c, err := s.Catalogue()
	if err != nil {
		return nil, err
	}
	var o recommender.Options
	o.Trained, err = recommender.Load(filepath.Join(home, recommender.FileName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, model.ErrFile):
		fmt.Fprintf(cmd.ErrOrStderr(), "cheval: %v; ranking by popularity and content\n", err)
		o.Trained = nil
	case err != nil:
		return nil, err
	}
	if o.Trained != nil && o.Trained.Simulated {
		fmt.Fprintln(cmd.ErrOrStderr(), "cheval: the model was trained on simulated shoppers")
	}
	if o.Embeddings, err = pictureVectors(cmd, s); err != nil {
		return nil, err
	}
	return recommender.New(c.All(), o)
}

func printSuggestions(cmd *cobra.Command, list []recommender.Suggestion) error {
	if list == nil {
		list = []recommender.Suggestion{}
	}
	if asJSON(cmd) {
		return printJSON(cmd, list)
	}
	out := cmd.OutOrStdout()
	for i, s := range list {
		fmt.Fprintf(out, "%3d  %-28s %6.3f\n", i+1, s.Product, s.Score)
		for _, b := range s.Because {
			fmt.Fprintf(out, "       %+.3f  %s\n", b.Weight, b.What)
		}
		for _, m := range s.Adjust {
			fmt.Fprintf(out, "       moved: %s\n", m.What)
		}
	}
	return nil
}
