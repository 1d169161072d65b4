package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cheval/models"
)

// askHome is a home of its own with the installed models.
func askHome(t *testing.T) string {
	t.Helper()
	s, err := models.OpenHome()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Path("sentence_meaning"); err != nil {
		t.Fatalf("%v (run `make models`)", err)
	}
	home := t.TempDir()
	if err := os.Symlink(s.Folder(), filepath.Join(home, "models")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CHEVAL_HOME", home)
	return home
}

// TestAskIsTheContractsJSON: every field of the contract, and what is in it.
func TestAskIsTheContractsJSON(t *testing.T) {
	askHome(t)
	code, stdout, stderr := command(t, Program{}, "ask", "--text", "how much is the second one", "--shown", "aria,lune", "--json", "--device", "cpu")
	var got map[string]any
	if err := json.Unmarshal([]byte(stdout), &got); code != exitOK || err != nil {
		t.Fatalf("exit %d, %v: %s%s", code, err, stdout, stderr)
	}
	for _, field := range []string{"heard", "language", "intent", "slots", "sentiment", "confidence", "answer", "products", "actions", "ms", "provider", "facts", "alternatives"} {
		if got[field] == nil {
			t.Errorf("%s is missing: %s", field, stdout)
		}
	}
	slots := got["slots"].(map[string]any)
	if got["intent"] != "details" || slots["attribute"] != "price" || slots["ordinal"] != 2.0 || got["answer"] != "Lune costs 759 yuan." {
		t.Errorf("asked for a price: %s", stdout)
	}
	if ms := got["ms"].(map[string]any); ms["recognise"] != nil || ms["understand"] == nil {
		t.Errorf("ms %v", ms)
	}
}

func TestAskAnswersInTheLanguageOfTheQuestion(t *testing.T) {
	askHome(t)
	code, stdout, stderr := command(t, Program{}, "ask", "--text", "有没有一千二以上的太阳镜")
	if code != exitOK || !strings.Contains(stdout, "有一款：Quota") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

func TestAskRefusesInOneSentence(t *testing.T) {
	home := askHome(t)
	noise := filepath.Join(home, "noise.wav")
	if err := os.WriteFile(noise, []byte("ID3 this is no sound"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{exitUsage, "one of --text and --audio", []string{"ask"}},
		{exitUsage, "en or zh", []string{"ask", "--text", "hi", "--lang", "fr"}},
		{exitFailed, "nothing was said", []string{"ask", "--text", " \t"}},
		{exitFailed, "no product is called", []string{"ask", "--text", "hi", "--worn", "nothing"}},
		{exitFailed, "noise.wav", []string{"ask", "--audio", noise}},
		{exitFailed, "no JSON list", []string{"voice", "evaluate", noise}},
		{exitUsage, "--intent", []string{"voice", "teach", "blub"}},
		{exitFailed, "none of the intents", []string{"voice", "teach", "blub", "--intent", "sing"}},
	} {
		code, _, stderr := command(t, Program{}, c.args...)
		if code != c.code || !strings.Contains(stderr, c.says) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit %d, %q", c.args, code, stderr)
		}
	}
}

// TestVoiceEvaluateJudges: a right and a wrong label, with intervals.
func TestVoiceEvaluateJudges(t *testing.T) {
	home := askHome(t)
	file := filepath.Join(home, "sentences.json")
	err := os.WriteFile(file, []byte(`[{"lang":"en","text":"show me round sunglasses under fifty","intent":"find","slots":{"shape":["round"],"kind":"sun","price_max":50}},
		{"lang":"en","text":"how much is it","intent":"volume"},{"lang":"zh","text":"再便宜点","intent":"narrow","slots":{"relative":"cheaper"}}]`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := command(t, Program{}, "voice", "evaluate", file, "--json", "--wrong")
	var got evaluated
	if err := json.Unmarshal([]byte(stdout), &got); code != exitOK || err != nil {
		t.Fatalf("exit %d, %v: %s%s", code, err, stdout, stderr)
	}
	en, zh := got.Languages["en"], got.Languages["zh"]
	if en.Accuracy.Value != 0.5 || zh.Accuracy.Value != 1 || len(got.Wrong) != 1 || en.Sentences != 2 || en.Accuracy.Low > 0.5 {
		t.Errorf("judged %s", stdout)
	}
}

// TestTeachAndMissed go through the home's store.
func TestTeachAndMissed(t *testing.T) {
	askHome(t)
	if code, stdout, stderr := command(t, Program{}, "voice", "teach", "beam me up", "--intent", "ask_staff", "--json"); code != exitOK || !strings.Contains(stdout, `"beam me up"`) {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if code, stdout, _ := command(t, Program{}, "voice", "missed", "--json"); code != exitOK || strings.TrimSpace(stdout) != "[]" {
		t.Errorf("exit %d: %s", code, stdout)
	}
	if code, stdout, _ := command(t, Program{}, "voice", "coverage"); code != exitOK || !strings.Contains(stdout, "34 of 34 products") {
		t.Errorf("exit %d: %s", code, stdout)
	}
}
