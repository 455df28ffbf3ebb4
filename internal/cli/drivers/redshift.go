//go:build !no_redshift

package drivers

import "assay/runner/redshift"

func init() { Open["redshift"] = redshift.Open }
