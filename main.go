// Command assay computes metrics and experiments, declared in YAML, in the warehouse where their data are.
package main

import (
	"os"

	"assay/internal/cli"
)

func main() { os.Exit(cli.Main()) }
