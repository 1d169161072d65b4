package app

import "cheval/models"

// openModels opens the installed models and what they run on, away from the UI
// goroutine. The caller closes the runtime.
func openModels(home, device string) (*models.Store, *models.Runtime, error) {
	files, err := models.OpenStore(home)
	if err != nil {
		return nil, nil, err
	}
	on, err := models.ParseDevice(device)
	if err != nil {
		return nil, nil, err
	}
	runtime, err := models.OpenRuntime(files, on)
	if err != nil {
		return nil, nil, err
	}
	return files, runtime, nil
}
