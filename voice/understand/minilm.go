package understand

import (
	"fmt"
	"slices"
	"sync"

	"cheval/models"
)

// The models that sentence embeddings need.
const (
	embeddingModel      = "sentence_meaning"
	embeddingVocabulary = "sentence_vocabulary"
)

// MiniLM embeds English sentences with all-MiniLM-L6-v2. Any goroutine may use
// it; sentences wait for one another. Close frees the model.
type MiniLM struct {
	mu      sync.Mutex
	pieces  *wordPiece
	session *models.Session
}

// OpenMiniLM loads the model. The runtime outlives it.
func OpenMiniLM(store *models.Store, runtime *models.Runtime) (*MiniLM, error) {
	vocabulary, err := store.Read(embeddingVocabulary)
	if err != nil {
		return nil, err
	}
	pieces, err := newWordPiece(vocabulary)
	if err != nil {
		return nil, err
	}
	session, err := runtime.Load(embeddingModel)
	if err != nil {
		return nil, err
	}
	return &MiniLM{pieces: pieces, session: session}, nil
}

// Embed returns the sentence's meaning, 384 numbers at unit length. The rest
// of a sentence of over 30 pieces is not read.
func (m *MiniLM) Embed(text string) ([]float32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ids, mask := m.session.Input("ids"), m.session.Input("mask")
	clear(ids)
	clear(mask)
	for i, id := range m.pieces.encode(Clean(text), len(ids)) {
		ids[i], mask[i] = float32(id), 1
	}
	if err := m.session.Run(); err != nil {
		return nil, fmt.Errorf("understand: %w", err)
	}
	return slices.Clone(m.session.Output("embedding")), nil
}

// Close frees the model. No Embed may be running.
func (m *MiniLM) Close() error { return m.session.Close() }
