package app

import (
	"testing"

	"go.uber.org/goleak"
)

// Whatever a screen starts has stopped when the app is closed. bleve's workers
// begin with the program and wait for ever.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/blevesearch/bleve_index_api.AnalysisWorker"))
}
