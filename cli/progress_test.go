package cli

import (
	"bytes"
	"testing"

	"cheval/models"
)

func TestProgressSaysEachDownloadAndConversionOnceWhereThereIsNoTerminal(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b)
	for _, s := range []models.Step{
		{What: "keep", Name: "old", Done: 1, Total: 1},
		{What: "download", Name: "wheel 1", Total: 35_700_000},
		{What: "download", Name: "wheel 1", Total: 35_700_000},
		{What: "download", Name: "wheel 1", Done: 1000, Total: 35_700_000},
		{What: "download", Name: "wheel 1", Done: 35_700_000, Total: 35_700_000},
		{What: "unpack", Name: "mesh", Done: 5, Total: 5},
		{What: "convert", Name: "mesh", Total: 5},
		{What: "convert", Name: "mesh", Done: 5, Total: 5},
	} {
		p.step(s)
	}
	p.end()
	want := "models: download wheel 1: 0.0 of 35.7 MB (0 %)\nmodels: download wheel 1: 35.7 of 35.7 MB (100 %)\nmodels: converted mesh\n"
	if b.String() != want {
		t.Errorf("said\n%swant\n%s", b.String(), want)
	}
}

func TestProgressWritesOverOneLineOnATerminal(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b)
	p.terminal = true
	p.step(models.Step{What: "download", Name: "wheel 1", Total: 2_000_000})
	p.end()
	if want := "\r\x1b[Kmodels: download wheel 1: 0.0 of 2.0 MB (0 %)\n"; b.String() != want {
		t.Errorf("said %q, want %q", b.String(), want)
	}
}

func TestFallbackIsToldOnlyWhereCUDAWasAskedFor(t *testing.T) {
	for p, want := range map[models.Provider]string{
		{Asked: models.CUDA, Ran: models.CPU, Why: "CUDA was asked for but cannot run here: no driver"}: "cheval: CUDA was asked for but cannot run here: no driver; running on the CPU\n",
		{Asked: models.CUDA, Ran: models.CUDA, Why: "asked for"}:                                        "",
		{Asked: models.Auto, Ran: models.CPU, Why: "the only device"}:                                   "",
	} {
		var b bytes.Buffer
		if tellFallback(&b, p); b.String() != want {
			t.Errorf("%+v: %q, want %q", p, b.String(), want)
		}
	}
}
