package cli

import (
	"bytes"
	"encoding/json"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/models"
	"cheval/recommender"
	"cheval/recommender/people"
	"cheval/studio/generate"
)

// shopWithModels is shopOf with the installed models.
func shopWithModels(t *testing.T) string {
	t.Helper()
	installed, err := models.Home()
	if err != nil {
		t.Fatal(err)
	}
	home := shopOf(t)
	if err := os.Symlink(filepath.Join(installed, "models"), filepath.Join(home, "models")); err != nil {
		t.Fatal(err)
	}
	return home
}

// addCut adds a product with a cut-out of a colour to a shop.
func addCut(t *testing.T, home, id string, c color.NRGBA) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), id+".png")
	cutPicture(t, path, c)
	s, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	hash, err := s.PutPicture(f)
	if err != nil {
		t.Fatal(err)
	}
	p := &catalog.Product{ID: id, Category: "shirt", State: catalog.Draft, Name: map[string]string{"en": id}, Variants: []catalog.Variant{{SKU: id}},
		Pictures: []catalog.Picture{{Hash: hash, Role: catalog.CutOut, Width: 1000, Height: 900}}}
	if _, err := s.Apply(t.Context(), store.Batch{Kind: store.Edit, Put: []*catalog.Product{p}}); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCatalogSearchByPicture(t *testing.T) {
	home := shopWithModels(t)
	addCut(t, home, "red-cloth", color.NRGBA{0, 30, 40, 255})
	blue := addCut(t, home, "blue-cloth", color.NRGBA{0, 90, 220, 255})
	if ids := listed(t, "catalog", "search", "--picture", blue, "--limit", "2"); len(ids) != 2 || ids[0] != "blue-cloth" || ids[1] != "red-cloth" {
		t.Errorf("found %v", ids)
	}
	if ids := listed(t, "catalog", "search", "--picture", blue, "--category", "eyewear", "--limit", "3"); len(ids) != 3 || slices.Contains(ids, "blue-cloth") {
		t.Errorf("of eyewear found %v", ids)
	}
	if code, _, stderr := command(t, Program{}, "catalog", "search", "--picture", "no-such.png"); code != exitFailed || !strings.Contains(stderr, "no-such.png") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

func designedLines(t *testing.T, stdout string) (lines []designed) {
	t.Helper()
	for line := range strings.Lines(stdout) {
		var m designed
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		lines = append(lines, m)
	}
	return lines
}

// Garments are asked for by flags and words, take after products, pictures and
// what a person liked, and come out the same for a seed.
func TestStudioGeneratesGarments(t *testing.T) {
	if !generate.Installed() {
		t.Skip("this build ships without a designer")
	}
	home := shopWithModels(t)
	cloth := addCut(t, home, "red-cloth", color.NRGBA{0, 30, 40, 255})
	kept, err := people.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	mei := recommender.Profile{ID: "mei", Made: time.Unix(1e9, 0), Seen: time.Unix(1e9, 0)}
	if err := kept.Remember(mei, []recommender.Event{{Kind: recommender.Like, Product: "red-cloth", At: time.Unix(1e9, 0)}}); err != nil {
		t.Fatal(err)
	}
	if err := kept.Close(); err != nil {
		t.Fatal(err)
	}
	pictures := map[string][]byte{}
	for _, c := range []struct {
		name, ignored string
		args          []string
	}{
		{"plain", "", []string{"--category", "dress", "--colour", "blue", "--count", "2"}},
		{"again", "summer", []string{"2 blue summer dresses"}},
		{"like a product", "", []string{"--category", "dress", "--colour", "blue", "--count", "2", "--like", "red-cloth"}},
		{"like a picture", "", []string{"--category", "dress", "--colour", "blue", "--count", "2", "--like", cloth}},
		{"by profile", "", []string{"--category", "dress", "--colour", "blue", "--count", "2", "--profile", "mei"}},
	} {
		args := append([]string{"studio", "generate", "--seed", "7", "--json", "--device", "cpu", "--out", filepath.Join(t.TempDir(), "new")}, c.args...)
		code, stdout, stderr := command(t, Program{}, args...)
		if code != exitOK || !strings.Contains(stderr, c.ignored) {
			t.Fatalf("%s: exit %d, %s", c.name, code, stderr)
		}
		lines := designedLines(t, stdout)
		if len(lines) != 2 {
			t.Fatalf("%s: %d designs", c.name, len(lines))
		}
		m := lines[1]
		if m.Number != 2 || m.Seed != 7 || m.Category != "dress" || m.Colour != "blue" || m.Quality < 0 || m.Quality > 1 || m.Nearest.Photo == "" || m.Provider.Ran != models.CPU ||
			len(m.Ignored) > 0 != (c.ignored != "") {
			t.Errorf("%s: %+v", c.name, m)
		}
		if pictures[c.name], err = os.ReadFile(m.Out); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(pictures["plain"], pictures["again"]) {
		t.Error("the same request and seed give other pictures")
	}
	if bytes.Equal(pictures["plain"], pictures["like a product"]) || !bytes.Equal(pictures["like a product"], pictures["like a picture"]) || !bytes.Equal(pictures["like a product"], pictures["by profile"]) {
		t.Error("what is liked does not show, or shows otherwise by its picture or by profile")
	}
}

func TestStudioGenerateSaysWhatItKnows(t *testing.T) {
	if !generate.Installed() {
		t.Skip("this build ships without a designer")
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--category", "sari"}, exitFailed, "it knows dress, hat"},
		{[]string{"--category", "dress", "--colour", "teal"}, exitFailed, "it knows black, white"},
		{[]string{"--category", "dress", "--count", "0"}, exitFailed, "1 to 10000"},
		{[]string{"--category", "dress", "--seed", "-1"}, exitFailed, "from 0"},
		{[]string{"--category", "dress", "--like", "no-such-product"}, exitFailed, "neither a product"},
		{[]string{"something nice"}, exitUsage, "--category"},
	} {
		dir := filepath.Join(t.TempDir(), "new")
		code, stdout, stderr := cheval(t.Context(), append([]string{"studio", "generate", "--out", dir}, c.args...)...)
		if code != c.code || stdout != "" || !strings.Contains(stderr, c.says) {
			t.Errorf("%v: exit %d, %s%s", c.args, code, stdout, stderr)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%v: a folder was left", c.args)
		}
	}
}
