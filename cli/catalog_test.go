package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cheval/catalog"
	"cheval/catalog/store"
)

// shopOf gives the commands a home with the starter products and what is put.
func shopOf(t *testing.T, put ...*catalog.Product) string {
	t.Helper()
	home := t.TempDir()
	t.Setenv("CHEVAL_HOME", home)
	s, err := store.Open(home, store.Options{Seed: starterProducts})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Apply(t.Context(), store.Batch{Kind: store.Import, Note: "spring.csv", Put: put}); err != nil {
		t.Fatal(err)
	}
	return home
}

// bag is a draft that cannot be worn.
func bag() *catalog.Product {
	return &catalog.Product{
		ID: "weekender", Category: "bags", State: catalog.Draft, Name: map[string]string{"en": "Weekender", "zh": "旅行包"},
		Variants: []catalog.Variant{{SKU: "WK-1"}},
	}
}

// listed runs a command that prints products, and returns their IDs.
func listed(t *testing.T, args ...string) []string {
	t.Helper()
	code, stdout, stderr := command(t, Program{}, append(args, "--json")...)
	var products []struct{ ID string }
	if err := json.Unmarshal([]byte(stdout), &products); code != exitOK || err != nil {
		t.Fatalf("%v: exit %d, %v, %s%s", args, code, err, stdout, stderr)
	}
	var ids []string
	for _, p := range products {
		ids = append(ids, p.ID)
	}
	return ids
}

func TestCatalogListStartsWithTheStarterProducts(t *testing.T) {
	t.Setenv("CHEVAL_HOME", t.TempDir())
	if ids := listed(t, "catalog", "list"); len(ids) != 34 || ids[0] != "aria" {
		t.Errorf("listed %v", ids)
	}
}

