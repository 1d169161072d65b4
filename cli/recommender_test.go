package cli

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cheval/recommender"
	"cheval/recommender/evaluate"
	"cheval/recommender/people"
)

// inNewHome runs a command in an empty data folder and returns its stdout and error.
func inNewHome(t *testing.T, args ...string) (string, error) {
	t.Helper()
	if !strings.HasPrefix(os.Getenv("CHEVAL_HOME"), os.TempDir()) {
		t.Setenv("CHEVAL_HOME", t.TempDir())
	}
	root := New(Program{})
	var out strings.Builder
	root.SetOut(&out)
	root.SetErr(&strings.Builder{})
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestRecommendTellsAPersonWhy(t *testing.T) {
	home := t.TempDir()
	t.Setenv("CHEVAL_HOME", home)
	s, err := people.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	events := []recommender.Event{
		{Kind: recommender.Like, Product: "aria", At: time.Unix(1e9, 0)},
		{Kind: recommender.Dislike, Product: "corso", At: time.Unix(1e9+5, 0)},
	}
	p := recommender.Profile{ID: "mei", Made: time.Unix(1e9, 0), Seen: time.Unix(1e9, 0), Likes: recommender.Stated{Colours: []string{"black"}}}
	if err := s.Remember(p, events); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := inNewHome(t, "recommend", "--profile", "mei", "--count", "5", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var list []recommender.Suggestion
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if len(list) != 5 {
		t.Fatalf("%d suggestions", len(list))
	}
	for _, one := range list {
		sum := 0.0
		for _, b := range one.Because {
			sum += b.Weight
		}
		if math.Abs(sum-one.Score) > 1e-6 || one.Product == "corso" || one.Product == "aria" {
			t.Errorf("%+v: the reasons add up to %g", one, sum)
		}
	}
	if !strings.Contains(out, `"what":"you liked Aria"`) {
		t.Errorf("Aria is no reason in %s", out)
	}
}

func TestAProfileThatIsAPathIsRefused(t *testing.T) {
	_, err := inNewHome(t, "recommend", "--profile", "../people")
	if err == nil || !strings.Contains(err.Error(), "cannot be a profile's ID") {
		t.Error(err)
	}
	_, err = inNewHome(t, "recommend", "--profile", "nobody")
	if err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("of a profile that there is not: %v", err)
	}
}

func TestSimulatedShoppersAreTrainedOnAndEvaluatedAndSaidToBeSo(t *testing.T) {
	dir := t.TempDir()
	if _, err := inNewHome(t, "recommender", "simulate", "--out", dir, "--products", "60", "--shoppers", "40", "--events", "8"); err != nil {
		t.Fatal(err)
	}
	data := []string{"--interactions", filepath.Join(dir, "interactions.csv"), "--items", filepath.Join(dir, "items.csv"), "--simulated", "--json"}
	page := filepath.Join(dir, "report.html")
	out, err := inNewHome(t, append([]string{"recommender", "evaluate", "--draws", "2", "--report", page, "--cold"}, data...)...)
	if err != nil {
		t.Fatal(err)
	}
	var r evaluate.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if !r.Protocol.Simulated || r.Models["blend"] == nil || r.Protocol.Tested == 0 || r.Cold == nil {
		t.Errorf("%+v", r.Protocol)
	}
	if b, err := os.ReadFile(page); err != nil || !strings.Contains(string(b), "simulated") || !strings.Contains(string(b), "data:image/png;base64,") {
		t.Errorf("the page does not say that shoppers are simulated, or has no plot (%v)", err)
	}
	out, err = inNewHome(t, append([]string{"recommender", "train", "--out", filepath.Join(dir, "model")}, data...)...)
	if err != nil || !strings.Contains(out, `"simulated":true`) {
		t.Errorf("%s %v", out, err)
	}
	if m, err := recommender.Load(filepath.Join(dir, "model")); err != nil || !m.Simulated || len(m.Items) == 0 {
		t.Errorf("%v", err)
	}
}

func TestEvaluateSaysWhereAFileIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "u.data")
	if err := os.WriteFile(file, []byte("1\t2\t3\t4\n1\t2\tbad\t4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := inNewHome(t, "recommender", "evaluate", "--interactions", file)
	if err == nil || !strings.Contains(err.Error(), "u.data") || !strings.Contains(err.Error(), "line 2 of the interactions, column 3") {
		t.Error(err)
	}
	if _, err = inNewHome(t, "recommender", "train"); err == nil || !strings.Contains(err.Error(), "nothing to learn from") {
		t.Errorf("with an empty store: %v", err)
	}
}
