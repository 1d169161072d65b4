package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"cheval/models"

	"github.com/spf13/cobra"
)

// asJSON says whether the command is to print for programs.
func asJSON(cmd *cobra.Command) bool {
	on, err := cmd.Flags().GetBool("json")
	return err == nil && on
}

// printJSON writes v as one line on stdout.
func printJSON(cmd *cobra.Command, v any) error {
	e := json.NewEncoder(cmd.OutOrStdout())
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("%s: write the result: %w", cmd.Name(), err)
	}
	return nil
}

// addDevice gives a command that runs models its --device flag.
func addDevice(cmd *cobra.Command) {
	cmd.Flags().String("device", string(models.Auto), "where models run: `auto`, cpu or cuda")
}

// askedDevice is the device that a command with that flag was given.
func askedDevice(cmd *cobra.Command) (models.Device, error) {
	name, err := cmd.Flags().GetString("device")
	if err != nil {
		return "", err
	}
	device, err := models.ParseDevice(name)
	if err != nil {
		return "", usageError{err}
	}
	return device, nil
}

// openRuntime opens the store of models and a runtime on the device that the
// command was given. The caller closes the runtime. Where another device runs
// than was asked for, stderr says why.
func openRuntime(cmd *cobra.Command) (*models.Store, *models.Runtime, error) {
	device, err := askedDevice(cmd)
	if err != nil {
		return nil, nil, err
	}
	store, err := models.OpenHome()
	if err != nil {
		return nil, nil, err
	}
	runtime, err := models.OpenRuntime(store, device)
	if err != nil {
		return nil, nil, err
	}
	tellFallback(cmd.ErrOrStderr(), runtime.Provider())
	return store, runtime, nil
}

// tellFallback says in one line why another device runs than was asked for.
func tellFallback(w io.Writer, p models.Provider) {
	if p.Asked == models.CUDA && p.Ran != models.CUDA {
		fmt.Fprintf(w, "cheval: %s; running on the CPU\n", p.Why)
	}
}
