// OPA's answer to what it reads: one request a line, one reply a line. See main.rs for how it is built and asked.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/util"
)

type request struct {
	Modules []string       `json:"modules"`
	V0      bool           `json:"v0"`
	Strict  bool           `json:"strict"`
	Data    map[string]any `json:"data"`
	Input   any            `json:"input"`
	Queries []string       `json:"queries"`
}

// Either the classes of what the compiler refuses, or an answer for each query: "= " and the value, "undefined", or
// the class of the error.
type reply struct {
	Refused []string `json:"refused,omitempty"`
	Message string   `json:"message,omitempty"`
	Answers []string `json:"answers,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		var asked request
		if err := util.UnmarshalJSON(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := out.Encode(answer(asked)); err != nil {
			panic(err)
		}
	}
}

func answer(asked request) (given reply) {
	defer func() {
		if cause := recover(); cause != nil {
			given = reply{Refused: []string{"panic"}, Message: fmt.Sprint(cause)}
		}
	}()
	version := ast.RegoV1
	if asked.V0 {
		version = ast.RegoV0
	}
	modules := map[string]*ast.Module{}
	var faults ast.Errors
	for at, text := range asked.Modules {
		name := fmt.Sprintf("%03d.rego", at)
		options := ast.ParserOptions{RegoVersion: version, ProcessAnnotation: true}
		module, err := ast.ParseModuleWithOpts(name, text, options)
		if err != nil {
			faults = append(faults, err.(ast.Errors)...)
			continue
		}
		modules[name] = module
	}
	compiler := ast.NewCompiler().WithStrict(asked.Strict).WithEnablePrintStatements(true).WithDefaultRegoVersion(version)
	if len(faults) == 0 {
		compiler.Compile(modules)
		faults = compiler.Errors
	}
	if len(faults) > 0 {
		given := reply{Message: faults.Error()}
		for _, fault := range faults {
			given.Refused = append(given.Refused, fault.Code)
		}
		return given
	}
	for _, query := range asked.Queries {
		given.Answers = append(given.Answers, evaluated(compiler, asked, query))
	}
	return given
}

func evaluated(compiler *ast.Compiler, asked request, text string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	store := inmem.NewFromObject(asked.Data)
	transaction, err := store.NewTransaction(ctx)
	if err != nil {
		panic(err)
	}
	defer store.Abort(ctx, transaction)
	body, err := compiler.QueryCompiler().Compile(ast.MustParseBody("answer = " + text))
	if err != nil {
		return err.Error()
	}
	query := topdown.NewQuery(body).WithCompiler(compiler).WithStore(store).WithTransaction(transaction)
	stop := topdown.NewCancel()
	defer time.AfterFunc(5*time.Second, stop.Cancel).Stop()
	query = query.WithCancel(stop)
	if asked.Input != nil {
		query = query.WithInput(ast.NewTerm(ast.MustInterfaceToValue(asked.Input)))
	}
	found, err := query.Run(ctx)
	if failed, ok := err.(*topdown.Error); ok {
		return failed.Code
	}
	if err != nil {
		return err.Error()
	}
	if len(found) == 0 {
		return "undefined"
	}
	return "= " + found[0]["answer"].String()
}