func TestCatalogListNarrows(t *testing.T) {
	shopOf(t, bag())
	if ids := listed(t, "catalog", "list", "--state", "draft"); len(ids) != 1 || ids[0] != "weekender" {
		t.Errorf("drafts %v", ids)
	}
	if ids := listed(t, "catalog", "list", "--wearable"); len(ids) != 34 {
		t.Errorf("%d can be worn, want the 34 starters", len(ids))
	}
	if code, stdout, _ := command(t, Program{}, "catalog", "list", "--category", "bags"); code != exitOK || !strings.Contains(stdout, "Weekender") || !strings.Contains(stdout, "draft") {
		t.Errorf("exit %d, %s", code, stdout)
	}
	if code, _, stderr := command(t, Program{}, "catalog", "list", "--state", "sold"); code != exitUsage {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

func TestCatalogUndoAndHistory(t *testing.T) {
	shopOf(t, bag())
	if code, stdout, _ := command(t, Program{}, "catalog", "history"); code != exitOK || !strings.Contains(stdout, "import of 1 product") || !strings.Contains(stdout, "spring.csv") {
		t.Errorf("exit %d, %s", code, stdout)
	}
	code, stdout, _ := command(t, Program{}, "catalog", "undo", "--json")
	var c store.Change
	if err := json.Unmarshal([]byte(stdout), &c); code != exitOK || err != nil || c.Kind != store.Import || c.Products != 1 {
		t.Errorf("exit %d, %s", code, stdout)
	}
	if ids := listed(t, "catalog", "list", "--state", "draft"); len(ids) != 0 {
		t.Errorf("after undo: %v", ids)
	}
	if code, _, stderr := command(t, Program{}, "catalog", "undo"); code != exitFailed || stderr != "cheval: catalog: there is nothing left to undo or redo\n" {
		t.Errorf("exit %d, %s", code, stderr)
	}
	if code, _, _ := command(t, Program{}, "catalog", "redo"); code != exitOK || len(listed(t, "catalog", "list", "--state", "draft")) != 1 {
		t.Errorf("redo: exit %d", code)
	}
}

func TestCatalogVerifyBackupAndRestore(t *testing.T) {
	home := shopOf(t, bag())
	file := filepath.Join(t.TempDir(), "shop.zip")
	if code, stdout, stderr := command(t, Program{}, "catalog", "backup", file, "--json"); code != exitOK || !strings.Contains(stdout, `"products":35`) {
		t.Fatalf("exit %d, %s%s", code, stdout, stderr)
	}
	if code, stdout, _ := command(t, Program{}, "catalog", "verify", "--json"); code != exitOK || !strings.Contains(stdout, `"ok":true`) || !strings.Contains(stdout, `"problems":[]`) {
		t.Errorf("exit %d, %s", code, stdout)
	}
	if err := os.WriteFile(filepath.Join(home, store.FileName), []byte("no database at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, stdout, stderr := command(t, Program{}, "catalog", "restore", file); code != exitOK || !strings.Contains(stdout, "restored 35 products") || !strings.Contains(stdout, "set aside") {
		t.Fatalf("exit %d, %s%s", code, stdout, stderr)
	}
	if ids := listed(t, "catalog", "list", "--state", "draft"); len(ids) != 1 {
		t.Errorf("after restoring: %v", ids)
	}
	for _, bad := range [][]string{{"backup", "shop.tar"}, {"backup"}, {"restore"}} {
		if code, _, _ := command(t, Program{}, append([]string{"catalog"}, bad...)...); code != exitUsage {
			t.Errorf("%v: exit %d", bad, code)
		}
	}
	if code, _, stderr := command(t, Program{}, "catalog", "restore", "/no/such.zip"); code != exitFailed || strings.Count(stderr, "\n") != 1 {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

func TestADamagedCatalogueIsSaidOnStderr(t *testing.T) {
	home := shopOf(t)
	if err := os.WriteFile(filepath.Join(home, store.FileName), []byte("no database at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := command(t, Program{}, "catalog", "list")
	if code != exitOK || !strings.Contains(stderr, "set aside") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

func TestCommandsSayThatTheAppHoldsTheCatalogue(t *testing.T) {
	home := shopOf(t, bag())
	s, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if code, _, stderr := command(t, Program{}, "catalog", "list"); code != exitFailed || !strings.Contains(stderr, "Cheval is open; close it, or") {
		t.Errorf("exit %d, %s", code, stderr)
	}
	cmd := newTryCmd()
	if p, err := findProduct(cmd, "corso"); err != nil || p.ID != "corso" {
		t.Errorf("a starter product beside the open app: %v, %v", p, err)
	}
	if _, err := findProduct(cmd, "weekender"); err == nil || !strings.Contains(err.Error(), "Cheval is open; close it, or") {
		t.Errorf("the shop's own product beside the open app: %v", err)
	}
}

func TestTryFindsProductsOfTheShop(t *testing.T) {
	own := func() *catalog.Product {
		c, err := starterProducts()
		if err != nil {
			t.Fatal(err)
		}
		p := *c.Product("corso")
		p.ID, p.State = "our-corso", catalog.Draft
		return &p
	}()
	shopOf(t, own, bag())
	cmd := newTryCmd()
	if w, err := findWorn(cmd, tryFlags{product: "our-corso"}); err != nil || w.Product.ID != "our-corso" {
		t.Errorf("found %v, %v", w.Product, err)
	}
	if _, err := findWorn(cmd, tryFlags{product: "weekender"}); err == nil || !strings.Contains(err.Error(), "cannot be worn yet") {
		t.Errorf("a bag was put on: %v", err)
	}
	if _, err := findWorn(cmd, tryFlags{product: "nothing"}); err == nil || !strings.Contains(err.Error(), "choose one of aria") {
		t.Errorf("an unknown product: %v", err)
	}
}

func TestCatalogSearch(t *testing.T) {
	shopOf(t, bag())
	for text, want := range map[string]string{"Corsso": "corso", "旅行包": "weekender", "weekendr": "weekender"} {
		if ids := listed(t, "catalog", "search", text); len(ids) == 0 || ids[0] != want {
			t.Errorf("%q finds %v, want %s first", text, ids, want)
		}
	}
	if ids := listed(t, "catalog", "search", "black", "round", "--limit", "2", "--state", "published"); len(ids) != 2 {
		t.Errorf("found %v, want 2", ids)
	}
	if code, stdout, stderr := command(t, Program{}, "catalog", "search", "corso qqzzqq"); code != exitOK || !strings.Contains(stdout, "corso") || !strings.Contains(stderr, "these have some") {
		t.Errorf("exit %d, %s%s", code, stdout, stderr)
	}
	if code, stdout, _ := command(t, Program{}, "catalog", "search", "qqzzqq", "--json"); code != exitOK || stdout != "[]\n" {
		t.Errorf("nothing found: exit %d, %s", code, stdout)
	}
	if code, _, _ := command(t, Program{}, "catalog", "search"); code != exitUsage {
		t.Errorf("no text: exit %d", code)
	}
}

func TestDoctorLooksAtTheCatalogue(t *testing.T) {
	t.Setenv("CHEVAL_HOME", t.TempDir())
	if c := checkCatalogue(); !c.OK || !strings.Contains(c.Found, "none yet") {
		t.Errorf("without one: %+v", c)
	}
	home := shopOf(t, bag())
	if c := checkCatalogue(); !c.OK || c.Found != "35 products" {
		t.Errorf("with one: %+v", c)
	}
	s, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c := checkCatalogue(); !c.OK || !strings.Contains(c.Found, "in use") {
		t.Errorf("with the app: %+v", c)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, store.FileName), []byte("no database at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c := checkCatalogue(); c.OK || !strings.Contains(c.Found, "set aside") {
		t.Errorf("damaged: %+v", c)
	}
}
