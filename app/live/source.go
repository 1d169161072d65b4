package live

import (
	"context"

	"cheval/camera"
	"cheval/models"
)

// Open opens the source of a spec. The demo's portrait comes from the store of
// installed models.
func Open(ctx context.Context, s *models.Store, spec camera.Spec) (camera.Source, error) {
	return camera.Open(ctx, spec)
}
