package recommender_test

import (
	"os"
	"testing"
)

// tempDir is removed after all tests; the shared model is trained in it.
var tempDir string

func TestMain(m *testing.M) {
	var err error
	if tempDir, err = os.MkdirTemp("", "recommender"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(tempDir)
	os.Exit(code)
}
