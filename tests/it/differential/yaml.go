// Kubernetes' answer to the YAML that it reads: a length in four bytes and a text, again and again; each reply is a
// length and the text's documents as JSON, one a line, or a line that starts with "!" and the error. A document that
// holds nothing is none. See yaml.rs for how it is built and asked.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"sigs.k8s.io/yaml"

	k8syaml "k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	debug.SetGCPercent(400)
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriterSize(os.Stdout, 1<<20)
	var length [4]byte
	var text []byte
	for {
		if in.Buffered() == 0 {
			out.Flush()
		}
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return
		}
		size := int(binary.LittleEndian.Uint32(length[:]))
		if cap(text) < size {
			text = make([]byte, size)
		}
		text = text[:size]
		if _, err := io.ReadFull(in, text); err != nil {
			panic(err)
		}
		reply := answer(text)
		binary.LittleEndian.PutUint32(length[:], uint32(len(reply)))
		out.Write(length[:])
		out.Write(reply)
	}
}

var lines = bufio.NewReader(nil)

func answer(text []byte) (reply []byte) {
	defer func() {
		if cause := recover(); cause != nil {
			reply = fmt.Appendf(nil, "!panic: %v", cause)
		}
	}()
	lines.Reset(bytes.NewReader(text))
	reader := k8syaml.NewYAMLReader(lines)
	for {
		document, err := reader.Read()
		if err == io.EOF {
			return reply
		}
		if err != nil {
			return fmt.Appendf(nil, "!%v", err)
		}
		json, err := yaml.YAMLToJSON(document)
		if err != nil {
			return fmt.Appendf(nil, "!%v", err)
		}
		if string(json) != "null" {
			reply = append(append(reply, json...), '\n')
		}
	}
}
