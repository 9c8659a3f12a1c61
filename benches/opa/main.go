// Measures OPA as a program that embeds it does: the query is prepared once, then evaluated on each document.
//
//	go run . POLICY INPUTS QUERY
//
// INPUTS is a JSON array of documents. Prints nanoseconds for one document: with the document as JSON, as conftest hands it
// over, and with the document as OPA's own value.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/util"
)

// How long each way is measured.
const enough = 2 * time.Second

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(policy, inputs, query string) error {
	text, err := os.ReadFile(inputs)
	if err != nil {
		return err
	}
	var documents []any
	if err := util.UnmarshalJSON(text, &documents); err != nil {
		return err
	}
	ctx := context.Background()
	prepared, err := rego.New(rego.Query(query), rego.Load([]string{policy}, nil)).PrepareForEval(ctx)
	if err != nil {
		return err
	}
	var raw, parsed []rego.EvalOption
	for _, document := range documents {
		value, err := ast.InterfaceToValue(document)
		if err != nil {
			return err
		}
		raw = append(raw, rego.EvalInput(document))
		parsed = append(parsed, rego.EvalParsedInput(value))
	}
	for _, options := range [][]rego.EvalOption{raw, parsed} {
		nanoseconds, err := measure(ctx, prepared, options)
		if err != nil {
			return err
		}
		fmt.Println(nanoseconds)
	}
	return nil
}

func measure(ctx context.Context, query rego.PreparedEvalQuery, documents []rego.EvalOption) (int64, error) {
	rounds := int64(0)
	start := time.Now()
	for time.Since(start) < enough {
		for _, document := range documents {
			if _, err := query.Eval(ctx, document); err != nil {
				return 0, err
			}
		}
		rounds++
	}
	return time.Since(start).Nanoseconds() / rounds / int64(len(documents)), nil
}
