// Prints the fields that Kubernetes has in the workload kinds, from the types of k8s.io/api by reflection: the table
// that kpolicy embeds as src/kubernetes/fields.txt. refresh.sh runs it for each supported release.
//
// A line is a type with its fields, each `name`, `name=Type` or, where it holds a list, `name=[]Type`; the kinds come first,
// as `apiVersion/Kind=Type`. What is free in form (a map, a quantity) has no type. Tables named as arguments are united with the types of this release.
package main

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
)

var kinds = map[string]any{
	"v1/Pod":                   core.Pod{},
	"v1/PodTemplate":           core.PodTemplate{},
	"v1/ReplicationController": core.ReplicationController{},
	"apps/v1/DaemonSet":        apps.DaemonSet{},
	"apps/v1/Deployment":       apps.Deployment{},
	"apps/v1/ReplicaSet":       apps.ReplicaSet{},
	"apps/v1/StatefulSet":      apps.StatefulSet{},
	"batch/v1/CronJob":         batch.CronJob{},
	"batch/v1/Job":             batch.Job{},
}

// table holds the fields of each type; the kinds stand under "kinds".
type table map[string]map[string]string

func (t table) add(owner, field, of string) {
	if t[owner] == nil {
		t[owner] = map[string]string{}
	}
	t[owner][field] = of
}

// read adds a struct and all that it leads to, and gives its name.
func (t table) read(of reflect.Type) string {
	name := of.Name()
	if t[name] == nil {
		t[name] = map[string]string{}
		t.fields(name, of)
	}
	return name
}

func (t table) fields(owner string, of reflect.Type) {
	for i := range of.NumField() {
		field := of.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || !field.IsExported():
		case name == "" && field.Anonymous:
			t.fields(owner, field.Type)
		default:
			t.add(owner, name, t.shape(field.Type))
		}
	}
}

// shape is the name of the struct that a field holds, after [] where it is in a list; empty where any value may stand.
func (t table) shape(of reflect.Type) string {
	list := ""
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		if of.Kind() == reflect.Slice {
			list = "[]"
		}
		of = of.Elem()
	}
	marshals := reflect.TypeFor[interface{ MarshalJSON() ([]byte, error) }]()
	if of.Kind() != reflect.Struct || of.Implements(marshals) || reflect.PointerTo(of).Implements(marshals) {
		return ""
	}
	if of.Name() == "FieldsV1" {
		return ""
	}
	return list + t.read(of)
}

// unite adds the table in a file.
func (t table) unite(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		words := strings.Fields(lines.Text())
		for _, word := range words[1:] {
			field, of, _ := strings.Cut(word, "=")
			t.add(words[0], field, of)
		}
	}
	return lines.Err()
}

func main() {
	t := table{}
	for kind, value := range kinds {
		t.add("kinds", kind, t.read(reflect.TypeOf(value)))
	}
	for _, path := range os.Args[1:] {
		if err := t.unite(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	for _, owner := range sorted(t) {
		words := []string{owner}
		for _, field := range sorted(t[owner]) {
			word := field
			if of := t[owner][field]; of != "" {
				word += "=" + of
			}
			words = append(words, word)
		}
		fmt.Println(strings.Join(words, " "))
	}
}

func sorted[V any](of map[string]V) []string {
	keys := make([]string, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
