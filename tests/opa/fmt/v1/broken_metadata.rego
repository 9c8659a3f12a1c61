# METADATA
# title: [
package samples.metadata

x := 1
