// Measures OPA as programs that embed it do.
//
//	go run . POLICY INPUTS QUERY TIME
//
// INPUTS is a JSON array of documents; each way is measured for TIME (`400ms`). Prints nanoseconds for one document: as
// conftest asks (engine.query of its 0.71.1: the document made a value of OPA's, then a query of its own on the compiled
// policies), with the query prepared once and the document as JSON, and with the query prepared once and the document a value
// of OPA's already.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/loader"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/util"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(policy, inputs, query, duration string) error {
	enough, err := time.ParseDuration(duration)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(inputs)
	if err != nil {
		return err
	}
	var documents []any
	if err := util.UnmarshalJSON(text, &documents); err != nil {
		return err
	}
	ctx := context.Background()
	loaded, err := loader.NewFileLoader().All([]string{policy})
	if err != nil {
		return err
	}
	compiler, err := loaded.Compiler()
	if err != nil {
		return err
	}
	prepared, err := rego.New(rego.Query(query), rego.Compiler(compiler)).PrepareForEval(ctx)
	if err != nil {
		return err
	}
	values := make([]ast.Value, len(documents))
	for at, document := range documents {
		if values[at], err = ast.InterfaceToValue(document); err != nil {
			return err
		}
	}
	store := inmem.New()
	ways := []func(at int) error{
		func(at int) error {
			value, err := ast.InterfaceToValue(documents[at])
			if err != nil {
				return err
			}
			asked := rego.New(rego.ParsedInput(value), rego.Query(query), rego.Compiler(compiler), rego.Store(store))
			_, err = asked.Eval(ctx)
			return err
		},
		func(at int) error {
			_, err := prepared.Eval(ctx, rego.EvalInput(documents[at]))
			return err
		},
		func(at int) error {
			_, err := prepared.Eval(ctx, rego.EvalParsedInput(values[at]))
			return err
		},
	}
	for _, way := range ways {
		nanoseconds, err := measure(len(documents), enough, way)
		if err != nil {
			return err
		}
		fmt.Println(nanoseconds)
	}
	return nil
}

func measure(documents int, enough time.Duration, way func(at int) error) (int64, error) {
	all := func() error {
		for at := range documents {
			if err := way(at); err != nil {
				return err
			}
		}
		return nil
	}
	if err := all(); err != nil {
		return 0, err
	}
	rounds := int64(0)
	start := time.Now()
	for time.Since(start) < enough {
		if err := all(); err != nil {
			return 0, err
		}
		rounds++
	}
	return time.Since(start).Nanoseconds() / rounds / int64(documents), nil
}
