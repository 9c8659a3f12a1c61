# METADATA
# title: [
package samples.metadata

import rego.v1

x := 1
